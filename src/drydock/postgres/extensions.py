"""What the extensions of a database bring: names by which a migration can depend on an extension without naming it."""

from collections.abc import Iterable

from drydock.errors import AccessError
from drydock.postgres.interface import NotThere, Reader
from drydock.postgres.literals import literal

# The catalogs that an extension's members are in, each with the column of its name (manual, chapter 53).
_MEMBERS = """
SELECT DISTINCT lower(m.name)
  FROM pg_catalog.pg_extension e
  JOIN pg_catalog.pg_depend d
    ON d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
  JOIN (SELECT 'pg_catalog.pg_proc'::regclass AS class, oid, proname::text AS name FROM pg_catalog.pg_proc
        UNION ALL SELECT 'pg_catalog.pg_type'::regclass, oid, typname::text FROM pg_catalog.pg_type
        UNION ALL SELECT 'pg_catalog.pg_class'::regclass, oid, relname::text FROM pg_catalog.pg_class
        UNION ALL SELECT 'pg_catalog.pg_opclass'::regclass, oid, opcname::text FROM pg_catalog.pg_opclass
        UNION ALL SELECT 'pg_catalog.pg_am'::regclass, oid, amname::text FROM pg_catalog.pg_am
        UNION ALL SELECT 'pg_catalog.pg_ts_dict'::regclass, oid, dictname::text FROM pg_catalog.pg_ts_dict
        UNION ALL SELECT 'pg_catalog.pg_language'::regclass, oid, lanname::text FROM pg_catalog.pg_language
        UNION ALL SELECT 'pg_catalog.pg_foreign_data_wrapper'::regclass, oid, fdwname::text
                    FROM pg_catalog.pg_foreign_data_wrapper) m
    ON m.class = d.classid AND m.oid = d.objid
 WHERE e.extname IN ({names})
"""


def members_of(reader: Reader, extensions: Iterable[str]) -> frozenset[str]:
    """Functions, types, relations and so on of these extensions: bare names in lower case. Raises AccessError."""
    names = ", ".join(literal(name) for name in extensions)
    (answer,) = reader.read(_MEMBERS.format(names=names or "NULL"))
    if isinstance(answer, NotThere):
        raise AccessError("This role may not read the system catalogs.", hint="Use a role with ordinary rights.")
    return frozenset(row[0] for row in answer.rows if row[0])

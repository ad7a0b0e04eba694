"""Invalid indexes that a failed CREATE INDEX CONCURRENTLY or REINDEX CONCURRENTLY leaves behind.

Only an index that this very statement made is ever dropped: it is invalid, it was not there before, and nobody is
building it now.
"""

import re
from collections.abc import Iterable

from psycopg import OperationalError

from drydock.postgres.interface import Rows
from drydock.postgres.literals import identifier, literal, qualified
from drydock.postgres.session import Done, Session
from drydock.sql.interface import IndexBuild

SHORT_WAIT = "SET lock_timeout = '1s'"
INVALID = """SELECT n.nspname, c.relname
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE NOT i.indisvalid AND c.relkind = 'i'
   AND i.indrelid = {table}
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index p
                    WHERE p.index_relid = i.indexrelid AND p.pid <> pg_catalog.pg_backend_pid())"""
OTHERS_BUILD = """SELECT 1 FROM pg_catalog.pg_locks
 WHERE relation = {table} AND mode = 'ShareUpdateExclusiveLock' AND pid <> pg_catalog.pg_backend_pid()"""
VALIDITY = "SELECT indisvalid FROM pg_catalog.pg_index WHERE indexrelid = pg_catalog.to_regclass({name})"
_NAME = r'(?:"(?:[^"]|"")+"|[\w$]+)'
DROPPED = re.compile(rf"drop\s+index\s+concurrently\s+(?:if\s+exists\s+)?(?P<name>{_NAME}(?:\s*\.\s*{_NAME})?)", re.I)
LONGEST_STEM = 50
"""A name with a suffix is cut to 63 bytes; so much of it stays."""
NAMED = """SELECT i.indisvalid FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
 WHERE c.oid = pg_catalog.to_regclass({name}) AND i.indrelid = coalesce({table}, i.indrelid)"""

Names = frozenset[tuple[str, str]]


def invalid_indexes(session: Session, build: IndexBuild) -> Names:
    """Schema and name of the table's invalid indexes that nobody builds at the moment; empty when unreadable."""
    table = _table_of(build)
    try:
        answer = session.read(INVALID.format(table=table))[0]
    except OperationalError:
        return frozenset()
    rows = answer.rows if isinstance(answer, Rows) else ()
    return frozenset((schema or "", name or "") for schema, name in rows)


def ours_of(session: Session, build: IndexBuild, *, made: Names) -> Names:
    """Those of the new invalid indexes that this build made, by name: NAME, or NAME_ccnew and NAME_ccold.

    An index that the server named is ours only if it is the only new one, and nobody else builds on the table.
    """
    if build.name is not None:
        own = re.compile(rf"{re.escape(build.name[:LONGEST_STEM])}.*_cc(?:new|old)[0-9]*")
        return frozenset(names for names in made if names[1] == build.name or own.fullmatch(names[1]))
    try:
        others = session.read(OTHERS_BUILD.format(table=_table_of(build)))[0]
    except OperationalError:
        return frozenset()
    is_alone = len(made) == 1 and isinstance(others, Rows) and not others.rows
    return made if is_alone else frozenset()


def half_dropped(session: Session, statement: str) -> str | None:
    """The index that a failed DROP INDEX CONCURRENTLY left invalid, as written; None when it is whole or gone."""
    found = DROPPED.match(statement)
    if found is None:
        return None
    try:
        answer = session.read(VALIDITY.format(name=literal(found["name"])))[0]
    except OperationalError:
        return None
    is_invalid = isinstance(answer, Rows) and bool(answer.rows) and answer.rows[0][0] == "f"
    return found["name"] if is_invalid else None


def drop(session: Session, names: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Drop these indexes; returns those that could not be dropped, as `schema.name`."""
    session.send(SHORT_WAIT, cancellable=False)
    return tuple(
        f"{schema}.{name}"
        for schema, name in sorted(names)
        if not isinstance(session.send(f"DROP INDEX {qualified(schema, name)}", cancellable=False), Done)
    )


def is_valid(session: Session, build: IndexBuild) -> bool | None:
    """Whether the named index is valid; None when it is not there or has no name."""
    if build.name is None:
        return None
    name = literal(_as_written(build.schema, build.name))
    table = _regclass(build) if build.table else "NULL::pg_catalog.oid"
    try:
        answer = session.read(NAMED.format(name=name, table=table))[0]
    except OperationalError:
        return None
    return answer.rows[0][0] == "t" if isinstance(answer, Rows) and answer.rows else None


def _table_of(build: IndexBuild) -> str:
    """The oid of the table as SQL; of an index that is built anew, its table's; never anything wider."""
    if build.table:
        return _regclass(build)
    index = literal(_as_written(build.schema, build.name)) if build.name else "NULL"
    return f"(SELECT indrelid FROM pg_catalog.pg_index WHERE indexrelid = pg_catalog.to_regclass({index}))"


def _regclass(build: IndexBuild) -> str:
    return f"pg_catalog.to_regclass({literal(_as_written(build.schema, build.table or ''))})::pg_catalog.oid"


def _as_written(schema: str | None, name: str) -> str:
    return qualified(schema, name) if schema else identifier(name)

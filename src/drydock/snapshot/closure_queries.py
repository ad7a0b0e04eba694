"""What `closure` asks a catalog. Objects from 16384 on are not the server's own; `e` in pg_depend is an extension's."""

_HARMLESS_WORDS = """
    now clock_timestamp statement_timestamp transaction_timestamp timeofday random gen_random_uuid uuidv4 uuidv7
    nextval currval lastval setval set_config current_setting age date_trunc date_part extract to_char to_date
    to_timestamp to_number timezone make_timestamptz date_bin generate_series
    concat concat_ws format quote_literal quote_nullable array_to_string string_agg string_to_array text date time
    timestamptz timestamp to_json to_jsonb row_to_json array_to_json json_build_object json_build_array
    jsonb_build_object jsonb_build_array json_agg jsonb_agg json_object_agg jsonb_object_agg json_populate_record
    jsonb_populate_record json_populate_recordset jsonb_populate_recordset json_to_record jsonb_to_record
    json_to_recordset jsonb_to_recordset to_tsvector to_tsquery plainto_tsquery phraseto_tsquery websearch_to_tsquery
    ts_headline array_agg unnest random_normal pg_typeof version to_regclass to_regtype to_regproc to_regrole
    to_regnamespace format_type current_database current_schema current_schemas
    pg_advisory_lock pg_advisory_unlock pg_advisory_xact_lock pg_try_advisory_lock pg_try_advisory_xact_lock
    pg_backend_pid pg_sleep pg_notify
    uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 gen_random_bytes gen_salt crypt digest hmac unaccent
    similarity word_similarity
"""
HARMLESS = tuple(_HARMLESS_WORDS.split())
"""Functions of the server and of the extensions it comes with that are not immutable, and read no table."""

_IS_USERS = """
    p.oid >= 16384 AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend x WHERE x.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
           AND x.objid = p.oid AND x.deptype = 'e')
"""
_MAY_LOOK = """
    p.provolatile <> 'i' AND p.proname::text <> ALL ({harmless}::text[])
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_operator o WHERE o.oprcode = p.oid)
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_cast k WHERE k.castfunc = p.oid)
"""

# What is evaluated when a relation's rows are read, stored or indexed (1), and only when they are written (3).
_TREES = """
    SELECT r.ev_class AS relation, 1 AS least, r.ev_action::text AS tree FROM pg_catalog.pg_rewrite r
     WHERE r.oid >= 16384
    UNION ALL
    SELECT c.conrelid, 1, c.conbin::text FROM pg_catalog.pg_constraint c WHERE c.conrelid <> 0 AND c.contype = 'c'
    UNION ALL
    SELECT d.adrelid, CASE WHEN a.attgenerated = '' THEN 3 ELSE 1 END, d.adbin::text
      FROM pg_catalog.pg_attrdef d JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
    UNION ALL
    SELECT i.indrelid, 1, pg_catalog.concat(i.indexprs::text, i.indpred::text) FROM pg_catalog.pg_index i
     WHERE i.indexrelid >= 16384 AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)
    UNION ALL
    SELECT p.polrelid, 1, pg_catalog.concat(p.polqual::text, p.polwithcheck::text) FROM pg_catalog.pg_policy p
    UNION ALL
    SELECT p.partrelid, 1, p.partexprs::text FROM pg_catalog.pg_partitioned_table p WHERE p.partexprs IS NOT NULL
    UNION ALL
    SELECT s.stxrelid, 1, s.stxexprs::text FROM pg_catalog.pg_statistic_ext s WHERE s.stxexprs IS NOT NULL
"""
_FUNCTIONS = r":(?:funcid|opfuncid|aggfnoid|winfnoid) (\d+)"


def _written(query: str, *, harmless: str) -> str:
    """The query with its conditions on a function p; `harmless` stands for `HARMLESS` in it."""
    is_code = f"({_IS_USERS} OR {_MAY_LOOK.format(harmless=harmless)})"
    return query.format(is_users=_IS_USERS, is_code=is_code, trees=_TREES, functions=_FUNCTIONS)


RELATIONS = """
    SELECT c.oid, n.nspname, c.relname, c.relkind,
           n.nspname <> 'drydock' AND NOT EXISTS (
               SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                  AND e.objid = c.oid AND e.deptype = 'e')
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'i', 'I')
       AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""
"""All that a statement may name and that rows hang on; the last column: whether its rows may be left out."""

EDGES = """
    SELECT 'refers', c.conrelid, c.confrelid FROM pg_catalog.pg_constraint c WHERE c.contype = 'f'
    UNION ALL
    SELECT 'referred', c.confrelid, c.conrelid FROM pg_catalog.pg_constraint c WHERE c.contype = 'f'
    UNION ALL
    SELECT 'same', i.inhrelid, i.inhparent FROM pg_catalog.pg_inherits i
    UNION ALL
    SELECT 'same', i.inhparent, i.inhrelid FROM pg_catalog.pg_inherits i
    UNION ALL
    SELECT 'same', i.indexrelid, i.indrelid FROM pg_catalog.pg_index i WHERE i.indexrelid >= 16384
    UNION ALL
    SELECT 'same', r.ev_class, d.refobjid
      FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d
        ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
       AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
     WHERE r.oid >= 16384 AND d.refobjid <> r.ev_class
    UNION ALL
    SELECT 'refers', p.polrelid, d.refobjid
      FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_depend d
        ON d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass AND d.objid = p.oid
       AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
     WHERE d.refobjid <> p.polrelid
"""
"""`same`: both, as far; `refers`: its rows too; `referred`: from a written table, or one whose keys are checked."""

CODE = _written(
    """
    SELECT t.tgrelid, 3, 'the trigger ' || t.tgname FROM pg_catalog.pg_trigger t WHERE NOT t.tgisinternal
    UNION ALL
    SELECT r.ev_class, 3, 'the rule ' || r.rulename FROM pg_catalog.pg_rewrite r
     WHERE r.oid >= 16384 AND r.ev_type <> '1'
    UNION ALL
    SELECT e.relation, e.least, 'an expression that calls ' || p.proname || '()'
      FROM ({trees}) e, pg_catalog.regexp_matches(e.tree, '{functions}', 'g') f
      JOIN pg_catalog.pg_proc p ON p.oid = f[1]::oid AND {is_code}
    UNION ALL
    SELECT r.ev_class, 1, 'a look at what the server knows of itself'
      FROM pg_catalog.pg_rewrite r, pg_catalog.regexp_matches(r.ev_action::text, ':relid (\\d+)', 'g') f
     WHERE r.oid >= 16384 AND f[1]::oid BETWEEN 1 AND 16383
""",
    harmless="$1",
)
"""A relation, how far its rows must matter, and what of it then runs code that may ask for anything."""

CALLED = _written(
    """
    SELECT p.proname FROM pg_catalog.pg_proc p
     WHERE p.proname::text = ANY ($1::text[]) AND {is_code}
    UNION ALL
    SELECT p.proname FROM pg_catalog.pg_proc p
     WHERE p.proname::text = ANY ($2::text[]) AND p.pronargs > 0 AND {is_users}
""",
    harmless="$3",
)
"""Functions by the names in $1, or of a row by the names in $2, that may ask for anything."""

EVERYWHERE = _written(
    """
    SELECT 'an operator, a type or a cast'
      FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_proc p ON p.oid = d.refobjid
     WHERE d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND {is_users}
       AND d.classid <> ALL (ARRAY['pg_catalog.pg_proc', 'pg_catalog.pg_trigger', 'pg_catalog.pg_event_trigger',
           'pg_catalog.pg_class', 'pg_catalog.pg_attrdef', 'pg_catalog.pg_constraint', 'pg_catalog.pg_rewrite',
           'pg_catalog.pg_policy', 'pg_catalog.pg_statistic_ext']::pg_catalog.regclass[]::oid[])
    UNION ALL
    SELECT 'the domain ' || pg_catalog.format_type(c.contypid, NULL)
      FROM pg_catalog.pg_constraint c, pg_catalog.regexp_matches(c.conbin::text, '{functions}', 'g') f
      JOIN pg_catalog.pg_proc p ON p.oid = f[1]::oid AND {is_code}
     WHERE c.contypid <> 0
    UNION ALL
    SELECT 'the domain ' || pg_catalog.format_type(t.oid, NULL)
      FROM pg_catalog.pg_type t, pg_catalog.regexp_matches(t.typdefaultbin::text, '{functions}', 'g') f
      JOIN pg_catalog.pg_proc p ON p.oid = f[1]::oid AND {is_code}
""",
    harmless="$1",
)
"""What may run the user's own code wherever an expression is: behind operators, types, casts; in a domain's check."""

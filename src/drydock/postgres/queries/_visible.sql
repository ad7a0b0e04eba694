-- Put in front of every query of this folder: what belongs to the database's own catalog.
-- Left out: Postgres's own schemas, what an extension or a range type brought with it, and the names in
-- $1, a text array (quoted as Postgres would: a schema, or a relation with its schema).
WITH brought_along AS (
    SELECT classid, objid FROM pg_depend
     WHERE deptype = 'e' OR deptype = 'i' AND classid IN ('pg_proc'::regclass, 'pg_cast'::regclass)
), visible_schema AS (
    SELECT n.oid, format('%I', n.nspname) AS name
      FROM pg_namespace n
     WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
       AND format('%I', n.nspname) <> ALL ($1::text[])
       AND NOT EXISTS (SELECT FROM brought_along m WHERE m.classid = 'pg_namespace'::regclass AND m.objid = n.oid)
), relation AS (
    SELECT c.*, s.name || '.' || format('%I', c.relname) AS name
      FROM pg_class c JOIN visible_schema s ON s.oid = c.relnamespace
     WHERE NOT EXISTS (SELECT FROM brought_along m WHERE m.classid = 'pg_class'::regclass AND m.objid = c.oid)
), visible_relation AS (
    SELECT r.* FROM relation r
     WHERE r.name <> ALL ($1::text[])
       AND NOT EXISTS (
           SELECT FROM pg_index i JOIN relation t ON t.oid = i.indrelid
            WHERE i.indexrelid = r.oid AND t.name = ANY ($1::text[]))
       AND NOT EXISTS (
           SELECT FROM pg_depend d JOIN relation t ON t.oid = d.refobjid
            WHERE d.classid = 'pg_class'::regclass AND d.objid = r.oid
              AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND r.relkind = 'S'
              AND t.name = ANY ($1::text[]))
)

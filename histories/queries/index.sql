-- Indexes, those behind constraints too.
SELECT r.name,
       i.indrelid::regclass::text AS "table",
       pg_get_indexdef(r.oid) AS definition,
       i.indisvalid AS valid,
       i.indisready AS ready,
       i.indisunique AS "unique",
       i.indisprimary AS primary_key,
       i.indisclustered AS clustered,
       i.indisreplident AS replica_identity,
       r.reloptions AS options,
       (SELECT t.spcname FROM pg_tablespace t WHERE t.oid = r.reltablespace) AS tablespace,
       (SELECT n.inhparent::regclass::text FROM pg_inherits n WHERE n.inhrelid = r.oid) AS parent
  FROM visible_relation r
  JOIN pg_index i ON i.indexrelid = r.oid

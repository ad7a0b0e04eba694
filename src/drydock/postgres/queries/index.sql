-- Indexes, those behind constraints too, which belong to their constraint.
SELECT r.name,
       coalesce(t.name || '.' || quote_ident(c.conname), t.name) AS whole,
       t.name AS "table",
       pg_get_indexdef(r.oid) AS definition,
       i.indisvalid AS valid,
       i.indisready AS ready,
       i.indisunique AS "unique",
       i.indisprimary AS primary_key,
       i.indisclustered AS clustered,
       i.indisreplident AS replica_identity,
       (SELECT array_agg(o ORDER BY o) FROM unnest(r.reloptions) AS o) AS options,
       (SELECT s.spcname FROM pg_tablespace s WHERE s.oid = r.reltablespace) AS tablespace,
       (SELECT n.inhparent::regclass::text FROM pg_inherits n WHERE n.inhrelid = r.oid) AS parent
  FROM visible_relation r
  JOIN pg_index i ON i.indexrelid = r.oid
  JOIN relation t ON t.oid = i.indrelid
  LEFT JOIN pg_constraint c ON c.conindid = r.oid AND c.contype IN ('p', 'u', 'x')

-- Domains; their constraints are told as constraints.
SELECT t.oid::regtype::text AS name,
       format_type(t.typbasetype, t.typtypmod) AS type,
       NOT t.typnotnull AS nullable,
       t.typdefault AS default_expression,
       CASE WHEN t.typcollation <> b.typcollation THEN t.typcollation::regcollation::text END AS collation
  FROM pg_type t
  JOIN visible_schema s ON s.oid = t.typnamespace
  JOIN pg_type b ON b.oid = t.typbasetype
 WHERE t.typtype = 'd'
   AND NOT EXISTS (SELECT FROM brought_along m WHERE m.classid = 'pg_type'::regclass AND m.objid = t.oid)

-- Range types.
SELECT g.rngtypid::regtype::text AS name,
       g.rngsubtype::regtype::text AS subtype,
       nullif(g.rngcollation, 0)::regcollation::text AS collation,
       o.opcname AS operator_class,
       nullif(g.rngcanonical::oid, 0)::regprocedure::text AS canonical,
       nullif(g.rngsubdiff::oid, 0)::regprocedure::text AS difference
  FROM pg_range g
  JOIN pg_type t ON t.oid = g.rngtypid
  JOIN visible_schema s ON s.oid = t.typnamespace
  JOIN pg_opclass o ON o.oid = g.rngsubopc
 WHERE NOT EXISTS (SELECT FROM brought_along m WHERE m.classid = 'pg_type'::regclass AND m.objid = t.oid)

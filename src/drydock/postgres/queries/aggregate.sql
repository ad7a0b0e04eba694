-- Aggregate functions, by the parts they are made of.
SELECT p.oid::regprocedure::text AS name,
       pg_get_function_result(p.oid) AS result,
       a.aggkind AS kind,
       a.aggtransfn::regprocedure::text AS transition,
       a.aggtranstype::regtype::text AS state,
       nullif(a.aggfinalfn, 0)::regprocedure::text AS final,
       nullif(a.aggcombinefn, 0)::regprocedure::text AS combine,
       nullif(a.aggsortop, 0)::regoperator::text AS sort_operator,
       a.agginitval AS initial
  FROM pg_proc p
  JOIN pg_aggregate a ON a.aggfnoid = p.oid
  JOIN visible_schema s ON s.oid = p.pronamespace
 WHERE NOT EXISTS (SELECT FROM brought_along m WHERE m.classid = 'pg_proc'::regclass AND m.objid = p.oid)

-- Functions, procedures, window functions: the definition holds volatility, security, cost and settings.
SELECT p.oid::regprocedure::text AS name,
       pg_get_functiondef(p.oid) AS definition
  FROM pg_proc p
  JOIN visible_schema s ON s.oid = p.pronamespace
 WHERE p.prokind <> 'a'
   AND NOT EXISTS (SELECT FROM brought_along m WHERE m.classid = 'pg_proc'::regclass AND m.objid = p.oid)

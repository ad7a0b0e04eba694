-- Views and materialised views.
SELECT r.name,
       CASE r.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialised' END AS kind,
       pg_get_viewdef(r.oid) AS definition,
       (SELECT array_agg(o ORDER BY o) FROM unnest(r.reloptions) AS o) AS options,
       r.relispopulated AS populated
  FROM visible_relation r
 WHERE r.relkind IN ('v', 'm')

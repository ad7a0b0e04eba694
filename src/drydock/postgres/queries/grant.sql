-- Who may do what. An object nobody granted anything on has Postgres's default grants; written out, so that a grant of
-- what is granted anyway makes no difference. The owner is told as `owner`, whoever that is.
SELECT i.type || ' ' || i.identity AS name,
       o.whole,
       array_agg(DISTINCT g.text ORDER BY g.text) AS privileges
  FROM (SELECT 'pg_class'::regclass AS classid, r.oid, 0 AS subid, r.name AS whole, r.relowner AS owner,
               coalesce(r.relacl, acldefault(CASE r.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", r.relowner)) AS acl
          FROM visible_relation r WHERE r.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
        UNION ALL
        SELECT 'pg_class'::regclass, r.oid, a.attnum, r.name || '.' || format('%I', a.attname), r.relowner, a.attacl
          FROM visible_relation r JOIN pg_attribute a ON a.attrelid = r.oid AND NOT a.attisdropped
        UNION ALL
        SELECT 'pg_namespace'::regclass, n.oid, 0, s.name, n.nspowner, coalesce(n.nspacl, acldefault('n', n.nspowner))
          FROM pg_namespace n JOIN visible_schema s ON s.oid = n.oid
        UNION ALL
        SELECT 'pg_proc'::regclass, p.oid, 0, p.oid::regprocedure::text, p.proowner,
               coalesce(p.proacl, acldefault('f', p.proowner))
          FROM pg_proc p JOIN visible_schema s ON s.oid = p.pronamespace
        UNION ALL
        SELECT 'pg_type'::regclass, t.oid, 0, t.oid::regtype::text, t.typowner,
               coalesce(t.typacl, acldefault('T', t.typowner))
          FROM pg_type t JOIN visible_schema s ON s.oid = t.typnamespace
         WHERE t.typtype IN ('e', 'd', 'r')
            OR t.typrelid IN (SELECT v.oid FROM visible_relation v WHERE v.relkind = 'c')
       ) o
 CROSS JOIN LATERAL pg_identify_object(o.classid, o.oid, o.subid) AS i
 CROSS JOIN LATERAL aclexplode(o.acl) AS x
 CROSS JOIN LATERAL (
       SELECT CASE x.grantee WHEN 0 THEN 'public' WHEN o.owner THEN 'owner'
                   ELSE pg_get_userbyid(x.grantee)::text END
              || ': ' || x.privilege_type
              || CASE WHEN x.is_grantable THEN ' with grant option' ELSE '' END AS text) AS g
 WHERE i.identity IS NOT NULL
   AND NOT EXISTS (SELECT FROM brought_along m WHERE m.classid = o.classid AND m.objid = o.oid)
 GROUP BY i.type, i.identity, o.whole

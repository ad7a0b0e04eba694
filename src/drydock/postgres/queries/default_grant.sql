-- ALTER DEFAULT PRIVILEGES: what will be granted on objects made later.
SELECT concat_ws(' ', pg_get_userbyid(d.defaclrole),
                 s.name,
                 CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
                                      WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' ELSE d.defaclobjtype::text END)
           AS name,
       (SELECT array_agg(g.text ORDER BY g.text)
          FROM aclexplode(d.defaclacl) AS x
         CROSS JOIN LATERAL (
               SELECT concat(CASE x.grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(x.grantee) END,
                             ': ', x.privilege_type,
                             CASE WHEN x.is_grantable THEN ' with grant option' END)) AS g (text))
           AS privileges
  FROM pg_default_acl d
  LEFT JOIN visible_schema s ON s.oid = d.defaclnamespace
 WHERE d.defaclnamespace = 0 OR s.oid IS NOT NULL

-- ALTER DEFAULT PRIVILEGES: what will be granted on objects made later.
SELECT concat_ws(' ', pg_get_userbyid(d.defaclrole),
                 nullif(d.defaclnamespace, 0)::regnamespace::text,
                 CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
                                      WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' ELSE d.defaclobjtype::text END)
           AS name,
       (SELECT array_agg(concat(CASE x.grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(x.grantee) END,
                                ': ', x.privilege_type,
                                CASE WHEN x.is_grantable THEN ' with grant option' END)
                         ORDER BY x.grantee, x.privilege_type)
          FROM aclexplode(d.defaclacl) AS x) AS privileges
  FROM pg_default_acl d

-- Row security policies.
SELECT r.name || '.' || format('%I', p.polname) AS name,
       r.name AS whole,
       CASE p.polcmd WHEN '*' THEN 'all' WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update'
                     WHEN 'd' THEN 'delete' END AS command,
       p.polpermissive AS permissive,
       (SELECT array_agg(n.name ORDER BY n.name)
          FROM unnest(p.polroles) AS o (role)
         CROSS JOIN LATERAL (
               SELECT CASE o.role WHEN 0 THEN 'public' ELSE pg_get_userbyid(o.role)::text END) AS n (name)) AS roles,
       pg_get_expr(p.polqual, p.polrelid) AS using_expression,
       pg_get_expr(p.polwithcheck, p.polrelid) AS check_expression
  FROM visible_relation r
  JOIN pg_policy p ON p.polrelid = r.oid

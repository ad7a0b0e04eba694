-- Comments on anything that a migration can make, and on the schema `public`. 16384 is the first oid not Postgres's own.
SELECT pg_describe_object(d.classoid, d.objoid, d.objsubid) AS name,
       d.description AS text
  FROM pg_description d
 WHERE (d.objoid >= 16384 OR (d.classoid = 'pg_namespace'::regclass AND d.objoid = 'public'::regnamespace))
   AND NOT EXISTS (SELECT FROM brought_along m WHERE m.classid = d.classoid AND m.objid = d.objoid)
   AND NOT (d.classoid = 'pg_class'::regclass AND d.objoid NOT IN (SELECT v.oid FROM visible_relation v))
   AND coalesce((pg_identify_object(d.classoid, d.objoid, 0)).schema, '') <> ALL (%(excluded)s)

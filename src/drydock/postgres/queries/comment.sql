-- Comments on anything that a migration can make, and on the schema `public`. 16384 is the first oid that is not
-- Postgres's own.
SELECT o.type || ' ' || o.identity AS name,
       CASE WHEN a.attname IS NOT NULL THEN r.name || '.' || format('%I', a.attname)
            WHEN d.classoid = 'pg_class'::regclass THEN r.name
            WHEN part.name IS NOT NULL THEN coalesce(r.name, part.type) || '.' || format('%I', part.name)
            WHEN d.classoid IN ('pg_proc'::regclass, 'pg_type'::regclass, 'pg_namespace'::regclass,
                                'pg_extension'::regclass, 'pg_event_trigger'::regclass, 'pg_publication'::regclass,
                                'pg_statistic_ext'::regclass) THEN o.identity
            ELSE o.type || ' ' || o.identity END AS whole,
       d.description AS text
  FROM pg_description d
 CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) AS o
  LEFT JOIN LATERAL (
       SELECT c.conrelid AS relation, c.conname AS name, nullif(c.contypid, 0)::regtype::text AS type
         FROM pg_constraint c WHERE d.classoid = 'pg_constraint'::regclass AND c.oid = d.objoid
        UNION ALL
       SELECT g.tgrelid, g.tgname, NULL
         FROM pg_trigger g WHERE d.classoid = 'pg_trigger'::regclass AND g.oid = d.objoid
        UNION ALL
       SELECT p.polrelid, p.polname, NULL
         FROM pg_policy p WHERE d.classoid = 'pg_policy'::regclass AND p.oid = d.objoid
        UNION ALL
       SELECT w.ev_class, w.rulename, NULL
         FROM pg_rewrite w WHERE d.classoid = 'pg_rewrite'::regclass AND w.oid = d.objoid
       ) AS part ON true
  LEFT JOIN visible_relation r
         ON r.oid = CASE WHEN d.classoid = 'pg_class'::regclass THEN d.objoid ELSE part.relation END
  LEFT JOIN pg_attribute a ON a.attrelid = r.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid > 0
                          AND a.attnum = d.objsubid
 WHERE (d.objoid >= 16384
        OR (d.classoid = 'pg_namespace'::regclass AND
            d.objoid = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = 'public')))
   AND d.classoid <> 'pg_largeobject'::regclass
   AND o.identity IS NOT NULL
   AND NOT EXISTS (SELECT FROM brought_along m WHERE m.classid = d.classoid AND m.objid = d.objoid)
   AND (r.oid IS NOT NULL OR d.classoid <> 'pg_class'::regclass AND coalesce(part.relation, 0) = 0)
   AND coalesce((pg_identify_object(d.classoid, d.objoid, 0)).schema, '') <> ALL ($1::text[])
   AND NOT (d.classoid = 'pg_namespace'::regclass AND d.objoid NOT IN (SELECT s.oid FROM visible_schema s))

-- Constraints of tables and of domains, NOT NULL among them from 18 on. `triggers` is how the triggers behind a foreign
-- key fire: D when someone disabled them. Left out: what a foreign key to a partitioned table has for each partition.
SELECT coalesce(r.name, t.oid::regtype::text) || '.' || format('%I', c.conname) AS name,
       coalesce(r.name, t.oid::regtype::text) AS whole,
       CASE c.contype WHEN 'c' THEN 'check' WHEN 'f' THEN 'foreign key' WHEN 'n' THEN 'not null'
                      WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique' WHEN 'x' THEN 'exclusion'
                      WHEN 't' THEN 'trigger' END AS kind,
       regexp_replace(pg_get_constraintdef(c.oid),
                      '( DEFERRABLE)?( INITIALLY DEFERRED)?( NOT VALID| NOT ENFORCED)?$', '')
           AS definition,
       c.convalidated AS validated,
       c.condeferrable AS deferrable,
       c.condeferred AS initially_deferred,
       coalesce(to_jsonb(c) ->> 'conenforced', 'true') AS enforced,
       c.conislocal AS defined_here,
       c.coninhcount AS inherited_from,
       (SELECT u.conname FROM pg_constraint u WHERE u.oid = c.conparentid) AS parent,
       (SELECT string_agg(DISTINCT g.tgenabled::text, ',' ORDER BY g.tgenabled::text)
          FROM pg_trigger g WHERE g.tgconstraint = c.oid AND g.tgisinternal) AS triggers
  FROM pg_constraint c
  LEFT JOIN visible_relation r ON r.oid = c.conrelid
  LEFT JOIN (SELECT y.oid FROM pg_type y JOIN visible_schema s ON s.oid = y.typnamespace
              WHERE NOT EXISTS (SELECT FROM brought_along m
                                 WHERE m.classid = 'pg_type'::regclass AND m.objid = y.oid)) t ON t.oid = c.contypid
 WHERE (r.oid IS NOT NULL OR t.oid IS NOT NULL)
   AND NOT EXISTS (SELECT FROM pg_constraint u WHERE u.oid = c.conparentid AND u.conrelid = c.conrelid)

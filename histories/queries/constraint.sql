-- Constraints of tables and of domains. `pg_get_constraintdef` tells NOT VALID, DEFERRABLE, NO INHERIT and, from 18 on,
-- NOT ENFORCED. `triggers` is how the triggers behind a foreign key fire: D when someone disabled them.
SELECT coalesce(r.name, t.oid::regtype::text) || '.' || format('%%I', c.conname) AS name,
       pg_get_constraintdef(c.oid) AS definition,
       c.convalidated AS validated,
       c.condeferrable AS deferrable,
       c.condeferred AS initially_deferred,
       coalesce(to_jsonb(c) ->> 'conenforced', 'true') AS enforced,
       c.conislocal AS defined_here,
       c.coninhcount AS inherited_from,
       (SELECT string_agg(DISTINCT g.tgenabled::text, ',' ORDER BY g.tgenabled::text)
          FROM pg_trigger g WHERE g.tgconstraint = c.oid AND g.tgisinternal) AS triggers
  FROM pg_constraint c
  LEFT JOIN visible_relation r ON r.oid = c.conrelid
  LEFT JOIN (SELECT y.oid FROM pg_type y JOIN visible_schema s ON s.oid = y.typnamespace) t ON t.oid = c.contypid
 WHERE r.oid IS NOT NULL OR t.oid IS NOT NULL

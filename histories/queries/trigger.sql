-- Triggers somebody made; those behind constraints are told with their constraint.
SELECT r.name || '.' || format('%%I', g.tgname) AS name,
       pg_get_triggerdef(g.oid) AS definition,
       CASE g.tgenabled WHEN 'O' THEN 'yes' WHEN 'D' THEN 'no' WHEN 'A' THEN 'always' WHEN 'R' THEN 'on a replica' END
           AS enabled
  FROM visible_relation r
  JOIN pg_trigger g ON g.tgrelid = r.oid AND NOT g.tgisinternal

-- Triggers somebody made; those behind constraints are told with their constraint. What a partition has of its parent's
-- trigger is told only where it fires otherwise than there: before 15 such a copy counted as internal.
SELECT r.name || '.' || format('%I', g.tgname) AS name,
       r.name AS whole,
       pg_get_triggerdef(g.oid) AS definition,
       CASE g.tgenabled WHEN 'O' THEN 'yes' WHEN 'D' THEN 'no' WHEN 'A' THEN 'always' WHEN 'R' THEN 'on a replica' END
           AS enabled
  FROM visible_relation r
  JOIN pg_trigger g ON g.tgrelid = r.oid
  LEFT JOIN pg_trigger o ON o.oid = g.tgparentid
 WHERE CASE WHEN o.oid IS NULL THEN NOT g.tgisinternal ELSE NOT o.tgisinternal AND g.tgenabled <> o.tgenabled END

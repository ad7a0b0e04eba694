-- Rewrite rules, other than the one that makes a view a view.
SELECT r.name || '.' || format('%I', w.rulename) AS name,
       r.name AS whole,
       pg_get_ruledef(w.oid) AS definition,
       CASE w.ev_enabled WHEN 'O' THEN 'yes' WHEN 'D' THEN 'no' WHEN 'A' THEN 'always' WHEN 'R' THEN 'on a replica' END
           AS enabled
  FROM visible_relation r
  JOIN pg_rewrite w ON w.ev_class = r.oid AND w.rulename <> '_RETURN'

-- How far each sequence has counted; null when it was never asked.
SELECT r.name,
       r.name AS whole, pg_sequence_last_value(r.oid) AS last_value
  FROM visible_relation r
 WHERE r.relkind = 'S'

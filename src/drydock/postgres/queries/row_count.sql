-- Tables and materialised views that hold rows, each with the query that counts them: partitions and children on
-- their own. The text of the query is made by the server, which quotes the names.
SELECT r.name,
       r.name AS whole,
       format('SELECT count(*) FROM ONLY %s', r.name) AS counted_by
  FROM visible_relation r
 WHERE r.relkind = 'r' OR r.relkind = 'm' AND r.relispopulated

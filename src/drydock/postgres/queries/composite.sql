-- Composite types that stand alone; their attributes are told as columns.
SELECT r.name FROM visible_relation r WHERE r.relkind = 'c'

-- Enum types with their labels in sort order.
SELECT t.oid::regtype::text AS name,
       array_agg(e.enumlabel::text ORDER BY e.enumsortorder) AS labels
  FROM pg_type t
  JOIN visible_schema s ON s.oid = t.typnamespace
  LEFT JOIN pg_enum e ON e.enumtypid = t.oid
 WHERE t.typtype = 'e'
   AND NOT EXISTS (SELECT FROM brought_along m WHERE m.classid = 'pg_type'::regclass AND m.objid = t.oid)
 GROUP BY t.oid

-- Columns of tables, views and composite types. `position` counts the columns that are still there, so a table that
-- lost a column equals one that never had it. Values of foreign options may be secret: they are told by their hash.
SELECT r.name || '.' || format('%I', a.attname) AS name,
       r.name AS whole,
       row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum) AS position,
       format_type(a.atttypid, a.atttypmod) AS type,
       CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END AS collation,
       NOT a.attnotnull AS nullable,
       pg_get_expr(d.adbin, d.adrelid) AS default_expression,
       CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END AS identity,
       CASE a.attgenerated WHEN 's' THEN 'stored' WHEN 'v' THEN 'virtual' END AS generated,
       CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main'
                         WHEN 'x' THEN 'extended' END AS storage,
       CASE to_jsonb(a) ->> 'attcompression' WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END AS compression,
       nullif(nullif(to_jsonb(a) ->> 'attstattarget', '-1'), '') AS statistics_target,
       a.attislocal AS defined_here,
       a.attinhcount AS inherited_from,
       (SELECT array_agg(o ORDER BY o) FROM unnest(a.attoptions) AS o) AS options,
       (SELECT array_agg(split_part(o, '=', 1) || ' md5 ' || md5(o) ORDER BY o) FROM unnest(a.attfdwoptions) AS o)
           AS foreign_options
  FROM visible_relation r
  JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE r.relkind IN ('r', 'p', 'f', 'v', 'm', 'c')

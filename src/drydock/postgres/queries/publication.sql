-- Publications and what they publish. Settings that a later major added are told only where they are not the default.
SELECT format('%I', p.pubname) AS name,
       p.puballtables AS all_tables,
       concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
                 CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END) AS publishes,
       p.pubviaroot AS via_root,
       nullif(to_jsonb(p) ->> 'pubgencols', 'n') AS generated_columns,
       (SELECT jsonb_agg(concat_ws(' ', format('%I.%I', t.schemaname, t.tablename),
                                   CASE WHEN to_jsonb(l) ->> 'prattrs' IS NOT NULL THEN to_jsonb(t) ->> 'attnames' END,
                                   'where ' || (to_jsonb(t) ->> 'rowfilter'))
                         ORDER BY t.schemaname, t.tablename)
          FROM pg_publication_tables t
          LEFT JOIN relation r ON r.name = format('%I.%I', t.schemaname, t.tablename)
          LEFT JOIN pg_publication_rel l ON l.prpubid = p.oid AND l.prrelid = r.oid
         WHERE t.pubname = p.pubname AND NOT p.puballtables) AS tables
  FROM pg_publication p
 WHERE NOT EXISTS (SELECT FROM brought_along m WHERE m.classid = 'pg_publication'::regclass AND m.objid = p.oid)

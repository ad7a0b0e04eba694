-- Publications and what they publish.
SELECT format('%%I', p.pubname) AS name,
       to_jsonb(p) - 'oid' - 'pubname' - 'pubowner' AS settings,
       (SELECT jsonb_agg(to_jsonb(t) - 'pubname' ORDER BY t.schemaname, t.tablename)
          FROM pg_publication_tables t WHERE t.pubname = p.pubname AND NOT p.puballtables) AS tables
  FROM pg_publication p

-- Tables, partitioned tables and foreign tables, without their columns, constraints and indexes. Values of foreign
-- options may be secret: they are told by their hash.
SELECT r.name,
       CASE r.relkind WHEN 'r' THEN 'ordinary' WHEN 'p' THEN 'partitioned' WHEN 'f' THEN 'foreign' END AS kind,
       CASE r.relpersistence WHEN 'p' THEN 'permanent' WHEN 'u' THEN 'unlogged' WHEN 't' THEN 'temporary' END
           AS persistence,
       pg_get_partkeydef(r.oid) AS partition_key,
       pg_get_expr(r.relpartbound, r.oid) AS partition_bound,
       (SELECT array_agg(i.inhparent::regclass::text ORDER BY i.inhseqno)
          FROM pg_inherits i WHERE i.inhrelid = r.oid) AS parents,
       r.relrowsecurity AS row_security,
       r.relforcerowsecurity AS row_security_forced,
       CASE r.relreplident WHEN 'd' THEN 'default' WHEN 'n' THEN 'nothing' WHEN 'f' THEN 'full'
                           WHEN 'i' THEN 'index' END AS replica_identity,
       (SELECT array_agg(o ORDER BY o) FROM unnest(r.reloptions) AS o) AS options,
       nullif(r.reloftype, 0)::regtype::text AS of_type,
       (SELECT a.amname FROM pg_am a WHERE a.oid = r.relam) AS access_method,
       (SELECT t.spcname FROM pg_tablespace t WHERE t.oid = r.reltablespace) AS tablespace,
       (SELECT s.srvname FROM pg_foreign_table f
          JOIN pg_foreign_server s ON s.oid = f.ftserver WHERE f.ftrelid = r.oid) AS foreign_server,
       (SELECT array_agg(split_part(o, '=', 1) || ' md5 ' || md5(o) ORDER BY o)
          FROM pg_foreign_table f CROSS JOIN unnest(f.ftoptions) AS o WHERE f.ftrelid = r.oid) AS foreign_options
  FROM visible_relation r
 WHERE r.relkind IN ('r', 'p', 'f')

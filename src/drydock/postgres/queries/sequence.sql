-- Sequences and whom they belong to. How far one has counted is contents, not catalog.
SELECT r.name,
       o.column AS whole,
       q.seqtypid::regtype::text AS type,
       q.seqstart AS start,
       q.seqincrement AS increment,
       q.seqmin AS minimum,
       q.seqmax AS maximum,
       q.seqcache AS cache,
       q.seqcycle AS cycles,
       o.column AS owned_by
  FROM visible_relation r
  JOIN pg_sequence q ON q.seqrelid = r.oid
  LEFT JOIN LATERAL (
       SELECT d.refobjid::regclass::text || '.' || format('%I', a.attname) AS "column"
         FROM pg_depend d
         JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE d.classid = 'pg_class'::regclass AND d.objid = r.oid
          AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')) AS o ON true

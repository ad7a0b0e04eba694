-- Extensions. What they brought with them follows from name and version, and is not told again.
SELECT format('%I', e.extname) AS name,
       e.extversion AS version,
       e.extnamespace::regnamespace::text AS schema
  FROM pg_extension e

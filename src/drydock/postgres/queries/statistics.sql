-- Extended statistics objects.
SELECT s.name || '.' || format('%I', e.stxname) AS name,
       pg_get_statisticsobjdef(e.oid) AS definition,
       nullif(to_jsonb(e) ->> 'stxstattarget', '-1') AS target
  FROM pg_statistic_ext e
  JOIN visible_schema s ON s.oid = e.stxnamespace

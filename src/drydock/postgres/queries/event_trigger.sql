-- Event triggers.
SELECT format('%I', e.evtname) AS name,
       e.evtevent AS event,
       e.evtfoid::regprocedure::text AS function,
       e.evtenabled AS enabled,
       e.evttags AS tags
  FROM pg_event_trigger e
 WHERE NOT EXISTS (SELECT FROM brought_along m WHERE m.classid = 'pg_event_trigger'::regclass AND m.objid = e.oid)

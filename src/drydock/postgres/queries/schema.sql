-- Schemas. The owner is left out here as everywhere: it is who deployed, not what was deployed.
SELECT name FROM visible_schema

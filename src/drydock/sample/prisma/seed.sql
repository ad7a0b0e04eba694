INSERT INTO "users" ("email", "display_name") VALUES ('tester@example.test', 'tester') ON CONFLICT DO NOTHING;

INSERT INTO "users" ("email") SELECT 'user' || number || '@example.com' FROM generate_series(1, 20000) AS number;
INSERT INTO "orders" ("user_id", "state", "total_cents")
    SELECT 1 + number % 20000, 'PAID', number % 9000 FROM generate_series(1, 60000) AS number;

INSERT INTO "users" ("email")
    SELECT 'user' || number || CASE WHEN number % 1000 = 0 THEN '@example.org' ELSE '@example.com' END
      FROM generate_series(1, 50000) AS number
    UNION ALL SELECT 'user' || number * 1000 || '@example.com' FROM generate_series(1, 25) AS number;
INSERT INTO "orders" ("user_id", "state", "total_cents")
    SELECT 1 + number % 50000, 'PAID', number % 9000 FROM generate_series(1, 200000) AS number;

-- Written by hand, so that orders stay writable while the index is built.
CREATE INDEX CONCURRENTLY "orders_user_id_idx" ON "orders"("user_id");

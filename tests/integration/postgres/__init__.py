"""Reading and copying, on a real Postgres."""

"""Dumps of a real Postgres by a real pg_dump."""

"""Tests against a real Postgres."""

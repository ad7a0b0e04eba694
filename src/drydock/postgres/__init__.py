"""Postgres: the only package that knows psycopg."""

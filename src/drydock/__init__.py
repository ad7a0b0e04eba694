"""Drydock: the deploy step for Postgres schema changes."""

__version__ = "0.1.0"

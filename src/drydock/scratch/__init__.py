"""Throwaway PostgreSQL servers."""

"""Notifiers against servers that remember and refuse."""

"""Tests of drydock.postgres that need no server."""

"""Tests of drydock.scratch that need no server."""

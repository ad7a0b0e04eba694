"""Tests of Drydock; README.md says how they are written."""

"""Tests of the renderings: hand-made reports in, text compared with the files under `tests/golden`."""

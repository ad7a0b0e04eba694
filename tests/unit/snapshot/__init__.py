"""Cutting, judging, naming: small logic of restores."""

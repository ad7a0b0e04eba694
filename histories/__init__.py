"""Run public migration histories through Drydock and through the tool they were written for, and compare.

A tool for people who work on Drydock; no part of the program. `python -m histories DIR`, or `make histories
DIR=...`.
"""

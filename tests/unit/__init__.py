"""Tests of single modules: no server, no network; a process only where the process is the subject."""

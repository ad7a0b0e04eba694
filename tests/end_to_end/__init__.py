"""The program as a process: exit codes, files, messages, and what is in the database afterwards."""

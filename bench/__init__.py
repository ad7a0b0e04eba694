"""`make bench`: Drydock beside other migration tools, on one server, in one run.

A package of its own: nothing under `src/` imports it, and it takes Drydock as a program, like any user does.
`README.md` beside this file says what is measured and how to read the table.
"""

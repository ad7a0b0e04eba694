"""Bookkeeping that proves itself."""


def certain(change: str, *, alongside: str | None = None) -> str:
    """A SELECT that makes the change and fails with 22012 unless at least one row was written.

    A rule or trigger on the history table may swallow a row without any error; the division makes that fail before
    the commit, when everything can still be undone. `alongside` is a second change in the same statement.
    """
    other = f"beside AS ({alongside}), " if alongside else ""
    written = f"WITH {other}written AS ({change} RETURNING 1)"
    return f"{written} SELECT 1 OPERATOR(pg_catalog./) pg_catalog.count(*) FROM written"

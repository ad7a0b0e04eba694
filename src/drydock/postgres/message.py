"""Pure text: what is put before and after a migration script, and how the server's answer maps back to it.

The atomic message is `guard; script; settle; guarded INSERT`. It is one simple-query message, so PostgreSQL runs it in
one implicit transaction (manual section 55.2.2.1): script and finished row commit together or not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise

from drydock.model import Atomic, Refusal, ScriptStep, StatementTime
from drydock.postgres.session import MARK
from drydock.sql.interface import Parsed, Statement

IDLE_TIMEOUT = timedelta(minutes=5)
APPLICATION = "drydock"
BEHIND = f"\n;{MARK}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Our own limits, put before every message, so that a file's `SET lock_timeout = 0` does not disarm the next."""

    lock_timeout: timedelta
    statement_timeout: timedelta | None

    def settings(self) -> tuple[str, ...]:
        """SET statements; they take no snapshot, so a script may still choose its isolation level."""
        return (
            f"SET lock_timeout = {milliseconds(self.lock_timeout)}",
            f"SET statement_timeout = {milliseconds(self.statement_timeout)}",
            f"SET idle_in_transaction_session_timeout = {milliseconds(IDLE_TIMEOUT)}",
            f"SET application_name = '{APPLICATION}'",
            "RESET row_security",
        )

    def message(self) -> str:
        """The settings as one message."""
        return "; ".join(self.settings())

    def query(self, *, application: str) -> str:
        """The lock time-out and the application name as one query, for a session of our own."""
        return (
            f"SELECT pg_catalog.set_config('lock_timeout', '{milliseconds(self.lock_timeout)}', false), "
            f"pg_catalog.set_config('application_name', '{application}', false)"
        )

    def local(self) -> tuple[str, ...]:
        """The two time-outs for the rest of the transaction only."""
        return (
            f"SET LOCAL lock_timeout = {milliseconds(self.lock_timeout)}",
            f"SET LOCAL statement_timeout = {milliseconds(self.statement_timeout)}",
        )


# SET LOCAL, not RESET: the role and the search path that the script chose stay in force for the next file, as they do
# in the tool, but our bookkeeping runs as the deploy role and finds only pg_catalog. DEFAULT, not NONE: the
# role may be set for the login by ALTER ROLE ... SET role.
OURSELVES = (
    "SET LOCAL SESSION AUTHORIZATION DEFAULT",
    "SET LOCAL role TO DEFAULT",
    "SET LOCAL search_path = pg_catalog",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AtomicMessage:
    """A script joined with its bookkeeping."""

    text: str
    before: int
    """How many statements of ours stand before the script."""
    offset: int
    """How many characters stand before the script."""
    results: int
    """How many results a complete success gives."""
    every: int = 1
    """How many results a statement of the script gives: two where a mark stands behind each."""
    gap: int = 0
    """How many characters of ours stand behind each statement of the script."""


def atomic_message(step: ScriptStep, *, guard: Guard, audit: str | None, timed: bool = False) -> AtomicMessage:
    """Join the script with its bookkeeping.

    The separator starts with a newline, so that a line comment at the script's end cannot swallow what follows.
    Deferred constraints are checked before our row, so that their failure is blamed on the script. With `timed` the
    server's clock is asked before the script and behind each of its statements.
    """
    match step.analysis, step.course:
        case Parsed(statements=statements), Atomic():
            settle = ("SET CONSTRAINTS ALL IMMEDIATE", *OURSELVES, *guard.local())
            after = (*settle, *((audit,) if audit else ()), step.ledger.record)
            before = (*guard.settings(), *((MARK,) if timed else ()))
            head = "; ".join(before) + ";\n"
            script = _marked(step.text, statements) if timed else step.text
            every = 2 if timed else 1
            return AtomicMessage(
                text=f"{head}{script}\n;\n" + "; ".join(after),
                before=len(before),
                offset=len(head),
                results=len(before) + every * len(statements) + len(after),
                every=every,
                gap=len(BEHIND) if timed else 0,
            )
        case _:
            raise ValueError("only a parsed, transaction-safe script may be joined with its bookkeeping")


def times_of(step: ScriptStep, marks: Sequence[float]) -> tuple[StatementTime, ...]:
    """How long each statement took, from the marks before, between and behind them; empty when there are none."""
    statements = step.analysis.statements if isinstance(step.analysis, Parsed) else ()
    if len(marks) != len(statements) + 1:
        return ()
    return tuple(
        StatementTime(
            number=statement.number,
            line=statement.line,
            kind=statement.kind,
            duration=timedelta(seconds=max(0.0, until - since)),
        )
        for statement, (since, until) in zip(statements, pairwise(marks), strict=True)
    )


def located(refusal: Refusal, step: ScriptStep, *, number: int, position: int | None) -> Refusal:
    """The refusal with file, line and statement; `number` and `position` are within the script."""
    statements = step.analysis.statements if isinstance(step.analysis, Parsed) else ()
    statement = _statement(statements, number)
    line = step.text.count("\n", 0, position - 1) + 1 if position else statement.line if statement else None
    return replace(
        refusal,
        file=step.migration.file,
        line=line,
        statement=number if statement else None,
        kind=statement.kind if statement else None,
    )


def _marked(text: str, statements: tuple[Statement, ...]) -> str:
    cuts = (0, *(statement.end for statement in statements), len(text))
    return BEHIND.join(text[start:end] for start, end in pairwise(cuts))


def _statement(statements: tuple[Statement, ...], number: int) -> Statement | None:
    return statements[number - 1] if 0 < number <= len(statements) else None


def milliseconds(limit: timedelta | None) -> int:
    """A time-out as the server's settings take it; 0 is none."""
    return 0 if limit is None else max(1, round(limit.total_seconds() * 1000))

"""Runs pg_dump: the address only in its environment, never long behind a lock, and its failures explained."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

from drydock.command import Command, Completed
from drydock.errors import RehearsalError
from drydock.postgres.interface import Reader, Rows
from drydock.process import Runner
from drydock.redact import Scrubber
from drydock.scratch.interface import Programs
from drydock.snapshot.readable import Readable

LOCK_WAIT = timedelta(seconds=2)
OURS = '"drydock"'
LONGEST_QUOTE = 300

# Whoever can make a reader wait.
HOLDERS = """
SELECT DISTINCT quote_ident(n.nspname) || '.' || quote_ident(c.relname)
  FROM pg_catalog.pg_locks l
  JOIN pg_catalog.pg_class c ON c.oid = l.relation
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.granted AND l.pid <> pg_backend_pid()
   AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database())
   AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname !~ '^pg_'
 ORDER BY 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to dump, and how."""

    form: Literal["custom", "directory"] = "custom"
    with_rows: bool = False
    leaving_out: Readable
    """What the role may not read."""
    with_ours: bool = False
    """Whether Drydock's own schema is wanted too."""
    jobs: int = 1
    """Sessions that read rows at the same time; only for a directory."""
    lock_wait: timedelta = LOCK_WAIT
    """For how long pg_dump may wait for the locks on all its tables."""
    time_limit: timedelta = timedelta(minutes=10)
    durable: bool = False
    """Whether the files are on the disk, power cut or not, when this returns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dumper:
    """What a dump is made with."""

    programs: Programs
    environment: Mapping[str, str]
    """All that pg_dump sees: an allow-listed environment and the PG* variables of the database. Secret."""
    reader: Reader
    """A session on the same database, to ask who is in the way."""
    run: Runner
    stopped: Callable[[], bool]
    scrub: Scrubber


def dump(order: Order, path: Path, *, dumper: Dumper, server_major: int) -> None:
    """Dump a database into `path`, which must not be there.

    Raises RehearsalError when pg_dump is older than the server, a session holds a lock, or pg_dump fails otherwise;
    NotStartedError when there is no pg_dump. What was written until then is left for the caller to remove.
    """
    if dumper.programs.major < server_major:
        raise RehearsalError(
            f"pg_dump is of PostgreSQL {dumper.programs.major}, older than the server, which is of {server_major}.",
            hint=f"Install PostgreSQL {server_major}'s client programs, or use the full image.",
        )
    command = Command(
        argv=_argv(order, path, binaries=dumper.programs.binaries),
        environment=dumper.environment,
        directory=path.parent,
        time_limit=order.time_limit,
    )
    ended = dumper.run(command, stopped=dumper.stopped)
    if ended.exit_code != 0:
        raise _problem(ended, order, dumper=dumper)


def _argv(order: Order, path: Path, *, binaries: Path) -> tuple[str, ...]:
    milliseconds = round(order.lock_wait.total_seconds() * 1000)
    words = [str(binaries / "pg_dump"), f"--format={order.form}", f"--file={path}", "--no-password"]
    words.append(f"--lock-wait-timeout={milliseconds}")
    words += [] if order.with_rows else ["--schema-only"]
    words += [] if order.durable else ["--no-sync"]
    words += [f"--jobs={order.jobs}"] if order.form == "directory" and order.jobs > 1 else []
    ours = () if order.with_ours else (OURS,)
    words += [f"--exclude-schema={pattern}" for pattern in (*ours, *order.leaving_out.excluded_schemas)]
    words += [f"--exclude-table={pattern}" for pattern in order.leaving_out.excluded_tables]
    return tuple(words)


def _problem(ended: Completed, order: Order, *, dumper: Dumper) -> RehearsalError:
    """What went wrong, from how pg_dump ended and from what the database says; pg_dump's words are only quoted."""
    if ended.stopped:
        return RehearsalError("pg_dump was interrupted.", hint="Run again when ready.")
    if ended.timed_out:
        seconds = order.time_limit.total_seconds()
        return RehearsalError(
            f"pg_dump did not end within {seconds:g} s.", hint="See what it waits for, and run again."
        )
    said = [line.strip() for line in ended.stderr.splitlines() if line.strip()]
    last = dumper.scrub(said[-1])[:LONGEST_QUOTE] if said else "no word"
    locked = _locked(dumper.reader)
    if locked:
        return RehearsalError(
            f"A session holds a lock on {_listed(locked)}; pg_dump, which waits {order.lock_wait.total_seconds():g} s "
            f"for its own, ended: {last}",
            hint="Run again when that session has ended; pg_locks names it.",
        )
    return RehearsalError(
        f"pg_dump ended with exit code {ended.exit_code}: {last}",
        hint="If it waited for a lock, run again; else see that the role may read what it names.",
    )


def _locked(reader: Reader) -> tuple[str, ...]:
    (answer,) = reader.read(HOLDERS)
    return tuple(row[0] or "" for row in answer.rows) if isinstance(answer, Rows) else ()


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")

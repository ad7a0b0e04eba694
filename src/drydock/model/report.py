"""Who and where, and what is told."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from drydock.model.history import Status
from drydock.model.outcome import Outcome
from drydock.model.plan import Plan
from drydock.model.rehearsal import Rehearsal


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The environment mark of a database, as `drydock.identity` holds it and as far as it is valid here."""

    environment: str | None
    """None when absent, or when the row has travelled here in a dump."""
    travelled: str | None = None
    """The environment named by a row whose identifiers belong to another database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Who is on the other end; no credentials."""

    server_version: str
    database: str
    user: str
    mark: Mark
    had_tables: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An earlier deploy, as the audit table has it. Times are the server's text."""

    started_at: str
    finished_at: str | None
    who: str
    environment: str | None
    revision: str | None
    run_url: str | None
    version: str
    history: str
    planned: int
    applied: int
    outcome: str | None
    """The verdict's line; None when the run ended without a word, as after kill -9."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aborted:
    """We could not do our job; the three sentences of the error."""

    stage: str
    what: str
    truth: str
    hint: str
    exit_code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The report's first line, and the exit code that says the same."""

    exit_code: int
    line: str
    truth: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """The files that were run: of which commit, and where a browser shows them."""

    commit: str | None = None
    source_url: str | None = None
    """The address of the run's directory at this commit; a slash and a file's path make that file's address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All of a run. Every message anywhere is rendered from this one value."""

    command: str
    version: str
    verdict: Verdict
    environment: str | None
    target: Target | None
    status: Status | None
    plan: Plan | None
    rehearsal: Rehearsal | None
    outcome: Outcome | None
    aborted: Aborted | None
    duration: timedelta
    log: tuple[Attempt, ...] | None = None
    """Earlier deploys, newest first, where they were asked for."""
    checkout: Checkout = Checkout()
    ended_at: datetime | None = None
    """With its time zone; None for a run that ended before it began."""

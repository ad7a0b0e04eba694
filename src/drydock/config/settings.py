"""The configuration as the rest of the program sees it: complete, typed, checked, immutable.

Defaults are not here but in `schema.OPTIONS`; `parse.load({}, {}, directory)` is the configuration of a
user who asked for nothing. Paths are already joined to the directory that `load` was given.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

from drydock.config.problems import Problem
from drydock.redact import Secret

Execution = Literal["auto", "file", "statement"]
Reaction = Literal["ok", "warn", "stop"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSettings:
    """How to reach the target, and how long to wait for it."""

    database_url: Secret | None
    direct_url: Secret | None
    connect_timeout: timedelta
    wait_for_database: timedelta
    mutex_wait: timedelta

    @property
    def address(self) -> Secret | None:
        """The address for sessions on the target: past the pooler when direct_url is set. See
        `require_address`.
        """
        return self.direct_url or self.database_url


@dataclass(frozen=True, slots=True, kw_only=True)
class PrismaSettings:
    """What only projects with Prisma need. `schema` is a file or a folder; None means found by the tool."""

    schema: Path | None
    mode: Execution


@dataclass(frozen=True, slots=True, kw_only=True)
class KnexSettings:
    """What only projects with Knex need. None means what Knex's own command line would take."""

    file: Path | None
    environment: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlSettings:
    """What only projects with plain SQL files need. `table` and `schema` name the history; None is the
    dialect's own.
    """

    dialect: Literal["auto", "golang-migrate", "flat"]
    table: str | None
    schema: str | None
    mode: Execution


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSettings:
    """Which migration tool the project uses, and where its files are. `migrations` None means found by the
    tool.
    """

    name: Literal["auto", "prisma", "knex", "sql"]
    migrations: Path | None
    prisma: PrismaSettings
    knex: KnexSettings
    sql: SqlSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a step may cost the traffic before it gives way, and how often it is tried again.

    `lock_timeout` is never zero. `statement_timeout` None means no limit. `retries` and `retry_budget`
    hold for one step, `deploy_budget` for all steps of a deploy together; `serialization_retries` is for
    SQLSTATE 40001 and 40P01.
    """

    lock_timeout: timedelta
    statement_timeout: timedelta | None
    retries: int
    retry_budget: timedelta
    deploy_budget: timedelta
    retry_pause_min: timedelta
    retry_pause_max: timedelta
    serialization_retries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPolicy:
    """What to do about each thing that can be wrong with the tool's history."""

    edited: Reaction
    missing: Reaction
    out_of_order: Reaction
    failed: Literal["stop"]
    newer: Reaction


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedSettings:
    """What to seed, and in which environments. `files` are paths or glob patterns as written, in order.

    `command` and `uses_tool` (the migration tool's own seed) are never both set.
    """

    environments: tuple[str, ...]
    files: tuple[str, ...]
    command: str | None
    uses_tool: bool

    @property
    def is_configured(self) -> bool:
        """Whether there is anything to seed with."""
        return bool(self.files or self.command or self.uses_tool)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSettings:
    """How the result is shown, and where it is written as JSON (None: nowhere)."""

    json_path: Path | None
    format: Literal["text", "json"]
    show_queries: bool
    color: Literal["auto", "always", "never"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOrigin:
    """Which commit and which CI run this deploy belongs to, for the audit row."""

    commit: str | None
    run_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsalSettings:
    """What to rehearse on, and where. `on` "none" means that no rehearsal is wanted."""

    on: Literal["target-schema", "snapshot", "history", "none"]
    snapshot: Secret | None
    """A path, or an https address, which may be signed."""
    snapshot_sha256: str | None
    scratch: Literal["embedded", "given", "clone"]
    scratch_url: Secret | None
    scratch_disposable: bool

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What must be in no output; a path is no secret."""
        signed = self.snapshot if self.snapshot and "://" in self.snapshot.reveal() else None
        return tuple(filter(None, (signed, self.scratch_url)))


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSettings:
    """What must be decided by a person before the target is touched."""

    unproven: Literal["warn", "stop"]
    reach: Literal["ok", "stop"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything the user asked for.

    `file` is the configuration file that was read, if any. `environment` None means production rules. `warnings`
    are for the report.
    """

    directory: Path
    file: Path | None
    environment: str | None
    rehearsal: RehearsalSettings
    gate: GateSettings
    target: TargetSettings
    tool: ToolSettings
    limits: Limits
    history: HistoryPolicy
    seed: SeedSettings
    report: ReportSettings
    origin: RunOrigin
    warnings: tuple[Problem, ...] = ()

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What must be in no output."""
        return (*filter(None, (self.target.database_url, self.target.direct_url)), *self.rehearsal.secrets)

    @property
    def wants_seed(self) -> bool:
        """Whether this environment is one to seed; the target's own mark must agree before anything is."""
        return self.environment in self.seed.environments and self.seed.is_configured

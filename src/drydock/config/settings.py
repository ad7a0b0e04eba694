"""The configuration as the rest of the program sees it: complete, typed, checked, immutable.

Defaults are not here but in `schema.OPTIONS`; `parse.load({}, {}, directory)` is the configuration of a
user who asked for nothing. Paths are already joined to the directory that `load` was given.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from drydock.config.problems import Problem
from drydock.redact import Secret

Execution = Literal["auto", "file", "statement"]
# In the order of the published result: `Reaction | None` is one object for equal words, whoever makes it first.
Reaction = Literal["stop", "warn", "ok"]
SHORTEST_KEY = 16
"""A part of an address that is shorter is a word such as `services`, not a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSettings:
    """How to reach the target, and how long to wait for it."""

    database_url: Secret | None
    direct_url: Secret | None
    connect_timeout: timedelta
    wait_for_database: timedelta
    mutex_wait: timedelta
    wait_limit: timedelta
    """Of the command `wait`."""

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
class SqlSettings:
    """What only projects with plain SQL files need. `table` and `schema` name the history; None is the
    dialect's own.
    """

    dialect: Literal["auto", "golang-migrate", "dbmate", "goose", "flat"]
    table: str | None
    schema: str | None
    mode: Execution


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePgMigrateSettings:
    """What only projects with node-pg-migrate need. `config` is a JSON file with its own settings; None means found by
    the tool. `transaction` says whether all that is pending shares one transaction.
    """

    config: Path | None
    transaction: Literal["auto", "single", "each"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSettings:
    """Which migration tool the project uses, and where its files are. `migrations` None means found by the
    tool.
    """

    name: Literal["auto", "prisma", "node-pg-migrate", "sql"]
    migrations: Path | None
    prisma: PrismaSettings
    node_pg_migrate: NodePgMigrateSettings
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
    """What to do about each thing that can be wrong with the tool's history.

    `out_of_order` None: stop where the tool itself refuses such an order, else warn.
    """

    edited: Reaction
    missing: Reaction
    out_of_order: Reaction | None
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
    """How the result is shown, and where it is written as JSON, or in every format (None: nowhere)."""

    json_path: Path | None
    directory: Path | None
    format: Literal["text", "json"]
    show_queries: bool
    color: Literal["auto", "always", "never"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSettings:
    """Who hears of a run. `notify_on` is for Slack and the webhook."""

    comment: Literal["always", "changes", "failures", "off"]
    pull_request: int | None
    github_token: Secret | None
    notify_on: Literal["failure", "change", "always"]
    slack_webhook: Secret | None
    webhook: Secret | None
    webhook_secret: Secret | None
    """One or more keys, with blanks between them."""
    termination_log: Path
    fail_on_report_error: bool

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What must be in no output: of a webhook also its path, of a key also what its base64 holds."""
        webhooks = (word for address in (self.slack_webhook, self.webhook) if address for word in _keys_in(address))
        keys = (Secret(key) for key in self.webhook_secret.reveal().split()) if self.webhook_secret else ()
        bare = (Secret(key.reveal().removeprefix("whsec_")) for key in keys)
        given = (self.slack_webhook, self.webhook, self.webhook_secret, self.github_token)
        return (*filter(None, given), *webhooks, *bare)


def _keys_in(address: Secret) -> tuple[Secret, ...]:
    """The parts of a webhook's address that open it."""
    url = urlsplit(address.reveal())
    values = (value for _, _, value in (part.partition("=") for part in url.query.split("&")))
    parts = (url.path, url.query, f"{url.path}?{url.query}", *url.path.split("/"), *values)
    return tuple(Secret(part) for part in parts if len(part) >= SHORTEST_KEY)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOrigin:
    """Which commit and which CI run this deploy belongs to, for the audit row and the report."""

    commit: str | None
    run_url: str | None
    source_url: str | None
    """Where a browser shows the directory of the run at this commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsalSettings:
    """What to rehearse on, and where. `on` "none" means that no rehearsal is wanted."""

    on: Literal["target-schema", "snapshot", "history", "none"]
    base: str | None
    """The branch or commit that a check without a target stands on."""
    on_stand_in: bool = False
    """Whether the target is a stand-in, made by replaying the base: no option, but what became of one."""
    snapshot: Secret | None
    """A path, or an https address, which may be signed."""
    snapshot_sha256: str | None
    snapshot_rows: Literal["auto", "all"]
    """Whether only the rows that pending steps can reach are restored, or all."""
    scratch: Literal["embedded", "given", "clone"]
    scratch_url: Secret | None
    scratch_disposable: bool
    limit: timedelta
    """Of the whole rehearsal, the making of the copy included."""

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
    messages: MessageSettings
    origin: RunOrigin
    warnings: tuple[Problem, ...] = ()

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What must be in no output."""
        addresses = filter(None, (self.target.database_url, self.target.direct_url))
        return (*addresses, *self.rehearsal.secrets, *self.messages.secrets)

    @property
    def replays_without_target(self) -> bool:
        """Whether a replay of the history is asked for, and no database is named whose history it would be."""
        return self.rehearsal.on == "history" and self.target.address is None

    @property
    def wants_seed(self) -> bool:
        """Whether this environment is one to seed; the target's own mark must agree before anything is."""
        return self.environment in self.seed.environments and self.seed.is_configured

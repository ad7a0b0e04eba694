"""Drydock's own schema on the target: who the database is, what was deployed, how far a careful step got.

None of it is needed to work. A role that may not create the schema deploys without it, and the report says what is
missing for that: no audit row, no mark, no resuming.
"""

from dataclasses import dataclass

from drydock.model import UNFINISHED as UNFINISHED_TABLE
from drydock.model import Progress

SCHEMA = "drydock"
IDENTITY = "drydock.identity"
DEPLOYS = "drydock.deploys"
PROGRESS = "drydock.progress"
UNFINISHED = str(UNFINISHED_TABLE)

TABLES = {
    IDENTITY: f"""CREATE TABLE {IDENTITY} (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    environment text NOT NULL,
    system_identifier text,
    database_oid text NOT NULL,
    database_name text NOT NULL,
    marked_at timestamptz NOT NULL DEFAULT pg_catalog.now())""",
    DEPLOYS: f"""CREATE TABLE {DEPLOYS} (
    id uuid PRIMARY KEY,
    started_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    finished_at timestamptz,
    who text NOT NULL DEFAULT session_user,
    environment text,
    revision text,
    run_url text,
    drydock_version text NOT NULL,
    history text NOT NULL,
    planned jsonb NOT NULL,
    applied integer NOT NULL DEFAULT 0,
    outcome text,
    seed text)""",
    PROGRESS: f"""CREATE TABLE {PROGRESS} (
    history text NOT NULL,
    migration text NOT NULL,
    digest text NOT NULL,
    done integer NOT NULL DEFAULT 0,
    running integer,
    opened timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (history, migration))""",
    UNFINISHED: f"""CREATE TABLE {UNFINISHED} (
    history text NOT NULL,
    migration text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (history, migration))""",
}


def _found(table: str) -> str:
    # Not to_regclass: without USAGE on the schema it is an error, and then nothing at all would be known.
    name = table.removeprefix(f"{SCHEMA}.")
    where = f"relname = '{name}' AND relnamespace = pg_catalog.to_regnamespace('{SCHEMA}')"
    return f"(SELECT oid FROM pg_catalog.pg_class WHERE {where})"


FACTS = f"""SELECT pg_catalog.pg_backend_pid(),
    pg_catalog.current_setting('server_version'),
    pg_catalog.current_database(),
    session_user,
    (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()),
    pg_catalog.pg_is_in_recovery() OR pg_catalog.current_setting('transaction_read_only') = 'on',
    pg_catalog.current_setting('standard_conforming_strings'),
    (SELECT backend_start FROM pg_catalog.pg_stat_activity WHERE pid = pg_catalog.pg_backend_pid()),
    EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', '{SCHEMA}')
              AND n.nspname NOT LIKE 'pg\\_t%' AND c.relname <> 'spatial_ref_sys'),
    pg_catalog.to_regnamespace('{SCHEMA}'),
    {_found(IDENTITY)}, {_found(DEPLOYS)}, {_found(PROGRESS)}, {_found(UNFINISHED)}"""
NEVER_IDLE_OUT = (
    "SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings WHERE name = 'idle_session_timeout'"
)
"""For sessions of ours that wait; the setting exists from PostgreSQL 14 on."""
SYSTEM_IDENTIFIER = "SELECT system_identifier FROM pg_catalog.pg_control_system()"
READ_IDENTITY = f"SELECT environment, system_identifier, database_oid, database_name FROM {IDENTITY}"
READ_SEED = f"SELECT seed FROM {DEPLOYS} WHERE seed IS NOT NULL ORDER BY started_at DESC LIMIT 1"
READ_LOG = (
    "SELECT started_at, finished_at, who, environment, revision, run_url, drydock_version, history, "
    f"pg_catalog.jsonb_array_length(planned), applied, outcome FROM {DEPLOYS} ORDER BY started_at DESC LIMIT 20"
)
READ_PROGRESS = f"SELECT history, migration, digest, done, running, opened FROM {PROGRESS}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What one question at the start of a run tells about the target."""

    pid: int
    server_version: str
    database: str
    user: str
    database_oid: str
    read_only: bool
    conforming: bool
    backend_start: str | None
    has_tables: bool
    has_schema: bool
    tables: frozenset[str]
    """Which of our own tables exist."""
    system_identifier: str | None
    identity: tuple[str | None, ...] | None
    progress: tuple[Progress, ...]
    seed: str | None
    """What the newest attempt that had to seed says of it: `due` or `done`."""


def creation(facts: Facts, *tables: str) -> tuple[str, ...]:
    """The statements that create what is missing of these tables, schema first."""
    missing = [TABLES[table] for table in tables if table not in facts.tables]
    schema = [] if facts.has_schema or not missing else [f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"]
    return tuple(statement.replace("CREATE TABLE ", "CREATE TABLE IF NOT EXISTS ") for statement in (*schema, *missing))

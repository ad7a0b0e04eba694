"""A project and a database of one test's own, a deploy of the one to the other, and what is true afterwards.

Migrations are named `NUMBER_RELATION` and make the relation of that name in `public`. So every test can ask the same
question: is a migration recorded if, and only if, its relation is there?
"""

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import psycopg

from drydock.config.parse import load
from drydock.deploy import Run
from drydock.files import Project
from drydock.interruption import Interruption
from drydock.model import Report
from drydock.redact import Scrubber
from drydock.sql.child import ChildAnalyser
from drydock.toolkit import tool_of
from drydock.wiring import yard_of
from tests.fixtures.database import TestDatabase
from tests.fixtures.program import Ran, Running, run, started
from tests.fixtures.projects import add_prisma_migration, prisma_project

UNREHEARSED = ("deploy", "--rehearse", "none")
IMPATIENT = ("--lock-timeout", "100ms", "--retry-pause-min", "50ms", "--retry-pause-max", "100ms")
BY_STATEMENT = ("--prisma-mode", "statement")
TWO = {"1_users": "CREATE TABLE users (id int);", "2_posts": "CREATE TABLE posts (id int);"}
THERE = """SELECT coalesce((SELECT indisvalid FROM pg_index WHERE indexrelid = c.oid), true)
  FROM pg_class c WHERE c.oid = to_regclass('public.' || quote_ident(%s))"""
ELSEWHERE = "datname = current_database() AND pid <> pg_backend_pid()"


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultScene:
    """Where to deploy from and to. `address` is what Drydock is given; `database` is for looking."""

    root: Path
    database: TestDatabase
    address: str

    def through(self, address: str) -> Self:
        """The same, with Drydock seeing the database at another address."""
        return replace(self, address=address)

    def deploy(self, *options: str, **environment: str) -> Ran:
        """Deploy, and wait for the end."""
        return run(*UNREHEARSED, *options, cwd=self.root, env=self._environment(environment))

    def deploying(self, *options: str, **environment: str) -> AbstractContextManager[Running]:
        """Deploy, and go on meanwhile."""
        return started(*UNREHEARSED, *options, cwd=self.root, env=self._environment(environment))

    def deploy_inside(self, analyser: ChildAnalyser, stop: Interruption) -> Report:
        """Deploy within this process, with a parser that runs already: ten times as quick."""
        environ = self._environment({})
        config = load({"rehearse": "none"}, environ, directory=self.root)
        with yard_of(config, environ, stop=stop, say=lambda _: None, scrub=Scrubber()) as yard:
            tool = tool_of(config, Project(root=self.root), schema=None, analyser=analyser, environ=dict)
            return Run(replace(yard, tool=tool, warm_up=lambda: None), "deploy").deploy()

    def write(self, name: str, script: str) -> None:
        """Add a migration, or change it."""
        add_prisma_migration(self.root, name, script)

    def rows(self) -> list[tuple[str, str]]:
        """Name and state of every row of the history, in order of name."""
        if self.database.value("SELECT to_regclass('public._prisma_migrations')") is None:
            return []
        state = "CASE WHEN finished_at IS NOT NULL THEN 'applied' ELSE 'open' END"
        query = f"SELECT migration_name, {state} FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY 1"
        return [(name, word) for name, word in self.database.rows(query)]

    def applied(self) -> list[str]:
        """The migrations that the history calls applied; one that is there twice is named twice."""
        return [name for name, state in self.rows() if state == "applied"]

    def made(self) -> list[str]:
        """The migrations whose relation is there, and valid."""
        folders = sorted(path.name for path in (self.root / "prisma" / "migrations").iterdir() if path.is_dir())
        return [name for name in folders if self.has(name.partition("_")[2])]

    def has(self, relation: str) -> bool:
        """Whether this relation is there, and valid."""
        return self.database.rows(THERE, relation) == [(True,)]

    def invalid_indexes(self) -> list[str]:
        """What a failed CREATE INDEX CONCURRENTLY left behind."""
        query = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
        return [name for (name,) in self.database.rows(query)]

    def wait_until_runs(self, words: str, *, blocked: bool = False) -> int:
        """Return the pid of the session that runs (or is blocked in) a statement with these words."""
        query = f"SELECT pid FROM pg_stat_activity WHERE {ELSEWHERE} AND state = 'active' AND query LIKE %s"
        waits = " AND wait_event_type = 'Lock'" if blocked else ""
        until(lambda: bool(self.database.rows(query + waits, f"%{words}%")))
        return int(self.database.rows(query + waits, f"%{words}%")[0][0])

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        return {"DATABASE_URL": self.address, "PATH": "/usr/bin:/bin", **more}


def scene_of(root: Path, database: TestDatabase, migrations: Mapping[str, str | bytes]) -> FaultScene:
    """A Prisma project of these migrations, and its database."""
    return FaultScene(root=prisma_project(root, migrations), database=database, address=database.url)


def assert_only(scene: FaultScene, *names: str) -> None:
    """These migrations, and no others, are recorded once each; their relations, and no others, are there."""
    assert scene.rows() == [(name, "applied") for name in sorted(names)]
    assert scene.made() == sorted(names)


def assert_said(ran: Ran, exit_code: int, *words: str) -> None:
    """It ended so, and said all of this; nothing looks like a bug."""
    assert ran.exit_code == exit_code, ran.said
    assert "Traceback" not in ran.said, ran.said
    assert [word for word in words if word not in ran.said] == [], ran.said


def result_in(root: Path) -> dict[str, Any]:
    """The JSON result that `--report-json result.json` wrote."""
    result: dict[str, Any] = json.loads((root / "result.json").read_text("utf-8"))
    return result


def until(happened: Callable[[], bool], seconds: float = 20.0) -> None:
    """Return when it has happened."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"it did not happen within {seconds} s"
        time.sleep(0.02)


@contextlib.contextmanager
def holding(
    database: TestDatabase, *statements: str, application: str = "the blocker"
) -> Iterator["psycopg.Connection[tuple[Any, ...]]"]:
    """A session that ran these statements in a transaction which stays open until the end of the block."""
    with database.connect(autocommit=False) as session:
        session.execute(f"SET application_name = '{application}'")
        for statement in statements:
            session.execute(statement)
        yield session
        session.rollback()

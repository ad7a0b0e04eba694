"""A project and a database of one test's own, and `drydock` run in them as a user would."""

import contextlib
import io
import json
import os
import signal
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema

from drydock.cli import main
from tests.fixtures.database import TestDatabase
from tests.fixtures.program import NOTHING, Ran, run

UNREHEARSED = ("deploy", "--rehearse", "none")
SCHEMA = Path(__file__).parents[2] / "docs" / "result.schema.json"
UNTOUCHED = "The target was not touched."


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Where the project lies, and the database it is deployed to."""

    root: Path
    database: TestDatabase

    def run(self, *arguments: str, env: Mapping[str, str] = NOTHING) -> Ran:
        """Run `drydock ARGUMENTS` in the project against the database, without the cost of a process of its own."""
        return ran_here(arguments, self.environment(env), self.root)

    def process(self, *arguments: str, env: Mapping[str, str] = NOTHING) -> Ran:
        """The same as a process."""
        return run(*arguments, cwd=self.root, env=self.environment(env))

    def environment(self, also: Mapping[str, str] = NOTHING) -> dict[str, str]:
        """What a run gets: the PATH and the address, and nothing of ours."""
        given = {"PATH": os.environ["PATH"], "DATABASE_URL": self.database.url, **also}
        return {name: value for name, value in given.items() if value}

    def deploy(self, *arguments: str, env: Mapping[str, str] = NOTHING) -> Ran:
        """Run `drydock deploy --rehearse none ARGUMENTS`."""
        return self.run(*UNREHEARSED, *arguments, env=env)

    def result(self, *arguments: str, env: Mapping[str, str] = NOTHING) -> dict[str, Any]:
        """Run it with `--format json`; the result, which fits the published schema."""
        ran = self.run(*arguments, "--format", "json", env=env)
        result: dict[str, Any] = json.loads(ran.stdout)
        jsonschema.validate(result, json.loads(SCHEMA.read_text("utf-8")))
        assert result["verdict"]["exit_code"] == ran.exit_code
        return result

    def write(self, path: str, content: str | bytes) -> Path:
        """Write a file of the project."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def prisma_rows(self, schema: str = "public") -> list[tuple[Any, ...]]:
        """Name, finished, rolled back and number of steps of each row, in the order of their start."""
        return self.database.rows(
            "SELECT migration_name, finished_at IS NOT NULL, rolled_back_at IS NOT NULL, applied_steps_count "
            f'FROM "{schema}"._prisma_migrations ORDER BY started_at, id'
        )

    def flat_names(self) -> list[str]:
        """What the history of a flat folder calls applied."""
        return [
            name
            for (name,) in self.database.rows(
                "SELECT name FROM drydock.migrations WHERE finished_at IS NOT NULL ORDER BY finished_at"
            )
        ]

    def version(self) -> list[tuple[Any, ...]]:
        """The rows of golang-migrate's table."""
        return self.database.rows("SELECT version, dirty FROM schema_migrations")

    def schemas(self) -> set[str]:
        """The schemas that are not the server's own."""
        return {
            name
            for (name,) in self.database.rows(
                "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
            )
        }

    def is_untouched(self) -> bool:
        """Whether the database is as it was created."""
        return self.schemas() == {"public"} and not self.database.tables()


def ran_here(arguments: Sequence[str], environ: Mapping[str, str], directory: Path) -> Ran:
    """Run the program inside this process; the tests' own signal handlers are put back."""
    stdout, stderr, since = io.StringIO(), io.StringIO(), time.monotonic()
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
            exit_code = main(arguments, environ, directory=directory)
    except SystemExit as ending:
        exit_code = int(ending.code or 0)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    took = time.monotonic() - since
    return Ran(exit_code=exit_code, stdout=stdout.getvalue(), stderr=stderr.getvalue(), seconds=took)


def assert_says(ran: Ran, exit_code: int, *parts: str) -> None:
    """The run ended with this exit code, and said all of this."""
    missing = [part for part in parts if part not in ran.said]
    assert (ran.exit_code, missing) == (exit_code, []), ran.said


def assert_silent_about(ran: Ran, words: Iterable[str]) -> None:
    """None of the words is in any output."""
    assert [word for word in words if word in ran.said] == []

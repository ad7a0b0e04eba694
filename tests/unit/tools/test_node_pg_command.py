"""The options of node-pg-migrate in the scripts of package.json, as its parser reads them."""

import json
from pathlib import Path

import pytest

from drydock.files import Project
from drydock.tools.node_pg_command import words_of


def words_in(root: Path, *commands: str) -> dict[str, object]:
    """The options of these scripts."""
    scripts = {f"s{number}": command for number, command in enumerate(commands)}
    (root / "package.json").write_text(json.dumps({"scripts": scripts}), "utf-8")
    return dict(words_of(Project(root=root), root / "migrations"))


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("node-pg-migrate up", {}),
        ("node-pg-migrate -m db up", {"migrations-dir": "db"}),
        ("node-pg-migrate -mdb up", {"migrations-dir": "db"}),
        ("node-pg-migrate up --migrations-dir=db", {"migrations-dir": "db"}),
        ("node-pg-migrate up --migrationsDir db", {"migrations-dir": "db"}),
        ("DATABASE_URL=x node node_modules/node-pg-migrate/bin/node-pg-migrate.js -t log", {"migrations-table": "log"}),
        ("dotenv -- ./node_modules/.bin/node-pg-migrate -t 'my log' up && x -t y", {"migrations-table": "my log"}),
        ("node-pg-migrate up -s a b", {"schema": ("a", "b")}),
        ("node-pg-migrate up -s a --schema b --schema=c", {"schema": ("a", "b", "c")}),
        ("node-pg-migrate --no-check-order up", {"check-order": False}),
        ("node-pg-migrate --check-order false up", {"check-order": False}),
        ("node-pg-migrate --check-order=true --create-schema up", {"check-order": True, "create-schema": True}),
        ("node-pg-migrate up --no-single-transaction --lock-value 7", {"single-transaction": False, "lock-value": "7"}),
        ("node-pg-migrate create -m elsewhere", {}),
        ("echo node-pg-migrate-not -m x", {}),
        ("node-pg-migrate 'unclosed", {}),
    ],
)
def test_options_are_read_as_yargs_reads_them(tmp_path: Path, command: str, words: dict[str, object]) -> None:
    assert words_in(tmp_path, command) == words


def test_scripts_add_up(tmp_path: Path) -> None:
    words = words_in(tmp_path, "node-pg-migrate -m db", "node-pg-migrate -m db -t log up", "tsc")

    assert words == {"migrations-dir": "db", "migrations-table": "log"}

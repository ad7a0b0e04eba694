"""Drydock and the real dbmate on one project: rows, failures and simultaneous runs."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import pytest

from drydock.model import Catalog
from histories.catalog import difference, read_catalog
from tests.conformance.beside import wait_until_runs
from tests.end_to_end.scenes import UNREHEARSED, Scene, assert_says
from tests.fixtures.database import TestDatabase
from tests.fixtures.program import started
from tests.fixtures.projects import dbmate_script, flat_project
from tests.oracles.dbmate_cli import DbmateCli
from tests.oracles.ran import Ran

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

FIRST, SECOND, THIRD = "20240101_ferry.sql", "20240102_index.sql", "20240103_body.sql"
SCRIPTS: dict[str, str | bytes] = {
    FIRST: dbmate_script("CREATE TABLE ferry (id int PRIMARY KEY, note text DEFAULT 'a;b');", "DROP TABLE ferry;"),
    SECOND: dbmate_script("CREATE INDEX CONCURRENTLY ferry_note ON ferry (note);", options="transaction:false"),
    THIRD: dbmate_script("CREATE FUNCTION toll() RETURNS int LANGUAGE sql AS $$\n-- migrate:x\nSELECT 1;\n$$"),
    "20240104.sql": dbmate_script("INSERT INTO ferry VALUES (1);\n\nSELECT 1 -- the end"),
    "20240105_windows.sql": dbmate_script("ALTER TABLE ferry\nADD decks int;").replace("\n", "\r\n"),
    "5_early.sql": dbmate_script("-- nothing"),
    "06-\u00fcber.up.sql": "\n-- about\n\n" + dbmate_script("CREATE TABLE \u00fcber ()"),
}
SLOW = dbmate_script("CREATE TABLE ferry (id int);\nSELECT pg_sleep(3);")


@dataclass(frozen=True, slots=True, kw_only=True)
class DbmateScene(Scene):
    """`deploy` and `run` are ours; `dbmate_up` and `dbmate_status` are the real tool's."""

    cli: DbmateCli

    def project(self, scripts: dict[str, str | bytes]) -> None:
        """Lay out the project, or add to it."""
        flat_project(self.root, scripts, "db/migrations")

    def on(self, database: TestDatabase) -> Self:
        """The same project, another database."""
        return replace(self, database=database)

    def dbmate_up(self) -> Ran:
        """`dbmate up`."""
        return self.cli.up(self.root, self.database.url)

    def dbmate_status(self) -> Ran:
        """`dbmate status --exit-code`."""
        return self.cli.status(self.root, self.database.url)

    def versions(self) -> list[str]:
        """The rows of the history."""
        return [row[0] for row in self.database.rows("SELECT version FROM schema_migrations ORDER BY version")]

    def catalog(self) -> Catalog:
        """All objects, the history among them, and without Drydock's own schema."""
        return read_catalog(self.database.url, excluding=("drydock",))


@pytest.fixture
def scene(tmp_path: Path, database: TestDatabase, dbmate_cli: DbmateCli) -> DbmateScene:
    """An empty project beside an empty database."""
    root = tmp_path / "project"
    root.mkdir()
    return DbmateScene(root=root, database=database, cli=dbmate_cli)


def test_after_our_deploy_dbmate_has_nothing_to_do_and_the_other_way_round(
    scene: DbmateScene, second_database: TestDatabase
) -> None:
    scene.project(SCRIPTS)
    theirs = scene.on(second_database)

    ours = scene.deploy()
    rows = scene.versions()
    status, up = scene.dbmate_status(), scene.dbmate_up()
    other = theirs.dbmate_up()
    again = theirs.deploy()

    assert_says(ours, 0, "7 migrations applied")
    assert (status.exit_code, "Pending: 0" in status.stdout) == (0, True)
    assert (up.exit_code, "Applying" in up.said) == (0, False)
    assert scene.versions() == rows
    assert other.exit_code == 0, other
    assert_says(again, 0, "Nothing pending")
    assert theirs.versions() == rows
    assert difference(scene.catalog(), theirs.catalog()) == ()


def test_both_run_files_in_the_same_order(scene: DbmateScene, second_database: TestDatabase) -> None:
    names = ["2_b", "10_a", "1_z", "1-a_", "01_x", "3", "03B", "03_b", "0\u00e9", "00_e"]
    apart = {name: f"{number}{name[1:]}" for number, name in enumerate(names, start=1)}
    record = "CREATE TABLE IF NOT EXISTS ran (at serial, name text); INSERT INTO ran (name) VALUES ('{}');"
    scene.project({f"{name}.sql": dbmate_script(record.format(name)) for name in apart.values()})
    theirs = scene.on(second_database)

    assert scene.deploy().exit_code == 0
    assert theirs.dbmate_up().exit_code == 0

    order = "SELECT name FROM ran ORDER BY at"
    assert scene.database.rows(order) == theirs.database.rows(order)


@pytest.mark.parametrize("first", ["ours", "theirs"])
def test_failure_of_one_is_pending_to_the_other_which_goes_on(scene: DbmateScene, first: str) -> None:
    broken = dbmate_script("CREATE TABLE decks (id int);\nSELECT 1 / 0;")
    scene.project({FIRST: SCRIPTS[FIRST], SECOND: broken, THIRD: SCRIPTS[THIRD]})

    failed = scene.deploy().exit_code if first == "ours" else scene.dbmate_up().exit_code
    rows = scene.versions()
    scene.project({SECOND: SCRIPTS[SECOND]})
    mended = scene.dbmate_up().exit_code if first == "ours" else scene.deploy().exit_code

    assert failed == (6 if first == "ours" else 2)
    assert (rows, mended) == (["20240101"], 0)
    assert scene.versions() == ["20240101", "20240102", "20240103"]
    assert "decks" not in scene.database.tables()


def test_careful_step_that_we_left_half_done_is_pending_to_dbmate_too(scene: DbmateScene) -> None:
    two = "CREATE INDEX CONCURRENTLY a ON ferry (id);\nCREATE UNIQUE INDEX CONCURRENTLY b ON ferry (note);"
    scene.project({FIRST: SCRIPTS[FIRST], SECOND: dbmate_script(two, options="transaction:false")})
    assert scene.dbmate_up().exit_code == 2
    scene.database.execute("INSERT INTO ferry VALUES (1), (2)")

    ours, status = scene.deploy(), scene.dbmate_status()
    scene.database.execute("DELETE FROM ferry WHERE id = 1")
    resumed = scene.deploy()

    assert_says(ours, 7, "Statement 1 is in effect")
    assert (status.exit_code, f"[ ] {SECOND}" in status.stdout) == (1, True)
    assert_says(resumed, 0, "from 2 on")
    assert scene.dbmate_status().exit_code == 0


def test_block_after_the_first_is_recorded_by_us_where_dbmate_fails(
    scene: DbmateScene, second_database: TestDatabase
) -> None:
    blocks = dbmate_script("CREATE TABLE a ()") + dbmate_script("CREATE TABLE b ()")
    scene.project({FIRST: blocks})
    theirs = scene.on(second_database)

    assert scene.deploy().exit_code == 0
    failed = theirs.dbmate_up()

    assert (failed.exit_code, "23505" in failed.said) == (2, True)
    assert theirs.versions() == scene.versions() == ["20240101"]
    assert scene.database.tables() == {"schema_migrations", "a", "b"}
    assert scene.dbmate_status().exit_code == 0


def test_dbmate_that_comes_while_we_apply_ends_without_harm(scene: DbmateScene) -> None:
    scene.project({FIRST: SLOW})

    with started(*UNREHEARSED, cwd=scene.root, env=scene.environment()) as running:
        wait_until_runs(scene.database, "pg_sleep")
        theirs = scene.dbmate_up()
        ours = running.finished()

    # dbmate takes no lock: it runs into the table, or into the row, that we have made.
    assert_says(ours, 0, "1 migration applied")
    assert theirs.exit_code == 2
    assert scene.versions() == ["20240101"]
    assert scene.dbmate_status().exit_code == 0


def test_we_that_come_while_dbmate_applies_give_way_and_say_who_was_faster(
    scene: DbmateScene, beside: ThreadPoolExecutor
) -> None:
    scene.project({FIRST: SLOW})

    running = beside.submit(scene.dbmate_up)
    wait_until_runs(scene.database, "pg_sleep")
    ours = scene.deploy("--lock-timeout", "5s")
    again = scene.deploy()

    assert running.result().exit_code == 0
    assert_says(ours, 8, "Another run of the migration tool applied 20240101_ferry meanwhile")
    assert_says(again, 0, "Nothing pending")
    assert scene.versions() == ["20240101"]

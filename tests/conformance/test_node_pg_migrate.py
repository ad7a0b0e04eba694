"""Drydock and the real node-pg-migrate, 7 to 9, on one project: rows, order, failures and locks."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import pytest

from drydock.model import Catalog
from histories.catalog import difference, read_catalog
from tests.conformance.beside import wait_until_runs
from tests.end_to_end.faults import holding
from tests.end_to_end.scenes import UNREHEARSED, UNTOUCHED, Scene, assert_says
from tests.fixtures.database import TestDatabase
from tests.fixtures.program import started
from tests.fixtures.projects import node_pg_migrate_project, node_pg_script
from tests.oracles.node_pg_migrate_cli import UP_TO_DATE, NodePgMigrateCli
from tests.oracles.ran import Ran

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

TOOL_LOCK = 7241865325823964
FIRST, SECOND, THIRD = "1700000000001_ferry", "1700000000002_decks", "1700000000003_body"
SCRIPTS = {
    f"{FIRST}.sql": node_pg_script("CREATE TABLE ferry (id int PRIMARY KEY, note text DEFAULT 'a;b');"),
    f"{SECOND}.sql": "CREATE TABLE decks (ferry int REFERENCES ferry)",
    f"{THIRD}.sql": node_pg_script("CREATE FUNCTION toll() RETURNS int LANGUAGE sql AS $$\n-- pay\nSELECT 1;\n$$"),
    "20240104000000000_utc.sql": "\n\n--  up   MIGRATION and words\nSELECT 1 -- the end\n-- Down Migration\nSELECT 2;",
    "1700000000005_windows.sql": node_pg_script("ALTER TABLE ferry\nADD decks int;").replace("\n", "\r\n"),
    "1700000000006_down_first.sql": "-- Down Migration\nDROP TABLE x;\n-- Up Migration\nCREATE TABLE x ();\n",
    "1700000000007_it.up.sql": node_pg_script("-- nothing"),
}
SLOW = node_pg_script("CREATE TABLE ferry (id int);\nSELECT pg_sleep(3);")


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePgScene(Scene):
    """`deploy` and `run` are ours; `their_up` is the real tool's."""

    cli: NodePgMigrateCli

    def project(self, scripts: dict[str, str]) -> None:
        """Lay out the project, or add to it."""
        node_pg_migrate_project(self.root, scripts, version=self.cli.version)

    def on(self, database: TestDatabase) -> Self:
        """The same project, another database."""
        return replace(self, database=database)

    def their_up(self, *words: str) -> Ran:
        """`node-pg-migrate up`."""
        return self.cli.up(self.root, self.database.url, *words)

    def names(self) -> list[str]:
        """The rows of the history, in their order."""
        return [row[0] for row in self.rows()]

    def rows(self) -> list[tuple[Any, ...]]:
        """Name, and whether its time is this minute's, of each row."""
        return self.database.rows(
            "SELECT name, run_on BETWEEN now()::timestamp - interval '5 min' AND now()::timestamp + interval '1 min' "
            "FROM pgmigrations ORDER BY run_on, id"
        )

    def catalog(self) -> Catalog:
        """All objects, the history among them, and without Drydock's own schema."""
        return read_catalog(self.database.url, excluding=("drydock",))


@pytest.fixture
def scene(tmp_path: Path, database: TestDatabase, node_pg_migrate_cli: NodePgMigrateCli) -> NodePgScene:
    """An empty project beside an empty database."""
    root = tmp_path / "project"
    root.mkdir()
    return NodePgScene(root=root, database=database, cli=node_pg_migrate_cli)


def assert_up_to_date(theirs: Ran) -> None:
    """The real tool found nothing to do."""
    assert (theirs.exit_code, UP_TO_DATE in theirs.said) == (0, True), theirs.said


def test_after_our_deploy_it_has_nothing_to_do_and_the_other_way_round(
    scene: NodePgScene, second_database: TestDatabase
) -> None:
    scene.project(SCRIPTS)
    theirs = scene.on(second_database)

    ours = scene.deploy()
    rows = scene.rows()
    up = scene.their_up()
    other = theirs.their_up()
    again = theirs.deploy()

    assert_says(ours, 0, "7 migrations applied", "in one transaction")
    assert_up_to_date(up)
    assert scene.rows() == rows
    assert other.exit_code == 0, other.said
    assert_says(again, 0, "Nothing pending")
    assert theirs.rows() == rows
    assert difference(scene.catalog(), theirs.catalog()) == ()


def test_both_run_files_in_the_same_order(scene: NodePgScene, second_database: TestDatabase) -> None:
    names = (
        "1_b 1_B 1_a10 1_a9 01_z 1_a-b 1_a_b 1_ab 20240101000000000_utc 1704067199999_ms 20240101000000_x 2_\u00e9 2_f"
    )
    record = "CREATE TABLE IF NOT EXISTS ran (at serial, name text);\nINSERT INTO ran (name) VALUES ('{}');"
    scene.project({f"{name}.sql": record.format(name) for name in names.split(" ")})
    theirs = scene.on(second_database)

    assert scene.deploy().exit_code == 0
    assert theirs.their_up().exit_code == 0

    order = "SELECT name FROM ran ORDER BY at"
    assert scene.database.rows(order) == theirs.database.rows(order)


@pytest.mark.parametrize("words", [(), ("--no-single-transaction",)], ids=["single", "each"])
@pytest.mark.parametrize("first", ["ours", "theirs"])
def test_failure_leaves_the_same_behind_whoever_runs_and_the_other_goes_on(
    scene: NodePgScene, first: str, words: tuple[str, ...]
) -> None:
    each = ("--node-pg-migrate-transaction", "each") if words else ()
    broken = "CREATE TABLE broken (id int);\nSELECT 1 / 0;"
    scene.project({**SCRIPTS, f"{SECOND}.sql": broken})

    failed = scene.deploy(*each).exit_code if first == "ours" else scene.their_up(*words).exit_code
    # Ours is there already; theirs makes the table before the transaction.
    rows, tables = scene.names(), scene.database.tables()
    scene.project({f"{SECOND}.sql": SCRIPTS[f"{SECOND}.sql"]})
    mended = scene.their_up(*words).exit_code if first == "ours" else scene.deploy(*each).exit_code

    assert failed == (6 if first == "ours" else 1)
    assert (rows, tables) == (([FIRST], {"pgmigrations", "ferry"}) if words else ([], {"pgmigrations"}))
    assert mended == 0
    assert len(scene.names()) == len(SCRIPTS)
    assert_up_to_date(scene.their_up())


def test_history_that_it_refuses_we_refuse_and_both_take_it_where_the_order_is_not_checked(scene: NodePgScene) -> None:
    scene.project({f"{FIRST}.sql": "SELECT 1;", f"{THIRD}.sql": "SELECT 3;"})
    assert scene.deploy().exit_code == 0
    scene.project({f"{SECOND}.sql": "SELECT 2;"})

    ours, theirs = scene.deploy(), scene.their_up()
    unchecked = scene.deploy("--history-out-of-order", "warn")

    assert_says(ours, 12, f"{SECOND} comes before {THIRD}, which is applied", "refuses this order", UNTOUCHED)
    assert (theirs.exit_code, f"{SECOND} is preceding already run migration {THIRD}" in theirs.said) == (1, True)
    assert_says(unchecked, 0, "1 migration applied")
    assert_up_to_date(scene.their_up("--no-check-order"))


@pytest.mark.parametrize("gone", [FIRST, SECOND, THIRD])
def test_file_that_is_gone_is_refused_by_both_or_by_none(scene: NodePgScene, gone: str) -> None:
    scene.project({f"{name}.sql": "SELECT 1;" for name in (FIRST, SECOND, THIRD)})
    assert scene.deploy().exit_code == 0
    (scene.root / "migrations" / f"{gone}.sql").unlink()

    ours, theirs = scene.run("status"), scene.their_up()

    assert (ours.exit_code == 12, gone in ours.said) == (gone != THIRD, gone != THIRD)
    assert (theirs.exit_code == 1) is (ours.exit_code == 12)


def test_schemas_and_tables_of_the_project_are_found_as_it_finds_them(
    scene: NodePgScene, second_database: TestDatabase
) -> None:
    call = "node-pg-migrate -m db/changes -t Log --schema app --schema public --migrations-schema ops"
    flags = "--create-schema --create-migrations-schema --ignore-pattern '.*\\.md' up"
    node_pg_migrate_project(
        scene.root,
        {"1_ferry.sql": "CREATE TABLE ferry (id int);", "2_decks.sql": "CREATE TABLE decks ();", "README.md": "Hello"},
        version=scene.cli.version,
        folder="db/changes",
        scripts={"migrate": f"{call} {flags}"},
    )
    words = [word.strip("'") for word in f"{call} {flags}".split(" ")[1:-1]]
    theirs = scene.on(second_database)

    ours, up = scene.deploy(), scene.their_up(*words)
    other, again = theirs.their_up(*words), theirs.deploy()

    assert_says(ours, 0, "2 migrations applied", "ops.Log (node-pg-migrate)")
    assert_up_to_date(up)
    assert other.exit_code == 0, other.said
    assert_says(again, 0, "Nothing pending")
    assert scene.database.tables("app") == {"ferry", "decks"}
    assert difference(scene.catalog(), theirs.catalog()) == ()


def test_typescript_or_javascript_that_it_applied_is_applied_to_us_whatever_its_ending_is_now(
    scene: NodePgScene,
) -> None:
    scene.project({})
    code = 'exports.up = (pgm) => pgm.sql("CREATE TABLE ferry (id int)");\nexports.down = false;\n'
    scene.write("migrations/1_ferry.cjs" if scene.cli.version >= "8" else "migrations/1_ferry.js", code)
    assert scene.their_up().exit_code == 0
    for file in (scene.root / "migrations").iterdir():
        file.rename(file.with_suffix(".ts"))
    scene.project({"2_decks.sql": "CREATE TABLE decks ();"})

    ours = scene.deploy()

    assert_says(ours, 0, "1 migration applied")
    assert scene.names() == ["1_ferry", "2_decks"]


def test_each_side_keeps_the_other_out_by_its_lock(scene: NodePgScene) -> None:
    scene.project({f"{FIRST}.sql": SLOW})

    with holding(scene.database, f"SELECT pg_advisory_lock({TOOL_LOCK})"):
        kept_out = scene.deploy("--mutex-wait", "1s")
    with started(*UNREHEARSED, cwd=scene.root, env=scene.environment()) as running:
        wait_until_runs(scene.database, "pg_sleep")
        theirs = scene.their_up()
        ours = running.finished()

    assert_says(kept_out, 8, UNTOUCHED)
    assert (theirs.exit_code, "Another migration is already running" in theirs.said) == (1, True)
    assert_says(ours, 0, "1 migration applied")
    assert_up_to_date(scene.their_up())


def test_we_wait_for_its_run_and_then_find_nothing_pending(scene: NodePgScene, beside: ThreadPoolExecutor) -> None:
    scene.project({f"{FIRST}.sql": SLOW})

    running = beside.submit(scene.their_up)
    wait_until_runs(scene.database, "pg_sleep")
    ours = scene.deploy()

    assert running.result().exit_code == 0
    assert_says(ours, 0, "Nothing pending", "Waiting for the migration tool's own run")
    assert scene.names() == [FIRST]

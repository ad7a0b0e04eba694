"""Knex 1 to 3 and Drydock on one project: what one has deployed, the other finds done, and all rows are equal."""

from pathlib import Path

import pytest

from drydock.model import Catalog
from histories.catalog import difference, read_catalog
from tests.conformance.prisma_scene import assert_nothing_pending
from tests.end_to_end.knex_scene import KnexScene
from tests.end_to_end.scenes import assert_says
from tests.fixtures.database import TestDatabase
from tests.fixtures.oracles import knex_of
from tests.oracles.knex_cli import creates, does
from tests.oracles.knex_install import MAJORS

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

MIGRATIONS = {
    "10_ropes.js": creates("ropes"),
    "2_sails.js": creates("sails"),
    "20240101000000_ferries.js": creates("ferries"),
    "20240102000000_alone.js": does(
        "await knex.raw('CREATE INDEX CONCURRENTLY alone ON ferries (id)');", config="{ transaction: false }"
    ),
    "20240103000000_rows.js": does("await knex('ferries').insert([{ id: 100 }, { id: 200 }]);"),
    "Zulu_it's.js": creates("zulu"),
    "älter.js": creates("older"),
    "\U0001f6a2_ship.js": creates("ship"),
    "\ufb00_ligature.js": creates("ligature"),
}


@pytest.fixture(params=MAJORS, ids=lambda major: f"knex {major}")
def scene(request: pytest.FixtureRequest, tmp_path: Path, database: TestDatabase, oracle_cache: Path) -> KnexScene:
    made = KnexScene(root=tmp_path / "project", database=database, cli=knex_of(oracle_cache, request.param))
    made.project(MIGRATIONS)
    return made


def other(scene: KnexScene, database: TestDatabase) -> KnexScene:
    """The same project beside another database."""
    return KnexScene(root=scene.root, database=database, cli=scene.cli)


def catalog(scene: KnexScene) -> Catalog:
    return read_catalog(scene.database.url, excluding=("drydock",))


def test_after_our_deploy_knex_is_up_to_date_and_lists_nothing_pending(scene: KnexScene) -> None:
    ours = scene.deploy()
    rows = scene.history()

    theirs, listed = scene.knex("migrate:latest"), scene.knex("migrate:list")

    assert_says(ours, 0, f"{len(MIGRATIONS)} migrations applied")
    assert (theirs.exit_code, "Already up to date" in theirs.stdout) == (0, True), theirs.stdout + theirs.stderr
    assert "No Pending Migration files Found." in listed.stdout
    assert scene.history() == rows


def test_after_knex_we_find_nothing_pending_and_all_is_equal(scene: KnexScene, second_database: TestDatabase) -> None:
    theirs = other(scene, second_database)

    ran = theirs.knex("migrate:latest")
    again = theirs.deploy()
    ours = scene.deploy()

    assert ran.exit_code == 0, ran.stdout + ran.stderr
    assert_nothing_pending(again)
    assert_says(ours, 0)
    assert scene.history() == theirs.history()
    assert (scene.lock(), theirs.lock()) == ([(1, 0)], [(1, 0)])
    assert difference(catalog(scene), catalog(theirs)) == ()


def test_both_may_take_turns_and_roll_back_one_run_of_ours(scene: KnexScene) -> None:
    assert_says(scene.deploy(), 0)
    scene.project({"zz_1.js": creates("one"), "zz_2.js": creates("two")})
    assert_says(scene.deploy(), 0, "2 migrations applied")

    back = scene.knex("migrate:rollback")
    ours = scene.deploy()

    assert "Batch 2 rolled back: 2 migrations" in back.stdout
    assert_says(ours, 0, "2 migrations applied")
    assert [row[1:3] for row in scene.history()][-2:] == [("zz_1.js", 2), ("zz_2.js", 2)]


def test_knex_that_runs_keeps_us_waiting_until_its_end(scene: KnexScene) -> None:
    assert_says(scene.deploy(), 0)
    scene.project({"zz_late.js": creates("late")})

    with scene.database.connect(autocommit=False) as session:
        session.execute("UPDATE knex_migrations_lock SET is_locked = 1 WHERE is_locked = 0")
        kept_out = scene.deploy("--retries", "1", "--lock-timeout", "200ms")
        session.rollback()
    ran = scene.deploy()

    assert_says(kept_out, 8, "the migration tool's own lock is taken", "The target is clean")
    assert_says(ran, 0, "1 migration applied")

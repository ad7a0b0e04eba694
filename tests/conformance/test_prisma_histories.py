"""Edited, missing, out of order, rolled back, resolved: both deploy the same, both refuse the same."""

from dataclasses import dataclass

import pytest

from tests.conformance.prisma_scene import PrismaScene, assert_nothing_pending, assert_prisma_says, copy_of
from tests.end_to_end.scenes import UNTOUCHED, assert_says
from tests.fixtures.database import TestDatabase

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

FIRST, SECOND, THIRD = "20240101_ferry", "20240202_deck", "20240303_later"
SCRIPTS = {name: f"CREATE TABLE {name[9:]} (id integer);\n" for name in (FIRST, SECOND, THIRD)}
STARTED = "2024-02-02 10:11:12.345+00"
FINISHED = "2024-02-02 10:11:13.456+00"
LATER = "2024-02-03 00:00:00+00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What the history is made of: a row's state per name, in this order; and which of the three are on disk."""

    rows: tuple[tuple[str, str], ...]
    disk: tuple[str, ...] = (FIRST, SECOND, THIRD)


STATES: dict[str, dict[str, object]] = {
    "applied": {"finished_at": FINISHED, "applied_steps_count": 1},
    "failed": {"logs": "it broke"},
    "killed": {},
    "rolled back": {"logs": "it broke", "rolled_back_at": LATER},
    "finished and rolled back": {"finished_at": FINISHED, "rolled_back_at": LATER, "applied_steps_count": 1},
    "marked as applied": {"started_at": FINISHED, "finished_at": FINISHED, "logs": ""},
}
CASES = {
    "edited": Case(rows=((FIRST, "applied"), (SECOND, "applied"))),
    "missing": Case(rows=((FIRST, "applied"), (SECOND, "applied")), disk=(FIRST, THIRD)),
    "newer": Case(rows=((FIRST, "applied"), (THIRD, "applied")), disk=(FIRST, SECOND)),
    "out of order": Case(rows=((SECOND, "applied"),)),
    "rolled back": Case(rows=((FIRST, "applied"), (SECOND, "rolled back"), (SECOND, "rolled back"))),
    "finished and rolled back": Case(rows=((FIRST, "finished and rolled back"), (SECOND, "applied"))),
    "marked as applied": Case(rows=((FIRST, "applied"), (SECOND, "rolled back"), (SECOND, "marked as applied"))),
    "applied twice": Case(rows=((FIRST, "applied"), (FIRST, "applied"))),
    "failed": Case(rows=((FIRST, "applied"), (SECOND, "failed"))),
    "killed after it was applied": Case(rows=((FIRST, "applied"), (FIRST, "killed"))),
    "failed and missing": Case(rows=((SECOND, "failed"),), disk=(FIRST,)),
}


def prepared(scene: PrismaScene, case: Case) -> None:
    """The table, the rows written directly, the files."""
    scene.create_history()
    for name, state in case.rows:
        scene.record(name, **{"started_at": STARTED, **STATES[state]})
    scene.project({name: SCRIPTS[name] for name in case.disk})


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_both_deploy_the_same(scene: PrismaScene, maintenance: TestDatabase, case: Case) -> None:
    prepared(scene, case)

    with copy_of(scene.database, maintenance) as copy:
        twin = scene.on(copy)
        ours, theirs = scene.deploy(), twin.prisma_deploy()
        names, expected = (scene.history(), scene.database.tables()), (twin.history(), copy.tables())

    is_stopped = theirs.exit_code == 1
    assert ("P3009" in theirs.stdout + theirs.stderr) is is_stopped
    assert ours.exit_code == (12 if is_stopped else 0), ours.said
    assert names == expected


# --- A database with tables and without a history --------------------------------------------------------------


@pytest.mark.parametrize("table", ["CREATE TABLE boats ()", "CREATE TABLE knex_migrations (id integer)"])
def test_database_with_tables_is_refused_by_both_and_baselined_alike(
    scene: PrismaScene, maintenance: TestDatabase, table: str
) -> None:
    scene.database.execute(table)
    scene.project(SCRIPTS)

    refused = scene.deploy(), scene.prisma_deploy()
    with copy_of(scene.database, maintenance) as copy:
        twin = scene.on(copy)
        ours, theirs = scene.run("resolve", FIRST, "--applied"), twin.prisma_resolve(FIRST, "--applied")
        baselined = scene.history(), twin.history()

    assert_says(refused[0], 12, UNTOUCHED)
    assert_prisma_says(refused[1], 1, "P3005")
    assert_says(ours, 0, FIRST)
    assert_prisma_says(theirs, 0, FIRST)
    assert baselined[0] == baselined[1]
    assert_prisma_says(scene.prisma_deploy(), 0, SECOND, THIRD)


def test_what_is_no_ordinary_table_does_not_count_for_either(scene: PrismaScene, maintenance: TestDatabase) -> None:
    scene.database.execute(
        "CREATE VIEW boats AS SELECT 1; CREATE SEQUENCE numbers; CREATE TYPE mood AS ENUM (); "
        "CREATE TABLE parent (id integer) PARTITION BY RANGE (id); CREATE SCHEMA other; CREATE TABLE other.boats (); "
        'CREATE TABLE spatial_ref_sys (); CREATE TABLE "Geometry_Columns" (); '
        "CREATE MATERIALIZED VIEW seen AS SELECT 1; CREATE FUNCTION one() RETURNS integer LANGUAGE sql AS 'SELECT 1'"
    )
    scene.project(SCRIPTS)

    with copy_of(scene.database, maintenance) as copy:
        twin = scene.on(copy)
        ours, theirs = scene.deploy(), twin.prisma_deploy()

    assert_prisma_says(theirs, 0, *SCRIPTS)
    assert_says(ours, 0, *SCRIPTS)


def test_partition_counts_for_both(scene: PrismaScene) -> None:
    scene.database.execute(
        "CREATE TABLE parent (id integer) PARTITION BY RANGE (id); CREATE TABLE child PARTITION OF parent DEFAULT"
    )
    scene.project(SCRIPTS)

    assert_says(scene.deploy(), 12, "child", UNTOUCHED)
    assert_prisma_says(scene.prisma_deploy(), 1, "P3005")


# --- What `resolve` refuses ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A `resolve` that Prisma answers with this code."""

    mark: str
    name: str
    code: str
    rows: tuple[tuple[str, str], ...] = ((FIRST, "applied"),)


REFUSED = {
    "applied already": Refused(mark="--applied", name=FIRST, code="P3008"),
    "applied beside a killed one": Refused(
        mark="--applied", name=FIRST, code="P3008", rows=((FIRST, "applied"), (FIRST, "killed"))
    ),
    "not on disk": Refused(mark="--applied", name="20991231_nowhere", code="P3017"),
    "a part of the name": Refused(mark="--applied", name=SECOND[:8], code="P3017"),
    "no row to roll back": Refused(mark="--rolled-back", name=SECOND, code="P3011"),
    "neither row nor file": Refused(mark="--rolled-back", name="20991231_nowhere", code="P3011"),
    "finished": Refused(mark="--rolled-back", name=FIRST, code="P3012"),
}


@pytest.mark.parametrize("refused", REFUSED.values(), ids=REFUSED)
def test_resolve_that_prisma_refuses_is_refused_by_us(scene: PrismaScene, refused: Refused) -> None:
    prepared(scene, Case(rows=refused.rows))
    before = scene.history()

    ours = scene.run("resolve", refused.name, refused.mark)
    after = scene.history()
    theirs = scene.prisma_resolve(refused.name, refused.mark)

    assert_prisma_says(theirs, 1, refused.code)
    assert_says(ours, 12, refused.name)
    assert after == before == scene.history()


def test_resolve_rolls_back_what_is_open_beside_a_finished_row_in_both(
    scene: PrismaScene, maintenance: TestDatabase
) -> None:
    prepared(scene, Case(rows=((FIRST, "applied"), (FIRST, "killed"), (FIRST, "failed"))))

    with copy_of(scene.database, maintenance) as copy:
        twin = scene.on(copy)
        ours, theirs = scene.run("resolve", FIRST, "--rolled-back"), twin.prisma_resolve(FIRST, "--rolled-back")
        rows, expected = scene.history(), twin.history()

    assert_prisma_says(theirs, 0, FIRST)
    assert_says(ours, 0, FIRST)
    assert rows == expected


def test_rolled_back_twice_changes_nothing_in_either(scene: PrismaScene) -> None:
    # Prisma's second answer is exit code 0; ours says that there is nothing to repair.
    prepared(scene, Case(rows=((FIRST, "rolled back"),)))
    before = scene.history()

    ours, theirs = scene.run("resolve", FIRST, "--rolled-back"), scene.prisma_resolve(FIRST, "--rolled-back")

    assert_prisma_says(theirs, 0, FIRST)
    assert_says(ours, 12, FIRST, "nothing to repair")
    assert scene.history() == before


def test_finished_row_that_somebody_rolled_back_by_hand_can_be_marked_as_applied_by_us_alone(
    scene: PrismaScene,
) -> None:
    # Prisma would run it again and refuses to mark it: a dead end that its own commands never lead to.
    prepared(scene, Case(rows=((FIRST, "finished and rolled back"), (SECOND, "applied"), (THIRD, "applied"))))

    theirs, ours = scene.prisma_resolve(FIRST, "--applied"), scene.run("resolve", FIRST, "--applied")

    assert_prisma_says(theirs, 1, "P3008")
    assert_says(ours, 0, FIRST)
    assert_prisma_says(scene.prisma_deploy(), 0, "No pending migrations to apply.")


# --- Projects that cannot be used ------------------------------------------------------------------------------


def test_folder_without_its_script_stops_us_before_and_prisma_when_its_turn_comes(scene: PrismaScene) -> None:
    scene.project({FIRST: SCRIPTS[FIRST], THIRD: SCRIPTS[THIRD]})
    (scene.root / "prisma" / "migrations" / SECOND).mkdir()

    ours = scene.deploy()
    assert_says(ours, 2, SECOND, UNTOUCHED)
    assert scene.is_untouched()

    assert_prisma_says(scene.prisma_deploy(), 1, "P3015")
    assert scene.names() == [FIRST]


def test_folder_that_lost_its_script_after_it_was_applied_stops_neither(scene: PrismaScene) -> None:
    scene.project(SCRIPTS)
    assert scene.deploy().exit_code == 0
    (scene.root / "prisma" / "migrations" / SECOND / "migration.sql").unlink()

    assert_prisma_says(scene.prisma_deploy(), 0, "No pending migrations to apply.")
    ours = scene.deploy()
    assert_nothing_pending(ours)
    assert f"{SECOND} is applied on the target but missing on disk" in ours.said


PROVIDERS = {
    "another database": 'provider = "mysql"\n',
    "no spaces": 'provider="postgresql"\n',
    "single quotes": "provider = 'postgresql'\n",
    "leading space": ' provider = "postgresql"\n',
    "windows line ends": '# generated\r\nprovider = "postgresql"\r\n',
    "the short name": 'provider = "postgres"\n',
    "no quotes": "provider = postgresql\n",
    "spaces behind": 'provider = "postgresql"  \n',
    "a comment behind": 'provider = "postgresql" # ours\n',
    "other words first": 'providers = []\nprovider = "postgresql"\n',
}


@pytest.mark.parametrize("text", PROVIDERS.values(), ids=PROVIDERS)
def test_lock_file_is_read_as_prisma_reads_it(scene: PrismaScene, text: str) -> None:
    scene.project({FIRST: SCRIPTS[FIRST]})
    scene.write("prisma/migrations/migration_lock.toml", text)

    theirs = scene.prisma_deploy()
    ours = scene.deploy()

    if theirs.exit_code == 0:
        assert_nothing_pending(ours)
    else:
        assert_prisma_says(theirs, 1, "P3019")
        assert_says(ours, 2, "migration_lock.toml", UNTOUCHED)


def test_project_without_a_lock_file_is_used_by_both(scene: PrismaScene) -> None:
    scene.project({FIRST: SCRIPTS[FIRST]})
    (scene.root / "prisma" / "migrations" / "migration_lock.toml").unlink()

    assert_says(scene.deploy(), 0, "1 migration applied")
    assert_prisma_says(scene.prisma_deploy(), 0, "No pending migrations to apply.")

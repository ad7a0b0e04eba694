"""A failure of one is understood by the other, and each can repair what the other left."""

import pytest

from tests.conformance.prisma_scene import (
    PrismaScene,
    assert_nothing_pending,
    assert_prisma_finds_nothing_pending,
    assert_prisma_says,
    copy_of,
)
from tests.end_to_end.scenes import assert_says
from tests.fixtures.database import TestDatabase

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

FIRST, SECOND, THIRD = "20240101_ferry", "20240202_broken", "20240303_later"
FERRY = "CREATE TABLE ferry (id integer);\n"
LATER = "CREATE TABLE later (id integer);\n"
ATOMIC = "CREATE TABLE deck (id integer);\nSELECT 1 / 0;\n"
HALF = "BEGIN;\nCREATE TABLE deck (id integer);\nCOMMIT;\nSELECT 1 / 0;\n"
MENDED = "CREATE TABLE deck (id integer);\n"
MARKS = pytest.mark.parametrize("mark", ["--rolled-back", "--applied"])


@pytest.fixture
def scene(scene: PrismaScene) -> PrismaScene:
    """A project whose first migration is applied by Drydock, and whose second one fails."""
    scene.project({FIRST: FERRY})
    assert scene.deploy().exit_code == 0
    scene.project({SECOND: ATOMIC, THIRD: LATER})
    return scene


def mend(scene: PrismaScene, mark: str) -> None:
    """What people do before they say `resolve`: undo the half, or complete it by hand; and mend the file."""
    text = "CREATE TABLE IF NOT EXISTS deck (id integer)" if mark == "--applied" else "DROP TABLE IF EXISTS deck"
    scene.database.execute(text)
    scene.migration(SECOND, MENDED)


def test_our_atomic_failure_leaves_nothing_and_prisma_fails_in_its_own_way(scene: PrismaScene) -> None:
    ours = scene.deploy()
    after_ours = scene.history()
    theirs = scene.prisma_deploy()

    assert_says(ours, 6, SECOND, "22012")
    assert [row[0] for row in after_ours] == [FIRST]
    assert (theirs.exit_code, "P3009" in theirs.stdout + theirs.stderr) == (1, False)
    ((name, _, logs, steps, finished, rolled_back, *_),) = scene.history()[1:]
    assert (name, steps, finished, rolled_back) == (SECOND, 0, False, False)
    assert "division by zero" in logs
    assert scene.database.tables() == {"ferry", "_prisma_migrations"}


def test_our_atomic_failure_is_no_obstacle_for_prisma_once_the_file_is_mended(scene: PrismaScene) -> None:
    assert scene.deploy().exit_code == 6
    scene.migration(SECOND, MENDED)

    assert_prisma_says(scene.prisma_deploy(), 0, SECOND, THIRD)

    assert scene.names() == [FIRST, SECOND, THIRD]
    assert_nothing_pending(scene.deploy())


@MARKS
def test_our_half_failure_keeps_prisma_out_until_prisma_resolves_it(scene: PrismaScene, mark: str) -> None:
    scene.migration(SECOND, HALF)

    ours = scene.deploy()
    blocked = scene.prisma_deploy()
    mend(scene, mark)
    resolved = scene.prisma_resolve(SECOND, mark)
    again = scene.deploy()

    assert_says(ours, 7, SECOND)
    assert_prisma_says(blocked, 1, "P3009", SECOND)
    assert_prisma_says(resolved, 0, SECOND)
    assert_says(again, 0, THIRD)
    assert scene.names() == [FIRST, SECOND, THIRD]
    assert scene.database.tables() == {"ferry", "deck", "later", "_prisma_migrations"}
    assert_prisma_finds_nothing_pending(scene.prisma_deploy())


@MARKS
def test_prisma_failure_stops_us_until_we_resolve_it_as_prisma_would(
    scene: PrismaScene, maintenance: TestDatabase, mark: str
) -> None:
    failed = scene.prisma_deploy()
    stopped = scene.deploy()
    mend(scene, mark)

    with copy_of(scene.database, maintenance) as copy:
        twin = scene.on(copy)
        ours, theirs = scene.run("resolve", SECOND, mark), twin.prisma_resolve(SECOND, mark)
        resolved, expected = scene.history(), twin.history()

    assert failed.exit_code == 1
    assert_says(stopped, 12, SECOND, f"drydock resolve {SECOND} {mark}")
    assert_says(ours, 0, SECOND)
    assert_prisma_says(theirs, 0, SECOND)
    assert resolved == expected
    assert_prisma_says(scene.prisma_deploy(), 0, THIRD)
    assert scene.names() == [FIRST, SECOND, THIRD]
    assert scene.database.tables() == {"ferry", "deck", "later", "_prisma_migrations"}


@MARKS
def test_resolving_our_half_failure_gives_the_rows_that_prisma_gives(
    scene: PrismaScene, maintenance: TestDatabase, mark: str
) -> None:
    scene.migration(SECOND, HALF)
    assert scene.deploy().exit_code == 7
    mend(scene, mark)

    with copy_of(scene.database, maintenance) as copy:
        twin = scene.on(copy)
        ours, theirs = scene.run("resolve", SECOND, mark), twin.prisma_resolve(SECOND, mark)
        resolved, expected = scene.history(), twin.history()

    assert_says(ours, 0, SECOND)
    assert_prisma_says(theirs, 0, SECOND)
    assert resolved == expected
    assert_prisma_says(scene.prisma_deploy(), 0, THIRD)
    assert scene.names() == [FIRST, SECOND, THIRD]


def test_half_failure_statement_by_statement_keeps_prisma_out_and_goes_on_when_mended(scene: PrismaScene) -> None:
    scene.migration(SECOND, "CREATE TABLE deck (id integer);\nCREATE INDEX CONCURRENTLY deck_id ON deck (missing);\n")

    ours = scene.deploy("--prisma-mode", "statement")
    blocked = scene.prisma_deploy()
    scene.migration(SECOND, "CREATE TABLE deck (id integer);\nCREATE INDEX CONCURRENTLY deck_id ON deck (id);\n")
    again = scene.deploy("--prisma-mode", "statement")

    assert_says(ours, 7, SECOND)
    assert_prisma_says(blocked, 1, "P3009", SECOND)
    assert_says(again, 0, SECOND, THIRD)
    assert scene.names() == [FIRST, SECOND, THIRD]
    assert_prisma_finds_nothing_pending(scene.prisma_deploy())


def test_progress_of_an_attempt_that_was_rolled_back_is_not_taken_for_that_of_prismas_next(scene: PrismaScene) -> None:
    # Prisma sends the file as one message: of its failed attempt nothing is left.
    scene.migration(SECOND, "CREATE TABLE deck (id integer);\nDROP INDEX CONCURRENTLY missing;\n")
    assert_says(scene.deploy("--prisma-mode", "statement"), 7, SECOND)
    scene.database.execute("DROP TABLE deck")
    assert_prisma_says(scene.prisma_resolve(SECOND, "--rolled-back"), 0, SECOND)
    assert scene.prisma_deploy().exit_code == 1
    assert "deck" not in scene.database.tables()
    scene.migration(SECOND, "CREATE TABLE deck (id integer);\nDROP INDEX CONCURRENTLY IF EXISTS missing;\n")

    ours = scene.deploy("--prisma-mode", "statement")

    assert ours.exit_code == 12 or "deck" in scene.database.tables(), ours.said


def test_failed_migration_that_is_gone_from_disk_stops_both(scene: PrismaScene) -> None:
    scene.record("20240201_gone", logs="it broke")

    assert_says(scene.deploy(), 12, "20240201_gone")
    assert_prisma_says(scene.prisma_deploy(), 1, "P3009", "20240201_gone")


def test_byte_order_mark_that_prisma_fails_on_is_dropped_by_us_and_prisma_agrees_afterwards(
    scene: PrismaScene, maintenance: TestDatabase
) -> None:
    scene.migration(SECOND, b"\xef\xbb\xbf" + MENDED.encode())

    with copy_of(scene.database, maintenance) as copy:
        alone = scene.on(copy).prisma_deploy()
    ours = scene.deploy()
    after = scene.prisma_deploy()

    assert alone.exit_code == 1
    assert_says(ours, 0, SECOND, THIRD)
    assert_prisma_finds_nothing_pending(after)
    assert_nothing_pending(scene.deploy("--history-edited", "stop"))

"""Each side's lock keeps the other out."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conformance.prisma_scene import (
    TOOL_LOCK,
    PrismaScene,
    assert_nothing_pending,
    assert_prisma_finds_nothing_pending,
    assert_prisma_says,
)
from tests.end_to_end.faults import holding, until
from tests.end_to_end.scenes import UNREHEARSED, UNTOUCHED, assert_says
from tests.fixtures.program import started

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

SLOW = "20240101_slow"
SECONDS = 4
SLOW_SCRIPT = f"CREATE TABLE ferry (id integer);\nSELECT pg_sleep({SECONDS});\n"


def wait_until_runs(scene: PrismaScene, text: str) -> None:
    """Return when a session runs a script that holds `text`."""
    query = "SELECT FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND query LIKE %s"
    until(lambda: bool(scene.database.rows(query, f"%{text}%")))


def waiters(scene: PrismaScene) -> int:
    """How many sessions stand waiting for the tool's lock."""
    held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted"
    return int(scene.database.value(held, TOOL_LOCK))


def test_both_give_up_when_the_lock_is_not_free_in_time(scene: PrismaScene, beside: ThreadPoolExecutor) -> None:
    scene.project({SLOW: SLOW_SCRIPT})

    with holding(scene.database, f"SELECT pg_advisory_lock({TOOL_LOCK})"):
        prisma = beside.submit(scene.prisma_deploy)
        ours = scene.deploy("--mutex-wait", "2s")
        theirs = prisma.result()

    assert_says(ours, 8, UNTOUCHED, "Run again")
    assert_prisma_says(theirs, 1, "P1002", str(TOOL_LOCK))
    assert "ferry" not in scene.database.tables()


def test_prisma_waits_for_our_deploy_and_then_finds_nothing_pending(scene: PrismaScene) -> None:
    scene.project({SLOW: SLOW_SCRIPT})

    with started(*UNREHEARSED, cwd=scene.root, env=scene.environment()) as running:
        wait_until_runs(scene, "pg_sleep")
        theirs = scene.prisma_deploy()
        ours = running.finished()

    assert_says(ours, 0, "1 migration applied")
    assert_prisma_finds_nothing_pending(theirs)
    assert scene.names() == [SLOW]


def test_we_wait_for_prismas_deploy_and_then_find_nothing_pending(
    scene: PrismaScene, beside: ThreadPoolExecutor
) -> None:
    scene.project({SLOW: SLOW_SCRIPT})

    prisma = beside.submit(scene.prisma_deploy)
    wait_until_runs(scene, "pg_sleep")
    ours = scene.deploy()
    theirs = prisma.result()

    assert_prisma_says(theirs, 0, SLOW)
    assert_nothing_pending(ours)
    assert "Waiting for the migration tool's own run" in ours.said
    assert scene.names() == [SLOW]


def test_our_concurrent_index_is_not_the_victim_of_prismas_waiting(scene: PrismaScene) -> None:
    first, second = "20240101_ferry", "20240202_index"
    scene.project({first: "CREATE TABLE ferry (id integer);\n"})
    assert scene.deploy().exit_code == 0
    scene.project({second: "CREATE INDEX CONCURRENTLY ferry_id ON ferry (id);\n"})

    with (
        holding(scene.database, "LOCK TABLE ferry IN ROW EXCLUSIVE MODE") as other,
        started(*UNREHEARSED, cwd=scene.root, env=scene.environment()) as running,
    ):
        wait_until_runs(scene, "CREATE INDEX CONCURRENTLY")
        theirs = scene.prisma_deploy()
        other.rollback()
        ours = running.finished()

    # The lock is free for the length of that statement; the open row keeps Prisma out.
    assert_prisma_says(theirs, 1, "P3009", second)
    assert_says(ours, 0, "1 migration applied")
    assert scene.names() == [first, second]
    assert_prisma_finds_nothing_pending(scene.prisma_deploy())


@pytest.mark.parametrize("command", ["status", "check"])
def test_looking_needs_no_lock(scene: PrismaScene, command: str) -> None:
    scene.project({SLOW: SLOW_SCRIPT})

    with holding(scene.database, f"SELECT pg_advisory_lock({TOOL_LOCK})"):
        ran = scene.run(command, "--rehearse", "none", "--mutex-wait", "1s")

    assert_says(ran, 3 if command == "status" else 0, SLOW)


@pytest.mark.parametrize("mark", ["--applied", "--rolled-back"])
def test_resolve_of_both_waits_for_the_lock(scene: PrismaScene, beside: ThreadPoolExecutor, mark: str) -> None:
    scene.create_history()
    scene.project({SLOW: SLOW_SCRIPT})
    scene.record(SLOW)

    with holding(scene.database, f"SELECT pg_advisory_lock({TOOL_LOCK})") as other:
        prisma = beside.submit(scene.prisma_resolve, SLOW, mark)
        ours = scene.run("resolve", SLOW, mark, "--mutex-wait", "1s")
        until(lambda: waiters(scene) == 1)
        other.rollback()
        other.execute("SELECT pg_advisory_unlock_all()")
        theirs = prisma.result()

    assert_says(ours, 8, UNTOUCHED)
    assert_prisma_says(theirs, 0, SLOW)

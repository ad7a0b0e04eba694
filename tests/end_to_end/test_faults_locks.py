"""Locks that others hold: Drydock gives way, tries again, and in the end names who is in the way."""

import threading
from pathlib import Path

import pytest

from tests.end_to_end.faults import (
    IMPATIENT,
    TWO,
    FaultScene,
    assert_only,
    assert_said,
    holding,
    result_in,
    scene_of,
    until,
)
from tests.fixtures.database import TestDatabase

PRISMA_LOCK = 72707369
BUSY = "CREATE TABLE traffic (id int)"
DISARMED = {
    "1_users": "SET lock_timeout = 0;\nCREATE TABLE users (id int);",
    "2_posts": "CREATE TABLE posts (id int);\nALTER TABLE traffic ADD COLUMN note text;",
    "3_tags": "CREATE TABLE tags (id int);",
}


@pytest.fixture
def scene(tmp_path: Path, database: TestDatabase) -> FaultScene:
    made = scene_of(tmp_path, database, {"0_traffic": f"{BUSY};"})
    assert made.deploy().exit_code == 0
    for name, script in DISARMED.items():
        made.write(name, script)
    return made


def test_held_lock_is_given_way_to_though_a_file_switched_the_limit_off(
    scene: FaultScene, database: TestDatabase
) -> None:
    with holding(database, "LOCK TABLE traffic IN ACCESS SHARE MODE", application="nightly report") as other:
        ran = scene.deploy(*IMPATIENT, "--retries", "3", "--report-json", "result.json")
        pid = other.info.backend_pid

    assert_said(ran, 8, "2_posts failed: 55P03", "1 migration applied before", "Rolled back", "attempt 4")
    assert_said(ran, 8, f"pid {pid}", "nightly report", "Run again")
    assert result_in(scene.root)["verdict"]["exit_code"] == 8
    assert_only(scene, "0_traffic", "1_users")


def test_lock_that_is_released_in_time_costs_only_attempts(scene: FaultScene, database: TestDatabase) -> None:
    with holding(database, "LOCK TABLE traffic IN ACCESS SHARE MODE") as other, scene.deploying(*IMPATIENT) as running:
        running.wait_for("gave way to other sessions (lock not available")
        other.rollback()
        ran = running.finished()

    assert_said(ran, 0, "3 migrations applied", "2_posts in", "attempt 2")
    assert_only(scene, "0_traffic", *DISARMED)


def test_deadlock_is_tried_again(scene: FaultScene, database: TestDatabase) -> None:
    database.execute("CREATE TABLE other (id int)")
    scene.write("2_posts", "CREATE TABLE posts (id int); LOCK TABLE traffic; LOCK TABLE other;")

    with holding(database, "LOCK TABLE other") as other, scene.deploying("--lock-timeout", "30s") as running:
        scene.wait_until_runs("CREATE TABLE posts", blocked=True)
        other.execute("SET deadlock_timeout = '60s'")
        other.execute("LOCK TABLE traffic")
        running.wait_for("gave way to other sessions (deadlock detected")
        other.rollback()
        ran = running.finished()

    assert_said(ran, 0, "3 migrations applied", "attempt 2")
    assert_only(scene, "0_traffic", *DISARMED)


def test_lock_of_the_tool_is_waited_for_and_its_holder_named(scene: FaultScene, database: TestDatabase) -> None:
    with holding(database, f"SELECT pg_advisory_lock({PRISMA_LOCK})", application="prisma cli") as other:
        ran = scene.deploy("--mutex-wait", "2s")
        pid = other.info.backend_pid
        other.execute(f"SELECT pg_advisory_unlock({PRISMA_LOCK})")

    assert_said(ran, 8, "Waiting for the migration tool's own run", f"pid {pid}", "prisma cli", "not touched")
    assert_said(ran, 8, "Run again")
    assert 2 < ran.seconds < 15
    assert_only(scene, "0_traffic")


def test_lock_of_the_tool_that_is_released_in_time_lets_us_go_on(scene: FaultScene, database: TestDatabase) -> None:
    take = f"SELECT pg_advisory_lock({PRISMA_LOCK})"

    with holding(database, take) as other, scene.deploying() as running:
        running.wait_for("Waiting for the migration tool's own run")
        other.execute(f"SELECT pg_advisory_unlock({PRISMA_LOCK})")
        ran = running.finished()

    assert_said(ran, 0, "3 migrations applied")


def test_tool_that_blocks_for_its_lock_is_no_deadlock_for_a_concurrent_index(
    tmp_path: Path, database: TestDatabase
) -> None:
    index = "CREATE INDEX CONCURRENTLY users_id ON users (id);"
    scene = scene_of(tmp_path, database, {**TWO, "3_users_id": index, "4_last": "CREATE TABLE last (id int);"})
    scene.write("2_posts", "CREATE TABLE posts (id int); SELECT pg_sleep(1.5);")
    got_it = threading.Event()

    def block() -> None:
        with database.connect() as session:
            session.execute(f"SELECT pg_advisory_lock({PRISMA_LOCK})")
            got_it.set()

    with scene.deploying() as running:
        scene.wait_until_runs("CREATE TABLE posts")
        waiter = threading.Thread(target=block)
        waiter.start()
        until(lambda: bool(database.rows("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")))
        ran = running.finished()
        waiter.join(timeout=10)

    assert_said(ran, 0, "4 migrations applied")
    assert "attempt" not in ran.said
    assert got_it.is_set()
    assert_only(scene, "1_users", "2_posts", "3_users_id", "4_last")


def test_statement_timeout_of_ours_holds_in_every_file(scene: FaultScene) -> None:
    scene.write("1_users", "SET statement_timeout = 0;\nCREATE TABLE users (id int);")
    scene.write("2_posts", "CREATE TABLE posts (id int);\nSELECT pg_sleep(30);")

    ran = scene.deploy("--statement-timeout", "300ms")

    assert_said(ran, 6, "57014", "2_posts/migration.sql:2", "Rolled back")
    assert ran.seconds < 10
    assert_only(scene, "0_traffic", "1_users")

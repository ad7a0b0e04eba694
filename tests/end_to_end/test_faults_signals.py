"""SIGTERM and SIGINT: cancelled, rolled back, reported, and gone within the seconds that a container is given."""

import signal
from pathlib import Path

import pytest

from tests.end_to_end.faults import (
    BY_STATEMENT,
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
from tests.fixtures.kept import free_port
from tests.fixtures.program import Ran, Running

SLOW = "CREATE TABLE posts (id int);\nSELECT pg_sleep(60);"
CODES = {signal.SIGTERM: 143, signal.SIGINT: 130}
WITHIN = 7.0
INDEX = "CREATE INDEX CONCURRENTLY users_id ON users (id);"


@pytest.fixture
def scene(tmp_path: Path, database: TestDatabase) -> FaultScene:
    return scene_of(tmp_path, database, TWO)


def interrupted(running: Running, number: signal.Signals = signal.SIGTERM) -> Ran:
    """Send the signal; the end must come in time."""
    running.signal(number)
    return running.finished(WITHIN)


@pytest.mark.parametrize("number", CODES, ids=lambda number: number.name)
def test_signal_in_a_long_statement_rolls_it_back(scene: FaultScene, number: signal.Signals) -> None:
    scene.write("2_posts", SLOW)

    with scene.deploying("--report-json", "result.json") as running:
        scene.wait_until_runs("pg_sleep")
        ran = interrupted(running, number)

    assert_said(
        ran, CODES[number], "INTERRUPTED", f"signal {number.value} during 2_posts", "1 migration applied before"
    )
    assert_said(ran, CODES[number], "Rolled back", "The target is clean", "Run again")
    assert result_in(scene.root)["verdict"]["exit_code"] == CODES[number]
    assert_only(scene, "1_users")
    assert scene.database.value("SELECT outcome FROM drydock.deploys").startswith("Interrupted by signal")
    assert not scene.database.rows("SELECT FROM pg_stat_activity WHERE application_name = 'drydock'")


def test_signal_in_a_careful_statement_keeps_what_is_done_and_says_so(scene: FaultScene) -> None:
    scene.write("2_posts", f"{TWO['2_posts']}\n{INDEX}\nSELECT pg_sleep(60);")

    with scene.deploying(*BY_STATEMENT) as running:
        scene.wait_until_runs("pg_sleep")
        ran = interrupted(running)

    assert_said(ran, 7, "signal 15 during 2_posts", "Statements 1 to 2 are in effect", "goes on at statement 3")
    assert scene.rows() == [("1_users", "applied"), ("2_posts", "open")]
    scene.write("2_posts", f"{TWO['2_posts']}\n{INDEX}\nSELECT 1;")
    assert_said(scene.deploy(*BY_STATEMENT), 0, "1 migration applied")
    assert_only(scene, "1_users", "2_posts")


def test_signal_in_a_whole_file_that_was_one_transaction_leaves_nothing(scene: FaultScene) -> None:
    scene.write("2_posts", f"BEGIN;\n{SLOW}\nCOMMIT;")

    with scene.deploying() as running:
        scene.wait_until_runs("pg_sleep")
        ran = interrupted(running)

    assert_said(ran, 143, "signal 15 during 2_posts", "no history row is left", "The target is clean")
    assert_only(scene, "1_users")


@pytest.mark.parametrize(
    ("held", "code"),
    [("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT 1", 143), ("LOCK TABLE users IN ROW EXCLUSIVE MODE", 7)],
    ids=["an old snapshot", "a lock on the table"],
)
def test_signal_in_a_blocked_concurrent_index(scene: FaultScene, database: TestDatabase, held: str, code: int) -> None:
    assert scene.deploy().exit_code == 0
    scene.write("3_users_id", INDEX)

    with holding(database, held), scene.deploying() as running:
        scene.wait_until_runs("CREATE INDEX", blocked=True)
        ran = interrupted(running)

    assert_said(ran, code, "signal 15 during 3_users_id")
    if code == 143:
        assert_only(scene, "1_users", "2_posts")
        assert scene.invalid_indexes() == []
    else:
        assert_said(ran, 7, "invalid index public.users_id is left", "goes on at statement 1")
        assert scene.rows()[-1] == ("3_users_id", "open")
    assert_said(scene.deploy(), 0, "1 migration applied")
    assert_only(scene, "1_users", "2_posts", "3_users_id")
    assert scene.invalid_indexes() == []


def test_signal_while_waiting_for_the_mutex(scene: FaultScene) -> None:
    scene.write("1_users", "CREATE TABLE users (id int);\nSELECT pg_sleep(60);")

    with scene.deploying() as first:
        scene.wait_until_runs("pg_sleep")
        with scene.deploying() as second:
            second.wait_for("Waiting for another Drydock")
            ran = interrupted(second)
        interrupted(first)

    assert_said(ran, 143, "Interrupted by signal 15", "not touched", "Run again")
    assert_only(scene)


def test_signal_while_waiting_for_the_tools_lock_between_two_migrations(
    scene: FaultScene, database: TestDatabase
) -> None:
    # The tool blocks for its lock; we let it through for the index, and then it keeps the lock.
    scene.write("2_posts", "CREATE TABLE posts (id int);\nSELECT pg_sleep(1);")
    scene.write("3_users_id", INDEX)
    scene.write("4_last", "CREATE TABLE last (id int);")

    with scene.deploying() as running, database.connect() as tool:
        scene.wait_until_runs("pg_sleep")
        tool.execute("SELECT pg_advisory_lock(72707369)")
        running.wait_for("Waiting for the migration tool's own run")
        ran = interrupted(running)

    assert_said(ran, 143, "Stopped between two migrations", "3 migrations applied before", "The target is clean")
    assert_only(scene, "1_users", "2_posts", "3_users_id")


def test_signal_while_waiting_for_the_database(scene: FaultScene, database: TestDatabase) -> None:
    nobody = database.at(free_port())

    with scene.through(nobody.url).deploying() as running:
        running.wait_for("does not answer yet")
        ran = interrupted(running)

    assert_said(ran, 143, "Interrupted by signal 15", "not touched", "Run again")


def test_signal_in_a_pause_between_two_attempts(scene: FaultScene, database: TestDatabase) -> None:
    assert scene.deploy().exit_code == 0
    scene.write("3_last", "CREATE TABLE last (id int); ALTER TABLE users ADD note text;")
    pauses = ("--retry-pause-min", "20s", "--retry-pause-max", "20s")

    with (
        holding(database, "LOCK TABLE users IN ACCESS SHARE MODE"),
        scene.deploying(*IMPATIENT[:2], *pauses) as running,
    ):
        running.wait_for("gave way")
        ran = interrupted(running)

    assert_said(ran, 143, "signal 15 during 3_last", "Rolled back", "The target is clean")
    assert_only(scene, "1_users", "2_posts")


def test_signal_between_two_migrations_is_seen_before_the_next(scene: FaultScene) -> None:
    scene.write("1_users", "CREATE TABLE users (id int); SELECT pg_sleep(1);")
    scene.write("2_posts", SLOW)

    with scene.deploying() as running:
        scene.wait_until_runs("CREATE TABLE users")
        running.signal(signal.SIGTERM)
        ran = running.finished(WITHIN)

    assert_said(ran, 143)
    assert scene.applied() == scene.made()
    assert "2_posts" not in scene.applied()


def test_the_same_signal_by_another_way_changes_nothing(scene: FaultScene, database: TestDatabase) -> None:
    assert scene.deploy().exit_code == 0
    scene.write("3_users_id", INDEX)

    with holding(database, "LOCK TABLE users IN ROW EXCLUSIVE MODE"), scene.deploying() as running:
        scene.wait_until_runs("CREATE INDEX", blocked=True)
        running.signal(signal.SIGTERM)
        until(lambda: not running_index(database))
        running.signal(signal.SIGTERM)
        ran = running.finished(WITHIN)

    assert_said(ran, 7, "Interrupted by signal 15", "The invalid index public.users_id is left")
    assert scene.rows()[-1] == ("3_users_id", "open")
    assert_said(scene.deploy(), 0, "1 migration applied")
    assert_only(scene, "1_users", "2_posts", "3_users_id")


def running_index(database: TestDatabase) -> bool:
    """Whether an index is being built."""
    return bool(database.rows("SELECT FROM pg_stat_progress_create_index WHERE datname = current_database()"))

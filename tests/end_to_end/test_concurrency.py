"""Several Drydocks at once, and one that comes while the remains of another still work."""

import contextlib
from pathlib import Path

import pytest

from tests.end_to_end.faults import TWO, FaultScene, assert_only, assert_said, holding, scene_of, until
from tests.fixtures.database import TestDatabase
from tests.fixtures.proxy import Containing, Hold, Proxied


@pytest.fixture
def scene(tmp_path: Path, database: TestDatabase) -> FaultScene:
    return scene_of(tmp_path, database, TWO)


@pytest.mark.slow
def test_of_ten_at_once_one_applies_and_all_end_well(scene: FaultScene) -> None:
    scene.write("3_users_id", "CREATE INDEX CONCURRENTLY users_id ON users (id);")

    with contextlib.ExitStack() as stack:
        all_of_them = [stack.enter_context(scene.deploying()) for _ in range(10)]
        ended = [running.finished() for running in all_of_them]

    assert [ran.exit_code for ran in ended] == [0] * 10, "\n".join(ran.said for ran in ended)
    assert sum("3 migrations applied (" in ran.said for ran in ended) == 1
    assert_only(scene, "1_users", "2_posts", "3_users_id")


def test_mutex_that_is_not_free_in_time_names_its_holder(scene: FaultScene) -> None:
    scene.write("2_posts", "CREATE TABLE posts (id int); SELECT pg_sleep(60);")

    with scene.deploying() as first:
        scene.wait_until_runs("CREATE TABLE posts")
        ran = scene.deploy("--mutex-wait", "1s")
        first.kill()

    assert_said(ran, 8, "Waiting for another Drydock", "drydock control", "not touched", "Run again")
    until(lambda: not scene.database.rows("SELECT FROM pg_stat_activity WHERE application_name = 'drydock control'"))


def test_killed_before_it_heard_of_the_commit_leaves_nothing_to_do(
    scene: FaultScene, database: TestDatabase, proxied: Proxied
) -> None:
    proxy = proxied(database, Hold(at=Containing(b"CREATE TABLE posts")))

    with scene.through(proxy.url).deploying() as running:
        proxy.wait_until_held()
        killed = running.kill()

    assert killed.exit_code == -9
    assert_only(scene, "1_users", "2_posts")
    assert_said(scene.deploy(), 0, "UP TO DATE")
    assert_only(scene, "1_users", "2_posts")


def test_run_after_a_kill_waits_for_the_old_backend(scene: FaultScene) -> None:
    scene.write("2_posts", "CREATE TABLE posts (id int); SELECT pg_sleep(3);")

    with scene.deploying() as first:
        scene.wait_until_runs("CREATE TABLE posts")
        first.kill()
    ran = scene.deploy()

    assert_said(ran, 0, "Waiting for the migration tool's own run", "drydock, active")
    assert_only(scene, "1_users", "2_posts")


def test_killed_in_a_statement_leaves_it_pending(scene: FaultScene, database: TestDatabase) -> None:
    scene.write("2_posts", "CREATE TABLE posts (id int); SELECT pg_sleep(60);")

    with scene.deploying() as running:
        pid = scene.wait_until_runs("CREATE TABLE posts")
        running.kill()
    database.execute("SELECT pg_terminate_backend(%s)", pid)
    scene.write("2_posts", TWO["2_posts"])

    assert_said(scene.deploy(), 0, "1 migration applied")
    assert_only(scene, "1_users", "2_posts")


def test_killed_in_a_concurrent_index_is_waited_for_and_gone_on_with(scene: FaultScene, database: TestDatabase) -> None:
    assert scene.deploy().exit_code == 0
    scene.write("3_users_id", "CREATE INDEX CONCURRENTLY users_id ON users (id);")

    with holding(database, "LOCK TABLE users IN ROW EXCLUSIVE MODE") as other:
        with scene.deploying() as first:
            scene.wait_until_runs("CREATE INDEX CONCURRENTLY", blocked=True)
            first.kill()
        with scene.deploying() as second:
            second.wait_for("Waiting for the last statement of a run that was killed")
            other.rollback()
            ran = second.finished()

    assert_said(ran, 0, "1 migration applied", "3_users_id in")
    assert_only(scene, "1_users", "2_posts", "3_users_id")
    assert scene.invalid_indexes() == []


def test_killed_with_its_concurrent_index_leaves_an_invalid_one_that_is_mended(
    scene: FaultScene, database: TestDatabase
) -> None:
    assert scene.deploy().exit_code == 0
    scene.write("3_users_id", "CREATE INDEX CONCURRENTLY users_id ON users (id);")

    with holding(database, "LOCK TABLE users IN ROW EXCLUSIVE MODE"), scene.deploying() as first:
        pid = scene.wait_until_runs("CREATE INDEX CONCURRENTLY", blocked=True)
        first.kill()
        database.execute("SELECT pg_terminate_backend(%s)", pid)
        until(lambda: not database.rows("SELECT FROM pg_stat_activity WHERE pid = %s", pid))
        assert scene.invalid_indexes() == ["users_id"]
        assert scene.rows()[-1] == ("3_users_id", "open")
    ran = scene.deploy()

    assert_said(ran, 0, "1 migration applied", "3_users_id in")
    assert_only(scene, "1_users", "2_posts", "3_users_id")
    assert scene.invalid_indexes() == []


def test_killed_in_a_careful_statement_does_not_run_it_twice(scene: FaultScene, database: TestDatabase) -> None:
    scene.write("1_users", "CREATE TABLE users (id int); INSERT INTO users VALUES (0);")
    careful = ("CREATE INDEX CONCURRENTLY users_id ON users (id)", "UPDATE users SET id = id + slow()", "SELECT 1")
    scene.write("3_users_id", ";\n".join(careful))
    slow = "SELECT 1 FROM pg_sleep(3)"
    scene.write("2_posts", f"{TWO['2_posts']} CREATE FUNCTION slow() RETURNS int LANGUAGE sql AS '{slow}';")

    with scene.deploying("--prisma-mode", "statement") as first:
        scene.wait_until_runs("UPDATE users")
        first.kill()
    ran = scene.deploy("--prisma-mode", "statement")

    assert_said(ran, 0, "Waiting for the", "1 migration applied")
    assert database.value("SELECT id FROM users") == 1
    assert_only(scene, "1_users", "2_posts", "3_users_id")

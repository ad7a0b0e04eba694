"""`drydock wait`: a pod that must not migrate starts when somebody else has."""

import signal
from pathlib import Path

import pytest

from tests.end_to_end.faults import FaultScene, assert_only, assert_said, scene_of
from tests.fixtures.database import TestDatabase
from tests.fixtures.program import run, started

END_OTHER_SESSIONS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
USERS = {"1_users": "CREATE TABLE users (id int);"}


@pytest.fixture
def scene(tmp_path: Path, database: TestDatabase) -> FaultScene:
    """A project with one migration, on a target without any."""
    return scene_of(tmp_path, database, USERS)


def environment(scene: FaultScene) -> dict[str, str]:
    """Where the target is."""
    return {"DATABASE_URL": scene.address}


def test_wait_ends_at_once_where_nothing_is_pending(scene: FaultScene) -> None:
    assert scene.deploy().exit_code == 0

    ran = run("wait", cwd=scene.root, env=environment(scene))

    assert_said(ran, 0, "UP TO DATE", "Nothing pending")


def test_wait_ends_when_another_has_deployed_and_itself_changes_nothing(scene: FaultScene) -> None:
    with started("wait", cwd=scene.root, env=environment(scene)) as waiting:
        waiting.wait_for("Waiting for 1 migration: 1_users.")
        assert_only(scene)
        assert scene.deploy().exit_code == 0
        ran = waiting.finished(20)

    assert_said(ran, 0, "UP TO DATE")
    assert_only(scene, "1_users")


def test_wait_that_runs_out_of_time_says_what_is_missing(scene: FaultScene) -> None:
    ran = run("wait", "--wait-limit", "1s", cwd=scene.root, env=environment(scene))

    assert_said(ran, 3, "After 1s the target still lacks 1 migration: 1_users", "status --log")
    assert_only(scene)


def test_wait_is_not_over_while_a_migration_is_begun_and_not_finished(
    scene: FaultScene, database: TestDatabase
) -> None:
    assert scene.deploy().exit_code == 0
    database.execute("UPDATE _prisma_migrations SET finished_at = NULL, applied_steps_count = 0")

    ran = run("wait", "--wait-limit", "1s", cwd=scene.root, env=environment(scene))

    assert_said(ran, 3, "1_users")


def test_pod_of_an_older_image_does_not_wait_for_newer_migrations(scene: FaultScene) -> None:
    scene.write("2_posts", "CREATE TABLE posts (id int);")
    assert scene.deploy().exit_code == 0
    (scene.root / "prisma" / "migrations" / "2_posts" / "migration.sql").unlink()
    (scene.root / "prisma" / "migrations" / "2_posts").rmdir()

    ran = run("wait", cwd=scene.root, env=environment(scene))

    assert_said(ran, 0, "UP TO DATE")


def test_wait_outlives_a_lost_connection(scene: FaultScene, database: TestDatabase) -> None:
    with started("wait", cwd=scene.root, env=environment(scene)) as waiting:
        waiting.wait_for("Waiting for 1 migration")
        database.execute(END_OTHER_SESSIONS)
        waiting.wait_for("The connection to the target was lost")
        assert scene.deploy().exit_code == 0
        ran = waiting.finished(20)

    assert_said(ran, 0, "UP TO DATE")


def test_wait_for_a_database_that_never_answers_is_unreachable(scene: FaultScene) -> None:
    nowhere = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}

    ran = run("wait", "--wait-limit", "1s", "--wait-for-database", "1s", cwd=scene.root, env=nowhere)

    assert_said(ran, 9, "does not answer")


def test_signal_ends_the_wait(scene: FaultScene) -> None:
    with started("wait", cwd=scene.root, env=environment(scene)) as waiting:
        waiting.wait_for("Waiting for 1 migration")
        waiting.signal(signal.SIGTERM)
        ran = waiting.finished(7)

    assert_said(ran, 143, "INTERRUPTED")

"""PgBouncer before the target: fine in session mode; in transaction mode session locks and settings do not hold."""

from pathlib import Path

import pytest

from tests.end_to_end.faults import TWO, FaultScene, assert_only, assert_said, scene_of
from tests.fixtures.database import TestDatabase
from tests.fixtures.pgbouncer import Pooled

pytestmark = pytest.mark.pgbouncer
CAREFUL = {**TWO, "3_users_id": "CREATE INDEX CONCURRENTLY users_id ON users (id);"}


@pytest.fixture
def scene(tmp_path: Path, database: TestDatabase) -> FaultScene:
    return scene_of(tmp_path, database, CAREFUL)


def test_session_pooling_works(scene: FaultScene, database: TestDatabase, pooled: Pooled) -> None:
    seen = pooled(database, "session")

    ran = scene.through(seen.url).deploy()

    assert_said(ran, 0, "3 migrations applied")
    assert_only(scene, *CAREFUL)


def test_transaction_pooling_is_refused_before_anything_is_touched(
    scene: FaultScene, database: TestDatabase, pooled: Pooled
) -> None:
    seen = pooled(database, "transaction")

    ran = scene.through(seen.url).deploy()

    assert_said(ran, 2, "transaction (or statement) mode", "not touched", "direct_url", "DRYDOCK_DIRECT_URL")
    assert_only(scene)
    assert database.value("SELECT to_regclass('public._prisma_migrations')") is None
    assert database.value("SELECT to_regnamespace('drydock')") is None


def test_direct_url_leads_past_transaction_pooling(scene: FaultScene, database: TestDatabase, pooled: Pooled) -> None:
    seen = pooled(database, "transaction")

    ran = scene.through(seen.url).deploy("--direct-url", database.url)

    assert_said(ran, 0, "3 migrations applied")
    assert_only(scene, *CAREFUL)


def test_lost_answer_behind_session_pooling_is_looked_up(
    scene: FaultScene, database: TestDatabase, pooled: Pooled
) -> None:
    seen = pooled(database, "session")
    end = "SELECT pg_terminate_backend(pg_backend_pid());"
    scene.write("2_posts", f"CREATE TABLE posts (id int); {end}")

    ran = scene.through(seen.url).deploy()

    assert ran.exit_code in (6, 9), ran.said
    assert_said(ran, ran.exit_code, "2_posts", "1 migration applied before")
    assert_only(scene, "1_users")

"""`drydock status --log`: who deployed what, from the audit table."""

from pathlib import Path

import pytest

from tests.end_to_end.scenes import Scene
from tests.fixtures.database import TestDatabase
from tests.fixtures.projects import flat_project


@pytest.fixture
def log_scene(tmp_path: Path, database: TestDatabase) -> Scene:
    flat_project(tmp_path, {"1_users.sql": "CREATE TABLE users (id int);", "2_bad.sql": "SELECT 1/0;"})
    return Scene(root=tmp_path, database=database)


def test_log_tells_each_deploy_newest_first(log_scene: Scene) -> None:
    assert log_scene.deploy("--commit", "abc123").exit_code == 6
    log_scene.write("migrations/2_bad.sql", "SELECT 1;")
    assert log_scene.deploy("--environment", "staging").exit_code == 0

    log = log_scene.result("status", "--log")["log"]

    assert [(each["planned"], each["applied"], each["environment"], each["revision"]) for each in log] == [
        (1, 1, "staging", None),
        (2, 1, None, "abc123"),
    ]
    assert log[0]["outcome"] == "1 migration applied."
    assert "2_bad.sql failed: 22012" in log[1]["outcome"]


def test_log_without_an_audit_table_is_empty(log_scene: Scene) -> None:
    ran = log_scene.run("status", "--log")

    assert ran.exit_code == 3
    assert "Deploys: none recorded" in ran.stdout
    assert log_scene.result("status")["log"] is None

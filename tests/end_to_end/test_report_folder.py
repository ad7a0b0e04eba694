"""`--report-dir`: the report in every format, as a run leaves it behind."""

import json
from xml.etree import ElementTree as ET

import pytest

from tests.end_to_end.scenes import Scene, assert_says
from tests.fixtures.projects import flat_project

BROKEN = {
    "1_users.sql": "CREATE TABLE users (email text);\nINSERT INTO users VALUES ('ann@x.example'), ('ann@x.example');",
    "2_unique.sql": "SELECT 1;\nCREATE UNIQUE INDEX users_email ON users (email);",
    "3_never.sql": "SELECT 1;",
}
CI = {
    "GITHUB_SERVER_URL": "https://github.example",
    "GITHUB_REPOSITORY": "acme/shop",
    "GITHUB_SHA": "8c3b1f0aa1d2e3f4",
    "GITHUB_RUN_ID": "77",
}


def test_every_format_tells_the_same_failure(scene: Scene) -> None:
    flat_project(scene.root, BROKEN)

    ran = scene.deploy("--report-dir", "out/reports", env={**CI, "GITHUB_WORKSPACE": str(scene.root)})

    assert_says(ran, 6, "23505")
    folder = scene.root / "out/reports"
    texts = {path.name: path.read_text("utf-8") for path in folder.iterdir()}
    assert set(texts) == {"report.md", "report.json", "junit.xml", "gl-code-quality.json"}
    assert texts["report.md"].startswith("### ❌ FAILED: Migration 2_unique.sql failed: 23505 unique violation")
    source = "https://github.example/acme/shop/blob/8c3b1f0aa1d2e3f4/migrations/2_unique.sql#L2"
    assert (
        f"- **Failed at** [`migrations/2_unique.sql:2`]({source}), statement 2 (`CREATE INDEX`)" in texts["report.md"]
    )
    assert "[run](https://github.example/acme/shop/actions/runs/77)" in texts["report.md"]
    assert json.loads(texts["report.json"])["verdict"]["exit_code"] == 6
    suite = ET.fromstring(texts["junit.xml"])
    cases = {case.get("name"): [part.tag for part in case] for case in suite.iter("testcase")}
    assert cases == {"1_users.sql": [], "2_unique.sql": ["failure"], "3_never.sql": ["skipped"]}
    (issue,) = json.loads(texts["gl-code-quality.json"])
    assert issue["location"] == {"path": "migrations/2_unique.sql", "lines": {"begin": 2}}
    assert not any("ann@x" in text for text in texts.values())


def test_nothing_to_see_is_an_empty_list(scene: Scene) -> None:
    flat_project(scene.root, {"1_users.sql": "CREATE TABLE users (id int);"})

    assert_says(scene.deploy("--report-dir", "out"), 0)

    assert json.loads((scene.root / "out/gl-code-quality.json").read_text("utf-8")) == []
    assert (scene.root / "out/report.md").read_text("utf-8").startswith("### ✅ APPLIED: 1 migration applied\n")


def test_no_format_tells_a_password(scene: Scene) -> None:
    flat_project(scene.root, {"1_leak.sql": f"SELECT 'x'::\"{scene.database.password}\";"})

    assert_says(scene.deploy("--report-dir", "out"), 6, "42704", "***")

    for path in (scene.root / "out").iterdir():
        assert scene.database.password not in path.read_text("utf-8")


@pytest.mark.parametrize("script", ["CREATE TABLE users (id int);", "SELECT nonsense;"])
def test_a_folder_that_cannot_be_written_is_one_warning_and_no_other_exit_code(scene: Scene, script: str) -> None:
    flat_project(scene.root, {"1_users.sql": script})
    scene.write("out", "a file where a folder is needed")

    ran = scene.deploy("--report-dir", "out")

    assert_says(ran, 6 if "nonsense" in script else 0, "Warning: ", "out/report.md could not be written")
    assert ran.said.count("could not be written") == 1

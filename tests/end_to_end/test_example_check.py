"""The example for pull requests, step by step: what GitHub would set, what our program does with it."""

import shutil
from pathlib import Path
from typing import Any

import yaml

from drydock.errors import ExitCode
from tests.end_to_end.scenes import Scene
from tests.fixtures.github_api import TOKEN, FakeGitHub
from tests.fixtures.github_job import GitHubJob
from tests.fixtures.program import Ran
from tests.fixtures.projects import flat_project

ROOT = Path(__file__).parents[2]
BASE = {"1_users.sql": "CREATE TABLE users (id int);"}
NEW = {"2_emails.sql": "ALTER TABLE users ADD COLUMN email text;"}


def inputs(step: dict[str, Any]) -> dict[str, str]:
    """What the runner makes of `with:`: a variable for every input of the action, empty where none is given."""
    declared = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))["inputs"]
    given = {name: str(value) for name, value in step.get("with", {}).items()}
    return {f"INPUT_{name.upper()}": given.get(name, "") for name in declared} | {"INPUT_GITHUB_TOKEN": TOKEN}


def run_steps(scene: Scene, job: GitHubJob, new: dict[str, str]) -> list[Ran]:
    """Carry out the job's steps as the workflow lists them."""
    workflow = yaml.safe_load((ROOT / "examples/github/check.yml").read_text("utf-8"))
    checkouts, ran = iter((BASE, BASE | new)), []
    for step in workflow["jobs"]["check"]["steps"]:
        uses = step.get("uses", "")
        if "checkout" in uses:
            shutil.rmtree(scene.root / "migrations", ignore_errors=True)
            flat_project(scene.root, next(checkouts))
        elif uses.startswith("OWNER/drydock"):
            ran.append(scene.run(env=job.environment | inputs(step)))
    return ran


def test_the_pull_request_gets_one_comment_about_what_is_new(tmp_path: Path, scene: Scene, github: FakeGitHub) -> None:
    (tmp_path / "runner").mkdir()
    job = GitHubJob(workspace=scene.root, folder=tmp_path / "runner", github=github)

    based, checked = run_steps(scene, job, NEW)
    again = run_steps(scene, job, NEW | {"3_index.sql": "CREATE INDEX ON users (email);"})[1]

    assert (based.exit_code, checked.exit_code, again.exit_code) == (ExitCode.DONE,) * 3
    assert (job.outputs["pending"], job.outputs["rehearsed"]) == ("2", "target-schema")
    assert len(github.comments) == 1
    assert scene.flat_names() == list(BASE)


def test_a_pull_request_that_would_fail_is_stopped(tmp_path: Path, scene: Scene, github: FakeGitHub) -> None:
    (tmp_path / "runner").mkdir()
    job = GitHubJob(workspace=scene.root, folder=tmp_path / "runner", github=github)

    _, checked = run_steps(scene, job, {"2_emails.sql": "ALTER TABLE nowhere ADD COLUMN email text;"})

    assert checked.exit_code == ExitCode.REHEARSAL_FAILED
    assert "REHEARSAL FAILED" in github.bodies[0]

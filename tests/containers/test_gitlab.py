"""The GitLab example, run as GitLab runs it: with the entrypoint taken away, and with the image's own."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.containers.conftest import PROMISE
from tests.containers.engine import Engine
from tests.containers.scene import ContainerScene
from tests.fixtures.requirement import missing
from tests.oracles.gitlab_ci_local import GitlabCiLocal, install
from tests.oracles.npm import OracleUnavailableError

EXAMPLE = Path(__file__).parents[2] / "examples/gitlab/.gitlab-ci.yml"
OVERRIDE = re.compile(r"^ +entrypoint: .*\n", re.MULTILINE)


@pytest.fixture
def gitlab(engine_and_base: tuple[Engine, str], oracle_cache: Path) -> GitlabCiLocal:
    """GitLab's Docker executor."""
    engine, base = engine_and_base
    if not engine.is_podman:
        pytest.skip("gitlab-ci-local is set up for podman here")
    try:
        return GitlabCiLocal(folder=install(oracle_cache), engine=engine, helper=base)
    except OracleUnavailableError as error:
        missing(str(error), PROMISE)


def laid_out(root: Path, image: str, *, with_override: bool) -> None:
    """A repository with a remote, one migration, and the example."""
    text = re.sub(r"(?<=name: )ghcr\.io/\S+", image, EXAMPLE.read_text("utf-8"))
    (root / ".gitlab-ci.yml").write_text(text if with_override else OVERRIDE.sub("", text), "utf-8")
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    for words in (
        ("init", "-q", "-b", "main"),
        ("remote", "add", "origin", "https://gitlab.example/group/shop.git"),
        ("add", "-A"),
        (*identity, "commit", "-q", "-m", "x"),
    ):
        subprocess.run(["git", *words], cwd=root, timeout=30, check=True, capture_output=True)


@pytest.mark.parametrize("with_override", [True, False], ids=["entrypoint-taken-away", "own-entrypoint"])
def test_the_job_deploys(scene: ContainerScene, gitlab: GitlabCiLocal, slim: str, *, with_override: bool) -> None:
    scene.write({"1_users.sql": "CREATE TABLE users (id int PRIMARY KEY);"})
    laid_out(scene.root, slim, with_override=with_override)

    ran = gitlab.run(scene.root, "deploy-schema", {"DATABASE_URL": scene.database.url})

    assert ran.exit_code == 0, ran.said
    assert scene.database.tables() == {"users"}
    assert "✓ APPLIED  1 migration applied" in ran.stdout


def test_the_job_ends_with_our_exit_code(scene: ContainerScene, gitlab: GitlabCiLocal, slim: str) -> None:
    scene.write({"1_users.sql": "CREATE TABLE users (id int PRIMARY KEY); SELECT 1/0;"})
    laid_out(scene.root, slim, with_override=False)

    ran = gitlab.run(scene.root, "deploy-schema", {"DATABASE_URL": scene.database.url})

    assert re.search(r"FAIL\S* +5", re.sub(r"\x1b\[[0-9;]*m", "", ran.said)), ran.said
    assert scene.database.tables() == set()

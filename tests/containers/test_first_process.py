"""What GitLab and Jenkins start an image with, and what a container's first process does with signals."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.containers.engine import Engine
from tests.containers.scene import ContainerScene
from tests.fixtures.program import Ran

# As GitLab's runner begins every job of its Docker executor: it looks for a shell, then feeds it the script.
DETECT = """if [ -x /usr/local/bin/bash ]; then exec /usr/local/bin/bash
elif [ -x /usr/bin/bash ]; then exec /usr/bin/bash
elif [ -x /bin/bash ]; then exec /bin/bash
elif [ -x /bin/sh ]; then exec /bin/sh
else echo shell not found; exit 1; fi"""
SLEEPING = "SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (("sh", "-c", "echo hi"), "hi\n", 0),
        (("/bin/sh", "-c", "echo by path; exit 3"), "by path\n", 3),
        (("sh", "-c", DETECT), "", 0),
        (("bash", "-c", "drydock --version"), "drydock 0.1.0\n", 0),
        (("drydock", "--version"), "drydock 0.1.0\n", 0),
        (("--version",), "drydock 0.1.0\n", 0),
    ],
)
def test_it_becomes_what_its_arguments_name(
    engine: Engine, slim: str, arguments: tuple[str, ...], said: str, code: int
) -> None:
    ran = engine.run("run", "--rm", "--network", "none", slim, *arguments)

    assert (ran.stdout, ran.stderr, ran.exit_code) == (said, "", code)


def test_without_an_entrypoint_the_program_is_on_the_path(engine: Engine, slim: str) -> None:
    ran = engine.run("run", "--rm", "--network", "none", "--entrypoint", "", slim, "sh", "-c", "drydock --version")

    assert ran.stdout == "drydock 0.1.0\n", ran.said


def test_a_wrong_command_is_a_usage_error(engine: Engine, slim: str) -> None:
    ran = engine.run("run", "--rm", "--network", "none", slim, "deplyo")

    assert ran.exit_code == 2
    assert "There is no command deplyo." in ran.stderr
    assert "Did you mean deploy?" in ran.stderr


def test_jenkins_finds_its_cat_running_and_works_beside_it(engine: Engine, slim: str, tmp_path: Path) -> None:
    # `docker.inside` of the Docker Pipeline plugin, in its own words: run, top, exec.
    tmp_path.chmod(0o777)
    workspace = ("-w", tmp_path, "-v", f"{tmp_path}:{tmp_path}:rw,z")

    with engine.started("-t", "-u", "1000:1000", *workspace, "--network", "none", slim, "cat") as name:
        top = engine.must("top", name, *(() if engine.is_podman else ("-eo", "pid,comm")))
        version = engine.must("exec", name, "drydock", "--version")
        where = engine.must("exec", name, "sh", "-c", "pwd; id -u; touch made; ls")

    assert "cat" in top
    assert version == "drydock 0.1.0"
    assert where.splitlines() == [str(tmp_path), "1000", "made"]


@pytest.mark.parametrize(("number", "code"), [("TERM", 143), ("INT", 130)])
def test_a_signal_ends_a_deploy_in_time_with_a_clean_target(
    scene: ContainerScene, slim: str, *, number: str, code: int
) -> None:
    scene.write({"1_slow.sql": "CREATE TABLE slow (id int);\nSELECT pg_sleep(60);"})

    with scene.started(slim, "--rehearse", "none") as name:
        _eventually(lambda: bool(scene.database.rows(SLEEPING)))
        ended = _ended_by(scene.engine, name, number)

    assert ended.exit_code == code, ended.said
    assert ended.seconds < 7
    assert "The target is clean" in ended.said
    assert scene.database.tables() == set()


def test_a_signal_ends_the_wait_for_a_database_that_is_not_there(scene: ContainerScene, slim: str) -> None:
    scene.write({"1_users.sql": "CREATE TABLE users (id int);"})

    with scene.started(slim, "--database-url", "postgresql://app@127.0.0.1:1/app") as name:
        _eventually(lambda: "does not answer yet" in scene.engine.run("logs", name).said)
        ended = _ended_by(scene.engine, name, "TERM")

    assert ended.exit_code == 143, ended.said
    assert ended.seconds < 7


def _ended_by(engine: Engine, name: str, number: str) -> Ran:
    """How a container ends by a signal, and how long that takes."""
    started = time.monotonic()
    engine.must("kill", "--signal", number, name)
    code = engine.must("wait", name, seconds=30)
    seconds = time.monotonic() - started
    said = engine.run("logs", name)
    return Ran(exit_code=int(code), stdout=said.stdout, stderr=said.stderr, seconds=seconds)


def _eventually(is_true: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.05)

"""A run as GitHub, a channel and a pod hear of it: the program whole, against servers that remember."""

import json
import signal
import time
from pathlib import Path

import pytest

from drydock.errors import ExitCode
from drydock.render.outputs import OUTPUTS
from tests.end_to_end.faults import ELSEWHERE, until
from tests.end_to_end.scenes import Scene, assert_says
from tests.fixtures.github_api import FakeGitHub, Fault
from tests.fixtures.github_job import GitHubJob
from tests.fixtures.hook_server import Answering, HookServer
from tests.fixtures.kept import free_port
from tests.fixtures.program import started
from tests.fixtures.projects import flat_project
from tests.fixtures.runner import Command, commands_in

USERS = "CREATE TABLE users (id int);"
BROKEN = "CREATE TABLE posts (id int);\nSELEKT 1;"


@pytest.fixture
def job(tmp_path: Path, scene: Scene, github: FakeGitHub) -> GitHubJob:
    """A step in a pull request's job, with one migration pending."""
    flat_project(scene.root, {"1_users.sql": USERS})
    return _job(tmp_path, scene, github)


def _job(tmp_path: Path, scene: Scene, github: FakeGitHub | None) -> GitHubJob:
    folder = tmp_path / "runner"
    folder.mkdir()
    return GitHubJob(workspace=scene.root, folder=folder, github=github)


def named(log: str, *names: str) -> list[Command]:
    """The commands of these names in a log."""
    return [command for command in commands_in(log) if command.name in names]


def test_a_deploy_is_told_to_the_page_of_the_run_to_later_steps_and_to_the_pull_request(
    scene: Scene, job: GitHubJob, github: FakeGitHub
) -> None:
    ran = scene.deploy(env=job.environment)

    assert_says(ran, ExitCode.DONE, "APPLIED")
    assert job.outputs.keys() == OUTPUTS.keys()
    assert (job.outputs["verdict"], job.outputs["applied"], job.outputs["changed"]) == ("applied", "1", "true")
    assert json.loads(job.outputs["applied_migrations"]) == ["1_users.sql"]
    assert "1 migration applied" in job.summary
    (body,) = github.bodies
    assert body.startswith("<!-- drydock:v1 key=default/")
    assert "1 migration applied" in body
    assert f"commit {'b' * 12}" in body


def test_two_runs_make_one_comment(scene: Scene, job: GitHubJob, github: FakeGitHub) -> None:
    scene.run("check", "--rehearse", "none", env=job.environment)
    assert "1 migration pending" in github.bodies[0]

    scene.deploy(env=job.environment)
    scene.deploy(env=job.environment)

    (body,) = github.bodies
    assert "Nothing pending" in body


def test_an_up_to_date_target_makes_no_comment(scene: Scene, job: GitHubJob, github: FakeGitHub) -> None:
    scene.deploy()

    scene.deploy(env=job.environment)

    assert github.comments == []
    assert "Nothing pending" in job.summary


def test_masks_come_first_and_every_migration_is_folded(scene: Scene, job: GitHubJob) -> None:
    flat_project(scene.root, {"2_posts.sql": "CREATE TABLE posts (id int);"})

    ran = scene.deploy(env=job.environment)

    commands = commands_in(ran.stdout)
    masks = [command.value for command in commands if command.name == "add-mask"]
    assert ran.stdout.startswith("::add-mask::")
    assert {scene.database.url, job.environment["INPUT_GITHUB_TOKEN"]} <= set(masks)
    assert not {scene.database.user, scene.database.name, "127.0.0.1"} & set(masks)
    folds = [(command.name, command.value) for command in commands if command.name.endswith("group")]
    assert folds == [("group", "[1/2] 1_users.sql"), ("endgroup", ""), ("group", "[2/2] 2_posts.sql"), ("endgroup", "")]
    assert ran.stdout.index("::endgroup::") < ran.stdout.index("APPLIED")


def test_a_failure_stands_beside_its_line(scene: Scene, job: GitHubJob) -> None:
    flat_project(scene.root, {"2_posts.sql": BROKEN})

    ran = scene.deploy(env=job.environment)

    assert ran.exit_code == ExitCode.FAILED_CLEAN
    (error,) = named(ran.said, "error")
    assert (error.properties["file"], error.properties["line"]) == ("migrations/2_posts.sql", "2")
    assert (job.outputs["failed"], job.outputs["exit_code"]) == ("2_posts.sql", "6")


def test_in_json_the_commands_go_where_the_document_does_not(scene: Scene, job: GitHubJob) -> None:
    ran = scene.deploy("--format", "json", env=job.environment)

    assert json.loads(ran.stdout)["verdict"]["exit_code"] == 0
    assert commands_in(ran.stdout) == ()
    assert named(ran.stderr, "add-mask", "group")


def test_a_target_that_does_not_answer_is_told_all_the_same(
    scene: Scene, job: GitHubJob, github: FakeGitHub, hook_server: HookServer
) -> None:
    environment = job.environment | {
        "DATABASE_URL": scene.database.at(free_port()).url,
        "DRYDOCK_SLACK_WEBHOOK": hook_server.url(),
        "DRYDOCK_WAIT_FOR_DATABASE": "0s",
    }

    ran = scene.deploy(env=environment)

    assert ran.exit_code == ExitCode.UNREACHABLE
    assert job.outputs["verdict"] == "unreachable"
    assert "UNREACHABLE" in github.bodies[0]
    assert "UNREACHABLE" in json.loads(hook_server.posted[0].body)["text"]
    assert named(ran.said, "error")


def test_the_comment_of_an_unreachable_target_is_the_one_that_is_updated_later(
    scene: Scene, job: GitHubJob, github: FakeGitHub
) -> None:
    port = scene.database.at(free_port()).url
    scene.deploy("--wait-for-database", "0s", env=job.environment | {"DATABASE_URL": port})

    scene.deploy(env=job.environment)

    assert len(github.comments) == 1


def test_a_refused_configuration_is_told_to_whom_it_still_names(
    scene: Scene, job: GitHubJob, github: FakeGitHub, hook_server: HookServer
) -> None:
    environment = job.environment | {"DRYDOCK_WEBHOOK": hook_server.url(), "DRYDOCK_LOCK_TIMEOUT": "soon"}

    ran = scene.deploy(env=environment)

    assert_says(ran, ExitCode.USAGE, "DRYDOCK_LOCK_TIMEOUT", "soon")
    assert job.outputs["exit_code"] == "2"
    assert json.loads(hook_server.posted[0].body)["verdict"]["exit_code"] == 2
    assert "NOT STARTED" in github.bodies[0]
    assert "DRYDOCK_LOCK_TIMEOUT" in named(ran.said, "error")[0].value


@pytest.mark.parametrize("event_name", ["pull_request_target", "workflow_run"])
def test_a_strangers_migrations_are_not_deployed_where_secrets_are(
    scene: Scene, job: GitHubJob, event_name: str
) -> None:
    head = {"sha": "b" * 40, "repo": {"full_name": "mallory/shop"}}
    job.event_name = event_name
    job.event = {"pull_request": {"number": 7, "head": head}, "workflow_run": {"head_repository": head["repo"]}}

    refused = scene.deploy(env=job.environment)
    checked = scene.run("check", "--rehearse", "none", env=job.environment)

    assert_says(refused, ExitCode.USAGE, event_name, "fork")
    assert_says(checked, ExitCode.DONE, "Warning", "anybody")
    assert scene.is_untouched()


def test_a_token_that_may_only_read_is_a_notice(scene: Scene, job: GitHubJob, github: FakeGitHub) -> None:
    github.may_write = False

    ran = scene.deploy("--fail-on-report-error", env=job.environment)

    assert ran.exit_code == ExitCode.DONE
    (notice,) = named(ran.said, "notice")
    assert "pull-requests: write" in notice.value
    assert named(ran.said, "warning") == []
    assert "1 migration applied" in job.summary


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--fail-on-report-error",), 2)], ids=["usual", "asked for"])
def test_a_message_that_is_not_delivered_is_a_warning(
    scene: Scene, job: GitHubJob, hook_server: HookServer, options: tuple[str, ...], code: int
) -> None:
    hook_server.answers = [Answering(status=404)] * 3

    ran = scene.deploy(*options, env=job.environment | {"DRYDOCK_SLACK_WEBHOOK": hook_server.url()})

    assert ran.exit_code == code
    assert "Slack answered 404" in named(ran.said, "warning")[0].value
    assert scene.database.tables() == {"users"}


def test_the_request_to_be_strict_never_hides_a_failure(scene: Scene, job: GitHubJob, hook_server: HookServer) -> None:
    flat_project(scene.root, {"2_posts.sql": BROKEN})
    hook_server.answers = [Answering(status=404)]

    ran = scene.deploy("--fail-on-report-error", env=job.environment | {"DRYDOCK_SLACK_WEBHOOK": hook_server.url()})

    assert ran.exit_code == ExitCode.FAILED_CLEAN


def test_debug_logging_shows_every_request(scene: Scene, job: GitHubJob, github: FakeGitHub) -> None:
    github.faults = [Fault(status=502, content={})]

    ran = scene.deploy(env=job.environment | {"RUNNER_DEBUG": "1"})

    said = [command.value for command in named(ran.said, "debug")]
    assert said == ["GET, try 1: 502", "GET, try 2: 200", "POST, try 1: 201"]


def test_a_summary_that_others_have_filled_stays_below_the_limit(scene: Scene, job: GitHubJob) -> None:
    environment = job.environment
    (job.folder / "summary").write_text("x" * (900 << 10))

    ran = scene.deploy(env=environment)

    assert ran.exit_code == ExitCode.DONE
    assert job.summary == "x" * (900 << 10)
    assert "summary is full" in named(ran.said, "notice")[0].value


def test_outside_github_its_files_are_left_alone(scene: Scene, job: GitHubJob, github: FakeGitHub) -> None:
    ran = scene.deploy(env=job.environment | {"GITHUB_ACTIONS": ""})

    assert (job.outputs, job.summary, github.asked) == ({}, "", [])
    assert commands_in(ran.said) == ()


def test_the_input_of_the_action_names_the_command_and_its_arguments(scene: Scene, job: GitHubJob) -> None:
    inputs = {"INPUT_COMMAND": "check", "INPUT_REHEARSE": "none", "INPUT_MIGRATIONS": "", "INPUT_ARGUMENTS": ""}

    checked = scene.run(env=job.environment | inputs)
    resolved = scene.run(
        env=job.environment | {"INPUT_COMMAND": "resolve", "INPUT_ARGUMENTS": "'1_users.sql' --applied"}
    )
    unknown = scene.run(env=job.environment | {"INPUT_COMMAND": "chek"})
    torn = scene.run(env=job.environment | {"INPUT_COMMAND": "resolve", "INPUT_ARGUMENTS": "'1_users"})

    assert_says(checked, ExitCode.DONE, "1 migration pending")
    assert_says(resolved, ExitCode.DONE, "1_users.sql")
    assert scene.flat_names() == ["1_users.sql"]
    assert_says(unknown, ExitCode.USAGE, "Did you mean check?")
    assert_says(torn, ExitCode.USAGE, "a quote is not closed")


def test_the_command_line_is_stronger_than_the_input(scene: Scene, job: GitHubJob) -> None:
    ran = scene.run("status", env=job.environment | {"INPUT_COMMAND": "deploy"})

    assert ran.exit_code == ExitCode.PENDING
    assert scene.is_untouched()


def test_a_pod_leaves_its_last_words(tmp_path: Path, scene: Scene) -> None:
    flat_project(scene.root, {"1_users.sql": BROKEN})
    last = tmp_path / "termination-log"
    last.write_text("x" * 4_000)

    scene.deploy(env={"DRYDOCK_TERMINATION_LOG": str(last)})

    assert last.read_text().startswith("FAILED (exit 6): Migration 1_users.sql failed: 42601")
    assert len(last.read_bytes()) <= 2_000


def test_a_termination_log_that_is_not_there_is_not_made(tmp_path: Path, scene: Scene) -> None:
    flat_project(scene.root, {"1_users.sql": USERS})

    ran = scene.deploy(env={"DRYDOCK_TERMINATION_LOG": str(tmp_path / "none")})

    assert ran.exit_code == ExitCode.DONE
    assert not (tmp_path / "none").exists()
    assert "Warning" not in ran.said


def test_a_signal_is_told_in_what_is_left_of_the_grace(scene: Scene, hook_server: HookServer) -> None:
    flat_project(scene.root, {"1_users.sql": f"{USERS}\nSELECT pg_sleep(60);"})
    hook_server.answers = [Answering(status=200), Answering(status=200, delay_seconds=10)]
    environment = {
        "DRYDOCK_SLACK_WEBHOOK": hook_server.url(),
        "DRYDOCK_WEBHOOK": hook_server.url("/slow"),
        "DRYDOCK_REPORT_JSON": "result.json",
    }

    sleeping = f"SELECT FROM pg_stat_activity WHERE {ELSEWHERE} AND state = 'active' AND query LIKE '%pg_sleep%'"

    with started("deploy", "--rehearse", "none", cwd=scene.root, env=scene.environment(environment)) as running:
        until(lambda: bool(scene.database.rows(sleeping)))
        since = time.monotonic()
        running.signal(signal.SIGTERM)
        ran = running.finished(9)

    assert ran.exit_code == ExitCode.TERMINATED
    assert time.monotonic() - since < 7
    assert json.loads((scene.root / "result.json").read_text())["verdict"]["exit_code"] == 143
    assert len(hook_server.posted) == 2
    assert "no time left" in ran.said or "no answer" in ran.said


def test_a_bug_in_the_telling_never_changes_what_the_process_answers(scene: Scene, job: GitHubJob) -> None:
    """No path has a NUL in it; nobody thought of a workspace that has."""
    ran = scene.deploy(env=job.environment | {"GITHUB_WORKSPACE": "/work\0space"})

    assert_says(ran, ExitCode.DONE, "APPLIED", "This is a bug in Drydock")
    assert scene.database.tables() == {"users"}


def test_a_password_that_only_libpq_knows_is_hidden_too(scene: Scene, job: GitHubJob) -> None:
    ran = scene.deploy(env=job.environment | {"PGPASSWORD": "canary-of-libpq"})

    assert "canary-of-libpq" in [command.value for command in named(ran.said, "add-mask")]

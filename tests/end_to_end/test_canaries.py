"""Secrets planted wherever one can be, and every place that a reader can look at: they never meet."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.end_to_end.scenes import Scene
from tests.fixtures.database import TestDatabase
from tests.fixtures.github_api import TOKEN, FakeGitHub
from tests.fixtures.github_job import GitHubJob
from tests.fixtures.hook_server import HookServer
from tests.fixtures.kept import free_port
from tests.fixtures.program import Ran
from tests.fixtures.projects import flat_project

PASSWORD = "canary/in@pass:word%"
KEY = "whsec_Y2FuYXJ5LWluLWhvb2sta2V5"
IN_SQL = {
    "row": "CREATE TABLE t (v text UNIQUE); INSERT INTO t VALUES ('canary-row'), ('canary-row');",
    "notice": "DO $$ BEGIN RAISE NOTICE 'canary-notice %', 1; END $$; SELECT 1/0;",
    "error": "DO $$ BEGIN RAISE 'canary-error' USING DETAIL = 'canary-detail', HINT = 'canary-hint'; END $$;",
    "password of a role": "ALTER ROLE nobody_here PASSWORD 'canary-of-role';",
    "syntax": "CREATE TABLE t (v text) 'canary-in-syntax';",
    "open literal": "SELECT 'canary-behind-it;\nSELECT 2;",
    "command in a literal": "DO $$ BEGIN RAISE NOTICE E'\\n::add-path::canary-path'; END $$; SELEKT 1;",
    "nothing wrong": "CREATE TABLE t (v text DEFAULT 'canary-default'); -- canary-comment",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A job with secrets everywhere, and all who hear of it."""

    scene: Scene
    job: GitHubJob
    owner: TestDatabase
    hook: HookServer

    def run(self, *arguments: str, address: str | None = None) -> Ran:
        """Run the program in an environment in which everything is secret."""
        secret = {
            "AWS_SECRET_ACCESS_KEY": "canary-in-environment",
            "DATABASE_URL": address or self.owner.url,
            "DRYDOCK_NOTIFY_ON": "always",
            "DRYDOCK_REPORT_JSON": str(self.job.folder / "result.json"),
            "DRYDOCK_SLACK_WEBHOOK": self.hook.url("/services/T000/B000/canary-in-the-path-of-slack"),
            "DRYDOCK_TERMINATION_LOG": str(self.job.folder / "last"),
            "DRYDOCK_WEBHOOK": self.hook.url("/hook?sig=canary-in-the-query-of-a-hook"),
            "DRYDOCK_WEBHOOK_SECRET": KEY,
            "RUNNER_DEBUG": "1",
        }
        return self.scene.run(*arguments, env=self.job.environment | secret)

    def sinks(self, ran: Ran) -> dict[str, str]:
        """Every place that somebody can read afterwards. What follows `add-mask` the runner keeps to itself."""
        assert self.job.github is not None
        one, other = (message.body.decode() for message in self.hook.posted)
        return {
            "log": "\n".join(line for line in ran.said.splitlines() if not line.startswith("::add-mask::")),
            "summary": self.job.summary,
            "outputs": json.dumps(self.job.outputs),
            "comment": "\n".join(self.job.github.bodies),
            "Slack and webhook": one + other,
            "result": (self.job.folder / "result.json").read_text(),
            "last words": (self.job.folder / "last").read_text(),
        }


@pytest.fixture
def planted(tmp_path: Path, scene: Scene, github: FakeGitHub, hook_server: HookServer) -> Planted:
    """A job whose database is reached by a password with every character that is hard to write."""
    plain = scene.database.role("owner", "SUPERUSER LOGIN")
    scene.database.execute(f"ALTER ROLE \"{plain.user}\" PASSWORD '{PASSWORD}'")
    folder = tmp_path / "runner"
    folder.mkdir()
    for name in ("last", "result.json"):
        (folder / name).touch()
    job = GitHubJob(workspace=scene.root, folder=folder, github=github)
    return Planted(scene=scene, job=job, owner=replace(plain, password=PASSWORD), hook=hook_server)


def leaks(found: dict[str, str]) -> list[tuple[str, str]]:
    """Which sink holds which secret."""
    secrets = ("canary", PASSWORD, quote(PASSWORD, safe=""), TOKEN, KEY.removeprefix("whsec_"), "::add-path::")
    return [(sink, secret) for sink, text in found.items() for secret in secrets if secret in text]


@pytest.mark.parametrize("script", IN_SQL.values(), ids=IN_SQL)
@pytest.mark.parametrize("command", [("deploy", "--rehearse", "none"), ("check",)], ids=["deploy", "check"])
def test_nothing_secret_is_in_any_sink(planted: Planted, script: str, command: tuple[str, ...]) -> None:
    flat_project(planted.scene.root, {"1_t.sql": script})

    ran = planted.run(*command)

    assert ran.exit_code in (0, 5, 6)
    found = planted.sinks(ran)
    assert all(found.values())
    assert leaks(found) == []


def test_a_signed_snapshot_that_cannot_be_had_is_not_named(planted: Planted) -> None:
    flat_project(planted.scene.root, {"1_t.sql": "CREATE TABLE t (v text);"})
    url = f"https://canary-user:canary-pass@localhost:{free_port()}/shop.dump?signature=canary-signature"

    ran = planted.run("check", "--snapshot", url)

    assert ran.exit_code == 11
    assert leaks(planted.sinks(ran)) == []


@pytest.mark.parametrize("where", ["password", "database"])
def test_a_database_that_refuses_us_tells_nothing(planted: Planted, where: str) -> None:
    flat_project(planted.scene.root, {"1_t.sql": "CREATE TABLE t (v text);"})
    owner = planted.owner
    other = replace(owner, password="canary-wrong") if where == "password" else replace(owner, name="nowhere")

    ran = planted.run("deploy", "--rehearse", "none", address=other.url)

    assert ran.exit_code == 2
    assert leaks(planted.sinks(ran)) == []


def test_a_planted_secret_is_seen() -> None:
    assert leaks({"log": f"it is {PASSWORD}", "summary": "fine"}) == [("log", "canary"), ("log", PASSWORD)]

"""Who hears of a run: one table for each reader. And the telling: nobody keeps another from hearing."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

import pytest

from drydock.config.ci import Ci, Elsewhere
from drydock.config.parse import load
from drydock.config.settings import Config, MessageSettings
from drydock.model import Missing, NoSeed, NothingPending, Report
from drydock.notify.interface import Allowance, NotifyError
from drydock.publish import (
    Annotations,
    Chat,
    Comment,
    LastWords,
    Notifiers,
    Outputs,
    Post,
    Summary,
    decided,
    publish,
)
from drydock.redact import Secret
from tests.unit.render.ended_early import unique_violation
from tests.unit.render.ended_well import applied_all, many_pending, nothing_pending
from tests.unit.render.never_began import unreachable
from tests.unit.test_trust import job

GITHUB = replace(
    job("push", "member"), api_url="https://api.example", output=Path("o"), summary=Path("s"), workspace=Path("/w")
)
TOKEN, HOOK = Secret("token"), Secret("https://hooks.example/key")


def config_with(tmp_path: Path, **changes: object) -> Config:
    """The configuration of a user who gave a token and both webhooks."""
    config = load({}, {}, directory=tmp_path)
    messages = replace(config.messages, github_token=TOKEN, slack_webhook=HOOK, webhook=HOOK)
    changed: MessageSettings = replace(messages, **changes)  # type: ignore[arg-type] # names of its fields
    return replace(config, messages=changed)


def checked(report: Report) -> Report:
    """The same, told by `drydock check`."""
    return replace(report, command="check")


@pytest.mark.parametrize(
    ("ci", "near"),
    [
        (GITHUB, (Outputs(Path("o")), Summary(Path("s")), Annotations(Path("/w")))),
        (replace(GITHUB, output=None, summary=None), (Annotations(Path("/w")),)),
        (Elsewhere(), ()),
    ],
    ids=["GitHub", "GitHub without files", "elsewhere"],
)
@pytest.mark.parametrize("report", [applied_all(), unreachable()], ids=["applied", "unreachable"])
def test_a_step_of_github_always_gets_its_files(tmp_path: Path, ci: Ci, near: object, report: Report) -> None:
    assert decided(report, config_with(tmp_path), ci=ci).near == near


def test_the_termination_log_is_told_where_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "last").touch()

    there = decided(applied_all(), config_with(tmp_path, termination_log=tmp_path / "last"), ci=Elsewhere())
    not_there = decided(applied_all(), config_with(tmp_path, termination_log=tmp_path / "none"), ci=Elsewhere())

    assert (there.near, not_there.near) == ((LastWords(tmp_path / "last"),), ())


@pytest.mark.parametrize(
    ("comment", "report", "expected"),
    [
        ("always", nothing_pending(), "write"),
        ("always", applied_all(), "write"),
        ("changes", nothing_pending(), "update"),
        ("changes", applied_all(), "write"),
        ("changes", checked(many_pending()), "write"),
        ("changes", unreachable(), "write"),
        ("failures", applied_all(), "update"),
        ("failures", checked(many_pending()), "update"),
        ("failures", unique_violation(), "write"),
        ("off", unique_violation(), "nothing"),
        ("always", replace(applied_all(), command="status"), "nothing"),
        ("always", replace(applied_all(), command="resolve"), "nothing"),
    ],
)
def test_the_comment(tmp_path: Path, comment: str, report: Report, expected: str) -> None:
    config = config_with(tmp_path, comment=comment, slack_webhook=None, webhook=None)

    far = decided(report, config, ci=GITHUB).far

    wanted = {"nothing": (), "write": (False,), "update": (True,)}[expected]
    assert far == tuple(Comment(github=GITHUB, token=TOKEN, only_update=only) for only in wanted)


@pytest.mark.parametrize(
    "ci", [Elsewhere(), replace(GITHUB, api_url=""), replace(GITHUB, repository="")], ids=["elsewhere", "api", "name"]
)
def test_no_comment_where_there_is_no_place_for_it(tmp_path: Path, ci: Ci) -> None:
    far = decided(applied_all(), config_with(tmp_path, slack_webhook=None, webhook=None), ci=ci).far

    assert far == ()


def test_no_comment_without_a_token(tmp_path: Path) -> None:
    config = config_with(tmp_path, github_token=None, slack_webhook=None, webhook=None)

    assert decided(applied_all(), config, ci=GITHUB).far == ()


@pytest.mark.parametrize(
    ("notify_on", "report", "is_told"),
    [
        ("always", nothing_pending(), True),
        ("change", nothing_pending(), False),
        ("change", applied_all(), True),
        ("change", unreachable(), True),
        ("change", checked(many_pending()), False),
        ("failure", applied_all(), False),
        ("failure", unique_violation(), True),
        ("always", replace(applied_all(), command="status"), False),
    ],
)
def test_slack_and_the_webhook(tmp_path: Path, notify_on: str, report: Report, *, is_told: bool) -> None:
    far = decided(report, config_with(tmp_path, notify_on=notify_on), ci=Elsewhere()).far

    assert far == ((Chat(HOOK), Post(url=HOOK, keys=None)) if is_told else ())


def test_a_warning_about_the_history_is_news(tmp_path: Path) -> None:
    report = nothing_pending()
    assert isinstance(report.plan, NothingPending)
    warned = replace(report, plan=NothingPending(warnings=(Missing(name="gone"),), seed=NoSeed(reason="none")))

    (comment,) = decided(warned, config_with(tmp_path, slack_webhook=None, webhook=None), ci=GITHUB).far

    assert comment == Comment(github=GITHUB, token=TOKEN, only_update=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A notifier that does what a test says."""

    name: str
    act: Callable[[], str | None]

    def publish(self, report: Report) -> str | None:  # what the interface says
        return self.act()


def refuse() -> str | None:
    """Not to be reached."""
    raise NotifyError("Slack answered 404")


def test_one_that_cannot_be_told_does_not_keep_the_others_from_hearing() -> None:
    heard: list[str] = []
    hearing = Reader(name="the webhook", act=lambda: heard.append("heard"))
    remarking = Reader(name="the comment", act=lambda: "only a remark")
    failing = Reader(name="the summary", act=refuse)

    told = publish(
        applied_all(),
        Notifiers(near=(failing, hearing), far=(replace(failing, name="Slack"), hearing, remarking)),
        allowance=Allowance(left_seconds=lambda: 60, wait=lambda _: False),
    )

    assert heard == ["heard", "heard"]
    assert told.remarks == ("only a remark",)
    assert told.problems == (
        "The summary could not be reached: Slack answered 404.",
        "Slack could not be reached: Slack answered 404.",
    )


def test_one_that_never_ends_is_left_behind_when_the_time_is_up() -> None:
    let_go = Event()
    hanging = Reader(name="Slack", act=lambda: "late" if let_go.wait(30) else None)
    ends_at = time.monotonic() + 0.3
    since = time.monotonic()

    told = publish(
        applied_all(),
        Notifiers(near=(), far=(hanging,)),
        allowance=Allowance(left_seconds=lambda: ends_at - time.monotonic(), wait=lambda _: False),
    )

    let_go.set()
    assert time.monotonic() - since < 5
    assert told.problems == ("Slack could not be reached: there was no time left.",)

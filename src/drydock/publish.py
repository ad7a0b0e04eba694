"""Who hears of a run, and the telling. `decided` is pure and holds all the choices; `publish` only does what it says.

A message that could not be delivered is a problem to be named, never a reason to fail: the exit code is the run's.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from drydock.config.ci import Ci, GitHub
from drydock.config.settings import Config
from drydock.errors import ExitCode
from drydock.files import is_writable_file
from drydock.model import Rehearsed, Report, StepApplied
from drydock.notify.interface import Allowance, Notifier, NotifyError
from drydock.redact import Secret
from drydock.render.history import decisions_of, warnings_of

JUDGING = frozenset({"deploy", "check"})
"""Commands whose report belongs on a pull request."""
TELLING = frozenset({"deploy", "check", "resolve", "rollback", "recover"})
"""Commands that somebody who is not there wants to hear of."""
LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Outputs:
    """The outputs of the step, in this file."""

    file: Path


@dataclass(frozen=True, slots=True)
class Summary:
    """The job summary, in this file."""

    file: Path


@dataclass(frozen=True, slots=True)
class Annotations:
    """Remarks beside the lines of the repository that has its root here."""

    root: Path


@dataclass(frozen=True, slots=True)
class LastWords:
    """The termination message of the container, in this file."""

    file: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """The comment on the pull request; `only_update`: none is begun."""

    github: GitHub
    token: Secret
    only_update: bool


@dataclass(frozen=True, slots=True)
class Chat:
    """A channel of Slack."""

    webhook: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """The result as JSON."""

    url: Secret
    keys: Secret | None


Near = Outputs | Summary | Annotations | LastWords
"""On this machine: told first, one after the other."""
Far = Comment | Chat | Post
"""Across the network: told at the same time, as long as the allowance lasts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tellings:
    """Everyone who hears of a run."""

    near: tuple[Near, ...]
    far: tuple[Far, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What came of the telling: remarks for the log, and who could not be told, and why."""

    remarks: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def decided(report: Report, config: Config, *, ci: Ci) -> Tellings:
    """Who hears of this report."""
    return Tellings(near=tuple(_near(config, ci)), far=(*_comment(report, config, ci=ci), *_chat(report, config)))


def is_failure(report: Report) -> bool:
    """Whether somebody has to do something."""
    return report.verdict.exit_code not in (ExitCode.DONE, ExitCode.PENDING)


def has_news(report: Report) -> bool:
    """Whether there is anything to say to whoever reads a pull request."""
    pending = report.status.pending if report.status else ()
    steps = report.outcome.steps if report.outcome else ()
    drift = report.rehearsal.drift if isinstance(report.rehearsal, Rehearsed) else ()
    return is_failure(report) or bool(pending or steps or drift or decisions_of(report) or warnings_of(report))


def is_changed(report: Report) -> bool:
    """Whether the run changed the target."""
    steps = report.outcome.steps if report.outcome else ()
    return any(isinstance(step, StepApplied) for step in steps)


def _near(config: Config, ci: Ci) -> Iterator[Near]:
    if isinstance(ci, GitHub):
        if ci.output:
            yield Outputs(ci.output)
        if ci.summary:
            yield Summary(ci.summary)
        yield Annotations(ci.workspace or config.directory)
    if is_writable_file(config.messages.termination_log):
        yield LastWords(config.messages.termination_log)


def _comment(report: Report, config: Config, *, ci: Ci) -> Iterator[Far]:
    messages, token = config.messages, config.messages.github_token
    if not isinstance(ci, GitHub) or token is None or not (ci.api_url and ci.repository):
        return
    if report.command not in JUDGING or messages.comment == "off":
        return
    is_wanted = {"always": True, "changes": has_news(report), "failures": is_failure(report)}[messages.comment]
    yield Comment(github=ci, token=token, only_update=not is_wanted)


def _chat(report: Report, config: Config) -> Iterator[Far]:
    messages = config.messages
    changed_or_failed = is_failure(report) or is_changed(report)
    is_wanted = {"always": True, "change": changed_or_failed, "failure": is_failure(report)}[messages.notify_on]
    if not is_wanted or report.command not in TELLING:
        return
    if messages.slack_webhook:
        yield Chat(messages.slack_webhook)
    if messages.webhook:
        yield Post(url=messages.webhook, keys=messages.webhook_secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifiers:
    """Whoever can tell those who are to hear."""

    near: Sequence[Notifier]
    far: Sequence[Notifier]


def publish(report: Report, notifiers: Notifiers, *, allowance: Allowance) -> Told:
    """Tell everyone; one that cannot be told does not keep the others from hearing. Ends with the allowance."""
    near = [_told(notifier, report) for notifier in notifiers.near]
    every = (*near, *(_together(notifiers.far, report, allowance=allowance) if notifiers.far else ()))
    return Told(
        remarks=tuple(remark for told in every for remark in told.remarks),
        problems=tuple(problem for told in every for problem in told.problems),
    )


def _together(notifiers: Sequence[Notifier], report: Report, *, allowance: Allowance) -> Iterator[Told]:
    # A server that trickles, or a name that is not resolved, must not hold the end of a run: it is left behind.
    pool = ThreadPoolExecutor(max_workers=len(notifiers), thread_name_prefix="notify")
    telling = [pool.submit(_told, notifier, report) for notifier in notifiers]
    while wait(telling, timeout=LOOK_SECONDS).not_done and allowance.left_seconds() > 0:
        pass
    pool.shutdown(wait=False, cancel_futures=True)
    for notifier, future in zip(notifiers, telling, strict=True):
        yield _result(notifier, future)


def _result(notifier: Notifier, future: "Future[Told]") -> Told:
    return future.result() if future.done() else Told(problems=(_problem(notifier, "there was no time left"),))


def _told(notifier: Notifier, report: Report) -> Told:
    try:
        remark = notifier.publish(report)
    except NotifyError as error:
        return Told(problems=(_problem(notifier, str(error)),))
    return Told(remarks=(remark,) if remark else ())


def _problem(notifier: Notifier, why: str) -> str:
    return f"{notifier.name[:1].upper()}{notifier.name[1:]} could not be reached: {why}."

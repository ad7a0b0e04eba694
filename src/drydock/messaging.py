"""The notifiers of a run, from the configuration and the CI's facts: `wiring.py`'s part for messages, loaded on use."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import assert_never

from drydock import __version__
from drydock.config.ci import GitHub
from drydock.config.settings import Config
from drydock.errors import ExitCode, UsageError
from drydock.model import Report
from drydock.notify.github_annotations import GitHubAnnotations
from drydock.notify.github_api import GitHubApi
from drydock.notify.github_comment import GitHubComment, Thread
from drydock.notify.github_files import JobSummary, StepOutputs
from drydock.notify.interface import Allowance, Annotation, Notifier, allowance_of
from drydock.notify.slack import Slack
from drydock.notify.termination_log import TerminationLog
from drydock.notify.trying import Sender
from drydock.notify.webhook import Webhook
from drydock.postgres.libpq_environment import libpq_environment
from drydock.publish import (
    Annotations,
    Chat,
    Comment,
    Far,
    LastWords,
    Near,
    Notifiers,
    Outputs,
    Post,
    Summary,
    decided,
    publish,
)
from drydock.redact import Secret
from drydock.render.annotations import WorkTree, annotations_of
from drydock.render.last_words import last_words
from drydock.render.markdown import markdown_text
from drydock.render.outputs import outputs_of
from drydock.render.posted import posted
from drydock.render.publishable import publishable
from drydock.render.room import COMMENT, SUMMARY, Room
from drydock.render.slack import slack_message
from drydock.request import Send
from drydock.surroundings import Surroundings

TOTAL_SECONDS = 60.0
WEBHOOK_SECONDS = 45.0
AGENT = f"drydock/{__version__}"


def tell(report: Report, config: Config, *, around: Surroundings) -> int:
    """Tell everyone who is to hear of this report; the exit code, which a message that is not delivered changes only
    on request.
    """
    tellings = decided(report, config, ci=around.ci)
    allowance = allowance_of(around.stop, TOTAL_SECONDS)
    speaking = _Speaking(config=config, around=around, allowance=allowance)
    notifiers = Notifiers(
        near=tuple(map(speaking.near, tellings.near)),
        far=tuple(map(speaking.far, tellings.far)),
    )
    told = publish(publishable(report, scrub=around.scrub), notifiers, allowance=allowance)
    for remark in told.remarks:
        around.log.annotate(Annotation(severity="notice", title="", message=remark))
    for problem in told.problems:
        around.log.annotate(Annotation(severity="warning", title="", message=problem))
    is_to_fail = told.problems and config.messages.fail_on_report_error and report.verdict.exit_code == ExitCode.DONE
    return int(ExitCode.USAGE) if is_to_fail else report.verdict.exit_code


@dataclass(frozen=True, slots=True, kw_only=True)
class _Speaking:
    config: Config
    around: Surroundings
    allowance: Allowance

    @property
    def _trace(self) -> Callable[[str], None]:
        ci = self.around.ci
        return self.around.log.debug if isinstance(ci, GitHub) and ci.is_debugging else _silent

    def near(self, telling: Near) -> Notifier:
        """The notifier on this machine that does it."""
        scrub = self.around.scrub
        match telling:
            case Outputs(file=file):
                return StepOutputs(file=file, outputs=partial(outputs_of, scrub=scrub))
            case Summary(file=file):
                return JobSummary(file=file, render=partial(self._markdown, room=SUMMARY))
            case Annotations(root=root):
                tree = WorkTree(directory=self.config.directory, root=root)
                remarks = partial(annotations_of, tree=tree, scrub=scrub)
                return GitHubAnnotations(annotations=remarks, command=self.around.log.annotate)
            case LastWords(file=file):
                return TerminationLog(file=file, render=partial(last_words, scrub=scrub))
            case _:
                assert_never(telling)

    def far(self, telling: Far) -> Notifier:
        """The notifier across the network that does it."""
        scrub = self.around.scrub
        sender = Sender(send=self._send(), allowance=self.allowance, trace=self._trace)
        brief = replace(sender, allowance=self.allowance.at_most(WEBHOOK_SECONDS))
        match telling:
            case Comment(github=github, token=token, only_update=only_update):
                return GitHubComment(
                    api=_api(github, token, sender=sender),
                    thread=_thread(github, self.config),
                    render=partial(self._markdown, room=COMMENT),
                    only_update=only_update,
                )
            case Chat(webhook=webhook):
                message = partial(slack_message, scrub=scrub, link=self.config.origin.run_url)
                return Slack(webhook=webhook, agent=AGENT, render=message, sender=brief)
            case Post(url=url, keys=keys):
                return Webhook(url=url, keys=keys, agent=AGENT, render=partial(posted, scrub=scrub), sender=brief)
            case _:
                assert_never(telling)

    def _markdown(self, report: Report, limit: int, *, room: Room) -> str:
        return markdown_text(
            report, scrub=self.around.scrub, room=replace(room, limit=limit), link=self.config.origin.run_url
        )

    def _send(self) -> Send:
        # A pod that only leaves its last words does without a client for the web.
        from drydock.http import send

        return partial(send, certificates=self.around.environ.get("SSL_CERT_FILE") or None)


def _silent(line: str) -> None:
    pass


def _api(github: GitHub, token: Secret, *, sender: Sender) -> GitHubApi:
    return GitHubApi(base_url=github.api_url, repository=github.repository, token=token, agent=AGENT, sender=sender)


def _thread(github: GitHub, config: Config) -> Thread:
    moment = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    commit = f"commit {github.head[:12]}, " if github.head else ""
    return Thread(
        key=_key(github, config),
        pull_request=config.messages.pull_request or github.pull_request,
        sha=github.sha,
        footer=f"<sub>{commit}{moment}</sub>",
    )


def _key(github: GitHub, config: Config) -> str:
    """The same in every run for one environment, database and project folder, whether the database answers or not."""
    address = config.target.address
    try:
        database = libpq_environment(address).get("PGDATABASE", "") if address else ""
    except UsageError:
        database = ""
    root = (github.workspace or config.directory).resolve()
    inside = config.directory.resolve()
    folder = inside.relative_to(root).as_posix() if inside.is_relative_to(root) else "."
    return "/".join((config.environment or "default", database or "default", *((folder,) if folder != "." else ())))

"""Whose migrations these are. Pure: why a run is refused, or None."""

from drydock.config.ci import Ci, Elsewhere, GitHub
from drydock.errors import UsageError

CHANGING = frozenset({"deploy", "resolve", "rollback", "recover", "init"})
WITH_SECRETS = frozenset({"pull_request_target", "workflow_run"})
"""Events that run with the repository's secrets, though a stranger may have started them."""


def refusal_of(ci: Ci, command: str) -> UsageError | None:
    """Why this command may not change a target here: SQL that anybody can write would run with the secrets."""
    match ci:
        case GitHub(event=event, author="stranger" | "unknown") if event in WITH_SECRETS and command in CHANGING:
            return UsageError(
                f"`drydock {command}` is refused: {event} was started from a fork, or nobody can tell from where, and "
                "it runs with this repository's secrets.",
                hint="Check pull requests under `pull_request`, without secrets; deploy under `push`.",
            )
        case GitHub() | Elsewhere():
            return None


def warning_of(ci: Ci, command: str) -> str | None:
    """What to say to a check that takes a stranger's SQL to where secrets are."""
    match ci:
        case GitHub(event=event, author="stranger" | "unknown") if event in WITH_SECRETS and command not in CHANGING:
            return (
                f"{event} was started from a fork, and runs with this repository's secrets: what is rehearsed here may "
                "have been written by anybody. Use `pull_request`, without secrets."
            )
        case GitHub() | Elsewhere():
            return None

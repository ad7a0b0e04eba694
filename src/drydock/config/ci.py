"""Which CI this run is in, and what it says of itself. Pure, but for the event's file that GitHub names.

Where the facts come from: GitHub's manual, "Variables reference" and "Webhook events and payloads".
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from drydock.files import read_at_most

LARGEST_EVENT_BYTES = 30_000_000
_QUEUED = re.compile(r"refs/heads/gh-readonly-queue/.+/pr-([0-9]+)-[0-9a-f]+")

Author = Literal["member", "stranger", "unknown"]
"""Whose code an event is about: of this repository; of a fork; not to be found out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHub:
    """A job of GitHub Actions; texts are empty where GitHub does not say."""

    event: str
    """What started the workflow: `push`, `pull_request`."""
    repository: str
    """OWNER/NAME."""
    api_url: str
    """With the prefix that an Enterprise Server has."""
    sha: str
    """The commit that is checked out; of a pull request, the merge that GitHub tries out."""
    head: str
    """The commit that a person knows: the newest one of the pull request, else `sha`."""
    workspace: Path | None
    output: Path | None
    summary: Path | None
    pull_request: int | None
    """As far as the event says it."""
    author: Author
    is_debugging: bool


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another CI, or none."""


Ci = GitHub | Elsewhere


def ci_of(environ: Mapping[str, str]) -> Ci:
    """The CI that this environment belongs to."""
    if environ.get("GITHUB_ACTIONS") != "true":
        return Elsewhere()
    event = _event(environ.get("GITHUB_EVENT_PATH", ""))
    repository = environ.get("GITHUB_REPOSITORY", "")
    name = environ.get("GITHUB_EVENT_NAME", "")
    sha = environ.get("GITHUB_SHA", "")
    head = _at(event, "pull_request", "head", "sha")
    return GitHub(
        event=name,
        repository=repository,
        api_url=environ.get("GITHUB_API_URL", "").rstrip("/"),
        sha=sha,
        head=head if isinstance(head, str) else sha,
        workspace=_path(environ, "GITHUB_WORKSPACE"),
        output=_path(environ, "GITHUB_OUTPUT"),
        summary=_path(environ, "GITHUB_STEP_SUMMARY"),
        pull_request=_number(event),
        author=_author(event, name, repository=repository),
        is_debugging="1" in (environ.get("RUNNER_DEBUG"), environ.get("ACTIONS_STEP_DEBUG"))
        or environ.get("ACTIONS_STEP_DEBUG") == "true",
    )


def command_from_ci(environ: Mapping[str, str]) -> str:
    """The command that the action was asked for by its input, or an empty text."""
    return environ.get("INPUT_COMMAND", "").strip()


def arguments_from_ci(environ: Mapping[str, str]) -> str:
    """The arguments of that command, as a shell would read them, or an empty text."""
    return environ.get("INPUT_ARGUMENTS", "").strip()


def _path(environ: Mapping[str, str], name: str) -> Path | None:
    return Path(environ[name]) if environ.get(name) else None


def _event(path: str) -> Mapping[str, Any]:
    content = read_at_most(Path(path), LARGEST_EVENT_BYTES) if path else None
    try:
        event = json.loads(content or b"{}")
    except (ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}


def _number(event: Mapping[str, Any]) -> int | None:
    """The pull request, in the order in which the places are to be trusted."""
    queued = _QUEUED.fullmatch(str(_at(event, "merge_group", "head_ref") or ""))
    runs = _at(event, "workflow_run", "pull_requests")
    first = runs[0] if isinstance(runs, list) and runs else None
    candidates = (
        _at(event, "pull_request", "number"),
        _at(event, "issue", "number") if _at(event, "issue", "pull_request") else None,
        int(queued[1]) if queued else None,
        _at(first, "number"),
    )
    return next((number for number in candidates if isinstance(number, int) and number > 0), None)


def _author(event: Mapping[str, Any], name: str, *, repository: str) -> Author:
    places = {
        "pull_request": ("pull_request", "head", "repo"),
        "pull_request_target": ("pull_request", "head", "repo"),
        "workflow_run": ("workflow_run", "head_repository"),
    }
    place = places.get(name)
    if place is None:
        return "member"
    if _at(event, *place[:-1]) is None:
        return "unknown"
    # The repository is null when the fork has been deleted since.
    return "member" if repository and _at(event, *place, "full_name") == repository else "stranger"


def _at(value: object, *keys: str) -> Any:
    """What is at this place of a JSON document, or None."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value

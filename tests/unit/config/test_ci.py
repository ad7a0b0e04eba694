"""What is known of the CI: from its variables and from the event's file."""

import json
from pathlib import Path
from typing import Any

import pytest

from drydock.config.ci import Elsewhere, GitHub, ci_of

HERE = "octo/shop"
FORK = {"full_name": "mallory/shop"}
OURS = {"full_name": HERE}


def github(tmp_path: Path, name: str, event: object) -> GitHub:
    """The facts of a job with this event."""
    path = tmp_path / "event.json"
    path.write_text(event if isinstance(event, str) else json.dumps(event))
    found = ci_of(
        {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": name,
            "GITHUB_EVENT_PATH": str(path),
            "GITHUB_REPOSITORY": HERE,
            "GITHUB_SHA": "a" * 40,
        }
    )
    assert isinstance(found, GitHub)
    return found


@pytest.mark.parametrize("said", [None, "", "false", "True"])
def test_only_the_word_true_means_github(said: str | None) -> None:
    environ = {"GITHUB_REPOSITORY": HERE, "GITHUB_OUTPUT": "/files/output"} | ({"GITHUB_ACTIONS": said} if said else {})

    assert ci_of(environ) == Elsewhere()


@pytest.mark.parametrize(
    ("name", "event", "number"),
    [
        ("pull_request", {"pull_request": {"number": 7}}, 7),
        ("issue_comment", {"issue": {"number": 8, "pull_request": {"url": "u"}}}, 8),
        ("issue_comment", {"issue": {"number": 8}}, None),
        ("merge_group", {"merge_group": {"head_ref": f"refs/heads/gh-readonly-queue/main/pr-9-{'a' * 40}"}}, 9),
        ("merge_group", {"merge_group": {"head_ref": f"refs/heads/gh-readonly-queue/a/b/pr-9-{'a' * 40}"}}, 9),
        ("workflow_run", {"workflow_run": {"pull_requests": [{"number": 10}, {"number": 11}]}}, 10),
        ("workflow_run", {"workflow_run": {"pull_requests": []}}, None),
        ("push", {"ref": "refs/heads/main"}, None),
        ("push", "not json", None),
        ("push", "[1]", None),
        ("pull_request", {"pull_request": {"number": "7"}}, None),
        ("pull_request", {"pull_request": None}, None),
    ],
)
def test_the_pull_request_is_found_in_the_event(tmp_path: Path, name: str, event: object, number: int | None) -> None:
    assert github(tmp_path, name, event).pull_request == number


@pytest.mark.parametrize(
    ("name", "event", "author"),
    [
        ("push", {}, "member"),
        ("pull_request", {"pull_request": {"head": {"repo": OURS}}}, "member"),
        ("pull_request", {"pull_request": {"head": {"repo": FORK}}}, "stranger"),
        ("pull_request_target", {"pull_request": {"head": {"repo": OURS}}}, "member"),
        ("pull_request_target", {"pull_request": {"head": {"repo": FORK}}}, "stranger"),
        ("pull_request_target", {"pull_request": {"head": {"repo": None}}}, "stranger"),
        ("pull_request_target", {}, "unknown"),
        ("pull_request_target", "not json", "unknown"),
        ("workflow_run", {"workflow_run": {"head_repository": OURS}}, "member"),
        ("workflow_run", {"workflow_run": {"head_repository": FORK}}, "stranger"),
        ("workflow_run", {}, "unknown"),
    ],
)
def test_whose_code_it_is_is_found_in_the_event(tmp_path: Path, name: str, event: object, author: str) -> None:
    assert github(tmp_path, name, event).author == author


def test_the_commit_that_a_person_knows_is_the_newest_of_the_pull_request(tmp_path: Path) -> None:
    event: dict[str, Any] = {"pull_request": {"number": 7, "head": {"sha": "b" * 40}}}

    found = github(tmp_path, "pull_request", event)

    assert (found.sha, found.head) == ("a" * 40, "b" * 40)


def test_an_event_file_that_is_not_there_is_no_error() -> None:
    found = ci_of({"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": "/nowhere/event.json"})

    assert isinstance(found, GitHub)
    assert found.pull_request is None

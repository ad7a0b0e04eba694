"""Which runs are refused because anybody could have written their SQL."""

import itertools

import pytest

from drydock.config.ci import Author, Ci, Elsewhere, GitHub
from drydock.errors import ExitCode
from drydock.trust import refusal_of, warning_of


def job(event: str, author: Author) -> GitHub:
    """A job that this event started, with code by this author."""
    return GitHub(
        event=event,
        repository="octo/shop",
        api_url="",
        sha="",
        head="",
        workspace=None,
        output=None,
        summary=None,
        pull_request=None,
        author=author,
        is_debugging=False,
    )


@pytest.mark.parametrize("command", ["deploy", "resolve", "init", "rollback", "recover"])
@pytest.mark.parametrize("event", ["pull_request_target", "workflow_run"])
@pytest.mark.parametrize("author", ["stranger", "unknown"])
def test_a_strangers_sql_is_not_applied_where_secrets_are(command: str, event: str, author: Author) -> None:
    refusal = refusal_of(job(event, author), command)

    assert refusal is not None
    assert refusal.exit_code == ExitCode.USAGE
    assert event in refusal.what
    assert "pull_request" in refusal.hint


AUTHORS: tuple[Author, ...] = ("stranger", "member")
FREE: list[tuple[Ci, str]] = [
    *((job(event, "member"), "deploy") for event in ("pull_request_target", "workflow_run", "push", "pull_request")),
    *((job("pull_request", author), "deploy") for author in AUTHORS),
    *(
        (job(event, author), command)
        for event, author, command in itertools.product(
            ("pull_request_target", "workflow_run"), AUTHORS, ("check", "status")
        )
    ),
    (Elsewhere(), "deploy"),
]


@pytest.mark.parametrize(("ci", "command"), FREE)
def test_everything_else_goes_its_way(ci: Ci, command: str) -> None:
    assert refusal_of(ci, command) is None


@pytest.mark.parametrize(
    ("event", "author", "is_warned"),
    [
        ("pull_request_target", "stranger", True),
        ("workflow_run", "unknown", True),
        ("pull_request_target", "member", False),
        ("pull_request", "stranger", False),
    ],
)
def test_a_check_of_a_strangers_sql_beside_secrets_is_warned(event: str, author: Author, *, is_warned: bool) -> None:
    assert (warning_of(job(event, author), "check") is not None) == is_warned

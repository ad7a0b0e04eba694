"""One comment on the pull request per environment and database: written once, then kept up to date.

It is found again by a hidden marker in its first line. Anybody can paste a marker, so only a comment of a bot, or of
the token's own user, counts as ours.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from drydock.model import Report
from drydock.notify.github_api import ForbiddenError, GitHubApi, UncertainError, document_of, is_limited, refusal_of
from drydock.notify.interface import NotifyError
from drydock.request import Response

LARGEST_UNITS = 65_000
"""GitHub's limit is 65,536 characters; they are counted in UTF-16 units here, which are never fewer."""
SHORTEST_UNITS = 6_000
MOST_TRIES = 3
BETWEEN_WRITES_SECONDS = 1.0
MAY_NOT_WRITE = (
    "No comment was written on the pull request: the token may only read. The job needs "
    "`permissions: pull-requests: write`; a pull request from a fork, or of Dependabot, never gets it. "
    "The job summary says the same as the comment would."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """Which comment on which pull request."""

    key: str
    """What tells this comment from those of other environments and databases."""
    pull_request: int | None
    """None: to be found by the commit."""
    sha: str
    footer: str
    """The last lines of the comment: which commit, when."""

    @property
    def marker(self) -> str:
        """The comment's first line; never changed within a major version."""
        return f"<!-- drydock:v1 key={''.join(map(_harmless, self.key))} -->"


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHubComment:
    """The comment. `only_update`: write none where there is none yet."""

    api: GitHubApi
    thread: Thread
    render: Callable[[Report, int], str]
    """The report as Markdown in at most so many UTF-16 units."""
    only_update: bool

    @property
    def name(self) -> str:
        """See `Notifier`."""
        return "the comment on the pull request"

    def publish(self, report: Report) -> str | None:
        """See `Notifier`."""
        number = self.thread.pull_request or self._number_by_commit()
        if number is None:
            return None
        for attempt in range(MOST_TRIES):
            if attempt and not self.api.sender.allowance.pause(BETWEEN_WRITES_SECONDS):
                break
            try:
                return self._written(report, number)
            except ForbiddenError:
                return MAY_NOT_WRITE
            except UncertainError:
                # It may have worked: the next round looks first.
                continue
        raise NotifyError("GitHub's API gave no clear answer")

    def _number_by_commit(self) -> int | None:
        answer = self.api.read(f"/commits/{self.thread.sha}/pulls") if self.thread.sha else None
        found = document_of(answer) if answer is not None and answer.status == 200 else None
        pulls = [pull for pull in found if isinstance(pull, dict)] if isinstance(found, list) else []
        merged = [pull for pull in pulls if pull.get("merge_commit_sha") == self.thread.sha]
        number = next((pull.get("number") for pull in (*merged, *pulls)), None)
        return number if isinstance(number, int) else None

    def _written(self, report: Report, number: int) -> str | None:
        body = self._body(report, LARGEST_UNITS)
        for comment in self._ours(number):
            if str(comment.get("body")).rstrip() == body.rstrip():
                return None
            change = partial(self._changed, int(comment["id"]))
            answer = self._shortened_if_needed(change, report, body=body)
            if answer.status == 200:
                return None
            if answer.status not in (403, 404) or is_limited(answer):
                raise NotifyError(refusal_of(answer))
            if not self.api.sender.allowance.pause(BETWEEN_WRITES_SECONDS):
                raise NotifyError(refusal_of(answer))
        return None if self.only_update else self._made(report, number, body=body)

    def _made(self, report: Report, number: int, *, body: str) -> str | None:
        make = partial(self._posted, number)
        answer = self._shortened_if_needed(make, report, body=body)
        if answer.status == 403 and not is_limited(answer):
            return MAY_NOT_WRITE
        if answer.status != 201:
            raise NotifyError(refusal_of(answer))
        return None

    def _changed(self, identifier: int, body: str) -> Response:
        return self.api.change(f"/issues/comments/{identifier}", {"body": body})

    def _posted(self, number: int, body: str) -> Response:
        return self.api.make(f"/issues/{number}/comments", {"body": body})

    def _shortened_if_needed(self, write: Callable[[str], Response], report: Report, *, body: str) -> Response:
        answer = write(body)
        if answer.status != 422 or not self.api.sender.allowance.pause(BETWEEN_WRITES_SECONDS):
            return answer
        return write(self._body(report, SHORTEST_UNITS))

    def _body(self, report: Report, units: int) -> str:
        head, tail = f"{self.thread.marker}\n", f"\n\n{self.thread.footer}\n"
        return f"{head}{self.render(report, units - _units(head) - _units(tail)).rstrip()}{tail}"

    def _ours(self, number: int) -> list[dict[str, Any]]:
        """Our comments, oldest first."""
        marked = [
            comment
            for comment in self.api.pages(f"/issues/{number}/comments")
            if str(comment.get("body") or "").partition("\n")[0].rstrip("\r") == self.thread.marker
        ]
        people = any(_author(comment).get("type") != "Bot" for comment in marked)
        login = self.api.login() if people else None
        return [comment for comment in marked if _is_by(_author(comment), login)]


def _author(comment: dict[str, Any]) -> dict[str, Any]:
    return comment.get("user") or {}


def _is_by(author: dict[str, Any], login: str | None) -> bool:
    return author.get("type") == "Bot" or (login is not None and author.get("login") == login)


def _harmless(letter: str) -> str:
    # Two hyphens would end the HTML comment.
    return letter if letter.isascii() and (letter.isalnum() or letter in "./_") else f"%{ord(letter):x}"


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2

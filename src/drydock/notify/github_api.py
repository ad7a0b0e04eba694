"""GitHub's REST API: pages, writes, and when to try again (its manual: "Best practices for using the REST API")."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from drydock.notify.interface import NotifyError
from drydock.notify.trying import Ended, Sender, growing, retry_after
from drydock.redact import Secret
from drydock.request import Request, Response, UnansweredError

PAGE = 100
MOST_PAGES = 100
LIMITED_SECONDS = 60.0
TRY_AGAIN = frozenset({429, 500, 502, 503, 504})
VERSION_HEADER = "2022-11-28"


class ForbiddenError(NotifyError):
    """The token has not the permission; that of a fork never has."""


class UncertainError(Exception):
    """Whether a new thing was made is not known: look before it is made again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHubApi:
    """The API as one repository's job sees it."""

    base_url: str
    """With the prefix that an Enterprise Server has."""
    repository: str
    token: Secret
    agent: str
    """For the header User-Agent."""
    sender: Sender

    def login(self) -> str | None:
        """Whom the token stands for; None for a job's own token, which is nobody's."""
        document = document_of(self._read(f"{self.base_url}/user"))
        login = document.get("login") if isinstance(document, dict) else None
        return login if isinstance(login, str) else None

    def pages(self, path: str) -> Iterator[Any]:
        """Every element of a list, oldest first. Raises ForbiddenError, and NotifyError."""
        for page in range(1, MOST_PAGES + 1):
            answer = self.read(f"{path}?per_page={PAGE}&page={page}")
            elements = document_of(answer)
            if answer.status == 403 and not is_limited(answer):
                raise ForbiddenError(refusal_of(answer))
            if answer.status != 200 or not isinstance(elements, list):
                raise NotifyError(refusal_of(answer))
            yield from elements
            if len(elements) < PAGE:
                return

    def read(self, path: str) -> Response:
        """The answer to a GET, whatever its status. Raises NotifyError."""
        return self._read(self._address(path))

    def _read(self, url: str) -> Response:
        try:
            return self.sender.answer(self._request("GET", url), _pause_after)
        except UnansweredError as error:
            raise NotifyError(f"GitHub's API gave no answer: {error.reason}") from None

    def change(self, path: str, content: Mapping[str, Any]) -> Response:
        """The answer to a PATCH; doing it twice does no harm. Raises NotifyError."""
        try:
            return self.sender.answer(self._request("PATCH", self._address(path), content=content), _pause_after)
        except UnansweredError as error:
            raise NotifyError(f"GitHub's API gave no answer: {error.reason}") from None

    def make(self, path: str, content: Mapping[str, Any]) -> Response:
        """The answer to a POST, which is not sent twice where the first may have worked. Raises UncertainError."""
        try:
            answer = self.sender.answer(self._request("POST", self._address(path), content=content), _pause_after_post)
        except UnansweredError as error:
            if error.may_have_arrived:
                raise UncertainError from None
            raise NotifyError(f"GitHub's API gave no answer: {error.reason}") from None
        if answer.status >= 500:
            raise UncertainError
        return answer

    def _address(self, path: str) -> str:
        return f"{self.base_url}/repos/{self.repository}{path}"

    def _request(
        self, method: Literal["GET", "POST", "PATCH"], url: str, *, content: Mapping[str, Any] | None = None
    ) -> Request:
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {self.token.reveal()}",
            "User-Agent": self.agent,
            "X-GitHub-Api-Version": VERSION_HEADER,
        }
        if content is not None:
            headers["Content-Type"] = "application/json"
        return Request(
            method=method,
            url=Secret(url),
            headers=headers,
            body=None if content is None else json.dumps(content).encode(),
        )


def document_of(answer: Response) -> Any:
    """The JSON in an answer, or None."""
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None


def refusal_of(answer: Response) -> str:
    """Why GitHub says no, in a sentence of ours: what it says itself may quote what we sent."""
    reasons = {
        401: "the token is not valid",
        403: "the token may not do this",
        404: "it is not there, or the token may not see it",
        410: "comments are switched off",
        422: "it cannot take the content",
        429: "too many requests",
    }
    reason = "too many requests" if is_limited(answer) else reasons.get(answer.status)
    return f"GitHub's API answered {answer.status}" + (f": {reason}" if reason else "")


def is_limited(answer: Response) -> bool:
    """Whether a refusal means only: not now."""
    headers = answer.headers
    if answer.status == 429 or "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0":
        return answer.status in (403, 429)
    # The one case that only the text tells; GitHub's manual says so.
    return answer.status == 403 and b"secondary rate limit" in answer.body.lower()


def _pause_after(ended: Ended, attempt: int) -> float | None:
    if isinstance(ended, UnansweredError):
        return growing(attempt)
    if is_limited(ended):
        return _limited_pause(ended, attempt)
    return growing(attempt) if ended.status in TRY_AGAIN else None


def _pause_after_post(ended: Ended, attempt: int) -> float | None:
    if isinstance(ended, UnansweredError):
        return None if ended.may_have_arrived else growing(attempt)
    return _limited_pause(ended, attempt) if is_limited(ended) else None


def _limited_pause(answer: Response, attempt: int) -> float:
    asked = retry_after(answer.headers)
    if asked is not None:
        return asked
    reset = answer.headers.get("x-ratelimit-reset", "")
    if answer.headers.get("x-ratelimit-remaining") == "0" and reset.isdigit():
        return max(0.0, int(reset) - time.time()) + 1
    return LIMITED_SECONDS if answer.status == 403 else growing(attempt)

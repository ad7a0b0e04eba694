"""Web servers: the only user of requests. One request and its answer; trying again is the caller's.

A URL may be signed or hold a password: no message and no exception holds it.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import MappingProxyType
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from drydock.errors import RehearsalError
from drydock.redact import Secret
from drydock.request import Request, Response, UnansweredError
from drydock.snapshot.interface import Answer, CutError

BLOCK = 1 << 18
CONNECT_SECONDS = 10.0
SILENCE_SECONDS = 60.0
MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
LARGEST_ANSWER_BYTES = 30_000_000


def send(request: Request, *, certificates: str | None = None) -> Response:
    """See `Send` in request.py. `certificates` may name a file of certificates to trust instead of the usual."""
    try:
        with requests.Session() as session:
            # Without this, a ~/.netrc would replace the Authorization header that we were given.
            session.auth = _as_it_is
            with session.request(
                request.method,
                request.url.reveal(),
                headers=dict(request.headers),
                data=request.body,
                timeout=(request.connect_seconds, request.read_seconds),
                allow_redirects=False,
                verify=certificates or True,
                stream=True,
            ) as response:
                return _whole(response, seconds=request.read_seconds)
    except requests.exceptions.RequestException as error:
        raise _unanswered(error) from None
    except (urllib3.exceptions.HTTPError, OSError, UnicodeError, ValueError) as error:
        raise UnansweredError(type(error).__name__, may_have_arrived=True) from None


def _as_it_is(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    return prepared


def _whole(response: requests.Response, *, seconds: float) -> Response:
    """The answer with its body, which must come within the time: a trickle would never end by itself."""
    ends_at, blocks, length = time.monotonic() + seconds, [], 0
    for block in response.iter_content(BLOCK):
        length += len(block)
        if length > LARGEST_ANSWER_BYTES or time.monotonic() > ends_at:
            raise UnansweredError("the answer is too long", may_have_arrived=True)
        blocks.append(block)
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Response(status=response.status_code, headers=MappingProxyType(headers), body=b"".join(blocks))


def _unanswered(error: requests.exceptions.RequestException) -> UnansweredError:
    match error:
        case requests.exceptions.SSLError():
            return UnansweredError("its certificate cannot be trusted", may_have_arrived=False)
        case requests.exceptions.ProxyError():
            return UnansweredError("the proxy does not answer", may_have_arrived=False)
        case requests.exceptions.ConnectTimeout():
            return UnansweredError("it did not answer in time", may_have_arrived=False)
        case requests.exceptions.Timeout():
            return UnansweredError("it did not answer in time", may_have_arrived=True)
        case requests.exceptions.ConnectionError():
            return UnansweredError("the connection failed", may_have_arrived=not _never_connected(error))
        case _:
            return UnansweredError("its address or its answer cannot be read", may_have_arrived=False)


def _never_connected(error: requests.exceptions.ConnectionError) -> bool:
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", None)
    return isinstance(reason, urllib3.exceptions.NewConnectionError | urllib3.exceptions.NameResolutionError)


@contextmanager
def fetch(url: Secret, *, begin: int, version: str | None, verify: bool | str = True) -> Iterator[Answer]:
    """See `Fetch` in snapshot/interface.py. `verify` may name a file of certificates to trust instead of the usual."""
    headers = {"Accept-Encoding": "identity"}
    if begin and version:
        headers |= {"Range": f"bytes={begin}-", "If-Range": version}
    with requests.Session() as session:
        session.headers.update(headers)
        try:
            response = _answered(session, url.reveal(), verify=verify)
        except requests.exceptions.SSLError:
            raise RehearsalError(
                "The certificate of the snapshot's server cannot be trusted.",
                hint="Check the host's name and the machine's certificates (REQUESTS_CA_BUNDLE).",
            ) from None
        except requests.exceptions.InvalidURL:
            raise RehearsalError("The snapshot's URL cannot be read.", hint="Check it for missing parts.") from None
        except requests.exceptions.RequestException as error:
            raise CutError(type(error).__name__) from None
        with response:
            yield _answer(response)


def _answered(session: requests.Session, url: str, *, verify: bool | str) -> requests.Response:
    """The answer behind all redirects; each is asked anew, so that no password goes on to another host."""
    for _ in range(MOST_REDIRECTS):
        response = session.get(
            url, stream=True, allow_redirects=False, verify=verify, timeout=(CONNECT_SECONDS, SILENCE_SECONDS)
        )
        if response.status_code not in REDIRECTS:
            return response
        url = urljoin(url, response.headers.get("Location", ""))
        response.close()
        if urlsplit(url).scheme != "https":
            raise RehearsalError("The snapshot's server redirects away from https.", hint="Use an address that stays.")
    raise RehearsalError("The snapshot's server redirects without end.", hint="Use the address that it leads to.")


def _answer(response: requests.Response) -> Answer:
    version = response.headers.get("ETag") or response.headers.get("Last-Modified")
    begins_at, total = _extent(response)
    return Answer(
        status=response.status_code,
        # A weak mark promises no equal bytes.
        version=None if version is None or version.startswith("W/") else version,
        begins_at=begins_at,
        total_bytes=total,
        blocks=_blocks(response),
    )


def _extent(response: requests.Response) -> tuple[int, int | None]:
    """Where the answer begins in the file, and how long that is: `bytes 100-199/200`."""
    length = response.headers.get("Content-Length", "")
    if "Content-Range" not in response.headers:
        return 0, int(length) if length.isdigit() else None
    place, _, total = response.headers.get("Content-Range", "").removeprefix("bytes ").partition("/")
    begin = place.partition("-")[0]
    return int(begin) if begin.isdigit() else 0, int(total) if total.isdigit() else None


def _blocks(response: requests.Response) -> Iterator[bytes]:
    # The stored bytes, also where the server calls their compression a Content-Encoding.
    try:
        while block := response.raw.read(BLOCK, decode_content=False):
            yield block
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise CutError(type(error).__name__) from None

"""Snapshots behind https: resumed, checked, and every failure told without the secrets of the address."""

from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest

from drydock.errors import RehearsalError
from drydock.http import fetch
from drydock.redact import Secret
from drydock.snapshot.downloads import Downloading, download
from drydock.snapshot.source import SnapshotSource, Wanted
from tests.fixtures.http_server import WebServer
from tests.fixtures.snapshots import Dumper, means_of

PAUSES = (0.0, 0.0, 0.0)
SQL = b"CREATE TABLE t (a int);\n" + b"-- filler\n" * 300_000


def downloading(server: WebServer, folder: Path) -> Downloading:
    trusting = partial(fetch, verify=str(server.certificate))
    return Downloading(
        fetch=trusting, directory=folder / "kept", say=lambda _: None, stopped=lambda: False, pauses=PAUSES
    )


def test_whole_file_is_downloaded_and_kept(web_server: WebServer, tmp_path: Path) -> None:
    web_server.content = SQL
    how = downloading(web_server, tmp_path)

    first = download(web_server.url(), how)
    again = download(web_server.url("/backups/shop.dump?signature=another"), how)

    assert first.read_bytes() == again.read_bytes() == SQL
    assert web_server.asked == [None, f"bytes={len(SQL)}-"]
    assert "canary" not in str(first)


def test_cut_download_goes_on_where_it_was_cut(web_server: WebServer, tmp_path: Path) -> None:
    web_server.content, web_server.cut_after = SQL, [1_000_000, 700_000]

    path = download(web_server.url(), downloading(web_server, tmp_path))

    assert path.read_bytes() == SQL
    assert web_server.asked == [None, "bytes=1000000-", "bytes=1700000-"]


def test_file_that_changed_meanwhile_is_taken_from_its_beginning(web_server: WebServer, tmp_path: Path) -> None:
    web_server.content, web_server.cut_after = SQL, [1_000_000] + [0] * 3
    how = downloading(web_server, tmp_path)
    with pytest.raises(RehearsalError, match="could not be downloaded"):
        download(web_server.url(), how)

    web_server.content, web_server.version, web_server.cut_after = SQL[::-1], '"two"', []

    assert download(web_server.url(), how).read_bytes() == SQL[::-1]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_server_with_an_error_is_asked_again(web_server: WebServer, tmp_path: Path, status: int) -> None:
    web_server.content, web_server.statuses = SQL, [status, status]

    assert download(web_server.url(), downloading(web_server, tmp_path)).read_bytes() == SQL


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (401, "asks for a password"),
        (403, "refuses access"),
        (404, "has no such file"),
        (418, "answers with status 418"),
        (500, "could not be downloaded: the server has an error"),
    ],
)
def test_refusal_is_told_without_secrets(web_server: WebServer, tmp_path: Path, status: int, says: str) -> None:
    web_server.statuses = [status] * 9

    with pytest.raises(RehearsalError, match=says) as failure:
        download(web_server.url(), downloading(web_server, tmp_path))

    assert "https://localhost/.../shop.dump" in str(failure.value)
    assert "canary" not in f"{failure.value!r} {failure.value.hint} {failure.getrepr()!s}"


def test_certificate_that_nobody_signed_is_refused(web_server: WebServer, tmp_path: Path) -> None:
    how = Downloading(fetch=fetch, directory=tmp_path, say=print, stopped=lambda: False, pauses=PAUSES)

    with pytest.raises(RehearsalError, match="certificate"):
        download(web_server.url(), how)


@pytest.mark.parametrize("scheme", ["http", "ftp", "file"])
def test_only_https_is_asked(web_server: WebServer, tmp_path: Path, scheme: str) -> None:
    with pytest.raises(RehearsalError, match="https only"):
        download(Secret(f"{scheme}://localhost:{web_server.port}/x"), downloading(web_server, tmp_path))

    assert web_server.asked == []


def test_redirect_is_followed_only_to_https(web_server: WebServer, tmp_path: Path) -> None:
    web_server.content, web_server.redirect_to = SQL, "/moved/shop.dump"
    assert download(web_server.url(), downloading(web_server, tmp_path)).read_bytes() == SQL

    web_server.redirect_to = f"http://localhost:{web_server.port}/moved/x?canary"
    with pytest.raises(RehearsalError, match="redirects away from https"):
        download(web_server.url("/other.dump"), downloading(web_server, tmp_path))


def test_nobody_there_is_told(web_server: WebServer, tmp_path: Path) -> None:
    url = Secret("https://localhost:9/backups/shop.dump?canary")

    with pytest.raises(RehearsalError, match=r"could not be downloaded: \w+Error; 0 MB are here"):
        download(url, downloading(web_server, tmp_path))


def test_checksum_decides(web_server: WebServer, newest_dumper: Dumper, tmp_path: Path) -> None:
    web_server.content = SQL

    def source(checksum: str) -> SnapshotSource:
        how = downloading(web_server, tmp_path)
        wanted = Wanted(location=web_server.url(), root=tmp_path, sha256=checksum, downloading=how)
        return SnapshotSource(wanted, means_of(newest_dumper))

    with pytest.raises(RehearsalError, match="checksum") as failure:
        source("0" * 64).prepare()
    assert "canary" not in str(failure.value)
    assert not list((tmp_path / "kept").glob("*.dump"))

    source(sha256(SQL).hexdigest().upper()).prepare()

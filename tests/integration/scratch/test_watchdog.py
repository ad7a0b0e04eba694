"""Nothing is left of a scratch: no process, no directory, no database, however its owner ended."""

import signal
import time
from pathlib import Path
from typing import Any

import pytest

from drydock.postgres.administration import ServerAdministration
from drydock.redact import Secret
from drydock.scratch.embedded import EmbeddedProvider
from drydock.scratch.given import PREFIX, GivenProvider, Grant
from drydock.scratch.premises import Premises
from tests.fixtures.database import TestDatabase
from tests.fixtures.scratch import SHOP, eventually, not_apart, processes_in
from tests.integration.scratch.owning import ended, kill, line_of, started, watchdogs_of

PAUSES = (0.0, 0.03, 0.07, 0.12, 0.18, 0.25, 0.35, 0.5, 0.7, 1.0)
CLUSTERS = "clusters"


def is_clean(place: Path) -> bool:
    """Whether nothing is there, and nothing runs there."""
    return not list(place.iterdir()) and not list(processes_in(place))


def left_on(server: TestDatabase) -> list[str]:
    """Scratch databases that are on the server."""
    rows = server.rows("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", PREFIX)
    return [name for (name,) in rows]


def owned_by(server: TestDatabase) -> dict[str, Any]:
    """What an owner on a given server is told."""
    return {"given": server.url, "caches": ()}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_running_server_is_gone_after_its_owner_was_ended(place: Path, kept_clusters: Path, number: int) -> None:
    owner = started(places=(place,), caches=(kept_clusters,))
    directory = Path(line_of(owner))
    assert directory.is_dir()
    assert list(processes_in(place))

    ended(owner, signal.Signals(number))

    assert eventually(lambda: is_clean(place)), list(processes_in(place))


@pytest.mark.parametrize("pause", PAUSES)
@pytest.mark.parametrize("has_kept_cluster", [True, False])
def test_no_server_is_left_whenever_its_owner_is_killed(
    place: Path, cache: Path, kept_clusters: Path, *, pause: float, has_kept_cluster: bool
) -> None:
    used = kept_clusters if has_kept_cluster else cache
    owner = started(places=(place,), caches=(used,), settle=True)
    time.sleep(pause)

    ended(owner, signal.SIGKILL)

    assert eventually(lambda: is_clean(place)), list(processes_in(place))
    assert eventually(lambda: not list(used.glob("*/drydock-scratch-*")))


@pytest.mark.parametrize("pause", PAUSES)
def test_no_database_is_left_whenever_its_owner_is_killed(place: Path, database: TestDatabase, pause: float) -> None:
    owner = started(places=(place,), **owned_by(database))
    time.sleep(pause / 2)

    ended(owner, signal.SIGKILL)

    assert eventually(lambda: is_clean(place))
    assert eventually(lambda: not left_on(database)), left_on(database)
    assert not watchdogs_of(owner)


def test_next_start_removes_a_server_whose_watchdog_was_killed_as_well(
    place: Path, kept_clusters: Path, embedded: EmbeddedProvider
) -> None:
    owner = started(places=(place,), caches=(kept_clusters,))
    left = Path(line_of(owner)).parent
    for pid in watchdogs_of(owner):
        kill(pid)
    ended(owner, signal.SIGKILL)
    assert list(processes_in(left))

    with embedded.provide(SHOP, needed_bytes=0) as scratch:
        assert [path.name for path in place.iterdir()] == [scratch.directory.parent.name]
        assert not list(processes_in(left))


def test_next_start_drops_a_database_whose_watchdog_was_killed_as_well(
    place: Path, premises: Premises, administration: ServerAdministration, database: TestDatabase
) -> None:
    owner = started(places=(place,), **owned_by(database))
    line_of(owner)
    for pid in watchdogs_of(owner):
        kill(pid)
    ended(owner, signal.SIGKILL)
    (left,) = left_on(database)
    assert eventually(lambda: not database.rows("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'"))

    grant = Grant(address=Secret(database.url), disposable=False)
    given = GivenProvider(grant, premises, administration=administration, apart=not_apart)
    with given.provide(SHOP, needed_bytes=0):
        assert left not in left_on(database)
    assert not left_on(database)
    assert is_clean(place)


def test_next_start_leaves_alone_what_has_an_owner(
    place: Path, kept_clusters: Path, embedded: EmbeddedProvider, database: TestDatabase
) -> None:
    server = started(places=(place,), caches=(kept_clusters,))
    directory = Path(line_of(server))
    other = started(places=(place,), **owned_by(database))
    line_of(other)
    before = left_on(database)

    with embedded.provide(SHOP, needed_bytes=0):
        ServerAdministration({}).drop_abandoned(Secret(database.url), PREFIX)
        assert directory.is_dir()
        assert len(list(processes_in(directory.parent / "cluster"))) > 0
        assert left_on(database) == before != []

    for owner in (server, other):
        ended(owner, signal.SIGTERM)
    assert eventually(lambda: is_clean(place))
    assert eventually(lambda: not left_on(database))


def test_ten_at_once_share_one_kept_cluster(place: Path, cache: Path) -> None:
    owners = [started(places=(place,), caches=(cache,), settle=True) for _ in range(10)]

    said = [owner.communicate()[0] for owner in owners]

    assert all("settled" in lines for lines in said)
    assert is_clean(place)
    (entry,) = (cache / CLUSTERS).iterdir()
    assert (entry / "cluster" / "PG_VERSION").is_file()

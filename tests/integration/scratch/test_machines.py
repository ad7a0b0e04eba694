"""Machines that are not as one would wish: odd accounts, closed directories, no room, nothing to write on."""

import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from drydock.errors import RehearsalError
from drydock.postgres.administration import ServerAdministration
from drydock.scratch.account import Account
from drydock.scratch.binaries import Search, copy_installation, installations
from drydock.scratch.embedded import EmbeddedProvider
from drydock.scratch.premises import Premises
from tests.fixtures.rooms import small_disk
from tests.fixtures.scratch import ENVIRON, SHOP
from tests.integration.scratch.owning import ended, line_of, started

NOBODY_KNOWN = 65532
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user or mount something")


@pytest.fixture
def closed(place: Path) -> Iterator[Path]:
    """A folder that only its owner may enter."""
    folder = place.with_name(f"{place.name}-closed")
    folder.mkdir(mode=0o700)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def small(cache: Path) -> Iterator[Path]:
    """A file system of 64 MB."""
    with small_disk(cache / "small", "64m") as folder:
        yield folder


@as_root
def test_account_without_a_passwd_entry_uses_the_clusters_of_the_image(place: Path, baked_clusters: Path) -> None:
    os.chown(place, NOBODY_KNOWN, NOBODY_KNOWN)

    owner = started(NOBODY_KNOWN, places=(place,), caches=(), ready_made=baked_clusters, settle=True)
    said, wrong = owner.communicate()

    assert "settled" in said, wrong
    assert list(place.iterdir()) == []


@as_root
def test_account_without_a_passwd_entry_is_told_what_initdb_lacks(place: Path) -> None:
    os.chown(place, NOBODY_KNOWN, NOBODY_KNOWN)

    owner = started(NOBODY_KNOWN, places=(place,), caches=())
    _, wrong = owner.communicate()

    assert "could not look up effective user ID" in wrong
    assert list(place.iterdir()) == []


@as_root
def test_account_that_may_write_nowhere_is_told_of_each_place(place: Path, closed: Path, baked_clusters: Path) -> None:
    owner = started(NOBODY_KNOWN, places=(place, closed, Path("/nowhere")), caches=(), ready_made=baked_clusters)
    _, wrong = owner.communicate()

    assert f"{place}: permission denied" in wrong
    assert f"{closed}: may not be entered" in wrong
    assert "/nowhere: is not there" in wrong


@as_root
def test_home_that_cannot_be_written_is_no_obstacle(place: Path, cache: Path) -> None:
    home = cache / "home"
    home.mkdir(mode=0o555)
    os.chown(place, 65534, 65534)

    owner = started(65534, places=(place,), caches=(home / ".cache" / "drydock",))
    assert line_of(owner)
    ended(owner, signal.SIGTERM)

    assert list(home.iterdir()) == []


@as_root
def test_place_that_the_servers_account_cannot_reach_is_passed_over(
    closed: Path, place: Path, premises: Premises, administration: ServerAdministration
) -> None:
    inside = closed / "tmp"
    inside.mkdir(mode=0o777)
    provider = EmbeddedProvider(replace(premises, places=(inside, place)), administration)

    with provider.provide(SHOP, needed_bytes=0) as scratch:
        assert scratch.directory.is_relative_to(place)


@as_root
def test_full_file_system_is_passed_over_and_named(
    small: Path, place: Path, premises: Premises, administration: ServerAdministration
) -> None:
    provider = EmbeddedProvider(replace(premises, places=(small, place)), administration)
    with provider.provide(SHOP, needed_bytes=0) as scratch:
        assert scratch.directory.is_relative_to(place)

    only = EmbeddedProvider(replace(premises, places=(small,)), administration)
    with pytest.raises(RehearsalError, match="has 64m free, of the 260m that are needed") as caught:
        only.provide(SHOP, needed_bytes=100 << 20).__enter__()
    assert "--tmpfs /tmp:size=260m" in caught.value.hint


def a_gigabyte(place: Path) -> int:
    """What is free on a place, while it is there."""
    return 1 << 30 if place.is_dir() else 0


def test_room_is_asked_for_what_is_needed(premises: Premises, administration: ServerAdministration) -> None:
    provider = EmbeddedProvider(replace(premises, free=a_gigabyte), administration)

    with pytest.raises(RehearsalError, match="has 1024m free"):
        provider.provide(SHOP, needed_bytes=1 << 30).__enter__()


@as_root
@pytest.mark.parametrize("has_cache", [True, False])
def test_programs_that_only_root_may_reach_are_copied(
    closed: Path, cache: Path, premises: Premises, administration: ServerAdministration, *, has_cache: bool
) -> None:
    newest = max(installations(replace(premises.search, system=())), key=lambda found: found.major)
    copied = copy_installation(newest, closed / "site-packages")
    search = Search(environ={"PATH": ""}, configured=copied, system=())
    provider = EmbeddedProvider(replace(premises, search=search, caches=(cache,) if has_cache else ()), administration)

    for _ in range(2):
        with provider.provide(SHOP, needed_bytes=0) as scratch:
            assert scratch.kind == "embedded"

    assert len(list(cache.glob("programs/*/*/*/bin/postgres"))) == int(has_cache)


def test_server_is_given_up_once_we_are_told_to_stop(
    place: Path, premises: Premises, administration: ServerAdministration
) -> None:
    with EmbeddedProvider(premises, administration).provide(SHOP, needed_bytes=0):
        "The cluster is kept now."
    kept = sorted(premises.caches[0].glob("clusters/*"))

    provider = EmbeddedProvider(replace(premises, stopped=lambda: True), administration)
    with pytest.raises(RehearsalError):
        provider.provide(SHOP, needed_bytes=0).__enter__()

    assert list(place.iterdir()) == []
    assert sorted(premises.caches[0].glob("clusters/*")) == kept != []


def test_root_steps_down(premises: Premises) -> None:
    account = premises.account

    assert (account == Account()) == (os.geteuid() != 0)
    assert account.user != 0
    assert dict(premises.environ) == ENVIRON

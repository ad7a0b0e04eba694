"""What is kept from run to run."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from drydock.scratch.binaries import Installation
from drydock.scratch.stores import Store, caches_of, entry_name
from drydock.scratch.watch import Watch, watched


@pytest.fixture
def watch() -> Iterator[Watch]:
    """A watchdog."""
    with watched({}) as made:
        yield made


def make(entry: Path) -> None:
    """Fill an entry."""
    entry.mkdir()
    (entry / "file").touch()


def make_half(entry: Path) -> None:
    """Fill an entry, and fail."""
    make(entry)
    raise OSError("no space left")


def test_entry_is_kept_and_found(tmp_path: Path, watch: Watch) -> None:
    store = Store(folder=tmp_path / "cache" / "clusters")

    assert store.keep("16.1-abc", make, watch=watch)

    assert store.has("16.1-abc")
    assert [path.name for path in store.folder.iterdir()] == ["16.1-abc"]


def test_entry_that_fails_leaves_nothing(tmp_path: Path, watch: Watch) -> None:
    store = Store(folder=tmp_path / "clusters")

    assert not store.keep("16.1-abc", make_half, watch=watch)

    assert list(store.folder.iterdir()) == []


def test_entry_that_somebody_made_meanwhile_is_taken(tmp_path: Path, watch: Watch) -> None:
    store = Store(folder=tmp_path / "clusters")

    assert store.keep("16.1-abc", make, watch=watch)
    assert store.keep("16.1-abc", make, watch=watch)

    assert [path.name for path in store.folder.iterdir()] == ["16.1-abc"]


def test_upgraded_programs_replace_their_entry(tmp_path: Path, watch: Watch) -> None:
    store = Store(folder=tmp_path / "clusters")
    for name in ("16.1-abc", "16.2-abc", "15.9-def"):
        store.keep(name, make, watch=watch)

    store.prune("16.2-abc")

    assert sorted(path.name for path in store.folder.iterdir()) == ["15.9-def", "16.2-abc"]


def test_what_others_may_write_is_not_trusted(tmp_path: Path, watch: Watch) -> None:
    store = Store(folder=tmp_path / "clusters")
    store.keep("16.1-abc", make, watch=watch)

    store.folder.chmod(0o777)

    assert not store.has("16.1-abc")
    assert not store.keep("16.2-abc", make, watch=watch)


def test_cache_is_the_users() -> None:
    shared = [] if os.geteuid() else [Path("/var/cache/drydock")]

    assert list(caches_of({"HOME": "/home/ann"})) == [Path("/home/ann/.cache/drydock"), *shared]
    assert list(caches_of({"HOME": "/home/ann", "XDG_CACHE_HOME": "/cache"})) == [Path("/cache/drydock"), *shared]
    assert list(caches_of({"XDG_CACHE_HOME": "relative"})) == shared


def test_entry_tells_versions_and_places_apart() -> None:
    names = {
        entry_name(Installation(binaries=Path(place), version=version, major=16))
        for place in ("/one/bin", "/other/bin")
        for version in ("16.1", "16.2")
    }

    assert len(names) == 4

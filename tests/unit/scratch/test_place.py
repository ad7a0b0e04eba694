"""Where a throwaway directory may be, and what is said where there is no such place."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from drydock.errors import RehearsalError
from drydock.scratch.account import Account
from drydock.scratch.claim import claimed, sweep
from drydock.scratch.place import MARGIN_BYTES, SYSTEM, Wish, claimed_in, places_of
from drydock.scratch.watch import Watch, watched

OURSELVES = Account()


@pytest.fixture
def watch() -> Iterator[Watch]:
    """A watchdog."""
    with watched({}) as made:
        yield made


def test_configured_place_comes_first_and_the_current_directory_last() -> None:
    found = places_of({"TMPDIR": str(SYSTEM[1])}, first=Path("/mine"), last=Path("/here"))

    assert found == (Path("/mine"), SYSTEM[1], SYSTEM[0], SYSTEM[2], Path("/here"))


def test_first_place_with_room_is_taken(tmp_path: Path, watch: Watch) -> None:
    roomy = tmp_path / "roomy"
    roomy.mkdir()
    wish = Wish(needed_bytes=100, account=OURSELVES, free=lambda place: 1000 if place == roomy else 99)

    with claimed_in((tmp_path / "nowhere", tmp_path, roomy), wish, watch=watch) as directory:
        assert directory.parent == roomy
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700

    assert not directory.exists()


def test_every_refused_place_is_named_with_its_reason(tmp_path: Path, watch: Watch) -> None:
    file = tmp_path / "file"
    file.touch()
    wish = Wish(needed_bytes=MARGIN_BYTES, account=OURSELVES, free=lambda place: 1 << 20 if place == tmp_path else 0)

    with pytest.raises(RehearsalError) as caught:
        claimed_in((tmp_path / "nowhere", file, tmp_path), wish, watch=watch).__enter__()

    assert f"{tmp_path}/nowhere: is not there; {file}: is not there; {tmp_path}: has 1m free, of the 160m" in str(
        caught.value
    )
    assert "--tmpfs /tmp:size=160m" in caught.value.hint


def test_directory_with_an_owner_is_not_swept(tmp_path: Path, watch: Watch) -> None:
    with claimed(tmp_path, watch) as directory:
        assert sweep((tmp_path,), OURSELVES) == ()
        assert directory.is_dir()


def test_only_our_own_directories_are_swept(tmp_path: Path) -> None:
    left = tmp_path / "drydock-scratch-000000000000"
    (left / "cluster").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "drydock-scratch-file").touch()
    (tmp_path / "drydock-scratch-link").symlink_to(tmp_path / "other")

    swept = sweep((tmp_path, tmp_path / "nowhere"), OURSELVES)

    assert swept == (left,)
    assert {path.name for path in tmp_path.iterdir()} == {"other", "drydock-scratch-file", "drydock-scratch-link"}


def test_another_users_directory_is_left_alone(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a directory away")
    left = tmp_path / "drydock-scratch-000000000000"
    left.mkdir()
    os.chown(left, 12345, 12345)

    assert sweep((tmp_path,), OURSELVES) == ()
    assert sweep((tmp_path,), Account(user=12345, group=12345)) == (left,)

"""Which programs are found, and which are taken."""

from pathlib import Path

import pytest

from drydock.errors import RehearsalError
from drydock.scratch.binaries import (
    CLIENT,
    SERVER,
    Installation,
    Search,
    client_programs,
    installations,
    nearest,
    server_installation,
)


def installed(folder: Path, version: str, programs: tuple[str, ...] = SERVER) -> Path:
    """Programs that say a version, as PostgreSQL's do."""
    binaries = folder / "bin"
    binaries.mkdir(parents=True)
    for name in programs:
        program = binaries / name
        program.write_text(f'#!/bin/sh\necho "{name} (PostgreSQL) {version}"\n')
        program.chmod(0o755)
    return binaries


def search_of(tmp_path: Path, *, path: str = "", configured: Path | None = None, wheel: Path | None = None) -> Search:
    """A search of what the test has laid out."""
    system = (f"{tmp_path}/system/*/bin",)
    return Search(environ={"PATH": path}, configured=configured, system=system, wheel=wheel)


@pytest.mark.parametrize(
    ("majors", "wanted", "taken"),
    [
        ((15, 16, 18), 15, 15),
        ((15, 16, 18), 17, 18),
        ((18, 16), 14, 16),
        ((15, 16), 17, None),
        ((15, 18, 16), 0, 18),
        ((), 0, None),
    ],
)
def test_oldest_that_is_not_older_is_taken(majors: tuple[int, ...], wanted: int, taken: int | None) -> None:
    found = [Installation(binaries=Path(f"/{major}"), version=f"{major}.1", major=major) for major in majors]

    chosen = nearest(found, wanted)

    assert (chosen.major if chosen else None) == taken


def test_of_equals_the_first_place_wins(tmp_path: Path) -> None:
    configured = installed(tmp_path / "mine", "16.1")
    system = installed(tmp_path / "system" / "16", "16.9 (Debian 16.9-1)")
    on_path = installed(tmp_path / "opt", "16.3")
    wheel = installed(tmp_path / "wheel" / "pginstall", "16beta2").parents[1]
    search = search_of(tmp_path, path=str(on_path), configured=configured, wheel=wheel)

    found = installations(search)

    assert [one.version for one in found] == ["16.1", "16.9", "16.3", "16beta2"]
    assert [one.binaries for one in found[:3]] == [configured, system, on_path]
    assert server_installation(search, major=16).version == "16.1"


def test_link_on_the_path_is_followed_and_not_found_twice(tmp_path: Path) -> None:
    binaries = installed(tmp_path / "system" / "15", "15.3")
    links = tmp_path / "links"
    links.mkdir()
    (links / "postgres").symlink_to(binaries / "postgres")

    (found,) = installations(search_of(tmp_path, path=str(links)))

    assert found.binaries == binaries


def test_server_needs_all_programs_clients_need_two(tmp_path: Path) -> None:
    installed(tmp_path / "system" / "17", "17.2", CLIENT)
    installed(tmp_path / "system" / "15", "15.3")
    search = search_of(tmp_path)

    assert client_programs(search, major=16).major == 17
    assert client_programs(search, major=14).major == 15
    assert server_installation(search, major=0).major == 15
    with pytest.raises(RehearsalError, match=r"a PostgreSQL server of version 16 or newer, and found only 15\.3 in"):
        server_installation(search, major=16)


def test_program_that_fails_or_says_something_else_does_not_count(tmp_path: Path) -> None:
    for number, text in enumerate(("#!/bin/sh\nexit 1\n", "#!/bin/sh\necho hello\n", "#!/nowhere/sh\n")):
        binaries = installed(tmp_path / "system" / str(number), "15.1")
        (binaries / "postgres").write_text(text)

    assert installations(search_of(tmp_path)) == ()


def test_clients_that_are_only_older_are_named(tmp_path: Path) -> None:
    installed(tmp_path / "system" / "15", "15.3", CLIENT)

    with pytest.raises(RehearsalError, match=r"found only 15\.3") as caught:
        client_programs(search_of(tmp_path), major=18)
    assert "postgresql-client-18" in caught.value.hint

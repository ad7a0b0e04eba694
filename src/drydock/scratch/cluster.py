"""An empty cluster: copied from a ready-made one, which takes a moment, or made by initdb.

A ready-made cluster is a directory with `cluster` (a data directory that was shut down) and `password` (its
superuser's, replaced as soon as a copy is up). It may lie in the image, read-only, or in the user's cache. A copy needs
no entry in /etc/passwd, as initdb does.
"""

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from drydock.redact import Secret
from drydock.scratch.binaries import Installation
from drydock.scratch.ending import CLUSTER
from drydock.scratch.execution import ServerPrograms

SUPERUSER = "postgres"
BAKED = Path("/var/lib/drydock/clusters")
"""Where an image has its ready-made clusters; only root can have put something there."""
PASSWORD = "password"  # noqa: S105 - the name of a file
CHECKSUMS_BY_DEFAULT_SINCE = 18


def ready_made(folder: Path | None, installation: Installation) -> Path | None:
    """The ready-made cluster of this version, else of this major, in a folder of such; None when there is none."""
    if folder is None:
        return None
    names = (installation.version, str(installation.major))
    return next((folder / name for name in names if is_ready_made(folder / name, installation)), None)


def is_ready_made(place: Path, installation: Installation) -> bool:
    """Whether the server of this installation could start from it."""
    try:
        major = (place / CLUSTER / "PG_VERSION").read_text(encoding="utf-8").strip()
        return major == str(installation.major) and (place / PASSWORD).is_file()
    except OSError:
        return False


def copy_ready_made(place: Path, programs: ServerPrograms) -> Secret:
    """Copy a ready-made cluster into the directory of the programs; its password. Raises OSError."""
    target = programs.directory / CLUSTER
    _copy_tree(place / CLUSTER, target)
    for path in (target, *target.rglob("*")):
        programs.account.give(path)
    return Secret((place / PASSWORD).read_text(encoding="utf-8"))


def keep_ready_made(directory: Path, place: Path, *, password: Secret) -> None:
    """Make a ready-made cluster of the one in a directory, which has not been started. Raises OSError."""
    _copy_tree(directory / CLUSTER, place / CLUSTER)
    _write_private(place / PASSWORD, password.reveal())


def initialise(programs: ServerPrograms, installation: Installation) -> Secret:
    """Make a cluster in the directory of the programs with initdb; its password. Raises RehearsalError."""
    password = Secret(secrets.token_urlsafe(24))
    file = programs.directory / PASSWORD
    _write_private(file, password.reveal())
    programs.account.give(file)
    try:
        programs.must("initdb", *_arguments(programs, installation, file=file))
    finally:
        file.unlink()
    return password


def _arguments(programs: ServerPrograms, installation: Installation, *, file: Path) -> Iterator[str]:
    yield from ("-D", str(programs.directory / CLUSTER), "-U", SUPERUSER, f"--pwfile={file}")
    yield from ("--auth=scram-sha-256", "--no-sync", "--encoding=UTF8", "--locale=C")
    if installation.major >= CHECKSUMS_BY_DEFAULT_SINCE:
        yield "--no-data-checksums"


def _copy_tree(source: Path, target: Path) -> None:
    """Copy files and directories, not their owners and modes: the copy of a read-only source can be written."""
    target.mkdir(mode=0o700, parents=True)
    for path in source.iterdir():
        if path.is_dir():
            _copy_tree(path, target / path.name)
        else:
            shutil.copyfile(path, target / path.name)


def _write_private(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")

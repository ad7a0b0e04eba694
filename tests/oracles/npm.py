"""Packages from npm, installed once into a cache outside the repository and kept there for later runs."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

NPM_SECONDS = 100
LAST_LINES = 15


class OracleUnavailableError(Exception):
    """What the tests need cannot be had on this machine; the text says why."""


def installed_once(folder: Path, fill: Callable[[Path], None]) -> Path:
    """Return `folder`, filled first by `fill` when it is not there yet. Raises OracleUnavailableError.

    Safe to call from several processes at once. It is built beside its final place and moved there whole, so a
    half-made one is never used.
    """
    for program in ("node", "npm"):
        if not folder.is_dir() and shutil.which(program) is None:
            raise OracleUnavailableError(f"`{program}` is not on the PATH")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _alone(folder.parent / f"{folder.name.partition('-')[0]}.lock"):
        if not folder.is_dir():
            _build(folder, fill)
    return folder


def npm_install(folder: Path) -> None:
    """Fetch the packages locked in `folder`; their install scripts do not run. Raises OracleUnavailableError."""
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=NPM_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise OracleUnavailableError(f"`{' '.join(command)}` took over {NPM_SECONDS} s") from error
    if done.returncode != 0:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-LAST_LINES:])
        raise OracleUnavailableError(f"`{' '.join(command)}` exited {done.returncode}:\n{said}")


def _build(folder: Path, fill: Callable[[Path], None]) -> None:
    building = Path(tempfile.mkdtemp(prefix=f"{folder.name}-building-", dir=folder.parent))
    try:
        fill(building)
        building.rename(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold an exclusive lock on the file `lock`, waiting for whoever has it."""
    handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)

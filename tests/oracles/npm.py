"""Packages from npm, installed once into a cache outside the repository and kept there for later runs."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

NPM_SECONDS = 200
LAST_LINES = 15


class OracleUnavailableError(Exception):
    """What the tests need cannot be had on this machine; the text says why."""


def _as_it_is(folder: Path) -> None:
    """Change nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What to install. `source` holds `files`, among them package.json and its lock."""

    name: str
    source: Path
    files: tuple[str, ...] = ("package.json", "package-lock.json")
    finish: Callable[[Path], None] = _as_it_is
    """What is done to the installed copy before anybody sees it; `finish_digest` stands for what it does."""
    finish_digest: str = ""


def installed(cache: Path, recipe: Recipe) -> Path:
    """Return a folder under `cache` with what the recipe makes, making it first when it is not there.

    Safe to call from several processes at once. It is built beside its final place and moved there whole, so a
    half-made one is never used; its name follows from the recipe, so a change to that makes a new folder. Raises
    OracleUnavailableError.
    """
    folder = cache / f"{recipe.name}-{_digest(recipe)}"
    cache.mkdir(parents=True, exist_ok=True)
    with _alone(cache / f"{recipe.name}.lock"):
        if not folder.is_dir():
            _build(folder, recipe)
    return folder


def _npm_install(folder: Path) -> None:
    """Fetch the locked packages. Their install scripts do not run: one would look for a native engine."""
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=NPM_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise OracleUnavailableError(f"`{' '.join(command)}` took over {NPM_SECONDS} s") from error
    if done.returncode != 0:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-LAST_LINES:])
        raise OracleUnavailableError(f"`{' '.join(command)}` exited {done.returncode}:\n{said}")


def _build(folder: Path, recipe: Recipe) -> None:
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise OracleUnavailableError(f"`{program}` is not on the PATH; {recipe.name} needs it")
    building = Path(tempfile.mkdtemp(prefix=f"{recipe.name}-building-", dir=folder.parent))
    try:
        for name in recipe.files:
            shutil.copyfile(recipe.source / name, building / name)
        _npm_install(building)
        recipe.finish(building)
        building.rename(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _digest(recipe: Recipe) -> str:
    digest = hashlib.sha256(recipe.finish_digest.encode())
    for name in recipe.files:
        digest.update((recipe.source / name).read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold an exclusive lock on the file `lock`, waiting for whoever has it."""
    handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)

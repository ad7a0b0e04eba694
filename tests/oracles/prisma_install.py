"""Install the pinned Prisma CLI into a cache outside the repository and make it behave like the native one.

The native engine is not part of the npm package. The package carries the same engine as WebAssembly, which
talks to Postgres through `@prisma/adapter-pg`. Two texts of that adapter differ from what the native engine
of Prisma 5 to 7.3 does; `ADJUSTMENTS` puts them right. The third difference, a timer, is dealt with in
`prisma.config.mjs`.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).parent / "prisma"
SOURCE_FILES = ("package.json", "package-lock.json", "prisma.config.mjs", "schema.prisma")
NPM_SECONDS = 100
LAST_LINES = 15


class OracleUnavailableError(Exception):
    """The tool cannot be had on this machine; the text says why."""


class AdjustmentError(Exception):
    """The installed package does not hold the text to be changed: the pin moved, or the package did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """One change to the installed package: `found` is replaced by `wanted`, in each of `files`."""

    reason: str
    found: str
    wanted: str
    files: tuple[str, ...]


ADAPTER_FILES = (
    "node_modules/@prisma/adapter-pg/dist/index.js",
    "node_modules/@prisma/adapter-pg/dist/index.mjs",
)

ADJUSTMENTS = (
    Adjustment(
        # Without it `migrate deploy` cannot list the tables.
        reason="read columns of type `name` (oid 19) as text",
        found="    case ScalarColumnType.BPCHAR:\n    case ScalarColumnType.TEXT:",
        wanted="    case 19:\n    case ScalarColumnType.BPCHAR:\n    case ScalarColumnType.TEXT:",
        files=ADAPTER_FILES,
    ),
    Adjustment(
        reason="send a script as one query, as the native engine does, not cut at every semicolon",
        found='const statements = script.split(";").map((stmt) => stmt.trim()).filter((stmt) => stmt.length > 0);',
        wanted="const statements = [script];",
        files=ADAPTER_FILES,
    ),
)


def installed(cache: Path) -> Path:
    """Return a folder under `cache` with the adjusted Prisma CLI, installing it first when it is not there.

    Safe to call from several processes at once. The folder's name follows from the pin, the configuration
    and the adjustments, so a change to any of them makes a new folder. Raises OracleUnavailableError.
    """
    folder = cache / f"prisma-{_digest()}"
    cache.mkdir(parents=True, exist_ok=True)
    with alone(cache / "prisma.lock"):
        if not folder.is_dir():
            _install(folder)
    return folder


def adjust(folder: Path) -> None:
    """Apply every adjustment to the copy in `folder`; a second call changes nothing. Raises
    AdjustmentError.
    """
    for adjustment in ADJUSTMENTS:
        for name in adjustment.files:
            path = folder / name
            path.write_text(adjusted(path.read_text("utf-8"), adjustment), "utf-8")


def adjusted(text: str, adjustment: Adjustment) -> str:
    """Return `text` with one adjustment made. Raises AdjustmentError when there is nothing to adjust."""
    if adjustment.wanted in text:
        return text
    if text.count(adjustment.found) != 1:
        raise AdjustmentError(f"the installed Prisma has changed; cannot {adjustment.reason}")
    return text.replace(adjustment.found, adjustment.wanted)


def _install(folder: Path) -> None:
    """Build the copy beside its final place and move it there whole: a half-made one is never used."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise OracleUnavailableError(f"`{program}` is not on the PATH; the Prisma CLI needs it")
    building = Path(tempfile.mkdtemp(prefix="prisma-building-", dir=folder.parent))
    try:
        for name in SOURCE_FILES:
            shutil.copyfile(SOURCE / name, building / name)
        _npm_install(building)
        adjust(building)
        building.rename(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _npm_install(folder: Path) -> None:
    """Fetch the locked packages. Their install scripts do not run: one would look for the native engine."""
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=NPM_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise OracleUnavailableError(f"`{' '.join(command)}` took over {NPM_SECONDS} s") from error
    if done.returncode != 0:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-LAST_LINES:])
        raise OracleUnavailableError(f"`{' '.join(command)}` exited {done.returncode}:\n{said}")


def _digest() -> str:
    digest = hashlib.sha256(repr(ADJUSTMENTS).encode())
    for name in SOURCE_FILES:
        digest.update((SOURCE / name).read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Hold an exclusive lock on the file `lock`, waiting for whoever has it."""
    handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)

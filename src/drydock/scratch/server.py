"""A throwaway server as a scoped value: own directory, own socket, random password, gone when the scope ends."""

import os
import pwd
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from drydock.command import Command, Completed
from drydock.errors import UsageError
from drydock.process import allow_listed, attend, run
from drydock.redact import Secret
from drydock.scratch.binaries import copied, embedded_binaries

SUPERUSER = "postgres"
LIMIT = timedelta(seconds=60)
OTHERS = ("postgres", "nobody")
SETTINGS = "-c listen_addresses='' -c fsync=off -c max_connections=50"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whom the server runs as: ourselves (None), or somebody else when we are root, which PostgreSQL refuses."""

    user: int | None
    group: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server. `address` is that of its superuser and of the database `name`."""

    directory: Path
    password: Secret

    def address(self, name: str) -> Secret:
        """The URL of a database on this server."""
        socket = quote(str(self.directory), safe="")
        return Secret(f"postgresql://{SUPERUSER}:{self.password.reveal()}@/{name}?host={socket}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Programs:
    binaries: Path
    directory: Path
    account: Account
    environ: Mapping[str, str]

    def run(self, program: str, *arguments: str) -> Completed:
        command = Command(
            argv=(str(self.binaries / program), *arguments),
            environment=allow_listed(self.environ),
            directory=self.directory,
            time_limit=LIMIT,
            user=self.account.user,
            group=self.account.group,
        )
        return run(command)

    def must(self, program: str, *arguments: str) -> None:
        done = self.run(program, *arguments)
        if done.exit_code != 0:
            last = " ".join((done.stderr or done.stdout).split()[-40:])
            raise UsageError(f"The throwaway PostgreSQL server cannot be made: {program}: {last}")


@contextmanager
def embedded_server(environ: Mapping[str, str]) -> Iterator[Server]:
    """A server of the embedded wheel. Raises UsageError when it cannot be made."""
    account = _account()
    directory = Path(tempfile.mkdtemp(prefix="drydock-"))
    watchdog = attend((sys.executable, "-I", "-m", "drydock.scratch.watchdog", str(directory)), allow_listed(environ))
    try:
        programs = _programs(directory, account, environ=environ)
        server = Server(directory=directory, password=Secret(secrets.token_urlsafe(24)))
        _make_cluster(programs, server)
        cluster = str(directory / "cluster")
        options = f"{SETTINGS} -k {directory}"
        programs.must("pg_ctl", "-w", "-D", cluster, "-l", str(directory / "log"), "-o", options, "start")
        try:
            yield server
        finally:
            programs.run("pg_ctl", "-w", "-m", "immediate", "-D", cluster, "stop")
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        watchdog.dismiss(LIMIT)


def _make_cluster(programs: _Programs, server: Server) -> None:
    password_file = server.directory / "password"
    password_file.touch(mode=0o600)
    password_file.write_text(server.password.reveal())
    _give(password_file, programs.account)
    arguments = ("--auth=scram-sha-256", f"--pwfile={password_file}", "--no-sync", "--encoding=UTF8", "--locale=C")
    programs.must("initdb", "-D", str(server.directory / "cluster"), "-U", SUPERUSER, *arguments)
    password_file.unlink()


def _programs(directory: Path, account: Account, *, environ: Mapping[str, str]) -> _Programs:
    _give(directory, account)
    programs = _Programs(binaries=embedded_binaries(), directory=directory, account=account, environ=environ)
    if account.user is None or _can_run(programs):
        return programs
    # Installed in a place that only root may enter, such as root's home.
    binaries = copied(programs.binaries, directory / "postgresql")
    return _Programs(binaries=binaries, directory=directory, account=account, environ=environ)


def _can_run(programs: _Programs) -> bool:
    with suppress(UsageError):
        return programs.run("initdb", "--version").exit_code == 0
    return False


def _give(path: Path, account: Account) -> None:
    if account.user is not None:
        os.chown(path, account.user, account.group if account.group is not None else -1)


def _account() -> Account:
    if os.geteuid() != 0:
        return Account(user=None, group=None)
    for name in OTHERS:
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(user=entry.pw_uid, group=entry.pw_gid)
    raise UsageError(f"PostgreSQL refuses to run as root, and there is no user {' or '.join(OTHERS)} to run it as.")

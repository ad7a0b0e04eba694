"""A throwaway server: started, stopped, configured; on a private socket only."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from drydock.errors import RehearsalError
from drydock.redact import Secret
from drydock.scratch.cluster import SUPERUSER
from drydock.scratch.ending import CLUSTER, end_server
from drydock.scratch.execution import ServerPrograms
from drydock.scratch.settings import PORT, configuration

LONGEST_SOCKET = 107
"""Bytes that the path of a socket may have (unix(7))."""

START_LIMIT = timedelta(minutes=2)
STOP_LIMIT = timedelta(hours=1)
"""A clean stop writes all that was loaded, and checksums read it all."""

AUTHENTICATION = "local all all scram-sha-256\n"
_WORDS = 60


def is_short_enough(directory: Path) -> bool:
    """Whether a server's socket fits in the directory."""
    return len(str(directory / f".s.PGSQL.{PORT}").encode()) <= LONGEST_SOCKET


class Server:
    """The server of the cluster in the programs' directory; its socket is in `sockets`."""

    def __init__(self, programs: ServerPrograms, sockets: Path) -> None:
        """Hand in a cluster that is not running."""
        self._programs = programs
        self._sockets = sockets
        self._cluster = programs.directory / CLUSTER
        self._log = programs.directory / "log"

    def address(self, database: str, *, user: str = SUPERUSER, password: Secret) -> Secret:
        """The URL of a database on this server. The host in front is for readers that insist on one."""
        account = f"{quote(user, safe='')}:{quote(password.reveal(), safe='')}"
        where = f"localhost:{PORT}/{quote(database, safe='')}?host={quote(str(self._sockets), safe='')}"
        return Secret(f"postgresql://{account}@{where}")

    def start(self, settings: Mapping[str, str]) -> None:
        """Start it with these settings. Raises RehearsalError with the end of its log."""
        self._write("postgresql.conf", configuration({**settings, "unix_socket_directories": str(self._sockets)}))
        self._write("postgresql.auto.conf", "")
        self._write("pg_hba.conf", AUTHENTICATION)
        arguments = ("-l", str(self._log), *self._waiting(START_LIMIT), "start")
        done = self._programs.run("pg_ctl", *arguments, limit=START_LIMIT)
        if done.exit_code != 0:
            raise RehearsalError(f"The scratch server does not start: {self._last_words() or done.stderr.strip()}")

    def stop(self) -> None:
        """Stop it cleanly, with a checkpoint. Raises RehearsalError."""
        self._programs.must("pg_ctl", "-m", "fast", *self._waiting(STOP_LIMIT), "stop", limit=STOP_LIMIT)

    def add_checksums(self) -> None:
        """Give the stopped cluster data checksums. Raises RehearsalError."""
        arguments = ("--enable", "--no-sync", "-D", str(self._cluster))
        self._programs.must("pg_checksums", *arguments, limit=STOP_LIMIT)

    def end(self) -> None:
        """End it at once; never raises."""
        end_server(self._cluster)

    def _waiting(self, limit: timedelta) -> tuple[str, ...]:
        return ("-w", "-t", str(int(limit.total_seconds())), "-D", str(self._cluster))

    def _write(self, name: str, text: str) -> None:
        path = self._cluster / name
        path.write_text(text, encoding="utf-8")
        self._programs.account.give(path)

    def _last_words(self) -> str:
        try:
            return " ".join(self._log.read_text(encoding="utf-8", errors="replace").split()[-_WORDS:])
        except OSError:
            return ""

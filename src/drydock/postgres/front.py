"""The front of a copy: what a tool's program connects to during a rehearsal, instead of the copy itself.

It asks for a random password, so whatever comes in with it is the program that was given it; everybody else is turned
away and counted. What comes in is passed on byte for byte, to a session that libpq opened. It speaks no TLS.
"""

import hmac
import secrets
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Self

from psycopg import OperationalError
from psycopg.pq import ConnStatus
from psycopg.pq.abc import PGconn

from drydock.postgres.endpoint import Endpoint
from drydock.postgres.frontwire import Cancel, Startup, error, greeting, password_of, read_start
from drydock.postgres.upstream import known_parameters, opened
from drydock.redact import Secret

LOCAL = "127.0.0.1"
BLOCK = 1 << 16
GOODBYE_SECONDS = 5.0
INVALID_PASSWORD = "28P01"  # noqa: S105 # the SQLSTATE
CONNECTION_FAILURE = "08006"


class Front:
    """A listener before one copy, for as long as the scope lasts."""

    def __init__(self, copy: Endpoint) -> None:
        """Nothing listens before the context is entered."""
        self._copy = copy
        self._password = secrets.token_urlsafe(24)
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._threads: list[threading.Thread] = []
        self._open: dict[socket.socket, None] = {}
        self._cancels: dict[tuple[int, int], PGconn] = {}
        self._lock = threading.Lock()
        self.sessions = 0
        """How many sessions came in with the password."""
        self.strangers = 0
        """How many came without."""

    def __enter__(self) -> Self:
        """Listen on a port of 127.0.0.1 that is free."""
        self._listener.bind((LOCAL, 0))
        self._listener.listen()
        self._begin(self._listen)
        return self

    def __exit__(self, *_: object) -> None:
        """End every session, and wait for the threads."""
        with self._lock:
            sockets = [self._listener, *self._open]
        for one in sockets:
            _hang_up(one)
        for thread in list(self._threads):
            thread.join(GOODBYE_SECONDS)
        self._listener.close()

    @property
    def endpoint(self) -> Endpoint:
        """Where the program is sent to."""
        port = self._listener.getsockname()[1]
        return replace(self._copy, host=LOCAL, port=port, password=Secret(self._password), options="", tls=None)

    def _begin(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._open[client] = None
            self._begin(partial(self._serve, client))

    def _serve(self, client: socket.socket) -> None:
        try:
            match read_start(client):
                case Cancel(key=key) if key in self._cancels:
                    with suppress(OperationalError):
                        self._cancels[key].get_cancel().cancel()
                case Startup() as startup:
                    self._let_in(client, startup)
                case _:
                    return
        except OSError:
            return
        finally:
            with self._lock:
                self._open.pop(client, None)
            client.close()

    def _let_in(self, client: socket.socket, startup: Startup) -> None:
        if not hmac.compare_digest(password_of(client), self._password.encode()):
            self.strangers += 1
            client.sendall(error(INVALID_PASSWORD, "this is the front of a rehearsal; it knows no such password"))
            return
        upstream = opened(self._copy, startup.parameters)
        try:
            if upstream.status != ConnStatus.OK:
                client.sendall(error(CONNECTION_FAILURE, "the copy does not take this session"))
                return
            self.sessions += 1
            self._relay(client, upstream)
        finally:
            upstream.finish()

    def _relay(self, client: socket.socket, upstream: PGconn) -> None:
        key = (upstream.backend_pid, secrets.randbits(31))
        self._cancels[key] = upstream
        server = socket.socket(fileno=socket.dup(upstream.socket))
        server.setblocking(True)
        with self._lock:
            self._open[server] = None
        try:
            client.sendall(greeting(known_parameters(upstream), key))
            back = threading.Thread(target=_pass_on, args=(server, client), daemon=True)
            back.start()
            _pass_on(client, server)
            back.join()
        finally:
            self._cancels.pop(key)
            with self._lock:
                self._open.pop(server, None)
            server.close()


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    """Pass bytes on until one of the two ends; a thread for each direction, so that no full pipe stops both."""
    with suppress(OSError):
        while block := source.recv(BLOCK):
            sink.sendall(block)
    _hang_up(sink)
    with suppress(OSError):
        source.shutdown(socket.SHUT_RD)


def _hang_up(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)

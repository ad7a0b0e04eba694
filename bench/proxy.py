"""A TCP proxy on 127.0.0.1 that adds latency to each direction and counts what passes.

A *round trip* is a send of the client that is answered: everything a client sends before it hears something
again belongs to the same round trip. So pipelined messages are one round trip, a closing message that
nobody answers is none, and start-up and log-in count like everything else.

Each chunk is delivered at its arrival time plus the delay, however many are under way: latency is added,
throughput is not limited. Opening a connection takes a round trip's time too, as in TCP: the first chunk
waits that much longer. Threads, because asyncio rounds its timers up to whole milliseconds.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from queue import SimpleQueue

CHUNK_BYTES = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What passed through a proxy. `connects` are not among the `round_trips`."""

    connects: int
    round_trips: int
    bytes_up: int
    bytes_down: int


class _Tally:
    """The counters of one proxy; its connections share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connects = self._round_trips = self._bytes_up = self._bytes_down = 0

    def connected(self) -> None:
        with self._lock:
            self._connects += 1

    def sent(self, size: int) -> None:
        with self._lock:
            self._bytes_up += size

    def heard(self, size: int, *, is_answer: bool) -> None:
        with self._lock:
            self._bytes_down += size
            self._round_trips += is_answer

    def traffic(self) -> Traffic:
        with self._lock:
            return Traffic(
                connects=self._connects,
                round_trips=self._round_trips,
                bytes_up=self._bytes_up,
                bytes_down=self._bytes_down,
            )


class Proxy:
    """A running proxy: connect to `port`, read `traffic()` when the client has gone."""

    def __init__(self, upstream_port: int, delay_seconds: float) -> None:
        self._upstream_port = upstream_port
        self._delay = delay_seconds
        self._tally = _Tally()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        _start(self._accept)

    def traffic(self) -> Traffic:
        """The counts so far."""
        return self._tally.traffic()

    def close(self) -> None:
        """Accept nothing more. Open connections end with their clients."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the listener was closed
            while True:
                client, _ = self._listener.accept()
                self._tally.connected()
                self._join(client, socket.create_connection(("127.0.0.1", self._upstream_port)))

    def _join(self, client: socket.socket, server: socket.socket) -> None:
        asked = threading.Event()

        def up(chunk: bytes) -> None:
            asked.set()
            self._tally.sent(len(chunk))

        def down(chunk: bytes) -> None:
            self._tally.heard(len(chunk), is_answer=asked.is_set())
            asked.clear()

        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened = time.monotonic() + 2 * self._delay  # SYN and SYN-ACK
        _Leg(source=client, sink=server, opened=opened, delay=self._delay, on_arrival=up).start()
        _Leg(source=server, sink=client, opened=opened, delay=self._delay, on_delivery=down).start()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leg:
    """One direction of one connection: a thread that receives, one that delivers, and what is under way."""

    source: socket.socket
    sink: socket.socket
    opened: float
    delay: float
    on_arrival: Callable[[bytes], None] = lambda _: None
    on_delivery: Callable[[bytes], None] = lambda _: None
    under_way: SimpleQueue[tuple[float, bytes]] = field(default_factory=SimpleQueue)

    def start(self) -> None:
        _start(self._receive)
        _start(self._deliver)

    def _receive(self) -> None:
        chunk = b"-"
        while chunk:
            chunk = _received(self.source)
            if chunk:
                self.on_arrival(chunk)
            self.under_way.put((max(time.monotonic(), self.opened) + self.delay, chunk))

    def _deliver(self) -> None:
        with contextlib.suppress(OSError):  # the other end has gone
            while chunk := _when_due(*self.under_way.get()):
                self.on_delivery(chunk)
                self.sink.sendall(chunk)
            self.sink.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def proxy_to(port: int, *, delay_seconds: float) -> Iterator[Proxy]:
    """A proxy in front of 127.0.0.1:`port`; a round trip through it takes twice the delay longer."""
    proxy = Proxy(port, delay_seconds)
    try:
        yield proxy
    finally:
        proxy.close()


def _received(source: socket.socket) -> bytes:
    try:
        return source.recv(CHUNK_BYTES)
    except OSError:
        return b""


def _when_due(due: float, chunk: bytes) -> bytes:
    time.sleep(max(0.0, due - time.monotonic()))
    return chunk


def _start(work: Callable[[], None]) -> None:
    threading.Thread(target=work, daemon=True).start()

"""Scratch of the kind `embedded`: a throwaway server of our own, from the programs that are found on the machine."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from drydock.model import ScratchKind
from drydock.postgres.interface import Administration
from drydock.redact import Secret
from drydock.scratch.account import Account
from drydock.scratch.binaries import server_installation
from drydock.scratch.interface import Likeness, Scratch
from drydock.scratch.notes import version_notes
from drydock.scratch.place import MARGIN_BYTES, SYSTEM, Wish, claimed_in, room_for_files
from drydock.scratch.premises import Premises
from drydock.scratch.server import Server, is_short_enough
from drydock.scratch.settings import Machine, filling, memory_bytes, rehearsing
from drydock.scratch.startup import Startup
from drydock.scratch.watch import Watch

FILES = "files"
MAINTENANCE = ("postgres", "template1")


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedScratch:
    """A database on a server of our own; see `Scratch`."""

    server: Server
    password: Secret
    likeness: Likeness
    premises: Premises
    machine: Machine
    directory: Path
    notes: tuple[str, ...]

    @property
    def kind(self) -> ScratchKind:
        """`embedded`."""
        return "embedded"

    @property
    def takes_content(self) -> bool:
        """It is empty."""
        return True

    @property
    def takes_roles(self) -> bool:
        """The whole server is ours."""
        return True

    @property
    def address(self) -> Secret:
        """As the superuser sees it."""
        return self.server.address(self.likeness.database, password=self.password)

    def address_as(self, user: str, password: Secret) -> Secret:
        """As another role sees it."""
        return self.server.address(self.likeness.database, user=user, password=password)

    def room_bytes(self) -> int | None:
        """Free space where the cluster is."""
        return self.premises.free(self.directory)

    def settle(self) -> None:
        """Restart with the target's wal_level, full_page_writes and data checksums. Raises RehearsalError."""
        self.server.stop()
        if self.likeness.checksums:
            self.server.add_checksums()
        self.server.start(rehearsing(self.machine, self.likeness))


class EmbeddedProvider:
    """Makes servers on these premises; see `ScratchProvider`."""

    def __init__(self, premises: Premises, administration: Administration) -> None:
        """Hand in what the machine offers, and the SQL side."""
        self._premises = premises
        self._administration = administration

    @contextmanager
    def provide(self, likeness: Likeness, *, needed_bytes: int) -> Iterator[Scratch]:
        """See `ScratchProvider.provide`."""
        premises = self._premises
        installation = server_installation(premises.search, major=likeness.major)
        wish = Wish(needed_bytes=needed_bytes + MARGIN_BYTES, account=premises.account, free=premises.free)
        with premises.opened() as watch, claimed_in(premises.places, wish, watch=watch) as directory:
            startup = Startup(premises=premises, installation=installation, directory=directory, watch=watch)
            with _sockets(directory, premises.account, watch=watch) as sockets:
                yield self._scratch(startup, sockets, likeness=likeness, needed_bytes=needed_bytes)

    def _scratch(self, startup: Startup, sockets: Path, *, likeness: Likeness, needed_bytes: int) -> EmbeddedScratch:
        free = self._premises.free(startup.directory)
        machine = Machine(memory_bytes=memory_bytes(), spare_bytes=free - needed_bytes)
        programs = startup.programs()
        server = Server(programs, sockets)
        first = startup.start(server, programs, settings=filling(machine))
        password = Secret(secrets.token_urlsafe(24))
        home = next(name for name in MAINTENANCE if name != likeness.database)
        self._administration.set_password(server.address(home, password=first), password)
        wanted = likeness.database_named(likeness.database)
        notes = self._administration.create(server.address(home, password=password), wanted)
        files = startup.directory / FILES
        files.mkdir(mode=0o700)
        return EmbeddedScratch(
            server=server,
            password=password,
            likeness=likeness,
            premises=self._premises,
            machine=machine,
            directory=files,
            notes=(*version_notes(likeness, startup.installation.major), *notes),
        )


@contextmanager
def _sockets(directory: Path, account: Account, *, watch: Watch) -> Iterator[Path]:
    """Where the socket is: with the server, or in a short private directory when that path is too long."""
    if is_short_enough(directory):
        yield directory
        return
    with claimed_in(SYSTEM, room_for_files(account), watch=watch) as short:
        yield short

"""Scratch of the kind `given`: a database that we create on a server named by the user, and drop."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from drydock.model import ScratchKind
from drydock.postgres.interface import Administration
from drydock.redact import Secret
from drydock.scratch.account import Account
from drydock.scratch.interface import Likeness, Scratch
from drydock.scratch.notes import SETTINGS, version_notes
from drydock.scratch.place import claimed_in, room_for_files
from drydock.scratch.premises import Premises

PREFIX = "drydock_scratch_"

Apart = Callable[[Secret], None]
"""Raises RehearsalError when this address leads to the target's own server; asked before anything is created."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """The server that the user named."""

    address: Secret
    """Of a database to be connected to, as a user who may create databases."""
    disposable: bool
    """Whether roles may be created, and statements run that reach the whole server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenScratch:
    """A database of our own on somebody's server; see `Scratch`."""

    address: Secret
    takes_roles: bool
    directory: Path
    notes: tuple[str, ...]
    administration: Administration

    @property
    def kind(self) -> ScratchKind:
        """`given`."""
        return "given"

    @property
    def takes_content(self) -> bool:
        """It is empty."""
        return True

    def address_as(self, user: str, password: Secret) -> Secret:
        """As another role sees it."""
        return self.administration.elsewhere(self.address, user=user, password=password)

    def room_bytes(self) -> int | None:
        """Nothing tells us of the server's disk."""
        return None

    def settle(self) -> None:
        """Nothing: the settings are the server's own."""


class GivenProvider:
    """Makes databases on the granted server; see `ScratchProvider`."""

    def __init__(self, grant: Grant, premises: Premises, *, administration: Administration, apart: Apart) -> None:
        """Hand in the server, our machine, the SQL side, and the proof that the server is not the target's."""
        self._grant = grant
        self._premises = premises
        self._administration = administration
        self._apart = apart

    @contextmanager
    def provide(self, likeness: Likeness, *, needed_bytes: int) -> Iterator[Scratch]:
        """See `ScratchProvider.provide`. The name is our own: the server may have one of the target's name."""
        server, administration = self._grant.address, self._administration
        self._apart(server)
        administration.drop_abandoned(server, PREFIX)
        name = f"{PREFIX}{secrets.token_hex(6)}"
        wanted = likeness.database_named(name)
        wish = room_for_files(Account())
        with self._premises.opened() as watch, claimed_in(self._premises.places, wish, watch=watch) as directory:
            watch.runs(administration.dropping(server, name))
            with administration.leased(server, wanted) as notes:
                yield GivenScratch(
                    address=administration.elsewhere(server, database=name),
                    takes_roles=self._grant.disposable,
                    directory=directory,
                    notes=(*version_notes(likeness, administration.major(server)), *notes, SETTINGS),
                    administration=administration,
                )
            watch.forgets_commands()

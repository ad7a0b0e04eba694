"""Scratch of the kind `clone`: a database that the user has had cloned (DBLab, Neon), used as it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from drydock.model import ScratchKind
from drydock.postgres.interface import Administration
from drydock.redact import Secret
from drydock.scratch.account import Account
from drydock.scratch.given import Apart
from drydock.scratch.interface import Likeness, Scratch
from drydock.scratch.notes import SETTINGS, version_notes
from drydock.scratch.place import claimed_in, room_for_files
from drydock.scratch.premises import Premises


@dataclass(frozen=True, slots=True, kw_only=True)
class CloneScratch:
    """Somebody's copy of the target; see `Scratch`."""

    address: Secret
    directory: Path
    notes: tuple[str, ...]
    administration: Administration

    @property
    def kind(self) -> ScratchKind:
        """`clone`."""
        return "clone"

    @property
    def takes_content(self) -> bool:
        """It is full."""
        return False

    @property
    def takes_roles(self) -> bool:
        """The server is not ours."""
        return False

    def address_as(self, user: str, password: Secret) -> Secret:
        """As another role sees it."""
        return self.administration.elsewhere(self.address, user=user, password=password)

    def room_bytes(self) -> int | None:
        """Nothing tells us of the server's disk."""
        return None

    def settle(self) -> None:
        """Nothing: the settings are the server's own."""


class CloneProvider:
    """Hands out the clone at one address, and leaves it where it is; see `ScratchProvider`."""

    def __init__(self, address: Secret, premises: Premises, *, administration: Administration, apart: Apart) -> None:
        """Hand in the clone, our machine, the SQL side, and the proof that the clone is not the target."""
        self._address = address
        self._premises = premises
        self._administration = administration
        self._apart = apart

    @contextmanager
    def provide(self, likeness: Likeness, *, needed_bytes: int) -> Iterator[Scratch]:
        """See `ScratchProvider.provide`."""
        self._apart(self._address)
        wish = room_for_files(Account())
        with self._premises.opened() as watch, claimed_in(self._premises.places, wish, watch=watch) as directory:
            yield CloneScratch(
                address=self._address,
                directory=directory,
                notes=(*version_notes(likeness, self._administration.major(self._address)), SETTINGS),
                administration=self._administration,
            )

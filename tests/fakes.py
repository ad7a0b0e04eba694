"""Small honest implementations of our interfaces, for tests that need one and are not about it."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from drydock.model import ScratchKind
from drydock.redact import Secret
from tests.fixtures.database import TestDatabase


@dataclass(slots=True, kw_only=True)
class FakeScratch:
    """A scratch that is a test's own database."""

    database: TestDatabase
    directory: Path
    takes_roles: bool = True
    room: int | None = 10_000_000_000
    kind: ScratchKind = "embedded"
    takes_content: bool = True
    notes: tuple[str, ...] = ()
    settled: list[str] = field(default_factory=list)

    @property
    def address(self) -> Secret:
        """See `Scratch`."""
        return Secret(self.database.url)

    def address_as(self, user: str, password: Secret) -> Secret:
        """See `Scratch`."""
        return Secret(replace(self.database, user=user, password=password.reveal()).url)

    def room_bytes(self) -> int | None:
        """See `Scratch`."""
        return self.room

    def settle(self) -> None:
        """See `Scratch`."""
        self.settled.append("settled")

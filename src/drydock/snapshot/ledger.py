"""What was left out of a restore, and what was changed on the way; shared by all sessions of one restore."""

import re
from collections.abc import Iterable
from threading import Lock

from drydock.model import LeftOut, Skipped, Table
from drydock.snapshot.names import NAME
from drydock.sql.interface import Name

_SUBJECT = re.compile(
    rf"(?:ALTER (?:FOREIGN )?TABLE (?:ONLY )?|COPY | ON (?:ONLY )?|REFRESH MATERIALIZED VIEW )({NAME})", re.IGNORECASE
)


class Ledger:
    """Notes each thing once. Safe to use from several threads."""

    def __init__(self, skipped: Iterable[Skipped]) -> None:
        """Begin with what is known to be missing."""
        self._lock = Lock()
        self._skipped = {(each.kind, each.name): each for each in skipped}
        self._relations = {name for each in self._skipped.values() for name in each.relations}
        self._notes: dict[str, None] = {}
        self._made_up: dict[str, None] = {}
        self._left_tables: set[Name] = set()
        self._left_views: set[Name] = set()
        self.has_cause = bool(self._skipped)
        """Whether something is missing that other parts of the dump may need."""

    def skip(self, skipped: Skipped, *, about: str = "") -> None:
        """Note what is left out; not when the statement's outline `about` speaks of a relation noted already."""
        subject = _SUBJECT.search(about)
        with self._lock:
            if subject is None or subject[1] not in self._relations:
                self._skipped.setdefault((skipped.kind, skipped.name), skipped)
                self._relations |= {*skipped.relations}

    def note(self, text: str) -> None:
        """Note what was changed."""
        with self._lock:
            self._notes[text] = None

    def made_up(self, role: str) -> None:
        """Note a role that the dump names and that was created for it."""
        with self._lock:
            self._made_up[role] = None

    def leave_table(self, name: Name) -> None:
        """Note a table whose rows nobody needs."""
        with self._lock:
            self._left_tables.add(name)

    def leave_view(self, name: Name) -> None:
        """Note a materialized view whose rows nobody needs."""
        with self._lock:
            self._left_views.add(name)

    @property
    def left_out(self) -> LeftOut:
        """Whose rows were left out because nobody needs them."""
        with self._lock:
            return LeftOut(tables=_sorted(self._left_tables), materialized_views=_sorted(self._left_views))

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """All that was left out, in order."""
        with self._lock:
            return tuple(self._skipped.values())

    @property
    def notes(self) -> tuple[str, ...]:
        """All that was changed, in order."""
        with self._lock:
            roles = ", ".join(self._made_up)
            return (
                *self._notes,
                *((f"Roles that only the dump knows were made up, without LOGIN: {roles}.",) if roles else ()),
            )


def _sorted(names: Iterable[Name]) -> tuple[Table, ...]:
    return tuple(Table(schema=schema, name=name) for schema, name in sorted(names))

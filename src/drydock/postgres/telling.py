"""What a tool's program told while it ran: the sessions it opened, the migrations it began, what failed."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from drydock.marked import Mark, Told
from drydock.model import Migration, Refusal
from drydock.postgres.lookup import Backend
from drydock.postgres.refusal import LOST_CONNECTION, condition_of, safe_message

NAMED = ("schema", "table", "column", "constraint", "type")
EXTERNAL = Refusal(sqlstate="38000", condition="external_routine_exception", message=None, names=())
"""Code outside of SQL failed: class 38 is what the standard has for that."""
LOCKED = Refusal(
    sqlstate="55P03", condition="lock_not_available", message="the migration tool's own lock is taken", names=()
)
SHUT_DOWN = frozenset(("57P01", "57P02", "57P03"))
"""The server, or an administrator, ended the session."""
FENCE = "    | "


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A migration that the program began."""

    name: str
    in_transaction: bool
    at: float
    """Monotonic seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What the program failed with: `name` is the migration, None outside of any."""

    name: str | None
    refusal: Refusal
    is_lock: bool
    """The tool's lock was taken by somebody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Who hears at once: of a migration that begins, of one that is applied, of what the project's code prints."""

    begun: Callable[[Migration], None]
    applied: Callable[[], None]
    say: Callable[[str], None]


class Telling:
    """Gathers what is told, line by line."""

    def __init__(self, migrations: Sequence[Migration], listener: Listener) -> None:
        """Of these migrations."""
        self.mark = Mark()
        self._migrations = {migration.name: migration for migration in migrations}
        self._listener = listener
        self.backends: tuple[Backend, ...] = ()
        self.begun: dict[str, Begun] = {}
        self.durations: dict[str, timedelta] = {}
        """Of the migrations that the program calls applied."""
        self.failure: Failure | None = None
        self.kept: dict[str, object] = {}
        """What the program wants to know again when it is run once more."""
        self.unfit: Told | None = None
        self.reached: str | None = None
        """What a sealed program tried to reach beside its database."""

    def hear(self, line: str) -> None:
        """Take a line that the program said."""
        text, told = self.mark.read(line)
        if text.strip():
            self._listener.say(f"{FENCE}{text.expandtabs(4)}")
        if told is not None:
            self._take(told)

    def _take(self, told: Told) -> None:
        match told.event:
            case "session":
                backend = Backend(pid=told.text("pid") or "0", start=told.text("start"))
                self.backends = (*self.backends, backend)
            case "begun" | "applied":
                self._progress(told, told.text("name") or "")
            case "failed":
                self.failure = self.failure or self._failure(told)
            case "keep":
                value = told.facts.get("value")
                self.kept.update(value if isinstance(value, dict) else {})
            case "unfit":
                self.unfit = told
            case "reached":
                self.reached = self.reached or told.text("where")
            case _:
                pass

    def _progress(self, told: Told, name: str) -> None:
        migration = self._migrations.get(name)
        if migration is None:
            return
        if told.event == "begun":
            in_transaction = told.facts.get("transaction") is not False
            self.begun[name] = Begun(name=name, in_transaction=in_transaction, at=time.monotonic())
            self._listener.begun(migration)
        else:
            since = self.begun[name].at if name in self.begun else time.monotonic()
            self.durations[name] = timedelta(seconds=time.monotonic() - since)
            self._listener.applied()

    def _failure(self, told: Told) -> Failure:
        name, is_lock = told.text("name"), told.facts.get("locked") is True
        migration = self._migrations.get(name or "")
        refusal = LOCKED if is_lock else _refusal(told)
        line = told.facts.get("line")
        placed = replace(
            refusal, file=migration.file if migration else None, line=line if isinstance(line, int) else None
        )
        return Failure(name=name, refusal=placed, is_lock=is_lock)


def _refusal(told: Told) -> Refusal:
    sqlstate = told.text("sqlstate")
    if told.facts.get("lost") is True or sqlstate in SHUT_DOWN:
        return LOST_CONNECTION
    if sqlstate is None:
        return replace(EXTERNAL, names=(f"error {told.text('kind')}",))
    message = None if told.facts.get("by_script") else safe_message(sqlstate, told.text("message"))
    values = told.facts.get("names")
    named = zip(NAMED, values if isinstance(values, list) else (), strict=False)
    return Refusal(
        sqlstate=sqlstate,
        condition=condition_of(sqlstate),
        message=message,
        names=tuple(f"{word} {name}" for word, name in named if isinstance(name, str)),
    )

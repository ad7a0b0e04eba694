"""How one tool names, orders, marks and records its SQL files, where a row of its history means: applied.

`recorded.py` makes an adapter of it. What differs between dbmate, goose and node-pg-migrate is here and nowhere else.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from drydock.model import HistoryProblem, Table, ToolLock
from drydock.postgres.interface import Row as Answer
from drydock.tools.recorded_rows import Row

Mode = Literal["file", "statement"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file that the tool takes for a migration."""

    name: str
    """What people call it."""
    recorded: str
    """What the history calls it."""
    file: str
    """The file's name in the folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Up:
    """What the tool runs of a file: its lines stand where they stand in the file, so that errors name the right one."""

    text: str
    mode: Mode | None = None
    """How it runs where it is not transaction-safe; None: as configured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfit:
    """Why the tool, or this version of Drydock, cannot run a file."""

    reason: str
    hint: str
    line: int | None = None


class Convention(Protocol):
    """The habits of one tool."""

    @property
    def name(self) -> str:
        """The tool's name in reports."""

    @property
    def table(self) -> Table:
        """The history by its usual name; an empty schema means the session's current one."""

    @property
    def setup(self) -> str:
        """See `MigrationTool.setup`."""

    @property
    def lock(self) -> ToolLock:
        """What keeps a second run of the tool out."""

    @property
    def select(self) -> str:
        """The query for the history's rows; `{table}` stands for its name."""

    @property
    def joins(self) -> bool:
        """Whether all that is pending runs in one transaction."""

    def entries(self, files: Sequence[str]) -> tuple[Entry, ...]:
        """The migrations among the files of the folder, in the tool's order. Raises ProjectError."""

    def recorded_by(self, rows: Sequence[Answer]) -> tuple[str, ...]:
        """What the history says is applied, in its order."""

    def creation(self, history: Table, *, has_schema: bool) -> tuple[str, ...]:
        """The statements that create the history."""

    def row_of(self, history: Table, entry: Entry) -> Row:
        """The finished row of one migration."""

    def problems(self, entries: Sequence[Entry], recorded: Sequence[str]) -> tuple[HistoryProblem, ...]:
        """What is wrong with the order and the presence of files."""

    def script_of(self, entry: Entry, text: str) -> Up | Unfit:
        """The part of the file that applies it."""


def clashes(entries: Sequence[Entry]) -> Iterator[tuple[Entry, Entry]]:
    """Files that the history cannot tell apart; they may stand far apart in the tool's order."""
    seen: dict[str, Entry] = {}
    for entry in entries:
        if (other := seen.setdefault(entry.recorded, entry)) is not entry:
            yield other, entry


def only_lines(text: str) -> str:
    """As many empty lines as the text has: put in its place, what follows keeps its line number."""
    return "\n" * text.count("\n")

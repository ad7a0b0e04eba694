"""What a migration tool must be able to say. One module of this folder is one tool.

An adapter reads the project's files and the tool's history, and turns pending migrations into steps. It never writes:
bookkeeping leaves here as SQL inside a step or a repair, and the executor sends it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from drydock.model import Migration, Status, Step
from drydock.postgres.interface import Reader


class Mark(Enum):
    """What `resolve` declares a migration to be."""

    APPLIED = "applied"
    ROLLED_BACK = "rolled-back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """The SQL that repairs the tool's history, and the sentence that says what it did."""

    sql: tuple[str, ...]
    said: str


class MigrationTool(Protocol):
    """An adapter; see the module docstring."""

    @property
    def name(self) -> str:
        """The tool's name in reports: `prisma`."""

    @property
    def setup(self) -> str:
        """SQL that a session needs before anything else, as the tool sets it; empty when nothing."""

    def status(self, reader: Reader) -> Status:
        """Read the history and compare it with the files. Reads only; safe on production.

        Raises ProjectError when the files cannot be used.
        """

    def steps(self, pending: Sequence[Migration]) -> tuple[Step, ...]:
        """One step per pending migration, in order. Carries no address.

        Raises ProjectError when a file cannot be sent (NUL, psql meta-commands).
        """

    def down_steps(self, names: Sequence[str]) -> tuple[Step, ...]:
        """One step per applied migration that undoes it, in this order: newest first. Ask after `status`.

        Raises ProjectError naming every migration that cannot be undone.
        """

    def repair(self, status: Status, *, name: str, mark: Mark) -> Repair:
        """The repair that `resolve` asked for. Raises HistoryError when the tool would refuse it."""

    def seed_argv(self) -> tuple[str, ...] | None:
        """The command of the tool's own seed, or None when the project has none."""

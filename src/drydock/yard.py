"""What a run works with."""

from collections.abc import Callable
from dataclasses import dataclass

from drydock.command import Completed
from drydock.config.settings import Config
from drydock.interruption import Interruption
from drydock.model import Proceed, Rehearsed, SeedPart, Status
from drydock.postgres.interface import Deployable, Engage
from drydock.snapshot.interface import SnapshotOrder
from drydock.tools.interface import MigrationTool


@dataclass(frozen=True, slots=True, kw_only=True)
class Yard:
    """Everything a run works with; made by `wiring.py`, or by a test."""

    config: Config
    tool: MigrationTool
    target: Deployable
    engage: Engage
    rehearse: Callable[[Proceed, Status], Rehearsed]
    """`rehearse.rehearse` on the copy that is configured; loaded on use."""
    replay: Callable[[Status], Rehearsed]
    """`rehearse.replayed` on a replay of the history, whatever is configured."""
    take_snapshot: Callable[[SnapshotOrder, Status], str]
    """Answers with what was taken, in a sentence; raises RehearsalError."""
    seed_parts: Callable[[], tuple[SeedPart, ...]]
    warm_up: Callable[[], None]
    """Starts what is slow to start and will soon be needed; returns at once."""
    run_command: Callable[[tuple[str, ...]], Completed]
    stop: Interruption
    say: Callable[[str], None]

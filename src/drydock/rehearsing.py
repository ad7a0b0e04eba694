"""What a rehearsal works with."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta

from drydock.config.durations import duration_text
from drydock.config.settings import Limits
from drydock.errors import DrydockError, InterruptedRun, RehearsalError
from drydock.interruption import OUT_OF_TIME, Interruption
from drydock.model import Catalog, ColumnSum, NotRead, Table
from drydock.postgres.interface import Deployable, Engage
from drydock.redact import Secret
from drydock.scratch.interface import Likeness, Scratch, ScratchProvider
from drydock.snapshot.interface import Source
from drydock.tools.interface import MigrationTool


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The copy, ready to be worked on as the target will be."""

    database: Deployable
    engage: Engage


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployer:
    """The deploy role on the scratch."""

    address: Secret
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsing:
    """What a rehearsal works with; made by `staging.py`, or by a test."""

    tool: MigrationTool
    likeness: Likeness
    provider: ScratchProvider
    source: Source
    require_apart: Callable[[Secret], None]
    """Raises RehearsalError when the scratch is on the target's own server."""
    deployer: Callable[[Scratch], Deployer]
    """Makes the target's roles on the scratch."""
    open_trial: Callable[[Secret], AbstractContextManager[Trial]]
    catalog: Callable[[Secret], Catalog | NotRead]
    target_catalog: Callable[[], Catalog | NotRead]
    """What the target is made of; waits for no lock longer than a moment."""
    members: Callable[[tuple[str, ...]], frozenset[str]]
    """The names of what these extensions bring, as the target has them."""
    sums: Callable[[Secret, tuple[str, ...] | None], tuple[ColumnSum, ...]]
    """Of these tables on the copy, or of all."""
    freshen: Callable[[Secret, tuple[str, ...] | None], None]
    """Brings statistics and visibility maps up to date, as autovacuum has on the target."""
    looks: Callable[[Secret, tuple[Table, ...]], Mapping[Table, int]]
    """How often each table was scanned and its rows changed so far, of those that are there."""
    limits: Limits
    limit: timedelta
    """Of the whole rehearsal, the making of the copy included; `stop` is marked when it is up."""
    stop: Interruption
    say: Callable[[str], None]

    def ended(self) -> DrydockError | None:
        """Why the rehearsal was stopped, if it was: whatever broke off then only followed from it."""
        match self.stop.signal_number:
            case None:
                return None
            case number if number == OUT_OF_TIME:
                return RehearsalError(
                    f"The rehearsal was not done within {duration_text(self.limit)}.",
                    hint="Give it longer (rehearsal_limit), or a smaller snapshot; target-schema needs no rows at all.",
                )
            case number:
                return InterruptedRun(number)

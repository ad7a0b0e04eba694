"""What a run has open already, as a rehearsal and a snapshot need it: from `wiring.py` to `staging.py`."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from drydock.config.settings import Config
from drydock.model import Status
from drydock.postgres.connect import Connector
from drydock.postgres.interface import Engagement
from drydock.postgres.target import TargetDatabase
from drydock.redact import Scrubber
from drydock.tools.interface import MigrationTool


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the run has open already."""

    config: Config
    environ: Mapping[str, str]
    tool: MigrationTool
    target: TargetDatabase
    connector: Connector
    engage: Callable[[TargetDatabase, Status], AbstractContextManager[Engagement]]
    """Engages a copy of the target, each statement timed."""
    scrub: Scrubber

"""One run of a command: what is known so far, so that a report can be made however it ends."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from drydock.errors import DrydockError
from drydock.model import Aborted, Mark, NoSeed, NothingPending, Plan, Report, Status
from drydock.plan import decide, seed_decision
from drydock.report import Known, aborted_by, report_of, verdict_of
from drydock.yard import Yard


class Run:
    """Carries the yard and what is known through a story: `deploy`, `check` and the errands."""

    def __init__(self, yard: Yard, command: str) -> None:
        """Nothing is done before a story is told."""
        self.yard = yard
        self.known = Known(command=command, environment=yard.config.environment)
        self._since = time.monotonic()

    def now(self, **found: object) -> None:
        """Note what was found; the names are fields of `Known`."""
        self.known = replace(self.known, **found)  # type: ignore[arg-type]  # fields of Known, checked at run time

    def read_status(self) -> Status:
        """What the tool says of the target; noted, with who is on the other end."""
        self.now(stage="status")
        status = self.yard.tool.status(self.yard.target)
        self.now(status=status, target=self.yard.target.describe())
        return status

    def plan(self, status: Status) -> Plan:
        """What a deploy would do. Raises ProjectError when a pending file cannot be sent."""
        yard, mark_as = self.yard, self.mark_for(status)
        mark = Mark(environment=mark_as) if mark_as else yard.target.describe().mark
        parts = yard.seed_parts() if yard.config.wants_seed else ()
        plan = decide(
            status,
            yard.config.history,
            progress=yard.target.progress,
            steps_of=yard.tool.steps,
            seed=seed_decision(yard.config, mark, parts=parts),
        )
        if isinstance(plan, NothingPending) and not yard.target.seed_is_due:
            return replace(plan, seed=NoSeed(reason="nothing was applied"))
        return plan

    def mark_for(self, status: Status) -> str | None:
        """The environment to mark a new database with: one that had no tables and no history."""
        is_new = bool(status.preparation) and not self.yard.target.describe().had_tables
        return self.yard.config.environment if is_new else None

    def reported(self, story: Callable[[], None]) -> Report:
        """Tell the story, and report. Never raises DrydockError: it becomes the report."""
        try:
            story()
        except DrydockError as error:
            self.now(aborted=self._aborted(error))
        return report_of(self.known, timedelta(seconds=time.monotonic() - self._since))

    def _aborted(self, error: DrydockError) -> Aborted:
        aborted = aborted_by(error, self.known.stage)
        # An error that comes after the apply cannot know what was applied; the outcome does.
        return replace(aborted, truth=verdict_of(self.known).truth) if self.known.outcome else aborted

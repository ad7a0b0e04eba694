"""The commands beside deploy and check: to look, to wait, to repair the history, to mark, to take a snapshot."""

from functools import partial

from drydock.errors import HistoryError, UnreachableError, UsageError
from drydock.model import NoSeed, Report
from drydock.plan import plan_without_steps
from drydock.run import Run
from drydock.snapshot.interface import SnapshotOrder
from drydock.tools.interface import Mark as Resolution
from drydock.waiting import Waiting, waited


def status(run: Run, *, log: bool = False, drift: bool = False) -> Report:
    """What is applied, pending, wrong with the history; the deploys before (`log`), what no migration made."""
    return run.reported(partial(_look, run, log=log, drift=drift))


def wait(run: Run) -> Report:
    """Wait until the target has this checkout's migrations; changes nothing."""
    return run.reported(partial(_wait, run))


def resolve(run: Run, name: str, *, mark: Resolution) -> Report:
    """Repair the tool's history as the user says."""
    return run.reported(partial(_resolve, run, name, mark=mark))


def mark_target(run: Run, replaced: str | None) -> Report:
    """Mark the target with the configured environment."""
    return run.reported(partial(_mark, run, replaced))


def snapshot(run: Run, order: SnapshotOrder) -> Report:
    """Take a snapshot of the target, fit for rehearsals."""
    return run.reported(lambda: run.now(said=run.yard.take_snapshot(order, run.read_status())))


def _look(run: Run, *, log: bool, drift: bool) -> None:
    status = run.read_status()
    run.now(stage="plan", plan=run.plan(status))
    run.now(log=run.yard.target.log() if log else None)
    if drift:
        run.now(stage="drift", rehearsal=run.yard.replay(status))


def _wait(run: Run) -> None:
    yard = run.yard
    target, limit = yard.target, yard.config.target.wait_limit
    waiting = Waiting(look=run.read_status, hang_up=target.close, limit=limit, stop=yard.stop, say=yard.say)
    run.now(plan=plan_without_steps(waited(waiting), yard.config.history, seed=NoSeed(reason="waiting seeds nothing")))


def _resolve(run: Run, name: str, *, mark: Resolution) -> None:
    yard = run.yard
    status = run.read_status()
    yard.target.require_writable()
    run.now(stage="lock")
    with yard.engage(status) as engagement:
        repair = yard.tool.repair(yard.tool.status(engagement.reader), name=name, mark=mark)
        problem = engagement.repair(repair.sql, name=name)
        if problem is not None and engagement.is_lost:
            truth = "Whether the history was repaired is not known."
            raise UnreachableError("The connection was lost.", truth=truth, hint="`drydock status` tells.")
        if problem is not None:
            raise HistoryError(f"The history could not be repaired: {problem}.", hint="Nothing was changed.")
        run.now(said=repair.said, status=yard.tool.status(engagement.reader))


def _mark(run: Run, replaced: str | None) -> None:
    yard = run.yard
    environment = yard.config.environment
    if environment is None:
        raise UsageError("No environment is named.", hint="drydock init --target --environment staging")
    status = run.read_status()
    yard.target.require_writable()
    with yard.engage(status) as engagement:
        engagement.mark(environment, replace=replaced)
    run.now(said=f"The database {yard.target.describe().database} is marked as {environment}.")

"""`drydock rollback`: down scripts instead of up, and otherwise the story of a deploy. Nothing is seeded.

Undoing may destroy what nothing brings back, so it is only for a database that is marked as what it is said to be.
"""

from functools import partial

from drydock.deploy import carry_out, read_status
from drydock.errors import UsageError
from drydock.model import DownTo, Extent, Held, Last, NoSeed, Proceed, Report, Status
from drydock.plan import judged
from drydock.render.wording import counted
from drydock.run import Run

NO_SEED = NoSeed(reason="a rollback seeds nothing")


def rollback(run: Run, extent: Extent) -> Report:
    """Undo applied migrations, newest first, as far as `extent` says."""
    return run.reported(partial(_rollback, run, extent))


def undone_by(extent: Extent, status: Status) -> tuple[str, ...]:
    """The names of the migrations that the rollback undoes, newest first. Raises UsageError."""
    newest_first = tuple(dict.fromkeys(applied.name for applied in reversed(status.applied)))
    match extent:
        case Last(count=count) if count > len(newest_first):
            known = f"Only {counted(len(newest_first), 'migration')} are applied" if newest_first else "None is applied"
            raise UsageError(f"{known}; {count} cannot be undone.", hint="See `drydock status`.")
        case Last(count=count):
            return newest_first[:count]
        case DownTo(name=name) if name not in newest_first:
            raise UsageError(f"{name} is not applied.", hint="Give the whole name; `drydock status` lists what is.")
        case DownTo(name=name):
            return newest_first[: newest_first.index(name)]


def _rollback(run: Run, extent: Extent) -> None:
    yard = run.yard
    status = read_status(run)
    run.now(held=_unmarked(run))
    if run.known.held:
        return
    yard.target.require_writable()
    yard.warm_up()
    run.now(stage="lock")
    with yard.engage(status) as engagement:
        status = yard.tool.status(engagement.reader)
        run.now(status=status, stage="plan")
        plan = _plan(run, extent, status=status)
        run.now(plan=plan)
        carry_out(run, plan, status=status, engagement=engagement)


def _plan(run: Run, extent: Extent, *, status: Status) -> Proceed | Held:
    found = judged(status.problems, run.yard.config.history)
    if found.stops:
        return Held(problems=found.stops, warnings=found.warnings)
    return Proceed(steps=run.yard.tool.down_steps(undone_by(extent, status)), warnings=found.warnings, seed=NO_SEED)


def _unmarked(run: Run) -> tuple[str, ...]:
    """Why this database may not be rolled back; empty when its mark agrees with the configuration."""
    wanted, mark = run.yard.config.environment, run.yard.target.describe().mark.environment
    if wanted is None:
        return ("a rollback needs to be told the environment (option environment)",)
    if mark is None:
        return (f"the database is not marked as {wanted}: drydock init --target --environment {wanted}",)
    return () if mark == wanted else (f"the database is marked {mark}, not {wanted}",)

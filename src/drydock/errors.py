"""Every error that ends a run because we could not do our job, each with its exit code and the next thing to try.

A migration that fails is not here: that is a result (`model.Failed`), and the report tells it. The table of exit
codes in README is held to `ExitCode` by a test.
"""

from enum import IntEnum

from drydock.config.problems import Problem


class ExitCode(IntEnum):
    """What the process answers; stable, and meant for `allow_failure`, `podFailurePolicy` and `returnStatus`."""

    DONE = 0
    BUG = 1
    USAGE = 2
    PENDING = 3
    HELD = 4
    REHEARSAL_FAILED = 5
    FAILED_CLEAN = 6
    FAILED_HALF = 7
    LOCK = 8
    UNREACHABLE = 9
    SEED_FAILED = 10
    NO_REHEARSAL = 11
    HISTORY = 12
    INTERRUPTED = 130
    TERMINATED = 143


UNTOUCHED = "The target was not touched."


class DrydockError(Exception):
    """The root: one sentence on what happened, one on what is true of the target now, one on what to do next."""

    exit_code = ExitCode.BUG

    def __init__(self, what: str, *, hint: str = "", truth: str = UNTOUCHED) -> None:
        """Keep the three sentences apart, so that every rendering can order them."""
        super().__init__(what)
        self.what = what
        self.hint = hint
        self.truth = truth


class UsageError(DrydockError):
    """The command line, the files of the project or the machine are not fit for what was asked."""

    exit_code = ExitCode.USAGE


class ConfigError(UsageError):
    """The configuration has problems; all of them are in `problems`."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Say every problem on a line of its own."""
        count = "one problem" if len(problems) == 1 else f"{len(problems)} problems"
        lines = "".join(f"\n  - {problem}" for problem in problems)
        super().__init__(f"The configuration has {count}:{lines}", hint="Correct the lines above and run again.")
        self.problems = problems


class ProjectError(UsageError):
    """The migrations on disk cannot be used: a missing folder, a file that cannot be read."""


class StrayError(ProjectError):
    """The migration tool's program cannot be run on this database, or would work on another; nothing was run."""


class PoolerError(UsageError):
    """The address leads through a transaction pooler, where session locks and settings do not hold."""


class AccessError(UsageError):
    """The server refuses this user, password or database."""


class UnreachableError(DrydockError):
    """No usable connection: the server does not answer, went away, or accepts reads only."""

    exit_code = ExitCode.UNREACHABLE


class NotStartedError(UsageError):
    """The program, or the directory to run it in, is not there or may not be used. The message says which."""


class LockError(DrydockError):
    """The mutex, or the migration tool's own lock, was not obtained within the budget."""

    exit_code = ExitCode.LOCK


class RehearsalError(DrydockError):
    """The rehearsal could not take place: no scratch, no room, a dump that cannot be restored."""

    exit_code = ExitCode.NO_REHEARSAL


class HistoryError(DrydockError):
    """The tool's history needs a decision by a person."""

    exit_code = ExitCode.HISTORY


class InterruptedRun(DrydockError):
    """A signal ended the run before anything could be half-done."""

    def __init__(self, signal_number: int, *, truth: str = UNTOUCHED) -> None:
        """Answer 128 + the signal, as a shell would."""
        super().__init__(f"Interrupted by signal {signal_number}.", truth=truth, hint="Run again when ready.")
        self.exit_code = ExitCode(128 + signal_number)

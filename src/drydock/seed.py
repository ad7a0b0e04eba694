"""Seeds the target after the apply: only where the plan says so, and the plan says so only where the mark agrees."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

from drydock.command import Completed
from drydock.errors import NotStartedError
from drydock.model import (
    NoSeed,
    Refusal,
    Seed,
    SeedCommand,
    SeedDecision,
    Seeded,
    SeedFailed,
    SeedFile,
    SeedOutcome,
    SeedPart,
)

SHELL = ("sh", "-c")
"""What the user's own command line is run with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeding:
    """How the parts of a seed are run."""

    run_text: Callable[[str], Refusal | None]
    """Runs SQL on the target; the refusal when the server said no."""
    run_command: Callable[[tuple[str, ...]], Completed]
    """Runs a program with the target's address in its environment."""
    say: Callable[[str], None]


def seed(decision: SeedDecision, seeding: Seeding) -> SeedOutcome:
    """Run every part in order; the first failure ends it."""
    match decision:
        case NoSeed():
            return decision
        case Seed(parts=parts):
            since = time.monotonic()
            for part in parts:
                seeding.say(f"Seeding: {name_of(part)}")
                if (failed := _failure(part, seeding)) is not None:
                    return failed
            return Seeded(parts=len(parts), duration=timedelta(seconds=time.monotonic() - since))
        case _:
            assert_never(decision)


def name_of(part: SeedPart) -> str:
    """How a message names the part: the file, or the program without its arguments, which may hold a secret."""
    match part:
        case SeedFile(file=file):
            return str(file)
        case SeedCommand(argv=argv, name=name):
            return name or ("seed.command" if argv[:2] == SHELL else argv[0])
        case _:
            assert_never(part)


def _failure(part: SeedPart, seeding: Seeding) -> SeedFailed | None:
    match part:
        case SeedFile(file=file, text=text):
            refusal = seeding.run_text(text)
            if refusal is None:
                return None
            return SeedFailed(part=f"{file}:{refusal.line}" if refusal.line else str(file), reason=str(refusal))
        case SeedCommand(argv=argv):
            reason = _command_failure(argv, seeding)
            return SeedFailed(part=name_of(part), reason=reason) if reason else None
        case _:
            assert_never(part)


def _command_failure(argv: tuple[str, ...], seeding: Seeding) -> str | None:
    try:
        completed = seeding.run_command(argv)
    except NotStartedError as error:
        return error.what
    if completed.exit_code == 0 and not completed.stopped and not completed.timed_out:
        return None
    # What it said went to the run log only: it may quote rows.
    return f"{_ending(completed)}; what it said is in the log of this run"


def _ending(completed: Completed) -> str:
    if completed.timed_out:
        return "it was ended at its time limit"
    if completed.stopped:
        return "it was ended because this run was interrupted"
    if completed.exit_code < 0:
        return f"it was ended by signal {-completed.exit_code}"
    return f"it ended with exit status {completed.exit_code}"

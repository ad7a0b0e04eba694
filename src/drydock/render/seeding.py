"""What became of the seed, in a few words."""

from typing import assert_never

from drydock.model import (
    Held,
    NoSeed,
    NothingPending,
    Proceed,
    Report,
    Seed,
    SeedDecision,
    Seeded,
    SeedFailed,
    SeedOutcome,
)
from drydock.render.wording import counted, human_duration


def seed_text(report: Report) -> str:
    """What the seed did; before that, what is planned; empty when nothing was decided about it."""
    if report.outcome:
        return _seeded(report.outcome.seed)
    match report.plan:
        case Proceed(seed=seed) | NothingPending(seed=seed):
            return _to_seed(seed)
        case Held() | None:
            return ""
        case _:
            assert_never(report.plan)


def _seeded(seed: SeedOutcome) -> str:
    match seed:
        case Seeded(parts=parts, duration=duration):
            return f"{counted(parts, 'part')} ran in {human_duration(duration)}"
        case SeedFailed(part=part, reason=reason):
            return f"FAILED at {part}: {reason}"
        case NoSeed(reason=reason):
            return f"none, {reason}"
        case _:
            assert_never(seed)


def _to_seed(seed: SeedDecision) -> str:
    match seed:
        case Seed(parts=parts):
            return f"{counted(len(parts), 'part')} to run, none has run"
        case NoSeed(reason=reason):
            return f"none, {reason}"
        case _:
            assert_never(seed)

"""The verdict: the exit code, and four sentences that agree with it."""

from datetime import timedelta
from pathlib import Path

import pytest

from drydock.errors import UNTOUCHED, ExitCode
from drydock.model import (
    Aborted,
    Atomic,
    Edited,
    FailedRow,
    Halt,
    Held,
    Migration,
    NoSeed,
    NotAttempted,
    NotBaselined,
    NothingPending,
    Outcome,
    Plan,
    Refusal,
    Seeded,
    SeedFailed,
    SeedOutcome,
    StepApplied,
    StepFailed,
    StepInterrupted,
    StepOutcome,
    StepUnknown,
    Verdict,
)
from drydock.report import Known, report_of, verdict_of

ONE, TWO, THREE = (Migration(name=name, file=Path(f"{name}.sql"), checksum="0" * 64) for name in ("1_a", "2_b", "3_c"))
APPLIED = StepApplied(migration=ONE, course=Atomic(), duration=timedelta(milliseconds=3))
LEFT = NotAttempted(migration=THREE)
NO_SEED = NoSeed(reason="no seed is configured")
HALF = "Statement 1 is in effect, statement 2 is not."


def failed(sqlstate: str, *, clean: bool = True) -> StepFailed:
    """The second migration, refused with this SQLSTATE."""
    refusal = Refusal(sqlstate=sqlstate, condition="some_condition", message=None, names=())
    return StepFailed(migration=TWO, refusal=refusal, clean=clean, truth="Rolled back." if clean else HALF)


def interrupted(number: int, *, clean: bool) -> StepInterrupted:
    """The second migration, cancelled."""
    return StepInterrupted(migration=TWO, signal_number=number, clean=clean, truth="Rolled back." if clean else HALF)


def after(*steps: StepOutcome, seed: SeedOutcome = NO_SEED, halt: Halt | None = None) -> Verdict:
    """The verdict of a deploy that came so far."""
    outcome = Outcome(steps=steps, seed=seed, halt=halt)
    return verdict_of(Known(command="deploy", environment=None, outcome=outcome))


@pytest.mark.parametrize(
    ("sqlstate", "code", "next_words"),
    [
        ("42P07", ExitCode.FAILED_CLEAN, "Correct the migration"),
        ("22012", ExitCode.FAILED_CLEAN, "Correct the migration"),
        ("P0001", ExitCode.FAILED_CLEAN, "Correct the migration"),
        ("55P03", ExitCode.LOCK, "Run again"),
        ("40001", ExitCode.LOCK, "Run again"),
        ("40P01", ExitCode.LOCK, "Run again"),
        ("08006", ExitCode.UNREACHABLE, "Run again"),
    ],
)
def test_clean_failure_says_that_the_target_is_clean(sqlstate: str, code: ExitCode, next_words: str) -> None:
    verdict = after(APPLIED, failed(sqlstate), LEFT)

    assert verdict.exit_code == code
    assert "2_b failed" in verdict.line
    assert "1 migration applied before" in verdict.line
    assert "The target is clean" in verdict.truth
    assert next_words in verdict.hint


@pytest.mark.parametrize(
    "step",
    [
        failed("22012", clean=False),
        failed("55P03", clean=False),
        failed("08006", clean=False),
        interrupted(15, clean=False),
        StepUnknown(migration=TWO, truth=HALF),
    ],
)
def test_what_may_be_half_applied_is_never_called_clean(step: StepOutcome) -> None:
    verdict = after(APPLIED, step, LEFT)

    assert verdict.exit_code == ExitCode.FAILED_HALF
    assert verdict.truth == HALF
    assert "clean" not in f"{verdict.line} {verdict.truth}"
    assert "resolve" in verdict.hint


@pytest.mark.parametrize("number", [2, 15])
def test_clean_interruption_answers_as_a_shell_would(number: int) -> None:
    verdict = after(APPLIED, interrupted(number, clean=True), LEFT)

    assert verdict.exit_code == 128 + number
    assert "The target is clean" in verdict.truth


def test_stop_between_two_migrations_gives_its_reason_and_code() -> None:
    verdict = after(APPLIED, LEFT, halt=Halt(reason="the connection was lost", exit_code=9))

    assert (verdict.exit_code, "the connection was lost" in verdict.line) == (9, True)
    assert "clean" in verdict.truth


def test_success_and_failed_seed_differ_in_the_code_only_by_the_seed() -> None:
    seeded = after(APPLIED, seed=Seeded(parts=1, duration=timedelta(seconds=1)))
    broken = after(APPLIED, seed=SeedFailed(part="seeds/a.sql", reason="22012 division by zero"))

    assert (seeded.exit_code, seeded.line) == (0, "1 migration applied.")
    assert broken.exit_code == ExitCode.SEED_FAILED
    assert "seeds/a.sql" in broken.line
    assert seeded.truth == broken.truth == "Every migration is applied and recorded."
    assert "runs it again" in broken.hint


@pytest.mark.parametrize(
    ("plan", "command", "code", "words"),
    [
        (NothingPending(warnings=(), seed=NO_SEED), "deploy", 0, "Nothing pending"),
        (NothingPending(warnings=(), seed=NO_SEED), "status", 0, "Nothing pending"),
        (Held(problems=(NotBaselined(tables=()),), warnings=()), "deploy", 12, "The history needs a decision"),
        (Held(problems=(Edited(name="a", file=Path("a")),), warnings=()), "check", 12, "nothing was done"),
        (
            Held(problems=(FailedRow(name="2_b", started_at=None, migration=TWO),), warnings=()),
            "status",
            12,
            "Migration 2_b was begun and not finished",
        ),
    ],
)
def test_plan_that_changes_nothing_says_that_nothing_was_touched(
    plan: Plan, command: str, code: int, words: str
) -> None:
    verdict = verdict_of(Known(command=command, environment=None, plan=plan))

    assert (verdict.exit_code, verdict.truth) == (code, UNTOUCHED)
    assert words in verdict.line


def test_what_was_done_to_the_target_speaks_before_the_error_that_ended_the_run() -> None:
    aborted = Aborted(stage="seed", what="The network is gone.", truth=UNTOUCHED, hint="Run again.", exit_code=9)
    outcome = Outcome(steps=(APPLIED,), seed=NO_SEED)

    verdict = verdict_of(Known(command="deploy", environment=None, outcome=outcome, aborted=aborted))

    assert (verdict.exit_code, UNTOUCHED in verdict.truth) == (9, False)
    assert "1 migration applied" in verdict.line
    assert "The network is gone." in verdict.line


def test_report_is_made_of_whatever_is_known() -> None:
    report = report_of(Known(command="status", environment="qa"), timedelta(seconds=1))

    assert (report.command, report.environment, report.target, report.verdict.exit_code) == ("status", "qa", None, 0)

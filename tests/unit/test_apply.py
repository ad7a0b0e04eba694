"""The apply of a command step, which covers several migrations: outcomes, retries and what is left after a failure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from drydock.apply import Applying, apply
from drydock.config.settings import Limits
from drydock.interruption import Interruption
from drydock.model import (
    ByTool,
    CommandStep,
    Migration,
    NotAttempted,
    Refusal,
    Step,
    StepApplied,
    StepFailed,
    StepOutcome,
)

LIMITS = Limits(
    lock_timeout=timedelta(seconds=1),
    statement_timeout=None,
    retries=2,
    retry_budget=timedelta(seconds=30),
    deploy_budget=timedelta(seconds=30),
    retry_pause_min=timedelta(milliseconds=1),
    retry_pause_max=timedelta(milliseconds=1),
    serialization_retries=1,
)
LOCKED, BROKEN = "55P03", "42601"


def migration(name: str) -> Migration:
    return Migration(name=name, file=Path(f"{name}.js"), checksum="0" * 64)


def step(*names: str) -> CommandStep:
    return CommandStep(
        migrations=tuple(map(migration, names)), argv=(), directory=Path(), order="{}", recorded="", released=""
    )


def applied(name: str) -> StepOutcome:
    return StepApplied(migration=migration(name), course=ByTool(in_transaction=True), duration=timedelta())


def failed(name: str, sqlstate: str, *, clean: bool = True) -> StepOutcome:
    refusal = Refusal(sqlstate=sqlstate, condition="x", message=None, names=())
    return StepFailed(migration=migration(name), refusal=refusal, clean=clean, truth="")


@dataclass(slots=True, kw_only=True)
class Script:
    """An executor that answers as it was told, and remembers what it was asked to run."""

    answers: list[tuple[StepOutcome, ...]]
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def run(self, step: Step, begun: Callable[[Migration], None]) -> tuple[StepOutcome, ...]:
        """See `Executor`."""
        self.asked.append(tuple(migration.name for migration in step.migrations))
        outcomes = self.answers.pop(0)
        for outcome in outcomes:
            begun(outcome.migration)
        return outcomes

    def is_lost(self) -> bool:
        """See `Executor`."""
        return False


def applying(executor: Script, said: list[str]) -> Applying:
    return Applying(executor=executor, limits=LIMITS, stop=Interruption(), say=said.append)


def names_of(outcomes: Sequence[StepOutcome]) -> list[tuple[str, str]]:
    return [(type(outcome).__name__, outcome.migration.name) for outcome in outcomes]


def test_every_migration_has_its_outcome_and_its_number() -> None:
    executor, said = Script(answers=[(applied("a"), applied("b"))]), list[str]()

    done = apply([step("a", "b")], applying(executor, said))

    assert names_of(done.outcomes) == [("StepApplied", "a"), ("StepApplied", "b")]
    assert said == ["[1/2] a", "[2/2] b"]


def test_failure_leaves_the_rest_not_attempted() -> None:
    executor = Script(answers=[(applied("a"), failed("b", BROKEN))])

    done = apply([step("a", "b", "c")], applying(executor, []))

    assert names_of(done.outcomes) == [("StepApplied", "a"), ("StepFailed", "b"), ("NotAttempted", "c")]
    assert isinstance(done.outcomes[-1], NotAttempted)


def test_what_gave_way_is_tried_again_without_what_is_applied() -> None:
    executor, said = Script(answers=[(applied("a"), failed("b", LOCKED)), (applied("b"), applied("c"))]), list[str]()

    done = apply([step("a", "b", "c")], applying(executor, said))

    assert executor.asked == [("a", "b", "c"), ("b", "c")]
    assert [outcome.attempts for outcome in done.outcomes if isinstance(outcome, StepApplied)] == [1, 2, 1]
    assert [line for line in said if line.startswith("[")] == ["[1/3] a", "[2/3] b", "[3/3] c"]


def test_what_was_rolled_back_together_is_tried_again_together() -> None:
    together = (NotAttempted(migration=migration("a")), failed("b", LOCKED))
    executor = Script(answers=[together, (applied("a"), applied("b"))])

    done = apply([step("a", "b")], applying(executor, []))

    assert executor.asked == [("a", "b"), ("a", "b")]
    assert names_of(done.outcomes) == [("StepApplied", "a"), ("StepApplied", "b")]


def test_each_migration_has_its_own_attempts() -> None:
    gave_way = [(failed("a", LOCKED),), (failed("a", LOCKED),), (applied("a"), failed("b", LOCKED))]
    executor = Script(answers=[*gave_way, (failed("b", LOCKED),), (applied("b"),)])

    done = apply([step("a", "b")], applying(executor, []))

    assert [outcome.attempts for outcome in done.outcomes if isinstance(outcome, StepApplied)] == [3, 3]


def test_what_is_half_done_is_not_tried_again() -> None:
    executor = Script(answers=[(failed("a", LOCKED, clean=False),)])

    done = apply([step("a")], applying(executor, []))

    assert names_of(done.outcomes) == [("StepFailed", "a")]
    assert len(executor.asked) == 1


def test_program_that_stopped_between_two_is_gone_on_with() -> None:
    executor = Script(answers=[(applied("a"),), (applied("b"),)])

    done = apply([step("a", "b")], applying(executor, []))

    assert (names_of(done.outcomes), done.halt) == ([("StepApplied", "a"), ("StepApplied", "b")], None)


def test_signal_between_two_leaves_the_rest_and_says_why() -> None:
    stop = Interruption()
    signalled = _Signalled(Script(answers=[(applied("a"),)]), stop)

    done = apply([step("a", "b")], Applying(executor=signalled, limits=LIMITS, stop=stop, say=lambda _: None))

    assert names_of(done.outcomes) == [("StepApplied", "a"), ("NotAttempted", "b")]
    assert done.halt is not None
    assert done.halt.exit_code == 143


class _Signalled:
    """Runs as another does; then a signal comes."""

    def __init__(self, inner: Script, stop: Interruption) -> None:
        self._inner, self._stop = inner, stop

    def run(self, step: Step, begun: Callable[[Migration], None]) -> tuple[StepOutcome, ...]:
        outcomes = self._inner.run(step, begun)
        self._stop.mark(15)
        return outcomes

    def is_lost(self) -> bool:
        return False

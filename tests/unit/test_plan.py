"""What will be done, and why: every branch is decided here, before anything is touched."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from drydock.config.parse import load
from drydock.config.settings import Config, HistoryPolicy
from drydock.digest import prefix_digest
from drydock.model import (
    Atomic,
    Edited,
    FailedRow,
    Held,
    HistoryProblem,
    Ledger,
    Mark,
    Migration,
    Missing,
    Newer,
    NoSeed,
    NotBaselined,
    NothingPending,
    OutOfOrder,
    Plan,
    Proceed,
    Progress,
    ScriptStep,
    Seed,
    SeedFile,
    Status,
    Step,
    Stepwise,
    Table,
    ToolLock,
    migrations_of,
)
from drydock.plan import decide, judged, resumed, seed_decision
from drydock.sql.interface import IndexBuild, Parsed, Statement

POLICY = HistoryPolicy(edited="warn", missing="warn", out_of_order="warn", failed="stop", newer="ok")
LEDGER = Ledger(record="", opened="", finished="", failed="", withdrawn="", lookup="")
HISTORY = Table(schema="public", name="history")
OPENED = "2026-11-20 10:00:00+00"
NO_SEED = NoSeed(reason="no seed is configured")
TEXT = "VACUUM a;CREATE INDEX CONCURRENTLY i ON a (b);REINDEX TABLE CONCURRENTLY a;ALTER SYSTEM RESET ALL;"


def migration(name: str) -> Migration:
    """A migration of that name."""
    return Migration(name=name, file=Path(f"{name}.sql"), checksum="0" * 64)


def statement(number: int, text: str, index: IndexBuild | None = None) -> Statement:
    """A statement of TEXT that must stand alone."""
    start = TEXT.index(text)
    return Statement(
        number=number,
        start=start,
        end=start + len(text),
        line=1,
        kind=" ".join(text.split()[:1]),
        hazard="alone",
        ends_transaction=False,
        opens_transaction=False,
        outside_block=True,
        index=index,
        strong_locks=(),
    )


NAMED = IndexBuild(name="i", schema=None, table="a")
UNNAMED = IndexBuild(name=None, schema=None, table="a")
STATEMENTS = (
    statement(1, "VACUUM a"),
    statement(2, "CREATE INDEX CONCURRENTLY i ON a (b)", NAMED),
    statement(3, "REINDEX TABLE CONCURRENTLY a", UNNAMED),
    statement(4, "ALTER SYSTEM RESET ALL"),
)


def careful(name: str) -> ScriptStep:
    """A step of four statements that run one by one."""
    return ScriptStep(
        migration=migration(name),
        text=TEXT,
        analysis=Parsed(statements=STATEMENTS),
        course=Stepwise(reason="alone"),
        ledger=LEDGER,
    )


def steps_of(pending: Sequence[Migration]) -> tuple[Step, ...]:
    """A careful step for each."""
    return tuple(careful(one.name) for one in pending)


def scripts_of(plan: Proceed) -> list[ScriptStep]:
    """Its steps, all of which are scripts."""
    scripts = [step for step in plan.steps if isinstance(step, ScriptStep)]
    assert len(scripts) == len(plan.steps)
    return scripts


def status(*pending: str, problems: tuple[HistoryProblem, ...] = ()) -> Status:
    """A history with so much left to do."""
    return Status(
        tool="sql",
        history=HISTORY,
        lock=ToolLock(key=1, holders_block=False),
        applied=(),
        pending=tuple(migration(name) for name in pending),
        problems=problems,
        preparation=(),
    )


def progress(done: int, running: int | None = None, *, text: str = TEXT, history: str = "public.history") -> Progress:
    """What a careful step left behind that had got so far with this text."""
    digest = prefix_digest(replace(careful("a"), text=text), done)
    return Progress(history=history, migration="a", digest=digest, done=done, running=running, opened=OPENED)


def planned(found: Status, *left: Progress) -> Plan:
    """The plan under the default policy."""
    return decide(found, POLICY, progress=left, steps_of=steps_of, seed=NO_SEED)


FAILED = FailedRow(name="a", started_at=OPENED, migration=migration("a"))


def test_pending_migrations_become_steps_in_order() -> None:
    plan = planned(status("a", "b"))

    assert isinstance(plan, Proceed)
    assert [migration.name for migration in migrations_of(plan.steps)] == ["a", "b"]


def test_no_pending_migration_is_nothing_pending() -> None:
    assert planned(status()) == NothingPending(warnings=(), seed=NO_SEED)


@pytest.mark.parametrize(
    ("problem", "reaction"),
    [
        (FAILED, "stop"),
        (NotBaselined(tables=("users",)), "stop"),
        (Edited(name="a", file=Path("a.sql")), "warn"),
        (Missing(name="a"), "warn"),
        (OutOfOrder(name="a", after="b"), "warn"),
        (Newer(name="a"), "ok"),
    ],
)
def test_default_policy_stops_warns_or_keeps_silent(problem: HistoryProblem, reaction: str) -> None:
    found = judged([problem], POLICY)

    assert (problem in found.stops, problem in found.warnings) == (reaction == "stop", reaction == "warn")


@pytest.mark.parametrize(
    ("problem", "policy"),
    [
        (Edited(name="a", file=Path("a.sql")), replace(POLICY, edited="stop")),
        (Missing(name="a"), replace(POLICY, missing="stop")),
        (OutOfOrder(name="a", after="b"), replace(POLICY, out_of_order="stop")),
        (Newer(name="a"), replace(POLICY, newer="stop")),
    ],
)
def test_stop_holds_the_plan_and_makes_no_step(problem: HistoryProblem, policy: HistoryPolicy) -> None:
    def never(pending: Sequence[Migration]) -> tuple[Step, ...]:
        raise AssertionError(f"a held plan reads no file, neither of {pending}")

    plan = decide(status("b", problems=(problem,)), policy, progress=(), steps_of=never, seed=NO_SEED)

    assert plan == Held(problems=(problem,), warnings=())


def test_warnings_go_with_the_plan_and_ok_goes_nowhere() -> None:
    late = OutOfOrder(name="b", after="c")

    plan = planned(status("b", problems=(late, Newer(name="z"))))

    assert isinstance(plan, Proceed)
    assert plan.warnings == (late,)


def test_failed_row_with_progress_is_gone_on_with_before_what_is_pending() -> None:
    plan = planned(status("b", problems=(FAILED,)), progress(2, running=None))

    assert isinstance(plan, Proceed)
    assert [(step.migration.name, step.course) for step in scripts_of(plan)] == [
        ("a", Stepwise(reason="alone", resume_after=2)),
        ("b", Stepwise(reason="alone")),
    ]


def test_progress_of_another_history_counts_for_nothing() -> None:
    plan = planned(status(problems=(FAILED,)), progress(2, history="other.history"))

    assert plan == Held(problems=(FAILED,), warnings=())


def test_failed_row_without_a_file_is_never_gone_on_with() -> None:
    gone = replace(FAILED, migration=None)

    assert planned(status(problems=(gone,)), progress(2)) == Held(problems=(gone,), warnings=())


@pytest.mark.parametrize(
    ("done", "running", "goes_on"),
    [
        (0, None, True),
        (0, 1, True),
        (1, 2, True),
        (2, 3, False),
        (3, 4, False),
        (3, None, True),
        (4, None, True),
    ],
)
def test_going_on_needs_certainty_about_what_was_running(done: int, running: int | None, *, goes_on: bool) -> None:
    step = resumed(careful("a"), progress(done, running))

    assert (step is not None) == goes_on
    if step is not None:
        assert step.course == Stepwise(reason="alone", resume_after=done, uncertain=running is not None)


def test_going_on_needs_the_completed_part_unchanged() -> None:
    edited = TEXT.replace("VACUUM a", "VACUUM b")

    assert resumed(careful("a"), progress(1, text=edited)) is None
    assert resumed(careful("a"), progress(0, text=edited)) is not None


def test_atomic_step_is_never_gone_on_with() -> None:
    assert resumed(replace(careful("a"), course=Atomic()), progress(1)) is None


# --- the seed --------------------------------------------------------------------------------------------------

PARTS = (SeedFile(file=Path("seed.sql"), text="SELECT 1;"),)


def config(directory: Path, environment: str, files: str = "seed.sql") -> Config:
    """A configuration that seeds in staging and qa."""
    flags = {"environment": environment, "seed_files": files, "seed_environments": "staging,qa"}
    return load({key: value for key, value in flags.items() if value}, {}, directory=directory)


def test_seed_runs_where_configuration_and_mark_agree(tmp_path: Path) -> None:
    decision = seed_decision(config(tmp_path, "staging"), Mark(environment="staging"), parts=PARTS)

    assert decision == Seed(parts=PARTS)


@pytest.mark.parametrize(
    ("environment", "mark", "says"),
    [
        ("", Mark(environment="staging"), "production rules hold"),
        ("production", Mark(environment="production"), "production is not in seed.environments"),
        ("production", Mark(environment="staging"), "production is not in seed.environments"),
        ("staging", Mark(environment=None), "drydock init --target --environment staging"),
        ("staging", Mark(environment=None, travelled="production"), "its mark for production came in a dump"),
        ("staging", Mark(environment=None, travelled="staging"), "its mark for staging came in a dump"),
        ("staging", Mark(environment="production"), "marked as production, not staging"),
        ("staging", Mark(environment="qa"), "marked as qa, not staging"),
    ],
)
def test_seed_is_refused_with_its_reason(tmp_path: Path, environment: str, mark: Mark, says: str) -> None:
    decision = seed_decision(config(tmp_path, environment), mark, parts=PARTS)

    assert isinstance(decision, NoSeed)
    assert says in decision.reason


def test_no_seed_configured_is_said(tmp_path: Path) -> None:
    decision = seed_decision(config(tmp_path, "staging", files=""), Mark(environment="staging"), parts=())

    assert decision == NoSeed(reason="no seed is configured")


def test_tool_without_a_seed_of_its_own_is_said(tmp_path: Path) -> None:
    decision = seed_decision(config(tmp_path, "staging"), Mark(environment="staging"), parts=())

    assert isinstance(decision, NoSeed)
    assert "package.json" in decision.reason


def test_progress_of_another_attempt_is_not_gone_on_with() -> None:
    repeated = replace(FAILED, started_at="2026-11-20 11:00:00+00")

    assert isinstance(planned(status(problems=(repeated,)), progress(1)), Held)


@pytest.mark.parametrize(("done", "goes_on"), [(0, True), (1, False)])
def test_dirty_flag_without_a_time_goes_on_only_from_the_start(done: int, *, goes_on: bool) -> None:
    dirty = replace(FAILED, started_at=None)

    assert isinstance(planned(status(problems=(dirty,)), progress(done)), Proceed) is goes_on


def test_step_that_was_killed_behind_its_last_statement_is_only_finished() -> None:
    last = len(STATEMENTS)

    plan = planned(status(problems=(FAILED,)), progress(last))

    assert isinstance(plan, Proceed)
    assert scripts_of(plan)[0].course == Stepwise(reason="alone", resume_after=last)

"""What every migration tool's adapter promises (`MigrationTool`), asked of each of them in the same words."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from drydock.config.parse import load
from drydock.interruption import Interruption
from drydock.model import Status
from drydock.redact import Scrubber
from drydock.wiring import yard_of
from drydock.yard import Yard
from tests.end_to_end.scenes import UNTOUCHED, Scene, assert_says
from tests.fixtures.database import TestDatabase
from tests.fixtures.projects import (
    dbmate_script,
    flat_project,
    golang_project,
    goose_script,
    node_pg_migrate_project,
    node_pg_script,
    prisma_project,
)

COUNT = 3
SCRIPTS = {f"{number}_t{number}": f"CREATE TABLE t{number} (id int);" for number in range(1, COUNT + 1)}
TABLES = {f"t{number}" for number in range(1, COUNT + 1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One tool: how its project is laid out, and where its history is."""

    lay_out: Callable[[Path, Mapping[str, str]], object]
    history: str
    goes_back: bool = True
    """Whether a single migration can be taken out of its history."""


def _sql_files(script: Callable[[str], str]) -> Callable[[Path, Mapping[str, str]], object]:
    return lambda root, scripts: flat_project(root, {f"{name}.sql": script(text) for name, text in scripts.items()})


LAYOUTS = {
    "prisma": Layout(lay_out=prisma_project, history="public._prisma_migrations"),
    "golang-migrate": Layout(lay_out=golang_project, history="public.schema_migrations", goes_back=False),
    "dbmate": Layout(lay_out=_sql_files(dbmate_script), history="public.schema_migrations"),
    "goose": Layout(lay_out=_sql_files(goose_script), history="public.goose_db_version"),
    "node-pg-migrate": Layout(
        lay_out=lambda root, scripts: node_pg_migrate_project(
            root, {f"{name}.sql": node_pg_script(text) for name, text in scripts.items()}
        ),
        history="public.pgmigrations",
    ),
    "flat": Layout(lay_out=_sql_files(str), history="drydock.migrations"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace(Scene):
    """A project of one tool with three migrations, and a database."""

    layout: Layout

    @contextmanager
    def yard(self) -> Iterator[Yard]:
        """The tool, and the target open for reading."""
        config = load({"rehearse": "none"}, self.environment(), directory=self.root)
        with yard_of(config, self.environment(), stop=Interruption(), say=lambda _: None, scrub=Scrubber()) as yard:
            yield yard

    def status(self) -> Status:
        """What the tool says."""
        with self.yard() as yard:
            return yard.tool.status(yard.target)

    def made(self) -> set[str]:
        """Which of the migrations' tables are there."""
        return self.database.tables() & TABLES


@pytest.fixture(params=LAYOUTS)
def place(request: pytest.FixtureRequest, tmp_path: Path, database: TestDatabase) -> Workplace:
    """Nothing is applied yet."""
    layout = LAYOUTS[str(request.param)]
    root = tmp_path / "project"
    root.mkdir()
    layout.lay_out(root, SCRIPTS)
    return Workplace(root=root, database=database, layout=layout)


@pytest.mark.parametrize("command", [("status",), ("check", "--rehearse", "none")], ids=lambda command: command[0])
def test_looking_changes_nothing(place: Workplace, command: tuple[str, ...]) -> None:
    ran = place.run(*command)

    assert_says(ran, 3 if command == ("status",) else 0, f"{COUNT} migrations pending", UNTOUCHED)
    assert place.is_untouched()


def test_status_needs_no_more_than_a_session_that_only_reads(place: Workplace) -> None:
    place.database.execute(f'ALTER DATABASE "{place.database.name}" SET default_transaction_read_only = on')

    assert_says(place.run("status"), 3, f"{COUNT} migrations pending")


def test_steps_cover_what_is_pending_once_and_in_order_and_carry_no_address(place: Workplace) -> None:
    with place.yard() as yard:
        status = yard.tool.status(yard.target)
        steps = yard.tool.steps(status.pending)
        again = yard.tool.steps(status.pending)

    assert [step.migration for step in steps] == list(status.pending)
    assert len(steps) == COUNT
    assert steps == again
    assert place.database.url not in repr(steps)
    assert {str(status.history), status.tool} == {place.layout.history, yard.tool.name}


def test_ledger_tells_what_became_of_each_step(place: Workplace) -> None:
    with place.yard() as yard:
        status = yard.tool.status(yard.target)
        steps = yard.tool.steps(status.pending)
    for statement in status.preparation:
        place.database.execute(statement)

    before = [place.database.value(step.ledger.lookup) for step in steps]
    assert_says(place.deploy(), 0, f"{COUNT} migrations applied")
    after = [place.database.value(step.ledger.lookup) for step in steps]

    assert (before, after) == (["absent"] * COUNT, ["applied"] * COUNT)


def test_what_is_applied_is_pending_no_more(place: Workplace) -> None:
    assert_says(place.deploy(), 0, f"{COUNT} migrations applied")

    status = place.status()

    assert (status.pending, status.problems, status.preparation) == ((), (), ())
    assert [applied.name.removesuffix(".sql") for applied in status.applied] == list(SCRIPTS)
    assert_says(place.deploy(), 0, "Nothing pending", UNTOUCHED)
    assert place.made() == TABLES


def test_default_deploy_rehearses_first(place: Workplace) -> None:
    ran = place.run("deploy")

    assert_says(ran, 0, f"{COUNT} migrations applied", "proven")
    assert place.made() == TABLES


def test_history_is_caught_up_on_a_copy_that_is_behind(place: Workplace) -> None:
    ran = place.run("deploy", "--rehearse", "history")
    place.layout.lay_out(place.root, {"4_t4": "CREATE TABLE t4 (id int);"})
    again = place.run("deploy", "--rehearse", "history")

    assert_says(ran, 0, f"{COUNT} migrations applied")
    assert_says(again, 0, "1 migration applied", "brought up first: 1_t1")


def test_snapshot_that_is_older_than_the_target_is_brought_up_to_it(place: Workplace) -> None:
    assert place.deploy().exit_code == 0
    assert_says(place.run("snapshot", "old.dump"), 0, "Snapshot old.dump")
    later = {f"{number}_t{number}": f"CREATE TABLE t{number} (id int);" for number in (4, 5)}
    place.layout.lay_out(place.root, later)
    assert_says(place.deploy(), 0, "2 migrations applied")
    place.layout.lay_out(place.root, {"6_t6": "ALTER TABLE t5 ADD note text;"})

    ran = place.run("deploy", "--snapshot", "old.dump")

    assert_says(ran, 0, "1 migration applied", "brought up first: 4_t4", "5_t5", "proven")


def test_failed_migration_is_pending_again_and_those_before_it_are_as_the_tool_leaves_them(place: Workplace) -> None:
    place.layout.lay_out(place.root, {"3_t3": "CREATE TABLE t3 (id int); SELECT 1 / 0;"})

    ran = place.deploy()
    status = place.status()

    assert_says(ran, 6, "22012", "The target is clean")
    assert [migration.name.removesuffix(".sql") for migration in status.pending][-1] == "3_t3"
    assert status.problems == ()
    # node-pg-migrate's one transaction takes all of them back.
    assert place.made() == {f"t{number}" for number in range(1, len(status.applied) + 1)}


def test_swallowed_row_is_a_failure_and_leaves_nothing(place: Workplace) -> None:
    assert place.deploy().exit_code == 0
    place.layout.lay_out(place.root, {"4_t4": "CREATE TABLE t4 (id int);"})
    place.database.execute(f"CREATE RULE gone AS ON INSERT TO {place.layout.history} DO INSTEAD NOTHING")

    ran = place.deploy()

    assert ran.exit_code == 6, ran.said
    assert "t4" not in place.database.tables()


def test_resolve_records_what_is_there_already(place: Workplace) -> None:
    place.database.execute(SCRIPTS["1_t1"])
    first = place.status().pending[0].name

    ran = place.run("resolve", first, "--applied")

    assert_says(ran, 0)
    assert first in [applied.name for applied in place.status().applied]
    assert_says(place.run("resolve", first, "--applied"), 12, "recorded as applied")
    assert_says(place.deploy(), 0, f"{COUNT - 1} migrations applied")


def test_resolve_of_what_is_not_there_is_refused(place: Workplace) -> None:
    assert place.run("resolve", "99_nobody", "--applied").exit_code == 12
    assert place.run("resolve", "99_nobody", "--rolled-back").exit_code == 12


def test_table_of_another_shape_never_passes_for_a_missing_history(place: Workplace) -> None:
    if place.layout.history.startswith("drydock."):
        place.database.execute("CREATE SCHEMA drydock")
    place.database.execute(f"CREATE TABLE {place.layout.history} (something int)")

    assert_says(place.deploy(), 12, "is there, but it is not a history of this tool", UNTOUCHED)


def test_migration_that_would_touch_the_history_runs_carefully(place: Workplace) -> None:
    assert place.deploy().exit_code == 0
    place.layout.lay_out(
        place.root, {"4_t4": f"COMMENT ON TABLE {place.layout.history} IS 'ours'; CREATE TABLE t4 ();"}
    )

    assert place.deploy().exit_code == 0
    assert_says(place.deploy(), 0, "Nothing pending")

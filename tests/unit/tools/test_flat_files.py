"""A flat folder: order, what counts as a migration, and what its rows say."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drydock.errors import ProjectError
from drydock.files import Project
from drydock.model import Edited, FailedRow, Missing, Newer, OutOfOrder, Standstill, Status
from drydock.tools.checksum import sha256
from drydock.tools.flat_files import TABLE, FlatFiles, order
from tests.fixtures.projects import flat_project
from tests.unit.tools.histories import MISSING, NoAnalyser, answering, rows

HERE = rows(("t",))
THEN = "2024-01-01 00:00:00+00"


def adapter(root: Path) -> FlatFiles:
    """The adapter on `root/migrations`."""
    return FlatFiles(Project(root=root), root / "migrations", table=TABLE, analyser=NoAnalyser(), mode="statement")


def status_of(root: Path, *history: tuple[str | None, ...]) -> Status:
    """The status of that folder against these rows."""
    return adapter(root).status(answering(rows(*history), HERE))


def row(name: str, text: str = "SELECT 1;", finished: str | None = THEN) -> tuple[str | None, ...]:
    """Name, checksum, finished_at, started_at."""
    return (name, sha256(text.encode()), finished, THEN)


@given(st.lists(st.from_regex(r"[0-9]{0,12}[a-z_.]{0,4}", fullmatch=True)))
def test_order_is_by_number_then_by_name_and_numbers_come_first(names: list[str]) -> None:
    ordered = sorted(names, key=order)

    numbered = [name for name in ordered if name[:1].isdigit()]
    assert ordered[: len(numbered)] == numbered
    for one, other in pairwise(numbered):
        first, second = (int(name.rstrip("abcdefghijklmnopqrstuvwxyz_.")) for name in (one, other))
        assert (first, one) <= (second, other)


def test_empty_history_makes_everything_pending_and_asks_for_schema_and_table(tmp_path: Path) -> None:
    flat_project(tmp_path, {"1_a.sql": "SELECT 1;", "1_a.down.sql": "SELECT 2;", ".x.sql": "", "notes.md": ""})

    status = adapter(tmp_path).status(answering(MISSING, rows(("f",))))

    assert [migration.name for migration in status.pending] == ["1_a.sql"]
    assert [statement.split(" (")[0] for statement in status.preparation] == [
        'CREATE SCHEMA IF NOT EXISTS "drydock"',
        'CREATE TABLE IF NOT EXISTS "drydock"."migrations"',
    ]


def test_upper_case_ending_is_not_overlooked(tmp_path: Path) -> None:
    flat_project(tmp_path, {"1_a.SQL": "SELECT 1;", "1_a.DOWN.SQL": "SELECT 2;", "2_b.sql": "SELECT 2;"})

    assert [migration.name for migration in status_of(tmp_path).pending] == ["1_a.SQL", "2_b.sql"]


def test_schema_that_is_there_is_not_created(tmp_path: Path) -> None:
    flat_project(tmp_path, {"1_a.sql": "SELECT 1;"})

    status = adapter(tmp_path).status(answering(MISSING, HERE))

    assert [statement.split(" ")[1] for statement in status.preparation] == ["TABLE"]


def test_every_disagreement_is_named_once(tmp_path: Path) -> None:
    flat_project(tmp_path, {"2_b.sql": "SELECT 2;", "3_c.sql": "SELECT 3;", "4_d.sql": "SELECT 4;"})

    status = status_of(tmp_path, row("1_a.sql"), row("3_c.sql"), row("4_d.sql", "", None), row("9_z.sql"))

    told = [(type(problem), problem.name) for problem in status.problems if not isinstance(problem, Standstill)]
    assert told == [
        (FailedRow, "4_d.sql"),
        (Edited, "3_c.sql"),
        (Missing, "1_a.sql"),
        (Newer, "9_z.sql"),
        (OutOfOrder, "2_b.sql"),
    ]
    assert [migration.name for migration in status.pending] == ["2_b.sql"]


@pytest.mark.parametrize("now", ["a\nb\n", "a\r\nb\r\n"])
@pytest.mark.parametrize("then", ["a\nb\n", "a\r\nb\r\n"])
def test_line_ends_are_no_edit(tmp_path: Path, then: str, now: str) -> None:
    flat_project(tmp_path, {"1_a.sql": now})

    assert status_of(tmp_path, row("1_a.sql", then)).problems == ()


@pytest.mark.parametrize("name", ["V1__users.sql", "U2__users.sql", "R__view.sql", "V1.2__users.sql"])
def test_flyway_names_are_refused(tmp_path: Path, name: str) -> None:
    flat_project(tmp_path, {name: "SELECT 1;"})

    with pytest.raises(ProjectError, match="Flyway"):
        status_of(tmp_path)


@pytest.mark.parametrize("stray", ["1_a.js", "1_a.ts", "schema.rb", "2024/1_a.sql"])
def test_folder_without_sql_files_but_with_others_is_refused(tmp_path: Path, stray: str) -> None:
    file = tmp_path / "migrations" / stray
    file.parent.mkdir(parents=True)
    file.touch()

    with pytest.raises(ProjectError, match=r"no \.sql file in migrations, only"):
        status_of(tmp_path)


@pytest.mark.parametrize("kept", [".gitkeep", "README.md"])
def test_empty_folder_has_nothing_pending(tmp_path: Path, kept: str) -> None:
    flat_project(tmp_path, {kept: ""})

    assert status_of(tmp_path).pending == ()

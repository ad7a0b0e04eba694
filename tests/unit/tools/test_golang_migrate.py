"""golang-migrate: versions are integers, one row says it all, and a repair never moves it by accident."""

from pathlib import Path

import pytest

from drydock.errors import HistoryError, ProjectError
from drydock.files import Project
from drydock.model import FailedRow, Missing, Newer, Status, Table
from drydock.tools.golang_migrate import TABLE, GolangMigrate, lock_key
from drydock.tools.interface import Mark
from tests.fixtures.projects import golang_project
from tests.unit.tools.histories import MISSING, NoAnalyser, answering, rows

PLACE = rows(("public", "shop", "schema_migrations"))


def adapter(root: Path) -> GolangMigrate:
    """The adapter on `root/migrations`."""
    table = Table(schema="", name=TABLE)
    return GolangMigrate(Project(root=root), root / "migrations", table=table, analyser=NoAnalyser(), mode="file")


def status_of(root: Path, *row: tuple[str, str]) -> Status:
    """The status against a history with this row, or none."""
    return adapter(root).status(answering(PLACE, rows(*row), rows(("t",))))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Versions 2, 9, 10 and 11, of which two are written with zeros."""
    return golang_project(tmp_path, {"0010_c": "SELECT 10;", "9_b": "SELECT 9;", "02_a": "SELECT 2;", "11_d": ""})


def test_versions_are_integers(project: Path) -> None:
    status = status_of(project, ("9", "f"))

    assert [applied.name for applied in status.applied] == ["02_a", "9_b"]
    assert [migration.name for migration in status.pending] == ["0010_c", "11_d"]


def test_no_table_makes_everything_pending(project: Path) -> None:
    status = adapter(project).status(answering(PLACE, MISSING, rows(("t",))))

    assert (len(status.pending), status.applied, str(status.history)) == (4, (), "public.schema_migrations")
    assert status.preparation[0].startswith('CREATE TABLE IF NOT EXISTS "public"."schema_migrations"')


def test_dirty_version_is_failed_and_not_applied(project: Path) -> None:
    status = status_of(project, ("10", "t"))

    assert [applied.name for applied in status.applied] == ["02_a", "9_b"]
    assert [type(problem) for problem in status.problems] == [FailedRow]
    assert [migration.name for migration in status.pending] == ["11_d"]


@pytest.mark.parametrize(("version", "kind"), [("12", Newer), ("3", Missing), ("0", Missing)])
def test_version_without_a_file_is_newer_or_missing(project: Path, version: str, kind: type) -> None:
    assert [type(problem) for problem in status_of(project, (version, "f")).problems] == [kind]


def test_two_files_of_one_version_are_refused(project: Path) -> None:
    golang_project(project, {"009_again": "SELECT 1;"})

    with pytest.raises(ProjectError, match="same version"):
        status_of(project)


@pytest.mark.parametrize(
    ("history", "name", "mark", "version"),
    [
        ((), "9_b", Mark.APPLIED, 9),
        ((("9", "f"),), "0010_c", Mark.APPLIED, 10),
        ((("10", "t"),), "10", Mark.APPLIED, 10),
        ((("10", "t"),), "0010_c", Mark.ROLLED_BACK, 9),
        ((("2", "t"),), "02_a", Mark.ROLLED_BACK, None),
        ((("7", "t"),), "7", Mark.ROLLED_BACK, 2),
        ((("7", "t"),), "7", Mark.APPLIED, 7),
    ],
)
def test_repair_sets_the_version(
    project: Path, history: tuple[tuple[str, str], ...], name: str, mark: Mark, version: int | None
) -> None:
    repair = adapter(project).repair(status_of(project, *history), name=name, mark=mark)

    inserted = [statement for statement in repair.sql if "INSERT" in statement]
    assert (f"VALUES ({version}, false)" in inserted[0]) if version else inserted == []


@pytest.mark.parametrize(
    ("row", "name", "mark"),
    [
        (("10", "f"), "9_b", Mark.APPLIED),
        (("10", "f"), "0010_c", Mark.APPLIED),
        (("10", "f"), "0010_c", Mark.ROLLED_BACK),
        (("10", "f"), "11_d", Mark.ROLLED_BACK),
        (("10", "t"), "9_b", Mark.ROLLED_BACK),
        (("10", "t"), "9_b", Mark.APPLIED),
        (("10", "t"), "11_d", Mark.APPLIED),
        (("10", "f"), "77", Mark.APPLIED),
        (("10", "f"), "nonsense", Mark.APPLIED),
    ],
)
def test_repair_that_would_move_the_version_by_accident_is_refused(
    project: Path, row: tuple[str, str], name: str, mark: Mark
) -> None:
    with pytest.raises(HistoryError):
        adapter(project).repair(status_of(project, row), name=name, mark=mark)


def test_lock_is_the_one_of_golang_migrate() -> None:
    table = Table(schema="public", name="schema_migrations")

    assert 0 <= lock_key(table, "shop") < 1 << 32
    assert lock_key(table, "shop") != lock_key(table, "other")

"""Which line a remark stands beside, and what it says."""

from dataclasses import replace
from pathlib import Path

import pytest

from drydock.model import Edited, Held, Report
from drydock.notify.github_annotations import within_limits
from drydock.notify.interface import Annotation, Place
from drydock.redact import Scrubber
from drydock.render.annotations import WorkTree, annotations_of
from tests.unit.render.ended_early import unique_violation, unknown
from tests.unit.render.ended_well import nothing_pending, seeded
from tests.unit.render.never_began import everything_wrong, held_by_failed_row, misconfigured
from tests.unit.render.rehearsals import failed_on_the_copy, rehearsed_without_rows
from tests.unit.render.reports import EMAIL

ROOT = Path("/github/workspace")


def remarks(report: Report, directory: Path = ROOT) -> tuple[Annotation, ...]:
    """The annotations of a run in this directory of the repository."""
    return annotations_of(report, tree=WorkTree(directory=directory, root=ROOT), scrub=Scrubber())


def test_a_failure_stands_beside_the_line_that_failed() -> None:
    (first, *_) = remarks(unique_violation())

    assert first.severity == "error"
    assert first.place == Place(file=EMAIL.file, line=3)
    assert first.title == f"{EMAIL.name} failed"
    assert "23505" in first.message
    assert "rolled back" in first.message


def test_a_file_is_named_from_the_root_of_the_repository() -> None:
    (first, *_) = remarks(unique_violation(), directory=ROOT / "services" / "shop")

    assert first.place == Place(file=Path("services/shop") / EMAIL.file, line=3)


@pytest.mark.parametrize("directory", [Path("/elsewhere"), ROOT / ".."], ids=["elsewhere", "above"])
def test_a_file_outside_the_repository_gets_no_place(directory: Path) -> None:
    (first, *_) = remarks(unique_violation(), directory=directory)

    assert first.place is None


def test_a_failure_in_the_rehearsal_is_called_so() -> None:
    first = remarks(failed_on_the_copy())[0]

    assert (first.severity, first.title.endswith("failed in the rehearsal")) == ("error", True)
    assert first.place is not None


def test_what_is_not_proven_is_noticed_beside_its_file() -> None:
    found = remarks(rehearsed_without_rows())

    assert found
    assert {one.severity for one in found} <= {"warning", "notice"}
    assert all(one.place for one in found)


def test_a_problem_of_the_history_that_holds_the_run_is_an_error_and_the_others_are_warnings() -> None:
    found = remarks(held_by_failed_row())

    assert [one.severity for one in found] == ["error", "warning"]
    assert found[1].place == Place(file=EMAIL.file)


def test_a_failure_without_a_file_is_told_at_the_head_of_the_run() -> None:
    (only,) = remarks(misconfigured())

    assert (only.severity, only.place) == ("error", None)
    assert "did you mean retries?" in only.message


@pytest.mark.parametrize("report", [seeded(), nothing_pending()], ids=["applied", "nothing pending"])
def test_where_all_is_well_nothing_is_remarked(report: Report) -> None:
    assert remarks(report) == ()


def test_a_state_that_is_not_known_is_an_error() -> None:
    assert remarks(unknown())[0].severity == "error"


def test_every_problem_of_a_history_is_there() -> None:
    assert len(remarks(everything_wrong())) >= 7


def test_a_secret_in_a_name_is_stars() -> None:
    edited = Edited(name="0001_canary", file=Path("0001_canary.sql"))
    report = replace(held_by_failed_row(), plan=Held(problems=(edited,), warnings=()))

    (only,) = annotations_of(report, tree=WorkTree(directory=ROOT, root=ROOT), scrub=Scrubber(words=("canary",)))

    assert "canary" not in only.message
    assert only.place is None


def numbered(severity: str, count: int) -> list[Annotation]:
    """So many remarks."""
    return [
        Annotation(severity=severity, title=str(number), message="m")  # type: ignore[arg-type] # one of the three
        for number in range(count)
    ]


def test_of_each_severity_ten_are_told_and_the_last_says_how_many_more_there_are() -> None:
    found = within_limits([*numbered("notice", 3), *numbered("warning", 12), *numbered("error", 25)])

    assert [one.severity for one in found] == ["error"] * 10 + ["warning"] * 10 + ["notice"] * 3
    assert (found[9].title, found[19].title) == ("and 16 more", "and 3 more")


def test_exactly_ten_are_told_whole() -> None:
    assert within_limits(numbered("error", 10))[9].title == "9"

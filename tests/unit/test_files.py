"""Listing and reading: what cannot be used is said as a fact about the project, never as a traceback."""

from pathlib import Path

import pytest

from drydock.errors import ProjectError
from drydock.files import Project, write


@pytest.mark.parametrize("name", ["a\nb.sql", "a\x1b[2J.sql", "a\udce9.sql", "a\x7f.sql"])
def test_name_that_no_history_can_hold_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    (tmp_path / f"{name}.d").mkdir()
    project = Project(root=tmp_path)

    for listed in (project.files, project.subfolders):
        with pytest.raises(ProjectError, match="not UTF-8, or holds control characters") as raised:
            listed(tmp_path)
        assert raised.value.what.isprintable()


def test_symbolic_links_to_folders_are_left_out_and_links_to_files_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "linked").symlink_to(tmp_path / "real")
    (tmp_path / "file").touch()
    (tmp_path / "alias").symlink_to(tmp_path / "file")
    project = Project(root=tmp_path)

    assert project.subfolders(tmp_path) == ("real",)
    assert sorted(project.files(tmp_path)) == ["alias", "file"]


@pytest.mark.parametrize("what", ["does not exist", "is a file, not a folder"])
def test_folder_that_is_none_is_told_apart(tmp_path: Path, what: str) -> None:
    place = tmp_path / "migrations"
    if "file" in what:
        place.touch()

    with pytest.raises(ProjectError, match=f"The migrations folder migrations {what}"):
        Project(root=tmp_path).files(place)


def test_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"a\.sql cannot be read: No such file"):
        Project(root=tmp_path).read(tmp_path / "a.sql")
    (tmp_path / "d.sql").mkdir()
    with pytest.raises(ProjectError, match=r"d\.sql cannot be read: Is a directory"):
        Project(root=tmp_path).read(tmp_path / "d.sql")


def test_pattern_finds_files_sorted_and_a_plain_path_names_itself(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("b.sql", "a.sql", "a[1].sql"):
        (tmp_path / name).touch()
    project = Project(root=tmp_path)

    assert [path.name for path in project.matching("[ab].sql")] == ["a.sql", "b.sql"]
    assert [path.name for path in project.matching("a[1].sql")] == ["a[1].sql"]
    assert [path.name for path in project.matching(f"{tmp_path}/b*.sql")] == ["b.sql"]
    assert [path.name for path in Project(root=tmp_path / "sub").matching("../b.sql")] == ["b.sql"]


@pytest.mark.parametrize("pattern", ["none*.sql", "/nowhere/*.sql", "**.sql", "", "folder"])
def test_pattern_without_a_file_is_refused(tmp_path: Path, pattern: str) -> None:
    (tmp_path / "folder").mkdir()

    with pytest.raises(ProjectError, match="No file matches"):
        Project(root=tmp_path).matching(pattern)


def test_write_says_why_it_could_not(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert write(tmp_path / "new" / "report.json", "{}") is None
    assert (tmp_path / "new" / "report.json").read_text("utf-8") == "{}"
    assert "could not be written" in (write(tmp_path / "file" / "report.json", "{}") or "")

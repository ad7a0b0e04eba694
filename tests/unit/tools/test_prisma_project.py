"""What is read of a Prisma project outside its migrations."""

import json
from pathlib import Path

import pytest

from drydock.errors import ProjectError
from drydock.files import Project
from drydock.tools.prisma_project import check_lock_file, execution_mode, order_of, require_known, seed_argv


def folder_of(root: Path) -> Path:
    """`prisma/migrations` below it."""
    folder = root / "prisma" / "migrations"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def written(path: Path, text: str) -> None:
    """A file with this text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


@pytest.mark.parametrize(
    ("wanted", "mode"),
    [
        ("6.19.3", "file"),
        ("^7.3.9", "file"),
        ("^7.4.0", "statement"),
        ("~10.0", "statement"),
        ("8", "statement"),
        ("latest", "file"),
        ("", "file"),
    ],
)
def test_mode_follows_the_version_that_package_json_wants(tmp_path: Path, wanted: str, mode: str) -> None:
    written(tmp_path / "package.json", json.dumps({"devDependencies": {"prisma": wanted}}))

    assert execution_mode(Project(root=tmp_path), folder_of(tmp_path)) == mode


def test_installed_version_counts_more_than_the_wanted_one(tmp_path: Path) -> None:
    written(tmp_path / "package.json", json.dumps({"dependencies": {"prisma": "^6"}}))
    written(tmp_path / "node_modules/prisma/package.json", json.dumps({"version": "7.8.0"}))

    assert execution_mode(Project(root=tmp_path), folder_of(tmp_path)) == "statement"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"prisma": "x"}', '{"prisma": {"seed": 5}}', '{"dependencies": []}'])
def test_odd_package_json_is_no_seed_and_the_safe_mode(tmp_path: Path, text: str) -> None:
    written(tmp_path / "package.json", text)

    assert seed_argv(Project(root=tmp_path), folder_of(tmp_path)) is None
    assert execution_mode(Project(root=tmp_path), folder_of(tmp_path)) == "file"


def test_seed_is_split_on_spaces_and_the_nearest_package_wins(tmp_path: Path) -> None:
    written(tmp_path / "package.json", json.dumps({"prisma": {"seed": "far"}}))
    written(tmp_path / "prisma/package.json", json.dumps({"prisma": {"seed": "tsx  seed.ts --all"}}))

    assert seed_argv(Project(root=tmp_path), folder_of(tmp_path)) == ("tsx", "seed.ts", "--all")


@pytest.mark.parametrize(
    ("text", "is_fit"),
    [
        ('provider = "postgresql"\n', True),
        ("provider = postgresql", True),
        ('# a comment\r\nprovider = "postgresql"\r\n', True),
        ('provider = "postgres"', False),
        ('provider = "mysql"', False),
        ('provider="postgresql"', False),
        ("provider = 'postgresql'", False),
        (' provider = "postgresql"', False),
        ("", False),
    ],
)
def test_lock_file_is_read_as_prisma_reads_it(tmp_path: Path, text: str, *, is_fit: bool) -> None:
    folder = folder_of(tmp_path)
    written(folder / "migration_lock.toml", text)
    project = Project(root=tmp_path)

    if is_fit:
        check_lock_file(project, folder)
    else:
        with pytest.raises(ProjectError, match=r"migration_lock\.toml"):
            check_lock_file(project, folder)


def test_no_lock_file_is_no_check(tmp_path: Path) -> None:
    check_lock_file(Project(root=tmp_path), folder_of(tmp_path))


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("6.5.0", ["-h", "202401010", "20240101_a", "_u"]),
        ("^5.22", ["-h", "202401010", "20240101_a", "_u"]),
        ("6.6.0", ["_u", "-h", "20240101_a", "202401010"]),
        ("^7", ["_u", "-h", "20240101_a", "202401010"]),
        ("", ["_u", "-h", "20240101_a", "202401010"]),
    ],
)
def test_order_of_the_folders_is_that_of_the_projects_version(tmp_path: Path, wanted: str, names: list[str]) -> None:
    written(tmp_path / "package.json", json.dumps({"devDependencies": {"prisma": wanted}}))

    assert sorted(names, key=order_of(Project(root=tmp_path), folder_of(tmp_path))) == names


@pytest.mark.parametrize("sign", ["version", "files"])
def test_prisma_8_is_recognised_and_refused_with_the_reason(tmp_path: Path, sign: str) -> None:
    wanted = "8.0.0-rc.1" if sign == "version" else "latest"
    written(tmp_path / "package.json", json.dumps({"devDependencies": {"prisma": wanted}}))
    folder = folder_of(tmp_path)
    written(folder / "20260101_a" / ("migration.ts" if sign == "version" else "ops.json"), "{}")

    with pytest.raises(ProjectError, match="Prisma 8"):
        require_known(Project(root=tmp_path), folder)

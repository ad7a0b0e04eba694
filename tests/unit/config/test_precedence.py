"""Which of several values wins: flag, input, variable, the environment's section, the file, the default."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from drydock.config.parse import load
from tests.unit.config.loading import config_from, written

FILE = """
retries: 5
environments:
  staging:
    retries: 4
"""
IN_STAGING = {"DRYDOCK_ENVIRONMENT": "staging"}


@pytest.mark.parametrize(
    ("flags", "environ", "expected"),
    [
        pytest.param({"retries": "1"}, IN_STAGING | {"INPUT_RETRIES": "2", "DRYDOCK_RETRIES": "3"}, 1, id="flag"),
        pytest.param({}, IN_STAGING | {"INPUT_RETRIES": "2", "DRYDOCK_RETRIES": "3"}, 2, id="action input"),
        pytest.param({}, IN_STAGING | {"DRYDOCK_RETRIES": "3"}, 3, id="variable"),
        pytest.param({}, IN_STAGING, 4, id="section of the environment"),
        pytest.param({"environment": "staging"}, {}, 4, id="section chosen by flag"),
        pytest.param({}, {"DRYDOCK_ENVIRONMENT": "preview"}, 5, id="top of the file in another environment"),
        pytest.param({}, {}, 5, id="top of the file"),
        pytest.param({"retries": ""}, {"INPUT_RETRIES": " ", "DRYDOCK_RETRIES": ""}, 5, id="empty is not given"),
    ],
)
def test_the_nearest_source_wins(
    tmp_path: Path, flags: Mapping[str, str], environ: Mapping[str, str], expected: int
) -> None:
    config = config_from(tmp_path, FILE, flags=flags, environ=environ)

    assert config.limits.retries == expected


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"INPUT_DATABASE_URL": "postgres://input/d", "DRYDOCK_DATABASE_URL": "postgres://own/d"}, "input"),
        ({"DRYDOCK_DATABASE_URL": "postgres://own/d", "DATABASE_URL": "postgres://plain/d"}, "own"),
        ({"DATABASE_URL": "postgres://plain/d"}, "plain"),
        ({"INPUT_DATABASE_URL": "", "DATABASE_URL": "postgres://plain/d"}, "plain"),
        ({}, "file"),
    ],
)
def test_the_address_is_also_read_from_database_url(tmp_path: Path, environ: Mapping[str, str], expected: str) -> None:
    config = config_from(tmp_path, "database_url: postgres://file/d", environ=environ)

    assert config.target.address is not None
    assert config.target.address.reveal() == f"postgres://{expected}/d"


def test_the_file_can_choose_the_environment(tmp_path: Path) -> None:
    config = config_from(tmp_path, "environment: staging" + FILE)

    assert config.environment == "staging"
    assert config.limits.retries == 4


def test_sections_inside_an_environment_overlay_key_by_key(tmp_path: Path) -> None:
    text = """
history: {edited: stop, missing: stop}
environments: {staging: {history: {edited: ok}}}
"""

    config = config_from(tmp_path, text, environ=IN_STAGING)

    assert (config.history.edited, config.history.missing) == ("ok", "stop")


def test_an_empty_list_in_a_section_takes_the_place_of_a_full_one(tmp_path: Path) -> None:
    text = "seed: {files: [a.sql]}\nenvironments: {staging: {seed: {files: []}}}"

    assert config_from(tmp_path, text).seed.files == ("a.sql",)
    assert config_from(tmp_path, text, environ=IN_STAGING).seed.files == ()


def test_the_direct_address_is_the_one_used(tmp_path: Path) -> None:
    environ = {"DATABASE_URL": "postgres://pooler/d", "DRYDOCK_DIRECT_URL": "postgres://direct/d"}

    target = load({}, environ, directory=tmp_path).target

    assert target.address == target.direct_url


@pytest.mark.parametrize(
    ("flags", "environ"),
    [
        ({"config": "other.yml"}, {"DRYDOCK_CONFIG": "wrong.yml"}),
        ({}, {"INPUT_CONFIG": "other.yml", "DRYDOCK_CONFIG": "wrong.yml"}),
        ({}, {"DRYDOCK_CONFIG": "other.yml"}),
    ],
)
def test_the_file_can_be_another_one(tmp_path: Path, flags: Mapping[str, str], environ: Mapping[str, str]) -> None:
    written(tmp_path, "retries: 7", name="other.yml")

    config = config_from(tmp_path, "retries: 5", flags=flags, environ=environ)

    assert config.limits.retries == 7
    assert config.file == tmp_path / "other.yml"


@pytest.mark.parametrize(
    ("environ", "commit", "run_url"),
    [
        (
            {
                "GITHUB_SHA": "abc",
                "GITHUB_SERVER_URL": "https://github.example",
                "GITHUB_REPOSITORY": "o/r",
                "GITHUB_RUN_ID": "1",
            },
            "abc",
            "https://github.example/o/r/actions/runs/1",
        ),
        (
            {"CI_COMMIT_SHA": "abc", "CI_JOB_URL": "https://gitlab.example/1"},
            "abc",
            "https://gitlab.example/1",
        ),
        ({"GIT_COMMIT": "abc", "BUILD_URL": "http://jenkins/job/1/"}, "abc", "http://jenkins/job/1/"),
        ({"GITHUB_SHA": "abc", "DRYDOCK_COMMIT": "def"}, "def", None),
        ({"BUILD_URL": "https://user:password@jenkins/job/1"}, None, None),
        ({}, None, None),
    ],
)
def test_commit_and_run_come_from_the_ci(
    tmp_path: Path, environ: Mapping[str, str], commit: str | None, run_url: str | None
) -> None:
    origin = load({}, environ, directory=tmp_path).origin

    assert (origin.commit, origin.run_url) == (commit, run_url)


GITHUB = {"GITHUB_SERVER_URL": "https://github.example", "GITHUB_REPOSITORY": "o/r", "GITHUB_SHA": "abc"}
GITLAB = {"CI_PROJECT_URL": "https://gitlab.example/o/r", "CI_COMMIT_SHA": "abc"}


@pytest.mark.parametrize(
    ("environ", "source_url"),
    [
        (GITHUB, "https://github.example/o/r/blob/abc"),
        ({**GITHUB, "GITHUB_WORKSPACE": "ROOT"}, "https://github.example/o/r/blob/abc/my%20app/db"),
        ({**GITHUB, "GITHUB_WORKSPACE": "ROOT/my app/db"}, "https://github.example/o/r/blob/abc"),
        ({**GITHUB, "GITHUB_WORKSPACE": "/elsewhere"}, "https://github.example/o/r/blob/abc"),
        (GITLAB, "https://gitlab.example/o/r/-/blob/abc"),
        ({**GITLAB, "CI_PROJECT_DIR": "ROOT"}, "https://gitlab.example/o/r/-/blob/abc/my%20app/db"),
        ({**GITHUB, "DRYDOCK_SOURCE_URL": "https://forge.example/x"}, "https://forge.example/x"),
        ({"GIT_COMMIT": "abc", "BUILD_URL": "http://jenkins/job/1/"}, None),
    ],
)
def test_the_address_of_the_files_comes_from_the_ci_and_leads_to_the_directory(
    tmp_path: Path, environ: Mapping[str, str], source_url: str | None
) -> None:
    directory = tmp_path / "my app" / "db"
    directory.mkdir(parents=True)
    placed = {name: value.replace("ROOT", str(tmp_path)) for name, value in environ.items()}

    assert load({}, placed, directory=directory).origin.source_url == source_url

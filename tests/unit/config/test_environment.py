"""Variables, inputs and the files that NAME_FILE variables point to."""

from pathlib import Path

import pytest

from drydock.config.parse import load
from drydock.config.schema import CONFIG_FILE, OPTIONS
from drydock.errors import ConfigError, ExitCode
from tests.unit.config.loading import config_from, lines_from


def test_unknown_variable_is_a_problem_with_the_nearest_name(tmp_path: Path) -> None:
    lines = lines_from(tmp_path, environ={"DRYDOCK_LOCK_TIMOUT": "3s"})

    assert lines == ["environment: DRYDOCK_LOCK_TIMOUT: expected a known variable; did you mean DRYDOCK_LOCK_TIMEOUT?"]


def test_unknown_input_is_only_a_warning(tmp_path: Path) -> None:
    config = load({}, {"INPUT_LOCK-TIMEOUT": "3s", "INPUT_COMMAND": "deploy"}, directory=tmp_path)

    assert [str(warning) for warning in config.warnings] == [
        "environment: INPUT_LOCK-TIMEOUT: expected a known variable; did you mean INPUT_LOCK_TIMEOUT?"
    ]


@pytest.mark.parametrize(
    "name",
    [
        "DRYDOCK_SERVICE_HOST",
        "DRYDOCK_SERVICE_PORT_HTTP",
        "DRYDOCK_PORT",
        "DRYDOCK_PORT_5432_TCP_ADDR",
        "DRYDOCK_TEST_SERVER",
        "DRYDOCK_CONFIG_",
    ],
)
def test_variables_of_others_are_left_alone(tmp_path: Path, name: str) -> None:
    value = "" if name.endswith("_") else "x"

    assert load({}, {name: value}, directory=tmp_path).warnings == ()


def test_unknown_flag_is_a_problem(tmp_path: Path) -> None:
    lines = lines_from(tmp_path, flags={"lock_timout": "3s"})

    assert lines == ["command line: --lock-timout: expected a known flag; did you mean --lock-timeout?"]


@pytest.mark.parametrize("name", ["DATABASE_URL", "DRYDOCK_DATABASE_URL", "INPUT_DATABASE_URL"])
def test_a_value_can_be_read_from_a_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("postgres://from/file\n")

    config = load({}, {f"{name}_FILE": "secret"}, directory=tmp_path)

    assert config.target.address is not None
    assert config.target.address.reveal() == "postgres://from/file"


def test_a_value_and_a_file_for_it_contradict_each_other(tmp_path: Path) -> None:
    (tmp_path / "value").write_text("3")

    lines = lines_from(tmp_path, environ={"DRYDOCK_RETRIES": "3", "DRYDOCK_RETRIES_FILE": "value"})

    assert lines == [
        "environment: DRYDOCK_RETRIES_FILE: expected only DRYDOCK_RETRIES or DRYDOCK_RETRIES_FILE to be set"
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(None, "a file that can be read (No such file or directory)", id="missing"),
        pytest.param(b"\n", "a file that holds a value; this one is empty", id="empty"),
        pytest.param(b"\xff\xfe", "a file with text in UTF-8", id="not text"),
        pytest.param(b"1" * 1_000_001, "a file that holds a value; this one is too large", id="too large"),
    ],
)
def test_a_value_file_must_hold_a_value(tmp_path: Path, content: bytes | None, expected: str) -> None:
    path = tmp_path / "value"
    if content is not None:
        path.write_bytes(content)

    lines = lines_from(tmp_path, environ={"DRYDOCK_RETRIES_FILE": str(path)})

    assert len(lines) == 1
    assert lines[0].endswith(f"DRYDOCK_RETRIES_FILE: expected {expected}")


def test_a_folder_is_no_value_file(tmp_path: Path) -> None:
    lines = lines_from(tmp_path, environ={"DATABASE_URL_FILE": str(tmp_path)})

    assert lines[0].endswith("DATABASE_URL_FILE: expected a file that can be read (Is a directory)")


@pytest.mark.parametrize("text", ["true", "True", "YES", "on", "1"])
def test_switches_read_every_usual_yes(tmp_path: Path, text: str) -> None:
    assert load({}, {"INPUT_SHOW_QUERIES": text}, directory=tmp_path).report.show_queries


@pytest.mark.parametrize("text", ["false", "No", "OFF", "0"])
def test_switches_read_every_usual_no(tmp_path: Path, text: str) -> None:
    config = config_from(tmp_path, "show_queries: true", environ={"INPUT_SHOW_QUERIES": text})

    assert not config.report.show_queries


def test_lists_are_lines_or_commas_with_comments(tmp_path: Path) -> None:
    text = "a.sql, b.sql\n\n# not this, nor this\nc.sql # the last\n"

    assert load({}, {"INPUT_SEED_FILES": text}, directory=tmp_path).seed.files == ("a.sql", "b.sql", "c.sql")


def test_missing_parts_of_the_environment_do_not_hide_other_problems(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load({"retries": "x"}, {"DRYDOCK_NONSENSE": "1", "INPUT_COLOR": "red"}, directory=tmp_path)

    assert caught.value.exit_code == ExitCode.USAGE
    assert [problem.name for problem in caught.value.problems] == [
        "DRYDOCK_NONSENSE",
        "--retries",
        "INPUT_COLOR",
    ]


def test_no_two_options_share_a_spelling() -> None:
    spellings = [
        name
        for option in (CONFIG_FILE, *OPTIONS)
        for name in (option.flag, option.input_variable, option.variable, *option.other_variables)
    ]
    files = [f"{name}_FILE" for name in spellings if not name.startswith("--")]

    assert len({*spellings, *files}) == len(spellings) + len(files)

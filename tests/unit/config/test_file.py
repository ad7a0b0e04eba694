"""drydock.yml: positions, shapes, sections, references to variables."""

from pathlib import Path

import pytest

from drydock.config.parse import load
from drydock.errors import ConfigError
from tests.unit.config.loading import config_from, lines_from, problems_from, written


def test_two_mistakes_are_reported_at_once_with_their_lines(tmp_path: Path) -> None:
    text = "# comment\nlock_timout: 2s\nretries: many\n"

    assert lines_from(tmp_path, text) == [
        "drydock.yml:2: lock_timout: expected a known name; did you mean lock_timeout?",
        'drydock.yml:3: retries: expected a whole number from 0 to 1000, found "many"',
    ]


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("lock-timeout: 2s", "lock_timeout"),
        ("DATABASE_URL: x", "database_url"),
        ("history: {mising: ok}", "history.missing"),
        ("edited: ok", "history.edited"),
        ("environment_s: {}", "environments"),
        ("environments: {staging: {retrys: 2}}", "environments.staging.retries"),
        ("zzz: 1", None),
    ],
)
def test_unknown_names_come_with_the_nearest_one(tmp_path: Path, text: str, nearest: str | None) -> None:
    [line] = lines_from(tmp_path, text)

    assert line.partition("; ")[2] == ("" if nearest is None else f"did you mean {nearest}?")


def test_duplicate_names_are_a_problem(tmp_path: Path) -> None:
    assert lines_from(tmp_path, "retries: 1\nhistory:\n  edited: ok\n  edited: ok\nretries: 2\n") == [
        "drydock.yml:5: retries: expected each name once; this one is also on line 1",
        "drydock.yml:4: history.edited: expected each name once; this one is also on line 3",
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: [1\nb: 2", "drydock.yml:2: expected valid YAML ("),
        ("retries: 1\n\tb: 2", "drydock.yml:2: expected valid YAML ("),
        ("retries: 1\ntool: *nowhere", "drydock.yml:2: expected valid YAML (found undefined alias"),
        ("retries: 1\n---\nretries: 2", "drydock.yml:2: expected valid YAML ("),
        ("retries: 1\ntool: \0", "drydock.yml:2: expected YAML without control characters"),
    ],
)
def test_broken_yaml_is_placed(tmp_path: Path, text: str, place: str) -> None:
    [line] = lines_from(tmp_path, text)

    assert line.startswith(place)


@pytest.mark.parametrize("text", ["just text", "- a\n- b", "42", "postgres://u:hidden@h/d"])
def test_a_file_that_is_no_mapping_is_a_problem(tmp_path: Path, text: str) -> None:
    [line] = lines_from(tmp_path, text)

    assert line.startswith("drydock.yml:1: expected names with values, such as database_url")


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "~", "history:\nseed: {}\nenvironments:\n"])
def test_an_empty_file_asks_for_nothing(tmp_path: Path, text: str) -> None:
    assert config_from(tmp_path, text).limits == load({}, {}, directory=tmp_path / "nowhere").limits


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"retries: 1\ntool: \xff", "drydock.yml:2: expected text in UTF-8"),
        (b"#" * 1_000_001, "drydock.yml: expected at most 1 MB of configuration"),
        (b"[" * 5000, "drydock.yml: expected YAML with a few levels, this nests too deep"),
    ],
)
def test_files_that_cannot_be_configuration_are_refused(tmp_path: Path, content: bytes, expected: str) -> None:
    assert lines_from(tmp_path, content) == [expected]


def test_a_byte_order_mark_and_crlf_do_no_harm(tmp_path: Path) -> None:
    written(tmp_path, b"\xef\xbb\xbfretries: 4\r\ntool: sql\r\n")

    config = load({}, {}, directory=tmp_path)

    assert (config.limits.retries, config.tool.name) == (4, "sql")


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    assert lines_from(tmp_path, flags={"config": "other.yml"}) == [
        "other.yml: expected a file that can be read (No such file or directory)"
    ]


def test_a_folder_in_place_of_the_file_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "drydock.yml").mkdir()

    with pytest.raises(ConfigError, match=r"drydock\.yml: expected a file that can be read \(Is a directory\)"):
        load({}, {}, directory=tmp_path)


def test_a_dangling_link_in_place_of_the_file_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "drydock.yml").symlink_to(tmp_path / "gone")

    with pytest.raises(ConfigError, match=r"drydock\.yml: expected a file that can be read"):
        load({}, {}, directory=tmp_path)


def test_a_file_with_the_other_ending_is_not_silently_skipped(tmp_path: Path) -> None:
    written(tmp_path, "retries: 1", name="drydock.yaml")

    with pytest.raises(ConfigError, match=r"drydock\.yaml: expected the name drydock\.yml"):
        load({}, {}, directory=tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "retries: [1]",
        "retries: {a: 1}",
        "retries: !secret 1",
        "retries: !!binary AAAA",
        "history: warn",
        "history: [edited]",
        "environments: [staging]",
        "environments: {staging: 1}",
        "environments: {staging: {environments: {}}}",
        "environments: {staging: {environment: preview}}",
        "seed: {files: [[a]]}",
        "seed: {files: {a: b}}",
        "? [a, b]\n: 1",
        "<<: 1",
        "migrations: [a]",
        "show_queries: maybe",
        "connect_timeout: 0",
        "connect_timeout: none",
    ],
)
def test_values_of_the_wrong_shape_are_placed(tmp_path: Path, text: str) -> None:
    [line] = lines_from(tmp_path, text)

    assert line.startswith("drydock.yml:1: ")


def test_values_keep_the_text_that_was_written(tmp_path: Path) -> None:
    text = "commit: 0123\nenvironment: 2024-01-01\nretries: 0x1\nseed: {tool: Yes, environments: [on, 2024-01]}"

    [line] = lines_from(tmp_path, text)
    config = config_from(tmp_path, text.replace("0x1", "'7'"))

    assert 'found "0x1"' in line
    assert config.origin.commit == "0123"
    assert config.environment == "2024-01-01"
    assert config.seed.environments == ("on", "2024-01")
    assert config.seed.uses_tool


def test_anchors_and_merges_are_followed(tmp_path: Path) -> None:
    text = """
environments:
  staging: &staging
    retries: 4
    tool: sql
  preview:
    <<: *staging
    tool: prisma
"""

    config = config_from(tmp_path, text, flags={"environment": "preview"})

    assert (config.limits.retries, config.tool.name) == (4, "prisma")


def test_a_mapping_that_merges_itself_ends(tmp_path: Path) -> None:
    config = config_from(tmp_path, "history: &a\n  <<: *a\n  edited: ok")

    assert config.history.edited == "ok"


def test_a_mapping_that_merges_the_one_around_it_ends(tmp_path: Path) -> None:
    lines = lines_from(tmp_path, "environments: &e\n  a: {<<: *e}")

    assert lines == ["drydock.yml:2: environments.a.a: expected a known name"]


def test_paths_start_at_the_directory(tmp_path: Path) -> None:
    config = config_from(tmp_path, "migrations: db/migrations\nreport_json: /somewhere/result.json")

    assert config.tool.migrations == tmp_path / "db" / "migrations"
    assert config.report.json_path == Path("/somewhere/result.json")


@pytest.mark.parametrize(
    ("written_text", "expected"),
    [
        ("${NAME}", "value"),
        ("a-${NAME}-b", "a-value-b"),
        ("${OTHER:-fallback}", "fallback"),
        ("${EMPTY:-fallback}", "fallback"),
        ("$${NAME}", "${NAME}"),
        ("$NAME", "$NAME"),
        ("${OTHER:-}", None),
        ("${NESTED}", "${NAME}"),
    ],
)
def test_references_are_replaced(tmp_path: Path, written_text: str, expected: str | None) -> None:
    environ = {"NAME": "value", "EMPTY": "", "NESTED": "${NAME}"}

    config = config_from(tmp_path, f"commit: {written_text}", environ=environ)

    assert config.origin.commit == expected


def test_undefined_and_empty_references_are_problems_with_their_line(tmp_path: Path) -> None:
    text = "commit: ${COMIT}\nseed:\n  files:\n    - ${EMPTY}\n"

    problems = problems_from(tmp_path, text, environ={"COMMIT": "x", "EMPTY": ""})

    assert [(problem.where, problem.name, problem.expected, problem.nearest) for problem in problems] == [
        (
            "drydock.yml:1",
            "commit",
            "the environment variable COMIT to be set, or ${COMIT:-default}",
            "COMMIT",
        ),
        (
            "drydock.yml:4",
            "seed.files",
            "the environment variable EMPTY to be set, or ${EMPTY:-default}",
            None,
        ),
    ]


@pytest.mark.parametrize("text", ["${", "${a b}", "${{ secrets.URL }}", "${A:-${B}}", "${1}"])
def test_malformed_references_are_problems(tmp_path: Path, text: str) -> None:
    [line] = lines_from(tmp_path, f"commit: '{text}'")

    assert line.startswith("drydock.yml:1: commit: expected ${NAME} or ${NAME:-default}")


def test_references_of_other_environments_need_no_variables(tmp_path: Path) -> None:
    text = """
database_url: ${LOCAL_URL}
environments:
  staging: {database_url: "${STAGING_URL}"}
  production: {database_url: "${PRODUCTION_URL}"}
"""

    config = config_from(
        tmp_path, text, flags={"environment": "staging"}, environ={"STAGING_URL": "postgres://staging/d"}
    )

    assert config.target.address is not None
    assert config.target.address.reveal() == "postgres://staging/d"


def test_an_environment_that_nearly_has_a_section_is_warned_about(tmp_path: Path) -> None:
    config = config_from(tmp_path, "environments: {staging: {retries: 1}}", flags={"environment": "stagging"})

    [warning] = config.warnings
    assert (warning.name, warning.found, warning.nearest) == ("--environment", "stagging", "staging")

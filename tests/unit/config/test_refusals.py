"""Values and combinations that are refused for a reason, and the address of the target."""

from pathlib import Path

import pytest

from drydock.config.address import refusal_of
from drydock.config.parse import load, require_address
from drydock.errors import ConfigError
from tests.unit.config.loading import lines_from


@pytest.mark.parametrize("text", ["0", "none", "0ms", "0.0001s", "off"])
def test_a_lock_timeout_without_limit_is_refused_with_the_reason(tmp_path: Path, text: str) -> None:
    [line] = lines_from(tmp_path, f"lock_timeout: {text}")

    assert "wait for ever, and everything behind it" in line


@pytest.mark.parametrize("name", ["production", "Production", "prod"])
def test_production_is_never_seeded(tmp_path: Path, name: str) -> None:
    [line] = lines_from(tmp_path, environ={"DRYDOCK_SEED_ENVIRONMENTS": f"staging,{name}"})

    assert line.startswith("environment: DRYDOCK_SEED_ENVIRONMENTS: expected no production environment; a seed")


def test_two_ways_to_seed_are_refused(tmp_path: Path) -> None:
    [line] = lines_from(tmp_path, "seed:\n  command: npm run seed\n", flags={"seed_tool": "true"})

    assert line.startswith("drydock.yml:2: seed.command: expected only one of seed.command and seed.tool")
    assert "command line: --seed-tool" in line
    assert "npm" not in line


def test_pauses_must_be_in_order(tmp_path: Path) -> None:
    [line] = lines_from(tmp_path, "retry_pause_min: 1min")

    assert line.startswith("drydock.yml:1: retry_pause_min: expected retry_pause_min to be no longer")


def test_a_broken_pause_is_one_problem_only(tmp_path: Path) -> None:
    [line] = lines_from(tmp_path, "retry_pause_min: 1min\nretry_pause_max: 5m")

    assert line.endswith("; did you mean 5min?")


def test_contradictions_are_reported_together_with_other_mistakes(tmp_path: Path) -> None:
    lines = lines_from(tmp_path, "retries: x\nseed: {environments: [production]}")

    assert len(lines) == 2


@pytest.mark.parametrize("name", ["a" * 64, "é" * 32])
def test_names_that_postgres_would_cut_are_refused(tmp_path: Path, name: str) -> None:
    [line] = lines_from(tmp_path, f"sql_table: {name}")

    assert "a name of at most 63 bytes" in line


@pytest.mark.parametrize(
    "text",
    [
        "postgres://host/database",
        "postgresql://user:p%40ss@host:5432/database?sslmode=require&schema=public",
        "postgresql://u:p[a]ss@h/d",
        "postgresql://one:5432,two:5432/database",
        "postgresql://[::1]:5432/database",
        "postgresql:///database?host=/run/postgresql",
        "POSTGRES://host/database",
        "host=localhost dbname=app password='it\\'s' ",
        "host = localhost  dbname='my app' password=a\\ b",
        "service=app",
    ],
)
def test_addresses_of_postgres_are_accepted(text: str) -> None:
    assert refusal_of(text) is None


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("mysql://u:p@h/d", "mysql:// is not a Postgres address"),
        ("http://h/d", "http:// is not a Postgres address"),
        ("postgresql+psycopg2://u:p@h/d", "postgresql+psycopg2:// is not a Postgres address"),
        ("jdbc:postgresql://h/d", "jdbc:postgresql:// is not a Postgres address"),
        ("prisma://h/?api_key=x", "prisma:// leads to a proxy that cannot run migrations"),
        ("prisma+postgres://h/?api_key=x", "prisma+postgres:// leads to a proxy"),
        ("'postgres://h/d'", "without quotes around it"),
        ("postgres://u:p p@h/d", "a space inside it is written %20"),
        ("postgres://", "with a host or a database name"),
        ("postgres://u\tp@h/d", "without control characters"),
        ("localhost:5432/app", "a postgresql:// address or"),
        ("password=x", "a postgresql:// address or"),
        ("host=a 'b", "a postgresql:// address or"),
        ("host= a= b= c= " * 500 + "'", "a postgresql:// address or"),
    ],
)
def test_other_addresses_are_refused_by_name(text: str, part: str) -> None:
    refusal = refusal_of(text)

    assert refusal is not None
    assert part in refusal.expected


def test_a_command_that_needs_the_target_says_how_to_give_it(tmp_path: Path) -> None:
    config = load({}, {}, directory=tmp_path)

    with pytest.raises(ConfigError, match="database_url: expected the address of the target, as DATABASE_URL"):
        require_address(config)


def test_the_direct_address_alone_is_enough(tmp_path: Path) -> None:
    config = load({"direct_url": "postgres://h/d"}, {}, directory=tmp_path)

    assert require_address(config).reveal() == "postgres://h/d"

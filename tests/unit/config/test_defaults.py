"""The defaults that README promises, by value."""

from datetime import timedelta
from pathlib import Path

from drydock.config.parse import load
from drydock.config.settings import HistoryPolicy, Limits, PrismaSettings, SeedSettings, SqlSettings


def test_limits_have_the_documented_defaults(tmp_path: Path) -> None:
    config = load({}, {}, directory=tmp_path)

    assert config.limits == Limits(
        lock_timeout=timedelta(seconds=2),
        statement_timeout=None,
        retries=10,
        retry_budget=timedelta(minutes=5),
        deploy_budget=timedelta(minutes=15),
        retry_pause_min=timedelta(milliseconds=500),
        retry_pause_max=timedelta(seconds=30),
        serialization_retries=3,
    )


def test_target_has_the_documented_defaults(tmp_path: Path) -> None:
    target = load({}, {}, directory=tmp_path).target

    assert target.database_url is None
    assert target.direct_url is None
    assert target.connect_timeout == timedelta(seconds=10)
    assert target.wait_for_database == timedelta(seconds=60)
    assert target.mutex_wait == timedelta(minutes=15)


def test_history_has_the_documented_defaults(tmp_path: Path) -> None:
    config = load({}, {}, directory=tmp_path)

    assert config.history == HistoryPolicy(edited="warn", missing="warn", out_of_order=None, failed="stop", newer="ok")


def test_seed_is_for_staging_and_has_nothing_to_run(tmp_path: Path) -> None:
    config = load({}, {}, directory=tmp_path)

    assert config.seed == SeedSettings(environments=("staging",), files=(), command=None, uses_tool=False)
    assert not config.wants_seed


def test_environment_and_rehearsal_are_not_chosen(tmp_path: Path) -> None:
    config = load({}, {}, directory=tmp_path)

    assert config.environment is None
    assert config.rehearsal.on == "target-schema"


def test_tool_is_found_by_looking(tmp_path: Path) -> None:
    tool = load({}, {}, directory=tmp_path).tool

    assert tool.name == "auto"
    assert tool.migrations is None
    assert tool.prisma == PrismaSettings(schema=None, mode="auto")
    assert tool.sql == SqlSettings(dialect="auto", table=None, schema=None, mode="auto")


def test_report_goes_to_the_terminal_without_query_texts(tmp_path: Path) -> None:
    config = load({}, {}, directory=tmp_path)

    assert config.report.json_path is None
    assert config.report.format == "text"
    assert not config.report.show_queries
    assert config.report.color == "auto"
    assert config.file is None
    assert config.warnings == ()

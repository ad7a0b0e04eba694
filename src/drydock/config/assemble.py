"""Checked values by key, put into the groups of `settings.Config`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from drydock.config.problems import Problem
from drydock.config.settings import (
    Config,
    GateSettings,
    HistoryPolicy,
    KnexSettings,
    Limits,
    PrismaSettings,
    RehearsalSettings,
    ReportSettings,
    RunOrigin,
    SeedSettings,
    SqlSettings,
    TargetSettings,
    ToolSettings,
)

Values = Mapping[str, Any]


def assembled(values: Values, *, directory: Path, file: Path | None, warnings: tuple[Problem, ...]) -> Config:
    """The configuration; `values` holds every option."""
    return Config(
        directory=directory,
        file=file,
        environment=values["environment"],
        rehearsal=_rehearsal(values),
        gate=GateSettings(unproven=values["gate.unproven"], reach=values["gate.reach"]),
        target=_target(values),
        tool=_tool(values, directory),
        limits=_limits(values),
        history=_history(values),
        seed=_seed(values),
        report=_report(values, directory),
        origin=RunOrigin(commit=values["commit"], run_url=values["run_url"]),
        warnings=warnings,
    )


def _target(values: Values) -> TargetSettings:
    return TargetSettings(
        database_url=values["database_url"],
        direct_url=values["direct_url"],
        connect_timeout=values["connect_timeout"],
        wait_for_database=values["wait_for_database"],
        mutex_wait=values["mutex_wait"],
    )


def _what_to_rehearse_on(values: Values) -> Literal["target-schema", "snapshot", "history", "none"]:
    if values["rehearse"] != "auto":
        return values["rehearse"]  # type: ignore[no-any-return]  # one of the words of its kind
    return "snapshot" if values["snapshot"] or values["scratch"] == "clone" else "target-schema"


def _rehearsal(values: Values) -> RehearsalSettings:
    return RehearsalSettings(
        on=_what_to_rehearse_on(values),
        snapshot=values["snapshot"],
        snapshot_sha256=values["snapshot_sha256"],
        scratch=values["scratch"],
        scratch_url=values["scratch_url"],
        scratch_disposable=values["scratch_disposable"],
    )


def _tool(values: Values, directory: Path) -> ToolSettings:
    return ToolSettings(
        name=values["tool"],
        migrations=_path(values["migrations"], directory),
        prisma=PrismaSettings(schema=_path(values["prisma_schema"], directory), mode=values["prisma_mode"]),
        knex=KnexSettings(file=_path(values["knex_file"], directory), environment=values["knex_environment"]),
        sql=SqlSettings(
            dialect=values["sql_dialect"],
            table=values["sql_table"],
            schema=values["sql_schema"],
            mode=values["sql_mode"],
        ),
    )


def _limits(values: Values) -> Limits:
    return Limits(
        lock_timeout=values["lock_timeout"],
        statement_timeout=values["statement_timeout"],
        retries=values["retries"],
        retry_budget=values["retry_budget"],
        deploy_budget=values["deploy_budget"],
        retry_pause_min=values["retry_pause_min"],
        retry_pause_max=values["retry_pause_max"],
        serialization_retries=values["serialization_retries"],
    )


def _history(values: Values) -> HistoryPolicy:
    return HistoryPolicy(
        edited=values["history.edited"],
        missing=values["history.missing"],
        out_of_order=values["history.out_of_order"],
        failed=values["history.failed"],
        newer=values["history.newer"],
    )


def _seed(values: Values) -> SeedSettings:
    return SeedSettings(
        environments=values["seed.environments"],
        files=values["seed.files"],
        command=values["seed.command"],
        uses_tool=values["seed.tool"],
    )


def _report(values: Values, directory: Path) -> ReportSettings:
    return ReportSettings(
        json_path=_path(values["report_json"], directory),
        format=values["format"],
        show_queries=values["show_queries"],
        color=values["color"],
    )


def _path(text: str | None, directory: Path) -> Path | None:
    return None if text is None else directory / text

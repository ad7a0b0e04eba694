"""How often a deploy crosses the network: on a slow line, that is how long it takes.

Counted after log-in, which takes one round trip with trust and more with a password: two sessions when something is
pending, one when not.
"""

from pathlib import Path

import pytest

from tests.fixtures.database import TestDatabase
from tests.fixtures.program import run
from tests.fixtures.projects import (
    dbmate_script,
    flat_project,
    golang_project,
    goose_script,
    node_pg_migrate_project,
    node_pg_script,
    prisma_project,
)
from tests.fixtures.proxy import Latency, Proxied

PENDING = 12
ALLOWED = 10
LAYOUTS = ("prisma", "golang-migrate", "dbmate", "goose", "node-pg-migrate", "flat")
SLOW_LINE = Latency(to_server=0.02, to_client=0.02)
"""On a line without length an answer may overtake the rest of a pipeline, and would count as a round trip."""


def laid_out(layout: str, root: Path) -> None:
    """A project with so many migrations, each of two statements."""
    scripts = {
        f"{number:03}_m": f"CREATE TABLE t{number} (id int); INSERT INTO t{number} VALUES ({number});"
        for number in range(1, PENDING + 1)
    }
    match layout:
        case "prisma":
            prisma_project(root, scripts)
        case "golang-migrate":
            golang_project(root, scripts)
        case "dbmate":
            flat_project(root, {f"{name}.sql": dbmate_script(script) for name, script in scripts.items()})
        case "goose":
            flat_project(root, {f"{name}.sql": goose_script(script) for name, script in scripts.items()})
        case "node-pg-migrate":
            node_pg_migrate_project(root, {f"{name}.sql": node_pg_script(text) for name, text in scripts.items()})
        case _:
            flat_project(root, {f"{name}.sql": script for name, script in scripts.items()})


@pytest.mark.parametrize("layout", LAYOUTS)
def test_deploy_takes_one_round_trip_per_migration_and_ten_more(
    layout: str, tmp_path: Path, database: TestDatabase, proxied: Proxied
) -> None:
    laid_out(layout, tmp_path)
    proxy = proxied(database, latency=SLOW_LINE)

    ran = run("deploy", "--rehearse", "none", "--environment", "staging", cwd=tmp_path, env={"DATABASE_URL": proxy.url})

    assert ran.exit_code == 0, ran.said
    assert proxy.connections == 2
    assert proxy.round_trips_when_ready + proxy.connections <= PENDING + ALLOWED


@pytest.mark.parametrize("layout", LAYOUTS)
def test_deploy_with_nothing_pending_takes_one_question(
    layout: str, tmp_path: Path, database: TestDatabase, proxied: Proxied
) -> None:
    laid_out(layout, tmp_path)
    assert run("deploy", "--rehearse", "none", cwd=tmp_path, env={"DATABASE_URL": database.url}).exit_code == 0
    proxy = proxied(database, latency=SLOW_LINE)

    ran = run("deploy", cwd=tmp_path, env={"DATABASE_URL": proxy.url})

    assert ran.exit_code == 0, ran.said
    assert (proxy.connections, proxy.round_trips_when_ready) == (1, 1)

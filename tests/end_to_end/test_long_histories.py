"""Twenty thousand applied migrations are checked within twice the time of two hundred, and of fetching them."""

import resource
import time
from collections.abc import Callable

import pytest

from tests.end_to_end.scenes import Scene
from tests.fixtures.projects import dbmate_script, flat_project, goose_script, node_pg_migrate_project

FEW, MANY = 200, 20_000
FIRST = 1_000_000_000_000
NUMBERS = "generate_series({first}, {last}) AS n"
GOOSE = "id serial PRIMARY KEY, version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp DEFAULT now()"
PG = "id serial PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL"
TOOLS: dict[str, tuple[Callable[[str], str], str, str]] = {
    "dbmate": (
        dbmate_script,
        "CREATE TABLE schema_migrations (version varchar PRIMARY KEY)",
        "INSERT INTO schema_migrations SELECT n::text FROM ",
    ),
    "goose": (
        goose_script,
        f"CREATE TABLE goose_db_version ({GOOSE})",
        "INSERT INTO goose_db_version (version_id, is_applied) SELECT n, true FROM ",
    ),
    "node-pg-migrate": (
        str,
        f"CREATE TABLE pgmigrations ({PG})",
        "INSERT INTO pgmigrations (name, run_on) SELECT n || '_m', now() FROM ",
    ),
}


def laid_out(scene: Scene, tool: str, *, since: int, until: int) -> None:
    """Files and rows for these numbers."""
    script, _, rows = TOOLS[tool]
    files = {f"{FIRST + number}_m.sql": script("SELECT 1;") for number in range(since, until)}
    if tool == "node-pg-migrate":
        node_pg_migrate_project(scene.root, files)
    else:
        flat_project(scene.root, files)
    scene.database.execute(rows + NUMBERS.format(first=FIRST + since, last=FIRST + until - 1))


def least_seconds(run: Callable[[], object]) -> float:
    """The least processor time of several children; a busy machine makes all others longer, none shorter."""

    def once() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        run()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return min(once() for _ in range(4))


@pytest.mark.slow
@pytest.mark.parametrize("tool", TOOLS)
def test_status_of_a_long_history_takes_at_most_twice_as_long(scene: Scene, tool: str) -> None:
    scene.database.execute(TOOLS[tool][1])

    laid_out(scene, tool, since=0, until=FEW)
    of_few = least_seconds(lambda: scene.process("status"))
    laid_out(scene, tool, since=FEW, until=MANY)
    of_many = least_seconds(lambda: scene.process("status"))
    since = time.process_time()
    scene.database.rows(f"SELECT * FROM {scene.database.tables().pop()}")
    fetching = time.process_time() - since

    assert scene.process("status").exit_code == 0
    assert of_many <= 2 * of_few + fetching, f"{of_few:.3f} s of {FEW}, {of_many:.3f} s of {MANY}"

"""`drydock rollback`: down scripts, rehearsed like any step, for a database that is marked as what it is said to be."""

from pathlib import Path

import pytest

from tests.end_to_end.faults import assert_said, result_in
from tests.fixtures.database import TestDatabase
from tests.fixtures.program import Ran, run
from tests.fixtures.projects import flat_project, golang_project, prisma_project

SECONDS = 110.0
UPS = {
    "1_users": "CREATE TABLE users (id int PRIMARY KEY, email text);",
    "2_posts": "CREATE TABLE posts (id int);",
    "3_names": "ALTER TABLE users ADD COLUMN name text;",
}
DOWNS = {
    "1_users": "DROP TABLE users;",
    "2_posts": "DROP TABLE posts;",
    "3_names": "ALTER TABLE users DROP COLUMN name;",
}
LAYOUTS = ("prisma", "golang-migrate", "flat")


def write_down(root: Path, layout: str, name: str, *, script: str) -> None:
    """Put the down script where the layout has it."""
    place = {
        "prisma": root / "prisma" / "migrations" / name / "down.sql",
        "golang-migrate": root / "migrations" / f"{name}.down.sql",
        "flat": root / "migrations" / f"{name}.down.sql",
    }[layout]
    place.write_text(script, "utf-8")


def project(root: Path, layout: str) -> Path:
    """The three migrations, and how to undo them."""
    match layout:
        case "prisma":
            prisma_project(root, UPS)
        case "golang-migrate":
            golang_project(root, UPS)
        case _:
            flat_project(root, {f"{name}.sql": script for name, script in UPS.items()})
    for name, script in DOWNS.items():
        write_down(root, layout, name, script=script)
    return root


def drydock(root: Path, database: TestDatabase, *arguments: str, environment: str = "staging") -> Ran:
    """Run the command against the database."""
    env = {"DATABASE_URL": database.url, "DRYDOCK_ENVIRONMENT": environment, "DRYDOCK_REPORT_JSON": "result.json"}
    return run(*arguments, cwd=root, env=env, seconds=SECONDS)


@pytest.fixture(params=LAYOUTS)
def layout(request: pytest.FixtureRequest) -> str:
    """Where migrations and down scripts are."""
    return str(request.param)


@pytest.fixture
def deployed(tmp_path: Path, database: TestDatabase, layout: str) -> Path:
    """A project whose migrations are all applied to a database marked as staging."""
    root = project(tmp_path, layout)
    assert drydock(root, database, "deploy", "--rehearse", "none").exit_code == 0
    return root


@pytest.mark.slow
def test_last_migrations_are_undone_newest_first_and_pending_again(deployed: Path, database: TestDatabase) -> None:
    ran = drydock(deployed, database, "rollback", "--steps", "2")

    assert_said(ran, 0, "2 migrations rolled back", "- column public.users.name", "restores the schema")
    assert database.tables() & {"users", "posts"} == {"users"}
    steps = [step["name"].removesuffix(".sql") for step in result_in(deployed)["steps"]]
    assert steps == ["3_names", "2_posts"]
    assert_said(drydock(deployed, database, "deploy", "--rehearse", "none"), 0, "2 migrations applied")
    assert_said(drydock(deployed, database, "deploy"), 0, "Nothing pending")


@pytest.mark.slow
def test_everything_after_a_named_migration_is_undone(deployed: Path, database: TestDatabase, layout: str) -> None:
    kept = "1_users.sql" if layout == "flat" else "1_users"

    ran = drydock(deployed, database, "rollback", "--to", kept, "--rehearse", "none")

    assert_said(ran, 0, "2 migrations rolled back")
    assert database.tables() & {"users", "posts"} == {"users"}


@pytest.mark.slow
def test_down_script_that_fails_on_the_copy_never_reaches_the_target(
    deployed: Path, database: TestDatabase, layout: str
) -> None:
    write_down(deployed, layout, "3_names", script="ALTER TABLE users DROP COLUMN nickname;")

    ran = drydock(deployed, database, "rollback", "--steps", "1")

    assert_said(ran, 5, "3_names", "42703", "The target was not touched")
    assert_said(drydock(deployed, database, "deploy"), 0, "Nothing pending")


@pytest.mark.slow
def test_down_script_that_leaves_something_is_said_not_to_restore_the_schema(
    deployed: Path, database: TestDatabase, layout: str
) -> None:
    write_down(deployed, layout, "3_names", script="SELECT 1;")

    ran = drydock(deployed, database, "rollback", "--steps", "1")

    assert_said(ran, 0, "1 migration rolled back", "cannot be applied again", "42701")


def test_irreversible_migration_is_named_before_anything_runs(
    deployed: Path, database: TestDatabase, layout: str
) -> None:
    for name in ("1_users", "2_posts"):
        write_down(deployed, layout, name, script="")

    ran = drydock(deployed, database, "rollback", "--steps", "3", "--rehearse", "none")

    assert_said(ran, 2, "1_users", "2_posts", "cannot be undone", "The target was not touched")
    assert {"users", "posts"} <= database.tables()


def test_database_that_is_not_marked_is_never_rolled_back(tmp_path: Path, database: TestDatabase) -> None:
    root = project(tmp_path, "flat")
    database.execute("CREATE TABLE old (id int)")
    assert drydock(root, database, "deploy", "--rehearse", "none").exit_code == 0

    ran = drydock(root, database, "rollback", "--steps", "1")

    assert_said(ran, 4, "not marked", "init --target --environment staging", "The target was not touched")
    assert {"users", "posts"} <= database.tables()


def test_database_marked_as_another_environment_is_never_rolled_back(deployed: Path, database: TestDatabase) -> None:
    ran = drydock(deployed, database, "rollback", "--steps", "1", environment="production")

    assert_said(ran, 4, "marked staging", "The target was not touched")
    assert {"users", "posts"} <= database.tables()


@pytest.mark.parametrize(
    ("extent", "says"),
    [
        (("--steps", "4"), "Only 3 migrations are applied"),
        (("--steps", "0"), "at least 1"),
        (("--to", "9_nothing"), "9_nothing is not applied"),
        ((), "--steps"),
    ],
)
def test_extent_that_makes_no_sense_is_refused(
    deployed: Path, database: TestDatabase, extent: tuple[str, ...], says: str
) -> None:
    ran = drydock(deployed, database, "rollback", *extent, "--rehearse", "none")

    assert_said(ran, 2, says)
    assert {"users", "posts"} <= database.tables()


@pytest.mark.slow
def test_values_that_a_rollback_loses_are_counted_on_a_snapshot(deployed: Path, database: TestDatabase) -> None:
    database.execute("INSERT INTO users SELECT i, 'a' || i, 'row-canary' FROM generate_series(1, 7) i")
    assert drydock(deployed, database, "snapshot", "shop.dump").exit_code == 0

    ran = drydock(deployed, database, "rollback", "--steps", "1", "--rehearse", "snapshot", "--snapshot", "shop.dump")

    assert_said(ran, 0, "1 migration rolled back", "loses data", "public.users.name", "7 values")
    assert "row-canary" not in ran.said
    assert "public.users.email" not in ran.said


@pytest.mark.slow
def test_careful_down_script_that_fails_half_way_leaves_the_history_saying_so(
    deployed: Path, database: TestDatabase, layout: str
) -> None:
    database.execute("CREATE INDEX by_email ON users (email)")
    script = "DROP INDEX CONCURRENTLY by_email;\nDROP INDEX CONCURRENTLY nowhere;"
    write_down(deployed, layout, "3_names", script=script)

    ran = drydock(deployed, database, "rollback", "--steps", "1", "--rehearse", "none")

    assert ran.exit_code in (6, 7), ran.said
    # golang-migrate sends a file whole, in which no statement of this kind may run.
    assert_said(ran, ran.exit_code, "3_names", "25001" if layout == "golang-migrate" else "42704")
    again = drydock(deployed, database, "status")
    assert again.exit_code == (12 if ran.exit_code == 7 else 0), again.said

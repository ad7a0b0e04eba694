"""A deploy that rehearses on a copy of the target's schema: what fails there never reaches the target."""

import signal
from pathlib import Path

import pytest

from tests.end_to_end.faults import FaultScene, assert_only, assert_said, holding, result_in, scene_of
from tests.fixtures.database import TestDatabase
from tests.fixtures.program import Ran, run, started

ON_SCHEMA = ("--rehearse", "target-schema")
USERS = {"1_users": "CREATE TABLE users (id int PRIMARY KEY, email text); INSERT INTO users VALUES (1, 'row-canary');"}
SECONDS = 110.0


@pytest.fixture
def scene(tmp_path: Path, database: TestDatabase) -> FaultScene:
    """A target with one migration and a row."""
    made = scene_of(tmp_path, database, USERS)
    assert made.deploy().exit_code == 0
    return made


def rehearsed(scene: FaultScene, *arguments: str) -> Ran:
    """Run the command with a rehearsal on the target's schema."""
    return run(*arguments, *ON_SCHEMA, cwd=scene.root, env={"DATABASE_URL": scene.address}, seconds=SECONDS)


def step_proofs(scene: FaultScene) -> list[tuple[str, str]]:
    """Name and proof of each rehearsed migration, from the JSON result."""
    return [(step["name"], step["proof"]) for step in result_in(scene.root)["rehearsal"]["steps"]]


@pytest.mark.slow
@pytest.mark.parametrize("command", ["check", "deploy"])
def test_migration_that_fails_on_the_copy_never_reaches_the_target(scene: FaultScene, command: str) -> None:
    scene.write("2_posts", "CREATE TABLE posts (id int);")
    scene.write("3_likes", "CREATE TABLE likes (id int);\nALTER TABLE nowhere ADD COLUMN x int;")

    ran = rehearsed(scene, command, "--report-json", "result.json")

    assert_said(ran, 5, "REHEARSAL FAILED", "3_likes", "42P01", "3_likes/migration.sql:2", "The target was not touched")
    assert step_proofs(scene) == [("2_posts", "proven"), ("3_likes", "failed")]
    assert_only(scene, "1_users")


@pytest.mark.slow
def test_deploy_applies_what_went_well_on_the_copy(scene: FaultScene) -> None:
    scene.write("2_posts", "CREATE TABLE posts (id int);\nCREATE UNIQUE INDEX users_email ON users (email);")
    scene.write("3_likes", "CREATE INDEX CONCURRENTLY likes ON users (email);")

    ran = rehearsed(scene, "deploy", "--report-json", "result.json")

    assert_said(
        ran, 0, "2 migrations applied", "+ table public.posts", "+ index public.users_email", "no rows in users"
    )
    assert step_proofs(scene) == [("2_posts", "not_proven"), ("3_likes", "proven")]
    assert_only(scene, "1_users", "2_posts", "3_likes")
    assert_said(rehearsed(scene, "deploy"), 0, "Nothing pending")


@pytest.mark.slow
def test_failure_that_only_rows_could_prevent_is_inconclusive(scene: FaultScene) -> None:
    needs_a_row = "DO $$ BEGIN IF NOT EXISTS (SELECT FROM users) THEN RAISE 'row-canary'; END IF; END $$;"
    scene.write("2_posts", f"CREATE TABLE posts (id int); {needs_a_row}")

    ran = rehearsed(scene, "deploy", "--report-json", "result.json")

    assert_said(ran, 0, "inconclusive", "P0001", "1 migration applied")
    assert step_proofs(scene) == [("2_posts", "inconclusive")]
    assert "row-canary" not in ran.said
    assert_only(scene, "1_users", "2_posts")


@pytest.mark.slow
def test_right_that_only_the_deploy_role_lacks_is_missed_on_the_copy(scene: FaultScene, database: TestDatabase) -> None:
    role = database.role("deployer")
    database.execute(
        f'GRANT ALL ON SCHEMA public TO "{role.user}"; GRANT ALL ON ALL TABLES IN SCHEMA public TO "{role.user}"'
    )
    scene.write("2_posts", "ALTER TABLE users ADD COLUMN age int;")

    ran = rehearsed(scene.through(role.url), "check")

    assert_said(ran, 5, "42501", "must be owner of table users", role.user)
    assert role.password not in ran.said
    assert_only(scene, "1_users")


@pytest.mark.slow
def test_locked_table_ends_the_dump_soon_and_nothing_is_touched(scene: FaultScene, database: TestDatabase) -> None:
    scene.write("2_posts", "CREATE TABLE posts (id int);")

    with holding(database, "LOCK TABLE users IN ACCESS EXCLUSIVE MODE"):
        ran = rehearsed(scene, "deploy")

    assert_said(ran, 11, "NO REHEARSAL", "could not be dumped", "run again", "The target was not touched")
    assert ran.seconds < 20
    assert_only(scene, "1_users")


@pytest.mark.slow
def test_dump_that_the_role_may_not_take_names_the_table(scene: FaultScene, database: TestDatabase) -> None:
    role = database.role("half_blind")
    database.execute(f'GRANT SELECT ON _prisma_migrations TO "{role.user}"')
    scene.write("2_posts", "CREATE TABLE posts (id int);")

    ran = rehearsed(scene.through(role.url), "check")

    assert_said(ran, 11, "permission denied for table users")


@pytest.mark.slow
def test_user_mapping_with_a_password_is_not_copied(scene: FaultScene, database: TestDatabase) -> None:
    available = database.rows("SELECT FROM pg_available_extensions WHERE name = 'postgres_fdw'")
    if not available:
        pytest.skip("the server has no postgres_fdw")
    database.execute(
        "CREATE EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1');"
        "CREATE USER MAPPING FOR CURRENT_USER SERVER far OPTIONS (password 'mapping-canary')"
    )
    scene.write("2_posts", "CREATE TABLE posts (id int);")

    ran = rehearsed(scene, "check", "--report-json", "result.json")

    assert_said(ran, 0, "user mapping", "reach out of the scratch")
    assert "mapping-canary" not in ran.said + (scene.root / "result.json").read_text("utf-8")


@pytest.mark.slow
def test_signal_in_the_rehearsal_leaves_the_target_and_the_machine_as_they_were(
    scene: FaultScene, tmp_path: Path
) -> None:
    place = tmp_path / "scratch"
    place.mkdir()
    for folder in (place, *place.parents[:-2]):
        folder.chmod(folder.stat().st_mode | 0o055)
    scene.write("2_posts", "CREATE TABLE posts (id int);\nSELECT pg_sleep(60);")
    environment = {"DATABASE_URL": scene.address, "TMPDIR": str(place)}

    with started("deploy", *ON_SCHEMA, cwd=scene.root, env=environment) as running:
        running.wait_for("[1/1] 2_posts", seconds=60)
        running.signal(signal.SIGTERM)
        ran = running.finished(15)

    assert_said(ran, 143, "INTERRUPTED", "The target was not touched")
    assert list(place.iterdir()) == []
    assert_only(scene, "1_users")


def test_pending_without_a_word_about_the_rehearsal_touches_nothing(scene: FaultScene) -> None:
    scene.write("2_posts", "CREATE TABLE posts (id int);")

    ran = run("deploy", cwd=scene.root, env={"DATABASE_URL": scene.address})

    assert_said(ran, 11, "--rehearse target-schema", "--rehearse none", "The target was not touched")
    assert_only(scene, "1_users")

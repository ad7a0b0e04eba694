"""Where to rehearse is the user's choice: on a server that they name, or on a clone as it is; never on the target."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from drydock.scratch.embedded import EmbeddedProvider
from tests.end_to_end.faults import FaultScene, assert_only, assert_said, scene_of
from tests.fixtures.database import TestDatabase
from tests.fixtures.program import Ran, run
from tests.fixtures.scratch import like

USERS = {"1_users": "CREATE TABLE users (id int PRIMARY KEY, email text); INSERT INTO users VALUES (1, 'a'), (2, 'a');"}
SECONDS = 110.0


@pytest.fixture
def scene(tmp_path: Path, database: TestDatabase) -> FaultScene:
    """A target with one migration and two rows."""
    made = scene_of(tmp_path, database, USERS)
    assert made.deploy().exit_code == 0
    return made


@pytest.fixture
def other(embedded: EmbeddedProvider) -> Iterator[str]:
    """The address of a superuser on another server than the target's."""
    with embedded.provide(like(), needed_bytes=1 << 20) as scratch:
        yield scratch.address.reveal()


def rehearsed(scene: FaultScene, *options: str, url: str, command: str = "deploy") -> Ran:
    """Run the command; the scratch's address goes through the environment."""
    environment = {"DATABASE_URL": scene.address, "DRYDOCK_SCRATCH_URL": url}
    return run(command, *options, cwd=scene.root, env=environment, seconds=SECONDS)


@pytest.mark.slow
@pytest.mark.parametrize("disposable", ["true", "false"])
def test_database_on_a_given_server_is_made_and_dropped(scene: FaultScene, other: str, disposable: str) -> None:
    scene.write("2_posts", "CREATE TABLE posts (id int);")
    scene.write("3_likes", "ALTER TABLE nowhere ADD COLUMN x int;")
    options = ("--rehearse", "target-schema", "--scratch", "given", "--scratch-disposable", disposable)

    ran = rehearsed(scene, *options, url=other)

    assert_said(ran, 5, "3_likes", "(given, PostgreSQL", "The target was not touched")
    assert_only(scene, "1_users")
    with psycopg.connect(other) as session:
        found = session.execute("SELECT datname FROM pg_database WHERE datname LIKE 'drydock%'").fetchall()
    assert found == []


@pytest.mark.slow
@pytest.mark.parametrize(("disposable", "exit_code"), [("false", 11), ("true", 0)])
def test_statement_that_changes_the_whole_server_runs_only_on_a_disposable_one(
    scene: FaultScene, other: str, disposable: str, exit_code: int
) -> None:
    scene.write("2_posts", "CREATE TABLE posts (id int);\nCREATE ROLE scratch_canary;")
    options = ("--rehearse", "target-schema", "--scratch", "given", "--scratch-disposable", disposable)

    ran = rehearsed(scene, *options, url=other, command="check")

    assert_said(
        ran, exit_code, *(("2_posts/migration.sql, line 2: CREATE ROLE", "scratch_disposable") * (exit_code > 0))
    )
    with psycopg.connect(other) as session:
        made = session.execute("SELECT count(*) FROM pg_roles WHERE rolname = 'scratch_canary'").fetchone()
    assert made == (int(exit_code == 0),)
    assert_only(scene, "1_users")


@pytest.mark.slow
@pytest.mark.parametrize("scratch", ["given", "clone"])
def test_server_of_the_target_is_no_scratch(scene: FaultScene, second_database: TestDatabase, scratch: str) -> None:
    scene.write("2_posts", "CREATE TABLE posts (id int);")
    on = "snapshot" if scratch == "clone" else "target-schema"

    ran = rehearsed(scene, "--rehearse", on, "--scratch", scratch, url=second_database.url)

    assert_said(ran, 11, "the target's own server", "The target was not touched")
    assert_only(scene, "1_users")
    assert second_database.tables() == set()


@pytest.mark.slow
def test_clone_is_rehearsed_on_as_it_is_and_left(scene: FaultScene, other: str) -> None:
    assert scene.through(other).deploy().exit_code == 0
    scene.write("2_posts", "CREATE TABLE posts (id int);")
    scene.write("3_users_email", "CREATE UNIQUE INDEX users_email ON users (email);")

    ran = rehearsed(scene, "--rehearse", "snapshot", "--scratch", "clone", url=other)

    assert_said(ran, 5, "23505 unique violation", "a clone as it is", "The target was not touched")
    assert_only(scene, "1_users")
    with psycopg.connect(other) as session:
        assert session.execute("SELECT to_regclass('posts') IS NOT NULL").fetchone() == (True,)


def test_scratch_without_its_address_is_a_mistake_of_the_configuration(scene: FaultScene) -> None:
    ran = run("check", "--rehearse", "target-schema", "--scratch", "given", cwd=scene.root, env={})

    assert_said(ran, 2, "--scratch", "the option scratch_url beside it")

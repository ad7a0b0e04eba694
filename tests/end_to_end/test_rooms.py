"""A read-only file system, a user whom nobody knows, one small place to write: containers as careful teams run them."""

from pathlib import Path

import pytest

from tests.end_to_end.faults import FaultScene, assert_only, assert_said, scene_of
from tests.fixtures.database import TestDatabase
from tests.fixtures.program import Ran, run
from tests.fixtures.rooms import Room

pytestmark = pytest.mark.slow

USERS = {"1_users": "CREATE TABLE users (id int PRIMARY KEY, email text); INSERT INTO users VALUES (1, 'a'), (2, 'a');"}
SECONDS = 110.0


@pytest.fixture
def scene(room: Room, database: TestDatabase) -> FaultScene:
    """A target with one migration and two rows; its project is in the room."""
    made = scene_of(room.project, database, USERS)
    assert_said(made.deploy(), 0)
    return made


def deployed(room: Room, scene: FaultScene, *options: str) -> Ran:
    """Deploy from inside the room."""
    with room.started("deploy", *options, env={"DATABASE_URL": scene.address}) as running:
        return running.finished(SECONDS)


def test_stranger_rehearses_on_the_schema_with_one_place_to_write(room: Room, scene: FaultScene) -> None:
    scene.write("2_posts", "CREATE TABLE posts (id int);")

    ran = deployed(room.with_tmpfs("300m"), scene, "--rehearse", "target-schema")

    assert_said(ran, 0, "proven         2_posts", "1 migration applied")
    assert "whole file" not in ran.said
    assert_only(scene, "1_users", "2_posts")


def test_stranger_rehearses_on_a_snapshot_with_one_place_to_write(room: Room, scene: FaultScene) -> None:
    snapshot(scene, room.project / "shop.dump")
    scene.write("2_users_email", "CREATE UNIQUE INDEX users_email ON users (email);")

    ran = deployed(room.with_tmpfs("300m"), scene, "--rehearse", "snapshot", "--snapshot", "shop.dump")

    assert_said(ran, 5, "23505 unique violation", "The target was not touched")
    assert_only(scene, "1_users")


@pytest.mark.parametrize("on", ["target-schema", "snapshot"])
def test_room_without_a_place_to_write_is_told_what_to_add(room: Room, scene: FaultScene, on: str) -> None:
    snapshot(scene, room.project / "shop.dump")
    scene.write("2_posts", "CREATE TABLE posts (id int);")

    ran = deployed(room, scene, "--rehearse", on, *(("--snapshot", "shop.dump") if on == "snapshot" else ()))

    assert_said(ran, 11, "NO REHEARSAL", "tmp: read-only file system", "--tmpfs /tmp:size=", "target was not touched")
    assert_only(scene, "1_users")


def test_room_with_too_small_a_place_is_told_how_much_is_needed(room: Room, scene: FaultScene) -> None:
    scene.write("2_posts", "CREATE TABLE posts (id int);")

    ran = deployed(room.with_tmpfs("100m"), scene, "--rehearse", "target-schema")

    assert_said(ran, 11, "tmp: has 100m free, of the 224m that are needed", "--tmpfs /tmp:size=224m")
    assert_only(scene, "1_users")


def snapshot(scene: FaultScene, path: Path) -> None:
    """A snapshot of the target that everybody may read."""
    environment = {"DATABASE_URL": scene.address}
    assert_said(run("snapshot", str(path), cwd=scene.root, env=environment, seconds=SECONDS), 0)
    path.chmod(0o644)

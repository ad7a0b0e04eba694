"""Targets of every major: their dumps go onto the nearest server that the machine has.

`make majors` runs all of them, CI those of `--majors`.
"""

from pathlib import Path

import pytest

from tests.end_to_end.faults import FaultScene, assert_only, assert_said, result_in, scene_of
from tests.fixtures.database import TestDatabase
from tests.fixtures.program import Ran, run
from tests.fixtures.snapshots import INSTALLED, rich

pytestmark = [pytest.mark.oracle, pytest.mark.slow, pytest.mark.timeout(300)]

USERS = "CREATE TABLE users (id int PRIMARY KEY, email text);\nINSERT INTO users VALUES (1, 'a'), (2, 'a');"
SECONDS = 110.0


@pytest.fixture
def scene(tmp_path: Path, major_database: TestDatabase) -> FaultScene:
    """A target with one of nearly everything that pg_dump writes, and one migration."""
    rich(major_database)
    made = scene_of(tmp_path, major_database, {"1_users": USERS})
    assert_said(made.deploy(), 0)
    return made


def test_target_of_any_major_is_rehearsed_on_the_nearest_server(scene: FaultScene, every_major: int) -> None:
    scene.write("2_posts", "CREATE TABLE posts (id int);\nALTER TABLE app.orders ADD COLUMN gift boolean;")

    ran = drydock(scene, "deploy", "--rehearse", "target-schema")

    assert_said(ran, 0, "1 migration applied", "+ table public.posts", "+ column app.orders.gift")
    said = result_in(scene.root)["rehearsal"]
    assert nearest_to(every_major) == int(said["server_version"].split(".")[0])
    assert (f"the target's is {every_major}." in ran.said) == (nearest_to(every_major) != every_major)
    assert [step["proof"] for step in said["steps"]] == ["proven"]
    assert hangs_on_extensions(said["skipped"])
    assert_only(scene, "1_users", "2_posts")


@pytest.mark.parametrize("form", [(), ("--directory",)], ids=["custom", "directory"])
def test_snapshot_of_any_major_is_restored_on_the_nearest_server(
    scene: FaultScene, every_major: int, form: tuple[str, ...]
) -> None:
    assert_said(drydock(scene, "snapshot", "shop.dump", *form), 0, "is taken, rows and all")
    scene.write("2_posts", "CREATE TABLE posts (id int);")
    assert_said(scene.deploy(), 0)
    scene.write("3_orders", "ALTER TABLE app.orders ADD COLUMN gift boolean;\nCREATE TABLE orders (id int);")
    scene.write("4_users_email", "CREATE UNIQUE INDEX users_email ON users (email);")

    ran = drydock(scene, "deploy", "--rehearse", "snapshot", "--snapshot", "shop.dump")

    assert_said(ran, 5, "brought up first: 2_posts", "23505 unique violation", "The target was not touched")
    said = result_in(scene.root)["rehearsal"]
    assert nearest_to(every_major) == int(said["server_version"].split(".")[0])
    assert [step["proof"] for step in said["steps"]] == ["proven", "failed"]
    assert said["drift"] == []
    assert hangs_on_extensions(said["skipped"])
    assert_only(scene, "1_users", "2_posts")


def drydock(scene: FaultScene, *arguments: str) -> Ran:
    """Run the command on the target, with a JSON result beside."""
    report = ("--report-json", "result.json") if arguments[0] != "snapshot" else ()
    return run(*arguments, *report, cwd=scene.root, env={"DATABASE_URL": scene.address}, seconds=SECONDS)


def hangs_on_extensions(skipped: list[str]) -> bool:
    """Whether nothing is missing but what needs an extension of the target that some scratch servers have not."""
    return set(skipped) <= {
        "extension btree_gist",
        "extension pg_trgm",
        "constraint app.orders.orders_customer_id_excl",
        "index app.customer_mail_trgm",
    }


def nearest_to(major: int) -> int:
    """The oldest major with client programs on this machine that is not older."""
    return min(found for found in INSTALLED if found >= major)

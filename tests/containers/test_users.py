"""The image as any user, with a root that can and cannot be written, with and without a place for the rehearsal."""

import json

import pytest

from tests.containers.engine import Engine
from tests.containers.scene import RESTRICTED, TMPFS, ContainerScene

ALONE = ("run", "--rm", "--network", "none")
FILES = {"1_users.sql": "CREATE TABLE users (id int PRIMARY KEY);", "2_name.sql": "ALTER TABLE users ADD name text;"}


@pytest.mark.parametrize("size", ["slim", "full"])
def test_demo_runs_as_root(engine: Engine, request: pytest.FixtureRequest, size: str) -> None:
    ran = engine.run(*ALONE, request.getfixturevalue(size), "demo", seconds=300)

    assert ran.exit_code == 0, ran.said
    assert "Migration 20260403110000_display_name failed in the rehearsal: 23505" in ran.stdout
    assert "UP TO DATE" in ran.stdout


def test_demo_runs_as_an_unknown_user_without_rights_home_and_writable_root(engine: Engine, slim: str) -> None:
    ran = engine.run(
        *ALONE, *RESTRICTED, *engine.read_only(), *TMPFS, "--env", "HOME=/nowhere", slim, "demo", seconds=300
    )

    assert ran.exit_code == 0, ran.said
    assert "the report" not in ran.said.lower(), "no report can be written"


@pytest.mark.parametrize("size", ["slim", "full"])
@pytest.mark.parametrize("is_restricted", [False, True], ids=["root", "restricted"])
def test_a_deploy_is_rehearsed_and_applied(
    scene: ContainerScene, request: pytest.FixtureRequest, *, size: str, is_restricted: bool
) -> None:
    scene.write(FILES)
    options = (*RESTRICTED, *TMPFS, *scene.engine.read_only()) if is_restricted else ()

    ran = scene.run(request.getfixturevalue(size), "deploy", "--format", "json", options=options)

    assert ran.exit_code == 0, ran.said
    assert json.loads(ran.stdout)["rehearsal"]["scratch"] == "embedded"
    assert scene.database.tables() == {"users"}


def test_without_a_place_for_the_rehearsal_it_says_what_to_add(scene: ContainerScene, slim: str) -> None:
    scene.write(FILES)
    assert scene.run(slim, "snapshot", "/out/shop.dump", options=("--volume", f"{scene.root}:/out")).exit_code == 0

    ran = scene.run(
        slim,
        *("deploy", "--rehearse", "snapshot", "--snapshot", "shop.dump"),
        options=(*RESTRICTED, *scene.engine.read_only()),
    )

    assert ran.exit_code == 11, ran.said
    assert "--tmpfs /tmp:size=" in ran.said
    assert "The target was not touched." in ran.said
    assert scene.database.tables() == set()


def test_with_nothing_to_do_it_needs_no_place_at_all(scene: ContainerScene, slim: str) -> None:
    scene.write(FILES)
    assert scene.run(slim).exit_code == 0

    ran = scene.run(slim, options=(*RESTRICTED, *scene.engine.read_only()))

    assert ran.exit_code == 0, ran.said
    assert "UP TO DATE" in ran.stdout


@pytest.mark.parametrize("size", ["slim", "full"])
def test_a_copy_is_ready_made_and_sorts_as_the_target(
    engine: Engine, request: pytest.FixtureRequest, size: str
) -> None:
    image = request.getfixturevalue(size)

    locales = engine.must(*ALONE, image, "locale", "-a").split()
    clusters = engine.must(*ALONE, image, "sh", "-c", "cd /var/lib/drydock/clusters; cat */cluster/PG_VERSION").split()

    assert "en_US.utf8" in locales
    assert set(clusters) == ({"16", "18"} if size == "slim" else {"17", "18"})

"""The Kubernetes examples for real: pods with restricted security, replicas at once, an older image."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.containers.engine import Engine
from tests.containers.pods import EXAMPLES, played, pod_of, secret
from tests.containers.scene import RESTRICTED, TMPFS, ContainerScene
from tests.fixtures.projects import configured, flat_project

FIRST = {"1_users.sql": "CREATE TABLE users (id int PRIMARY KEY);"}
BOTH = {**FIRST, "2_posts.sql": "CREATE TABLE posts (id int PRIMARY KEY);"}
REPLICAS = 10
IN_EXAMPLES = "ghcr.io/example/drydock:0.1-slim"


@pytest.fixture
def podman(engine: Engine) -> Engine:
    """The engine, if it plays manifests."""
    if not engine.is_podman:
        pytest.skip("only podman plays Kubernetes manifests")
    return engine


def built(engine: Engine, example: str, folder: Path, *, images: dict[str, str]) -> str:
    """An image of an example's Dockerfile, with the images that it names replaced."""
    text = (EXAMPLES / example).read_text("utf-8")
    for named, ours in images.items():
        text = text.replace(named, ours)
    (folder / "Dockerfile").write_text(text, "utf-8")
    name = f"localhost/drydock-test:{example.partition('.')[0]}"
    engine.must("build", "--tag", name, folder, seconds=300)
    return name


@pytest.fixture
def schema_image(podman: Engine, slim: str, tmp_path: Path) -> str:
    """The first form: migrations on top of the slim image."""
    context = tmp_path / "schema"
    flat_project(context, BOTH)
    configured(context, "migrations: migrations\n")
    return built(podman, "schema.Dockerfile", context, images={IN_EXAMPLES: slim})


@pytest.fixture
def app_image(engine_and_base: tuple[Engine, str], podman: Engine, slim: str, tmp_path: Path) -> str:
    """The second form: Drydock inside the app's image."""
    context = tmp_path / "app"
    flat_project(context, BOTH)
    images = {"FROM python:3.13-slim-trixie": f"FROM {engine_and_base[1]}", IN_EXAMPLES: slim}
    return built(podman, "app.Dockerfile", context, images=images)


def test_an_init_container_deploys_before_the_app_starts(
    scene: ContainerScene, slim: str, schema_image: str, tmp_path: Path
) -> None:
    pod = pod_of("init-container.yaml", {"schema": schema_image, "shop": slim})

    with (
        secret(scene.engine, "shop-database", {"url": scene.database.url}, folder=tmp_path),
        played(scene.engine, pod, tmp_path) as (name, ran),
    ):
        assert ran.exit_code == 0, ran.said + scene.engine.run("logs", f"{name}-schema").said
        state = scene.engine.must("inspect", "--format", "{{.State.Status}}", f"{name}-shop")

    assert state == "running"
    assert scene.database.tables() == {"users", "posts"}


def test_drydock_in_the_apps_own_image_deploys_with_the_address_from_a_file(
    scene: ContainerScene, app_image: str, tmp_path: Path
) -> None:
    pod = pod_of("app-image.yaml", {"schema": app_image, "shop": app_image})

    with (
        secret(scene.engine, "shop-database", {"url": scene.database.url}, folder=tmp_path, as_files=True),
        played(scene.engine, pod, tmp_path) as (name, ran),
    ):
        assert ran.exit_code == 0, ran.said + scene.engine.run("logs", f"{name}-schema").said
        state = scene.engine.must("inspect", "--format", "{{.State.Status}}", f"{name}-shop")

    assert state == "running"
    assert scene.database.tables() == {"users", "posts"}


def test_ten_replicas_at_once_make_one_deploy(scene: ContainerScene, slim: str) -> None:
    scene.write(BOTH)
    options = (*RESTRICTED, *TMPFS, *scene.engine.read_only())

    with ThreadPoolExecutor(REPLICAS) as pool:
        ended = list(pool.map(lambda _: scene.run(slim, options=options), range(REPLICAS)))

    assert [ran.exit_code for ran in ended] == [0] * REPLICAS, [ran.said for ran in ended if ran.exit_code != 0]
    assert sum("✓ APPLIED" in ran.stdout for ran in ended) == 1, [ran.said for ran in ended]
    assert sum("UP TO DATE" in ran.stdout for ran in ended) == REPLICAS - 1
    assert scene.database.value("SELECT count(*) FROM drydock.deploys") == 1


def test_a_pod_of_an_older_image_meets_newer_migrations_and_starts(scene: ContainerScene, slim: str) -> None:
    scene.write(BOTH)
    assert scene.run(slim).exit_code == 0
    (scene.root / "migrations" / "2_posts.sql").unlink()

    ran = scene.run(slim, options=(*RESTRICTED, *scene.engine.read_only()))

    assert ran.exit_code == 0, ran.said
    assert scene.database.tables() == {"users", "posts"}

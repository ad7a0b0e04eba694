"""An engine, and both sizes of the image, built once a session.

With DRYDOCK_REQUIRE_CONTAINERS=1 an engine may be installed, and what cannot be run fails. Without it, it is skipped.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.containers.base_image import base_image
from tests.containers.engine import Engine, EngineUnavailableError, engine_in, require_running
from tests.containers.scene import ContainerScene
from tests.fixtures.database import TestDatabase
from tests.fixtures.requirement import missing

PROMISE = "DRYDOCK_REQUIRE_CONTAINERS"
ROOT = Path(__file__).parents[2]
BUILD_SECONDS = 900.0
TEST_SECONDS = 1500
"""A first test waits for packages, a base image, and both builds."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent) and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(TEST_SECONDS))


@pytest.fixture(scope="session")
def engine_and_base(tmp_path_factory: pytest.TempPathFactory) -> tuple[Engine, str]:
    """An engine that runs containers, and the base image; the test is skipped where there is none."""
    with one_at_a_time():
        try:
            engine = engine_in(tmp_path_factory.mktemp("engine"), install=os.environ.get(PROMISE) == "1")
            base = base_image(engine)
            require_running(engine, base)
        except EngineUnavailableError as error:
            missing(str(error), PROMISE)
        return engine, base


@pytest.fixture(scope="session")
def engine(engine_and_base: tuple[Engine, str]) -> Engine:
    """See `Engine`."""
    return engine_and_base[0]


@pytest.fixture(scope="session")
def slim(engine_and_base: tuple[Engine, str]) -> str:
    """The name of the image in the small size."""
    return _built(*engine_and_base, size="slim")


@pytest.fixture(scope="session")
def full(engine_and_base: tuple[Engine, str]) -> str:
    """The name of the image in the full size."""
    return _built(*engine_and_base, size="full")


@pytest.fixture
def scene(engine: Engine, tmp_path: Path, database: TestDatabase) -> ContainerScene:
    """An empty project beside an empty database."""
    root = tmp_path / "project"
    root.mkdir()
    return ContainerScene(engine=engine, root=root, database=database)


def _built(engine: Engine, base: str, *, size: str) -> str:
    name = f"localhost/drydock-test:{size}"
    options = ("--network", "host", "--build-arg", f"BASE={base}", "--target", size, "--tag", name)
    with one_at_a_time():
        engine.must("build", *options, ROOT, seconds=BUILD_SECONDS)
    return name


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Keep the other workers of this session, and other sessions, from building at the same time."""
    with Path(tempfile.gettempdir(), "drydock-test-images.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

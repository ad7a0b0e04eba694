"""What every end-to-end test starts from."""

from pathlib import Path

import pytest

from tests.end_to_end.knex_scene import KnexScene
from tests.end_to_end.scenes import Scene
from tests.fixtures.database import TestDatabase
from tests.oracles.knex_cli import KnexCli


@pytest.fixture
def scene(tmp_path: Path, database: TestDatabase) -> Scene:
    """An empty project beside an empty database."""
    root = tmp_path / "project"
    root.mkdir()
    return Scene(root=root, database=database)


@pytest.fixture
def knexed(tmp_path: Path, database: TestDatabase, knex_cli: KnexCli) -> KnexScene:
    """A project with Knex, still without migrations, beside an empty database."""
    scene = KnexScene(root=tmp_path / "project", database=database, cli=knex_cli)
    scene.project({})
    return scene

"""What every end-to-end test starts from."""

from pathlib import Path

import pytest

from tests.end_to_end.scenes import Scene
from tests.fixtures.database import TestDatabase


@pytest.fixture
def scene(tmp_path: Path, database: TestDatabase) -> Scene:
    """An empty project beside an empty database."""
    root = tmp_path / "project"
    root.mkdir()
    return Scene(root=root, database=database)

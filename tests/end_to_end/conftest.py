"""What every end-to-end test starts from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from drydock.process import converse
from drydock.sql.child import ChildAnalyser
from tests.end_to_end.scenes import Scene
from tests.fixtures.database import TestDatabase


@pytest.fixture
def scene(tmp_path: Path, database: TestDatabase) -> Scene:
    """An empty project beside an empty database."""
    root = tmp_path / "project"
    root.mkdir()
    return Scene(root=root, database=database)


@pytest.fixture(scope="module")
def analyser() -> Iterator[ChildAnalyser]:
    """A parser that runs already."""
    with ChildAnalyser(lambda argv: converse(argv, {"PATH": "/usr/bin:/bin"})) as child:
        yield child

"""What the tests beside the real tools start from."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conformance.prisma_scene import PrismaScene
from tests.fixtures.database import TestDatabase
from tests.oracles.prisma_cli import PrismaCli


@pytest.fixture
def scene(tmp_path: Path, database: TestDatabase, prisma_cli: PrismaCli) -> PrismaScene:
    """An empty Prisma project beside an empty database."""
    root = tmp_path / "project"
    root.mkdir()
    made = PrismaScene(root=root, database=database, cli=prisma_cli)
    made.project({})
    return made


@pytest.fixture
def beside() -> Iterator[ThreadPoolExecutor]:
    """Where the other tool runs meanwhile."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        yield pool

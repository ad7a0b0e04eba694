"""A project and a database of a test's own, and the image that deploys the one to the other."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from tests.containers.engine import Engine
from tests.fixtures.database import TestDatabase
from tests.fixtures.program import Ran
from tests.fixtures.projects import flat_project

RESTRICTED = ("--user", "65532:65532", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
"""What Kubernetes' restricted standard asks for."""
TMPFS = ("--tmpfs", "/tmp:size=700m,mode=1777")  # noqa: S108 - in the container


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerScene:
    """Containers see the database on this machine's own network, and the project at /project, read-only."""

    engine: Engine
    root: Path
    database: TestDatabase

    def write(self, files: Mapping[str, str]) -> None:
        """Lay out migrations that every user may read."""
        flat_project(self.root, files)

    def run(self, image: str, *arguments: str, options: tuple[str, ...] = ()) -> Ran:
        """Run the image to its end."""
        return self.engine.run("run", "--rm", *self._options(), *options, image, *arguments)

    def started(self, image: str, *arguments: str, options: tuple[str, ...] = ()) -> AbstractContextManager[str]:
        """Start it and go on; the container's name."""
        return self.engine.started(*self._options(), *options, image, *arguments)

    def _options(self) -> tuple[str, ...]:
        address = ("--env", f"DATABASE_URL={self.database.url}")
        return ("--network", "host", *address, "--volume", f"{self.root}:/project:ro")

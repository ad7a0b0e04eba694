"""Ask the real dbmate to migrate, or to tell the status, of a project with `db/migrations`."""

from dataclasses import dataclass
from pathlib import Path

from tests.oracles.npm import Recipe, installed
from tests.oracles.ran import Ran, ran

SOURCE = Path(__file__).parent / "dbmate"


@dataclass(frozen=True, slots=True, kw_only=True)
class DbmateCli:
    """dbmate, installed in `folder`."""

    folder: Path

    def up(self, project: Path, url: str) -> Ran:
        """`dbmate up`, without the dump of the schema that it makes afterwards."""
        return self._ran(project, url, "--no-dump-schema", "up")

    def status(self, project: Path, url: str) -> Ran:
        """`dbmate status --exit-code`: 0 when nothing is pending."""
        return self._ran(project, url, "status", "--exit-code")

    def _ran(self, project: Path, url: str, *words: str) -> Ran:
        program = next(self.folder.glob("node_modules/@dbmate/*/bin/dbmate"))
        return ran((str(program), *words), cwd=project, env={"DATABASE_URL": f"{url}?sslmode=disable"})


def dbmate_installed(cache: Path) -> DbmateCli:
    """The pinned dbmate. Raises OracleUnavailableError."""
    return DbmateCli(folder=installed(cache, Recipe(name="dbmate", source=SOURCE)))

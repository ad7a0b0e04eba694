"""The sample project: what a team would have in its repository."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

APPLIED = 2
"""How many of its migrations were deployed before the demo begins."""
CORRECTED = "20260403110000_display_name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A copy of the sample project, first without its pending migrations."""

    root: Path
    pending: tuple[Path, ...]
    """Where the pending migrations belong."""

    def rows(self) -> str:
        """The SQL that fills the tables."""
        return (self.root / "prisma" / "rows.sql").read_text(encoding="utf-8")

    def add_pending(self) -> None:
        """Bring the migrations that are not applied yet."""
        for folder in self.pending:
            (self.root / folder.name).rename(folder)

    def correct(self) -> None:
        """Put the corrected script in the place of the one that fails on the rows that are there."""
        corrected = self.root / "prisma" / "display_name.corrected.sql"
        corrected.replace(self.root / "prisma" / "migrations" / CORRECTED / "migration.sql")


@contextmanager
def sample_project() -> Iterator[Sample]:
    """The sample in a directory of its own, gone afterwards."""
    root = Path(tempfile.mkdtemp(prefix="drydock-demo-"))
    try:
        with as_file(files("drydock") / "sample") as source:
            shutil.copytree(source, root, dirs_exist_ok=True)
        pending = sorted(path for path in (root / "prisma" / "migrations").iterdir() if path.is_dir())[APPLIED:]
        for folder in pending:
            folder.rename(root / folder.name)
        yield Sample(root=root, pending=tuple(pending))
    finally:
        shutil.rmtree(root, ignore_errors=True)

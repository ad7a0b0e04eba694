"""A history that grows: a copy of its project with the first migrations only, and the later ones when they are due."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from histories.history import History, Layout, Script


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """How many migrations there are when a snapshot is taken, and when the last deploy begins."""

    snapshot: int
    """Half of them."""
    target: int
    """A quarter more, but always one less than all."""

    @classmethod
    def of(cls, history: History) -> "Stages":
        """The stages of this history."""
        count = len(history.scripts)
        half = count // 2
        return cls(snapshot=half, target=max(half, min(half + max(1, count // 4), count - 1)))


def staged(history: History, root: Path) -> History:
    """An empty project in `root`, to which `bring` brings migrations."""
    migrations = root / "prisma" / "migrations" if history.layout is Layout.PRISMA else root / "migrations"
    migrations.mkdir(parents=True)
    for path in history.migrations.iterdir():
        if path.is_file() and path.suffix != ".sql":
            shutil.copyfile(path, migrations / path.name)
    return replace(history, project=root, migrations=migrations, scripts=())


def bring(history: History, project: History, count: int) -> History:
    """The project with the first `count` migrations of `history`."""
    scripts = history.scripts[:count]
    return replace(project, scripts=tuple(_brought(script, project.migrations, history) for script in scripts))


def _brought(script: Script, migrations: Path, history: History) -> Script:
    path = migrations / script.path.relative_to(history.migrations)
    path.parent.mkdir(exist_ok=True)
    shutil.copyfile(script.path, path)
    return replace(script, path=path)

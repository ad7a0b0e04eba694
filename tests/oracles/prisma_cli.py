"""Ask the real Prisma CLI to deploy, tell the status, or repair a history.

    prisma = PrismaCli(folder=installed(cache))
    ran = prisma.deploy(project, url)

A project is a folder with `prisma/migrations`. What this copy cannot show: the native engine's error texts,
the aborted-transaction case, `?schema=` in the address, and Prisma 7. Assert on rows, exit codes and
P-codes.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.oracles.ran import Ran, ran


@dataclass(frozen=True, slots=True, kw_only=True)
class PrismaCli:
    """The Prisma CLI installed in `folder` by `prisma_install.installed`."""

    folder: Path

    def deploy(self, project: Path, url: str) -> Ran:
        """Run `prisma migrate deploy`: apply what is pending in `project` to the database at `url`."""
        return self._migrate(project, url, "deploy")

    def status(self, project: Path, url: str) -> Ran:
        """Run `prisma migrate status`: exit 0 means that nothing is pending, with the tool's known
        exceptions.
        """
        return self._migrate(project, url, "status")

    def resolve(self, project: Path, url: str, *, applied: str | None = None, rolled_back: str | None = None) -> Ran:
        """Run `prisma migrate resolve` with the options that are given; the tool itself asks for exactly
        one.
        """
        chosen = (("--applied", applied), ("--rolled-back", rolled_back))
        words = (word for option, name in chosen if name is not None for word in (option, name))
        return self._migrate(project, url, "resolve", *words)

    def _migrate(self, project: Path, url: str, *words: str) -> Ran:
        command = ["node", "node_modules/prisma/build/index.js", "migrate", *words]
        return ran([*command, "--config", "prisma.config.mjs"], cwd=self.folder, env=self._environment(project, url))

    def _environment(self, project: Path, url: str) -> dict[str, str]:
        """Name existing files as the native engines, so that the CLI does not try to download them."""
        engine = shutil.which("true") or "/bin/true"
        return {
            "DATABASE_URL": url,
            "ORACLE_MIGRATIONS": str(project.resolve() / "prisma" / "migrations"),
            "CHECKPOINT_DISABLE": "1",
            "PRISMA_HIDE_UPDATE_MESSAGE": "1",
            "NO_COLOR": "1",
            "PRISMA_SCHEMA_ENGINE_BINARY": engine,
            "PRISMA_QUERY_ENGINE_LIBRARY": engine,
            "PRISMA_QUERY_ENGINE_BINARY": engine,
            "PRISMA_FMT_BINARY": engine,
        }

"""What a project with Knex says of itself: asked of its own knexfile, by its own Knex, in a Node process of ours."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from drydock.command import Command
from drydock.errors import NotStartedError, ProjectError
from drydock.files import Project
from drydock.marked import Mark, Told
from drydock.process import Runner

PROGRAM = Path(__file__).resolve().with_name("node") / "knex.cjs"
NODE = "node"
LIMIT = timedelta(minutes=2)
INSTALLS = {
    "package-lock.json": "npm ci",
    "npm-shrinkwrap.json": "npm ci",
    "yarn.lock": "yarn install --frozen-lockfile",
    "pnpm-lock.yaml": "pnpm install --frozen-lockfile",
    "bun.lock": "bun install --frozen-lockfile",
    "bun.lockb": "bun install --frozen-lockfile",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class KnexOptions:
    """What the configuration says beside the knexfile."""

    knexfile: Path | None
    environment: str | None
    """The knexfile's environment; None means what Knex would take."""
    directory: Path | None
    """The migrations' folder, in place of the knexfile's."""

    def order(self) -> dict[str, str | None]:
        """The part of an order that every run of the program needs."""
        return {
            "knexfile": str(self.knexfile) if self.knexfile else None,
            "environment": self.environment,
            "directory": str(self.directory) if self.directory else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class KnexMigration:
    """One entry of Knex's own list; `file` is None where a migration source of the project's own has none."""

    name: str
    file: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnexProject:
    """What the knexfile says, as Knex understands it."""

    knexfile: Path
    table: str
    schema: str | None
    search_path: tuple[str, ...]
    validates: bool
    """Whether Knex refuses to run while an applied migration is not on disk."""
    is_by_name: bool
    """Whether the order is that of the file names alone."""
    migrations: tuple[KnexMigration, ...]
    """In the order in which Knex runs them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnexReader:
    """Asks Node. `environ` leads to no database."""

    project: Project
    options: KnexOptions
    run: Runner
    environ: Mapping[str, str]

    def read(self) -> KnexProject:
        """What the knexfile says. Raises ProjectError, saying what to install or to correct."""
        mark = Mark()
        said: list[str] = []
        told: list[Told] = []

        def hear(line: str) -> None:
            text, event = mark.read(line)
            said.extend([text] if text.strip() else [])
            told.extend([event] if event else [])

        order: dict[str, object] = {
            **self.options.order(),
            "do": "list",
            "nonce": mark.word,
            "limits": {},
            "witness": "0",
        }
        command = Command(
            argv=(NODE, str(PROGRAM)),
            environment=self.environ,
            directory=self.project.root,
            time_limit=LIMIT,
            stdin=json.dumps(order).encode(),
        )
        try:
            completed = self.run(command, hear)
        except NotStartedError as error:
            raise ProjectError(
                "Node.js is needed to run the project's Knex, and `node` is not on the PATH.",
                hint="Install Node.js; on GitHub Actions put actions/setup-node before this step.",
            ) from error
        answer = told[-1] if told else None
        if answer is not None and answer.event == "project":
            return _project(answer)
        if completed.timed_out:
            raise ProjectError("The knexfile did not come to its end.", hint="It must not wait for anything.")
        raise self._problem(answer, said)

    def _problem(self, told: Told | None, said: list[str]) -> ProjectError:
        match told.text("reason") if told else None:
            case "no-knexfile":
                return ProjectError(
                    "There is no knexfile here or above.", hint="Set knex_file, or run Drydock in the project's folder."
                )
            case "no-knex":
                return ProjectError("Knex is not installed in this project.", hint=f"Run {self._install()} before.")
            case "no-driver":
                return ProjectError("Knex's driver `pg` is not installed.", hint=f"Run {self._install()} before.")
            case "no-client" if told:
                return _no_client(told)
            case "other-database" if told:
                return ProjectError(
                    f"The knexfile is for {told.text('dialect')}, not for PostgreSQL.",
                    hint="Name the environment of the knexfile that is: knex_environment.",
                )
            case "old-node" if told:
                return ProjectError(
                    f"Node.js {told.text('found')} is too old for the project's Knex ({told.text('wanted')}).",
                    hint="Install a newer Node.js.",
                )
            case "no-directory" if told:
                path = self.project.shown(Path(told.text("path") or "?"))
                return ProjectError(
                    f"Knex cannot list the migrations: {path} cannot be read ({told.text('kind')}).",
                    hint="Correct migrations.directory in the knexfile: it counts from the directory of the run.",
                )
            case _:
                return self._broken(told, said)

    def _broken(self, told: Told | None, said: list[str]) -> ProjectError:
        where = self.project.shown(Path(told.text("knexfile") or "")) if told and told.text("knexfile") else "knexfile"
        line = told.facts.get("line") if told else None
        kind = f": {told.text('kind')}" if told and told.text("kind") else ""
        last = next((text.strip() for text in said if text.strip()), "")
        loaders = told.texts("loaders") if told else ()
        hint = (
            f"Install one of {', '.join(loaders[:3])}." if loaders else "Correct it; `npx knex migrate:list` tries it."
        )
        shown = f" ({last[:200]})" if last else ""
        return ProjectError(f"{where}{f':{line}' if line else ''} cannot be loaded{kind}{shown}.", hint=hint)

    def _install(self) -> str:
        for folder in (self.project.root, *self.project.root.parents):
            for lock, command in INSTALLS.items():
                if (folder / lock).is_file():
                    return f"`{command}`"
        return "`npm install`"


def _no_client(told: Told) -> ProjectError:
    known = told.texts("environments")
    hint = f"Name one of its environments in knex_environment: {', '.join(known)}." if known else "Set `client` in it."
    return ProjectError(f"The knexfile has no client for the environment {told.text('name')}.", hint=hint)


def _project(told: Told) -> KnexProject:
    found = told.facts.get("migrations")
    entries = [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
    return KnexProject(
        knexfile=Path(told.text("knexfile") or "knexfile"),
        table=told.text("table") or "knex_migrations",
        schema=told.text("schema"),
        search_path=told.texts("search_path"),
        validates=told.facts.get("validates") is not False,
        is_by_name=told.facts.get("by_name") is True,
        migrations=tuple(
            KnexMigration(name=str(entry.get("name")), file=Path(str(entry["file"])) if entry.get("file") else None)
            for entry in entries
        ),
    )

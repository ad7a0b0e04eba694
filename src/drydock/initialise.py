"""Writes a first `drydock.yml` and a workflow for a project, and never overwrites anything."""

from pathlib import Path

from drydock.errors import UsageError
from drydock.files import Project, write

CONFIG = """# Drydock: https://pypi.org/project/pg-drydock/ (options: README)
database_url: ${{DATABASE_URL}}
tool: {tool}
migrations: {migrations}

# What may be seeded, and where. The database's own mark must agree: drydock init --target --environment staging
seed:
  environments: [staging]
"""
WORKFLOW = """name: deploy-schema
on:
  push:
    branches: [main]
permissions:
  contents: read
  pull-requests: write # for the comment
concurrency: deploy-schema # one deploy at a time, in order
jobs:
  deploy:
    runs-on: ubuntu-latest
    timeout-minutes: 60
    steps:
      - uses: actions/checkout@v5
        with:
          persist-credentials: false
      - uses: actions/setup-python@v6
        with:
          python-version: "3.12"
      - run: pip install pg-drydock
      - run: drydock deploy
        env:
          DATABASE_URL: ${{ secrets.DATABASE_URL }}
          GITHUB_TOKEN: ${{ github.token }}
"""
CONFIG_FILE = Path("drydock.yml")
WORKFLOW_FILE = Path(".github/workflows/deploy-schema.yml")


def initialise(project: Project) -> tuple[str, ...]:
    """Write both files; the sentences that say what was done. Raises UsageError when a file cannot be written."""
    tool, migrations = _detected(project)
    config = CONFIG.format(tool=tool, migrations=migrations)
    is_there = (project.root / migrations).is_dir()
    return (
        f"Found migrations in {migrations}."
        if is_there
        else f"No migrations were found; drydock.yml names the folder {migrations}: correct it.",
        _written(project, CONFIG_FILE, text=config),
        _written(project, WORKFLOW_FILE, text=WORKFLOW),
    )


def _detected(project: Project) -> tuple[str, str]:
    """The option `tool` and the folder. Whose SQL files they are is left to `auto`, which looks at them each time."""
    if (project.root / "prisma").is_dir():
        return "prisma", "prisma/migrations"
    places = ("migrations", "db/migrations", "database/migrations", "sql/migrations", "schema/migrations")
    return "auto", next((place for place in places if (project.root / place).is_dir()), "migrations")


def _written(project: Project, path: Path, *, text: str) -> str:
    if (project.root / path).exists():
        return f"{path} is there already and was left as it is."
    if (problem := write(project.root / path, text)) is not None:
        raise UsageError(problem)
    return f"Wrote {path}."

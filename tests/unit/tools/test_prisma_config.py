"""Where a Prisma project says its migrations are, and which schemas its datasource names."""

from pathlib import Path

import pytest

from drydock.errors import ProjectError
from drydock.files import Project
from drydock.tools.prisma_config import database_schemas, migrations_folder

HEAD = "import path from 'node:path';\nimport { defineConfig } from 'prisma/config';\nexport default "


def written(root: Path, name: str, text: str) -> Path:
    """A file of the project."""
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return file


@pytest.mark.parametrize(
    ("config", "folder"),
    [
        ("defineConfig({ migrations: { path: 'db/changes' } })", "db/changes"),
        ('defineConfig({ schema: "x/s.prisma", migrations: { seed: "tsx s.ts", path: "db/changes", } })', "db/changes"),
        ("defineConfig({\n  migrations: {\n    path: path.join('db', 'changes'),\n  },\n})", "db/changes"),
        ('{ migrations: { path: join("db", "changes") } } satisfies PrismaConfig', "db/changes"),
        ("defineConfig({ schema: 'db/schema.prisma' })", "db/migrations"),
        ("defineConfig({ schema: path.join('db', 'schema.prisma'), earlyAccess: true })", "db/migrations"),
        ("defineConfig({ schema: 'models' })", "models/migrations"),
        ("defineConfig({ /* migrations: { path: 'x' } */ datasource: { url: env('U') } })", None),
        ("defineConfig({ // schema: 'x.prisma'\n datasource: { url: 'postgres://h/schema:' } })", None),
    ],
)
@pytest.mark.parametrize("name", ["prisma.config.ts", "prisma.config.mjs"])
def test_config_file_is_read_without_being_run(tmp_path: Path, name: str, config: str, folder: str | None) -> None:
    (tmp_path / "models").mkdir()
    written(tmp_path, name, HEAD + config)

    found = migrations_folder(Project(root=tmp_path))

    assert found == (tmp_path / folder if folder else None)


@pytest.mark.parametrize(
    "config",
    ["{ migrations: { path: FOLDER } }", "{ migrations: { path: `${x}/y` } }", "{ schema: path.join(__dirname, 'x') }"],
)
def test_computed_path_is_a_question_and_never_a_guess(tmp_path: Path, config: str) -> None:
    written(tmp_path, "prisma.config.ts", HEAD + config)

    with pytest.raises(ProjectError, match=r"prisma\.config\.ts computes"):
        migrations_folder(Project(root=tmp_path))


def test_config_in_its_own_folder_counts_from_there(tmp_path: Path) -> None:
    written(tmp_path, ".config/prisma.ts", HEAD + "{ migrations: { path: '../db' } }")

    found = migrations_folder(Project(root=tmp_path))

    assert found is not None
    assert found.resolve() == (tmp_path / "db").resolve()


@pytest.mark.parametrize("package", ['{"prisma": {"schema": "db/schema.prisma"}}', '{"prisma": {"schema": "./db/x"}}'])
def test_schema_of_package_json_counts_where_there_is_no_config_file(tmp_path: Path, package: str) -> None:
    written(tmp_path, "package.json", package)

    found = migrations_folder(Project(root=tmp_path))

    assert found is not None
    assert found.resolve() == (tmp_path / "db" / "migrations").resolve()


@pytest.mark.parametrize("package", ["", "[]", "{}", '{"prisma": 1}', '{"prisma": {"schema": 1}}'])
def test_odd_package_json_names_no_folder(tmp_path: Path, package: str) -> None:
    written(tmp_path, "package.json", package)

    assert migrations_folder(Project(root=tmp_path)) is None


def test_schemas_of_the_datasource_are_read_from_every_schema_file(tmp_path: Path) -> None:
    written(tmp_path, "prisma/a.prisma", 'datasource db {\n  url = env("U") // schemas = ["no"]\n}\n')
    written(tmp_path, "prisma/b.prisma", 'datasource db {\n  schemas = ["public", "Ops"]\n}\nmodel X { schemas Int }')

    assert database_schemas(Project(root=tmp_path), tmp_path / "prisma" / "migrations") == ("public", "Ops")

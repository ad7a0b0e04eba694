"""Projects with Knex of every shape: what their knexfile says is what is read, and nothing is written by reading."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.end_to_end.knex_scene import KnexScene
from tests.end_to_end.scenes import UNTOUCHED, assert_says
from tests.oracles.knex_cli import KNEXFILE, creates, does

pytestmark = pytest.mark.oracle

USERS, BOATS, PIERS = "20240101_users.js", "20240102_boats.js", "20240103_piers.js"
CLIENT = "client: 'pg', connection: process.env.DATABASE_URL"
ESM_KNEXFILE = f"export default {{ {CLIENT}, migrations: {{ loadExtensions: ['.mjs'] }} }};"
ESM_MIGRATION = (
    "export const up = (knex) => knex.schema.createTable('users', () => {});\nexport const down = () => {};\n"
)
TS_KNEXFILE = (
    "import type { Knex } from 'knex';\n"
    "const config: Knex.Config = { client: 'pg', connection: process.env.DATABASE_URL };\nexport default config;\n"
)
TS_MIGRATION = (
    "import { Knex } from 'knex';\n"
    "export async function up(knex: Knex): Promise<void> { await knex.schema.createTable('users', () => {}); }\n"
    "export async function down(knex: Knex): Promise<void> { await knex.schema.dropTable('users'); }\n"
)
SOURCE = f"""
const list = {{ 'first': 'a', 'second': 'b' }};
module.exports = {{ {CLIENT}, migrations: {{ migrationSource: {{
  getMigrations: async () => Object.keys(list),
  getMigrationName: (name) => name,
  getMigration: async (name) => ({{
    up: (knex) => knex.schema.createTable(list[name], () => {{}}), down: async () => {{}},
  }}),
}} }} }};
"""


def with_settings(settings: str, more: str = "") -> str:
    return f"module.exports = {{ {CLIENT}, migrations: {{ {settings} }}, {more} }};\n"


def test_status_reads_and_writes_nothing(knexed: KnexScene) -> None:
    knexed.project({USERS: creates("users"), BOATS: creates("boats")})

    ran = knexed.run("status")

    assert_says(ran, 3, "2 migrations pending", USERS, BOATS, "public.knex_migrations (knex)")
    assert knexed.is_untouched()


@pytest.mark.parametrize(
    ("files", "env", "tables"),
    [
        ({"knexfile.js": with_settings("tableName: 'my moves'")}, {}, {"users", "my moves", "my moves_lock"}),
        ({"knexfile.js": "module.exports = { test: {}, live: { " + CLIENT + " } };"}, {"NODE_ENV": "live"}, {"users"}),
        ({"knexfile.js": f"module.exports = async () => ({{ {CLIENT} }});"}, {}, {"users"}),
        ({"knexfile.js": "module.exports = { development: process.env.DATABASE_URL };"}, {}, {"users"}),
        ({"knexfile.js": "", "db/knexfile.js": KNEXFILE}, {"DRYDOCK_KNEX_FILE": "db/knexfile.js"}, {"boats"}),
        ({"knexfile.js": KNEXFILE}, {"DRYDOCK_MIGRATIONS": "db/migrations"}, {"boats"}),
        ({"knexfile.js": SOURCE}, {}, {"a", "b"}),
        ({"knexfile.js": with_settings("directory: ['db/migrations', 'migrations']")}, {}, {"users", "boats"}),
        ({"knexfile.js": with_settings("loadExtensions: ['.mjs']"), "migrations/x.mjs": ESM_MIGRATION}, {}, {"users"}),
    ],
    ids=[
        *("table", "environment", "async", "address alone", "knex_file", "migrations", "source", "two folders"),
        "extensions",
    ],
)
def test_knexfile_decides(
    knexed: KnexScene, files: Mapping[str, str], env: Mapping[str, str], tables: set[str]
) -> None:
    knexed.project({} if "migrations/x.mjs" in files else {USERS: creates("users")})
    knexed.write(f"db/migrations/{BOATS}", creates("boats"))
    for path, text in files.items():
        knexed.write(path, text)
    (knexed.root / "knexfile.js").write_text(files["knexfile.js"], "utf-8")

    first, second = knexed.deploy(env=env), knexed.deploy(env=env)

    assert_says(first, 0, "applied")
    assert_says(second, 0, "Nothing pending")
    assert knexed.made() == tables


def test_modules_of_the_newer_kind_are_read(knexed: KnexScene) -> None:
    (knexed.root / "knexfile.js").unlink()
    knexed.write("knexfile.mjs", ESM_KNEXFILE)
    knexed.write("migrations/1_users.mjs", ESM_MIGRATION)

    assert_says(knexed.deploy(), 0, "1 migration applied")

    assert (knexed.made(), knexed.names()) == ({"users"}, ["1_users.mjs"])


def test_type_script_is_read_by_the_loader_of_the_project(knexed: KnexScene) -> None:
    (knexed.root / "knexfile.js").unlink()
    knexed.write("knexfile.ts", TS_KNEXFILE)
    knexed.write("migrations/1_users.ts", TS_MIGRATION)
    knexed.write("tsconfig.json", '{ "ts-node": { "transpileOnly": true } }')

    assert_says(knexed.deploy(), 0, "1 migration applied")

    assert (knexed.made(), knexed.names()) == ({"users"}, ["1_users.ts"])


@pytest.mark.parametrize(
    ("settings", "more"),
    [("schemaName: 'moves'", ""), ("tableName: 'knex_migrations'", "searchPath: ['nowhere', 'moves', 'public']")],
    ids=["schemaName", "searchPath"],
)
def test_tables_are_in_the_schema_that_knex_takes(knexed: KnexScene, settings: str, more: str) -> None:
    knexed.database.execute("CREATE SCHEMA moves")
    knexed.project({USERS: creates("users")}, knexfile=with_settings(settings, more))

    ours, theirs = knexed.deploy(), knexed.knex("migrate:latest")

    assert_says(ours, 0, "1 migration applied", "moves.knex_migrations")
    assert "Already up to date" in theirs.stdout
    assert {"knex_migrations", "knex_migrations_lock"} <= knexed.database.tables("moves")


@pytest.mark.parametrize(("config", "made"), [("", {"half"}), ("{ transaction: true }", set())])
def test_disabled_transactions_of_the_knexfile_hold(knexed: KnexScene, config: str, made: set[str]) -> None:
    up = "await knex.raw('CREATE TABLE half ()'); throw new Error();"
    knexed.project({USERS: does(up, config=config)}, knexfile=with_settings("disableTransactions: true"))

    ran = knexed.deploy()

    assert_says(ran, 7, USERS, "it is not recorded")
    assert knexed.made() == made


def test_folders_that_are_sorted_one_by_one_run_one_by_one(knexed: KnexScene) -> None:
    knexed.project({"1.js": creates("one")}, knexfile=with_settings("directory: ['b', 'a'], sortDirsSeparately: true"))
    for path in ("b/2.js", "a/1.js", "b/3.js"):
        knexed.write(path, creates(path.replace("/", "_").removesuffix(".js")))

    assert_says(knexed.deploy(), 0, "3 migrations applied")

    assert knexed.names() == ["2.js", "3.js", "1.js"]


@pytest.mark.parametrize(
    ("knexfile", "says"),
    [
        ("module.exports = {", "knexfile.js:1 cannot be loaded: SyntaxError"),
        ("\nrequire('nothing-like-it');", "knexfile.js:2 cannot be loaded: MODULE_NOT_FOUND"),
        ("throw new Error('APP_KEY is not set');", "APP_KEY is not set"),
        ("module.exports = { live: { client: 'pg' }, test: { client: 'pg' } };", "knex_environment: live, test"),
        ("module.exports = { client: 'sqlite3' };", "The knexfile is for sqlite3, not for PostgreSQL"),
        (with_settings("directory: 'nowhere'"), "nowhere cannot be read (ENOENT)"),
        (with_settings("directory: ['migrations', 'more']"), f"Two migrations are called {USERS}"),
        ("module.exports = new Promise(() => setTimeout(() => {}, 60000));", "knexfile"),
    ],
)
def test_knexfile_that_cannot_be_used_is_told_with_what_to_do(knexed: KnexScene, knexfile: str, says: str) -> None:
    knexed.project({USERS: creates("users")}, knexfile=knexfile)
    knexed.write(f"more/{USERS}", creates("users"))

    ran = knexed.deploy()

    assert_says(ran, 2, says)
    assert knexed.is_untouched()


@pytest.mark.parametrize(
    ("lock", "command"),
    [("package-lock.json", "npm ci"), ("yarn.lock", "yarn install"), ("pnpm-lock.yaml", "pnpm install")],
)
def test_missing_packages_are_told_with_the_command_that_installs_them(
    knexed: KnexScene, lock: str, command: str
) -> None:
    knexed.write(lock, "")
    (knexed.root / "node_modules").unlink()

    assert_says(knexed.deploy(), 2, "Knex is not installed in this project", f"Run `{command}", UNTOUCHED)


def test_machine_without_node_is_told_what_is_needed(knexed: KnexScene) -> None:
    ran = knexed.run("deploy", env={"PATH": str(knexed.root)})

    assert_says(ran, 2, "Node.js is needed to run the project's Knex", UNTOUCHED)


def test_old_node_is_told_with_the_version_that_is_wanted(knexed: KnexScene, tmp_path: Path) -> None:
    program = tmp_path / "bin" / "node"
    program.parent.mkdir()
    pretends = tmp_path / "old.cjs"
    pretends.write_text("Object.defineProperty(process.versions, 'node', { value: '12.22.0' });", "utf-8")
    program.write_text(f'#!/bin/sh\nPATH="${{PATH#*:}}" exec node -r {pretends} "$@"\n', "utf-8")
    program.chmod(0o755)
    path = f"{program.parent}:{knexed.environment()['PATH']}"

    assert_says(knexed.deploy(env={"PATH": path}), 2, "Node.js 12.22.0 is too old", ">=16", UNTOUCHED)


def test_both_a_knexfile_and_a_prisma_folder_need_a_word(knexed: KnexScene) -> None:
    (knexed.root / "prisma" / "migrations").mkdir(parents=True)

    assert_says(knexed.deploy(), 2, "tool: knex, or tool: prisma")
    assert_says(knexed.deploy("--tool", "knex"), 0, "Nothing pending")


def test_init_writes_what_a_project_with_knex_needs(knexed: KnexScene) -> None:
    ran = knexed.run("init")

    config = (knexed.root / "drydock.yml").read_text("utf-8")
    workflow = (knexed.root / ".github/workflows/deploy-schema.yml").read_text("utf-8")
    assert_says(ran, 0, "Found Knex migrations by knexfile.js")
    assert "\ntool: knex\n" in config
    assert "migrations:" not in config
    assert workflow.index("npm ci") < workflow.index("drydock deploy")
    assert_says(knexed.deploy(), 0, "Nothing pending")


def test_one_process_lists_and_one_applies_however_many_there_are(knexed: KnexScene, tmp_path: Path) -> None:
    knexed.project({f"{number}_t.js": creates(f"t{number}") for number in range(1, 6)})
    node = shutil.which("node")
    program, count = tmp_path / "bin" / "node", tmp_path / "count"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho start >> {count}\nexec {node} "$@"\n', "utf-8")
    program.chmod(0o755)

    ran = knexed.deploy(env={"PATH": f"{program.parent}:{knexed.environment()['PATH']}"})
    after_deploy = count.read_text("utf-8").count("start")
    again = knexed.deploy(env={"PATH": f"{program.parent}:{knexed.environment()['PATH']}"})

    assert_says(ran, 0, "5 migrations applied")
    assert after_deploy == 2
    assert_says(again, 0, "Nothing pending")
    assert count.read_text("utf-8").count("start") == 3


@pytest.mark.slow
def test_twenty_thousand_applied_migrations_are_no_burden(knexed: KnexScene) -> None:
    many = 20_000
    knexed.project({"1_first.js": creates("first")})
    assert_says(knexed.deploy(), 0)
    knexed.database.execute(
        "INSERT INTO knex_migrations (name, batch, migration_time) "
        f"SELECT 'm' || lpad(n::text, 6, '0') || '.js', 2, now() FROM generate_series(1, {many}) AS n"
    )
    for number in range(1, many + 1):
        (knexed.root / "migrations" / f"m{number:06}.js").touch()
    knexed.project({"z_last.js": creates("last")})

    ran = knexed.deploy()

    assert_says(ran, 0, "1 migration applied")
    assert ran.seconds < 15

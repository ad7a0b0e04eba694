"""Prisma projects of every shape: where the migrations are, several schemas, older versions, links, another product."""

import json

from tests.end_to_end.scenes import UNTOUCHED, Scene, assert_says
from tests.fixtures.projects import PRISMA_LOCK, prisma_project

FIRST, SECOND = "20240101_users", "20240202_boats"
USERS = "CREATE TABLE users (id int);"


def test_folder_of_the_config_file_is_used_and_not_a_stale_one(scene: Scene) -> None:
    prisma_project(scene.root, {"20200101_stale": "SELECT nonsense;"})
    scene.write("prisma.config.ts", "export default { migrations: { path: 'db/changes' } }")
    scene.write("db/changes/migration_lock.toml", PRISMA_LOCK)
    scene.write(f"db/changes/{FIRST}/migration.sql", USERS)

    assert_says(scene.run("deploy"), 0, "1 migration applied", "public._prisma_migrations (prisma)")
    assert [row[0] for row in scene.prisma_rows()] == [FIRST]


def test_computed_folder_is_asked_for_and_the_option_answers(scene: Scene) -> None:
    prisma_project(scene.root, {FIRST: USERS})
    scene.write("prisma.config.ts", "export default { migrations: { path: folder() } }")

    assert_says(scene.deploy(), 2, "prisma.config.ts computes where the migrations are", "migrations", UNTOUCHED)
    assert_says(scene.deploy("--migrations", "prisma/migrations"), 0, "1 migration applied")


def test_tables_in_any_schema_of_the_datasource_want_a_baseline(scene: Scene) -> None:
    prisma_project(scene.root, {FIRST: USERS})
    scene.write("prisma/schema.prisma", 'datasource db {\n  provider = "postgresql"\n  schemas = ["public", "ops"]\n}')
    scene.database.execute("CREATE SCHEMA ops; CREATE TABLE ops.boats (id int); CREATE SCHEMA other")

    held = scene.deploy()
    scene.database.execute("DROP TABLE ops.boats; CREATE TABLE other.boats (id int)")

    assert_says(held, 12, "boats", "no migration history", UNTOUCHED)
    assert_says(scene.deploy(), 0, "1 migration applied")


def test_order_before_6_6_is_by_byte(scene: Scene) -> None:
    prisma_project(scene.root, {"20240101_a": "CREATE TABLE ran (at serial, name text);", "202401010": "SELECT 1;"})
    scene.write("package.json", json.dumps({"devDependencies": {"prisma": "6.5.0"}}))
    older = scene.run("status").said
    scene.write("package.json", json.dumps({"devDependencies": {"prisma": "6.6.0"}}))
    newer = scene.run("status").said

    assert older.index("202401010") < older.index("20240101_a")
    assert newer.index("20240101_a") < newer.index("202401010")


def test_linked_folders_are_no_migrations_as_in_prisma(scene: Scene) -> None:
    prisma_project(scene.root, {FIRST: USERS})
    elsewhere = scene.write(f"elsewhere/{SECOND}/migration.sql", "SELECT nonsense;").parent
    (scene.root / "prisma/migrations" / SECOND).symlink_to(elsewhere)

    assert_says(scene.deploy(), 0, "1 migration applied")
    assert [row[0] for row in scene.prisma_rows()] == [FIRST]


def test_prisma_8_is_refused_by_name(scene: Scene) -> None:
    prisma_project(scene.root, {FIRST: USERS})
    scene.write("package.json", json.dumps({"devDependencies": {"prisma": "^8.0.0"}}))

    assert_says(scene.deploy(), 2, "Prisma 8", "Prisma 5 to 7", UNTOUCHED)

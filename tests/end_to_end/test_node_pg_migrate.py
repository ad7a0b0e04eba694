"""node-pg-migrate's files and settings: what runs, where it is recorded, and what is refused before anything runs."""

import json

import pytest

from tests.end_to_end.scenes import UNTOUCHED, Scene, assert_says
from tests.fixtures.projects import configured, node_pg_migrate_project, node_pg_script

USERS = node_pg_script("CREATE TABLE users (id int);", "DROP TABLE users;")
BOATS = node_pg_script("CREATE TABLE boats (id int);", "DROP TABLE boats;")
TABLE = "CREATE TABLE pgmigrations (id serial PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL)"


def recorded(scene: Scene, *names: str) -> None:
    """Make the table as node-pg-migrate makes it, with these rows."""
    scene.database.execute(TABLE)
    for name in names:
        scene.database.execute("INSERT INTO pgmigrations (name, run_on) VALUES (%s, now())", name)


def names(scene: Scene, table: str = "pgmigrations") -> list[str]:
    """The rows of the history, in their order."""
    return [row[0] for row in scene.database.rows(f"SELECT name FROM {table} ORDER BY run_on, id")]


def settings(scene: Scene, **given: object) -> None:
    """A file of settings that a script of package.json names."""
    scene.write("pg.json", json.dumps({key.replace("_", "-"): value for key, value in given.items()}))


def test_files_are_recognised_by_package_json_and_by_their_markers(scene: Scene) -> None:
    node_pg_migrate_project(scene.root, {"1_users.sql": USERS, "0_plain.sql": "SELECT 1;"})
    first = scene.deploy()
    (scene.root / "package.json").unlink()
    scene.write("migrations/0_plain.sql", node_pg_script("SELECT 1;"))
    scene.write("migrations/2_boats.sql", BOATS)
    second = scene.deploy()

    assert_says(first, 0, "public.pgmigrations (node-pg-migrate)")
    assert_says(second, 0, "1 migration applied", "public.pgmigrations (node-pg-migrate)")
    assert names(scene) == ["0_plain", "1_users", "2_boats"]


def test_setting_of_a_file_wins_over_the_command_line_as_in_the_tool(scene: Scene) -> None:
    call = "PGUSER=x node_modules/.bin/node-pg-migrate -f pg.json -t from_line --migrationsSchema line up && echo done"
    node_pg_migrate_project(
        scene.root, {"1_users.sql": USERS}, folder="db", scripts={"create": "node-pg-migrate create -m x", "up": call}
    )
    settings(scene, migrations_table="from_file", migrations_dir="db", schema=["app", "public"], create_schema=True)

    ran = scene.deploy()

    assert_says(ran, 0, "1 migration applied", "line.from_file (node-pg-migrate)")
    assert names(scene, "line.from_file") == ["1_users"]
    assert scene.database.tables("app") == {"users"}


def test_section_of_the_config_package_is_read_where_the_project_uses_it(scene: Scene) -> None:
    node_pg_migrate_project(scene.root, {"1_users.sql": USERS})
    package = {"dependencies": {"node-pg-migrate": "9", "config": "3"}}
    scene.write("package.json", json.dumps(package))
    scene.write("config/default.json", json.dumps({"db": {"migrations-table": "log", "url": "postgres://elsewhere"}}))

    assert_says(scene.deploy(), 0, "public.log (node-pg-migrate)")


def test_options_of_ours_win_over_all(scene: Scene) -> None:
    node_pg_migrate_project(scene.root, {"1_users.sql": USERS, "2_boats.sql": BOATS})
    scene.write("own.json", json.dumps({"db": {"migrations-table": "from_own"}}))
    configured(
        scene.root,
        "tool: node-pg-migrate\nnode_pg_migrate_config: own.json\nnode_pg_migrate_transaction: each\nsql_schema: ops\n",
    )

    ran = scene.deploy()

    assert_says(ran, 0, "2 migrations applied", "ops.from_own (node-pg-migrate)")
    assert "in one transaction" not in ran.said
    assert names(scene, "ops.from_own") == ["1_users", "2_boats"]


@pytest.mark.parametrize("call", ["--no-single-transaction", "--single-transaction=false", "--singleTransaction false"])
def test_project_that_wants_a_transaction_each_gets_it(scene: Scene, call: str) -> None:
    scripts = {"migrate": f"node-pg-migrate {call}", "migrate:up": "npm run migrate up"}
    node_pg_migrate_project(scene.root, {"1_users.sql": USERS, "2_bad.sql": "SELEC;"}, scripts=scripts)

    assert_says(scene.deploy(), 6, "2_bad", "1 migration applied before")
    assert names(scene) == ["1_users"]


def test_scripts_that_differ_are_a_question(scene: Scene) -> None:
    scripts = {"a": "node-pg-migrate -t one up", "b": "node-pg-migrate --migrations-table=two up"}
    node_pg_migrate_project(scene.root, {"1_users.sql": USERS}, scripts=scripts)

    assert_says(scene.deploy(), 2, "different --migrations-table, in a and in b", "node_pg_migrate_config", UNTOUCHED)


def test_settings_that_are_code_or_not_followed_are_refused_by_name(scene: Scene) -> None:
    node_pg_migrate_project(scene.root, {"1_users.sql": USERS}, scripts={"a": "node-pg-migrate -f pg.ts up"})
    code = scene.deploy()
    node_pg_migrate_project(scene.root, {}, scripts={"a": "node-pg-migrate --use-glob -m 'db/**' up"})
    glob = scene.deploy("--migrations", "migrations")

    assert_says(code, 2, "settings are code", "pg.ts", "node_pg_migrate_config", UNTOUCHED)
    assert_says(glob, 2, "use-glob", "does not follow", UNTOUCHED)


def test_order_is_not_checked_where_the_project_says_so(scene: Scene) -> None:
    scripts = {"a": "node-pg-migrate up --no-check-order"}
    node_pg_migrate_project(scene.root, {"1_users.sql": USERS, "2_boats.sql": BOATS}, scripts=scripts)
    recorded(scene, "2_boats")

    assert_says(scene.deploy(), 0, "1 migration applied", "1_users is pending, though 2_boats")


def test_resolve_records_and_careful_steps_are_resumed(scene: Scene) -> None:
    two = "CREATE INDEX CONCURRENTLY a ON users (id);\nCREATE UNIQUE INDEX CONCURRENTLY b ON users (id);"
    node_pg_migrate_project(scene.root, {"1_users.sql": USERS, "2_index.sql": node_pg_script(two)})
    scene.database.execute("CREATE TABLE users AS SELECT 1 AS id FROM generate_series(1, 2)")

    resolved = scene.run("resolve", "1_users.sql", "--applied")
    failed = scene.deploy("--sql-mode", "statement")
    scene.database.execute("DELETE FROM users WHERE ctid = '(0,1)'")
    resumed = scene.deploy("--sql-mode", "statement")

    assert_says(resolved, 0, "1_users is marked as applied")
    assert_says(failed, 7, "Statement 1 is in effect", "goes on at statement 2")
    assert_says(resumed, 0, "from 2 on")
    assert names(scene) == ["1_users", "2_index"]


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        (
            "2_code.ts",
            "export const up = () => 1;",
            "in JavaScript or TypeScript",
        ),
        ("2_code.js", "exports.up = 1", "npx node-pg-migrate up"),
        ("2_notes.md", "# Notes", "would try to run this file"),
        ("2_boats.down.sql", "DROP TABLE boats;", "takes this file for a migration of its own"),
        ("2_down.sql", "DROP TABLE a;\n-- Down Migration\nCREATE TABLE a ();", "line 2: a down part, and no -- Up"),
        ("2_latin.sql", b"SELECT '\xe9';", "line 1: the file is not UTF-8"),
    ],
)
def test_pending_file_that_cannot_be_run_is_refused_before_anything_runs(
    scene: Scene, file: str, content: str | bytes, told: str
) -> None:
    node_pg_migrate_project(scene.root, {"1_users.sql": USERS, file: content})

    assert_says(scene.deploy(), 2, f"migrations/{file}", told, UNTOUCHED)
    assert scene.is_untouched()


def test_applied_code_is_no_obstacle_and_what_comes_after_it_runs(scene: Scene) -> None:
    node_pg_migrate_project(scene.root, {"1_users.ts": "export const up = 1;", "2_boats.sql": BOATS})
    recorded(scene, "1_users")

    assert_says(scene.deploy(), 0, "1 migration applied")
    assert names(scene) == ["1_users", "2_boats"]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (("1_users.sql", "1_users.js"), "are the same to node-pg-migrate: 1_users"),
        (("1_users.sql", "README.md"), "README.md has no number in front"),
        (("1_users.sql", "20249999000000000_x.sql"), "no date"),
    ],
)
def test_names_that_it_cannot_sort_are_refused(scene: Scene, files: tuple[str, ...], told: str) -> None:
    node_pg_migrate_project(scene.root, dict.fromkeys(files, "SELECT 1;"))

    assert_says(scene.deploy(), 2, told, UNTOUCHED)


@pytest.mark.parametrize(
    "script",
    [
        USERS.replace("\n", "\r\n"),
        "\ufeff" + USERS,
        "CREATE TABLE users (id int)",
        "-- Down Migration\nDROP TABLE users;\n-- Up Migration\nCREATE TABLE users (id int);",
        "SELECT nonsense;\n -- - UP\tmigration: users\nCREATE TABLE users (id int);",
        "-- Up Migration\nCREATE TABLE users (note text DEFAULT ' -- Down Migration');\n-- Down Migration\nx",
        "-- Up Migration\nCREATE TABLE users (note text DEFAULT $$a\nx -- down migration$$);\n-- Down Migration",
    ],
    ids=["crlf", "bom", "no marker", "down first", "words", "string", "dollars"],
)
def test_odd_but_lawful_files_run(scene: Scene, script: str) -> None:
    node_pg_migrate_project(scene.root, {"1_users.sql": script})

    assert_says(scene.deploy(), 0, "1 migration applied")
    assert scene.database.tables() == {"pgmigrations", "users"}


def test_marker_in_a_dollar_quote_cuts_the_script_as_in_the_tool_and_nothing_is_left(scene: Scene) -> None:
    body = "-- Up Migration\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$\n-- down migration\nSELECT 1$$;"
    node_pg_migrate_project(scene.root, {"1_users.sql": body})

    assert_says(scene.deploy(), 6, "42601", "1_users", "The target is clean")


def test_names_of_odd_sorts_are_recorded_as_they_are(scene: Scene) -> None:
    odd = ["1", "2-it's", '3_"quoted"', "4_\u00fcber.up", "5_a b", "6_back\\slash"]
    node_pg_migrate_project(scene.root, {f"{name}.sql": "SELECT 1;" for name in odd})

    assert_says(scene.deploy(), 0, "6 migrations applied")
    assert names(scene) == odd
    assert_says(scene.deploy(), 0, "Nothing pending")


def test_folder_with_the_files_of_two_tools_says_which_option_decides(scene: Scene) -> None:
    node_pg_migrate_project(scene.root, {"1_users.sql": USERS, "2_boats.sql": "-- migrate:up\n-- migrate:down\n"})

    assert_says(scene.deploy(), 2, "1_users.sql of node-pg-migrate", "2_boats.sql of dbmate", "tool:", UNTOUCHED)

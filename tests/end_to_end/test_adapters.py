"""What each tool's history may look like when a deploy meets it, and what the deploy makes of it."""

import hashlib
from collections.abc import Iterable

import pytest

from tests.end_to_end.scenes import UNTOUCHED, Scene, assert_says
from tests.fixtures.projects import add_prisma_migration, flat_project, golang_project, prisma_project

USERS = "CREATE TABLE users (id int);\n"
BOATS = "CREATE TABLE boats (id int);\n"
FIRST, SECOND, THIRD = "20240101_users", "20240202_boats", "20240303_piers"
FAILED_AT = "2024-02-02 10:11:12.345+00"


def deployed(scene: Scene, *names: str) -> None:
    """A Prisma project with these migrations, all of them applied by Drydock."""
    prisma_project(scene.root, {name: f'CREATE TABLE "{name}" ();' for name in names})
    assert scene.deploy().exit_code == 0


def leave_failed_row(scene: Scene, name: str, logs: str = "it broke") -> None:
    """What Prisma leaves when a migration fails."""
    scene.database.execute(
        "INSERT INTO _prisma_migrations (id, checksum, migration_name, logs, started_at) "
        "VALUES (gen_random_uuid()::text, repeat('0', 64), %s, %s, %s)",
        name,
        logs,
        FAILED_AT,
    )


def rows_of(scene: Scene, name: str) -> list[tuple[object, ...]]:
    """Finished, rolled back, steps, logs and times alike, of each row of that name, oldest first."""
    return scene.database.rows(
        "SELECT finished_at IS NOT NULL, rolled_back_at IS NOT NULL, applied_steps_count, logs, "
        "started_at = finished_at FROM _prisma_migrations WHERE migration_name = %s ORDER BY started_at",
        name,
    )


# --- Prisma ----------------------------------------------------------------------------------------------------


def test_prisma_row_is_what_prisma_writes(scene: Scene) -> None:
    prisma_project(scene.root, {FIRST: USERS})

    assert_says(scene.deploy(), 0, "1 migration applied")

    ((uuid, checksum, logs, steps, in_order),) = scene.database.rows(
        "SELECT id, checksum, logs, applied_steps_count, started_at <= finished_at FROM _prisma_migrations"
    )
    assert (len(uuid), uuid, logs, steps, in_order) == (36, uuid.lower(), None, 1, True)
    assert checksum == hashlib.sha256(USERS.encode()).hexdigest()


def test_prisma_schema_of_the_address_takes_history_and_objects(scene: Scene) -> None:
    prisma_project(scene.root, {FIRST: USERS})
    address = {"DATABASE_URL": f"{scene.database.url}?schema=ma%20rina&connection_limit=5&pgbouncer=true"}

    first = scene.deploy(env=address)
    second = scene.deploy(env=address)

    assert_says(first, 0, "1 migration applied")
    assert_says(second, 0, "Nothing pending", "ma rina._prisma_migrations")
    assert scene.database.tables("ma rina") == {"_prisma_migrations", "users"}
    assert scene.database.tables() == set()


def test_prisma_schema_that_is_there_needs_no_right_to_create_schemas(scene: Scene) -> None:
    prisma_project(scene.root, {FIRST: USERS})
    role = scene.database.role("deployer")
    scene.database.execute(f'CREATE SCHEMA marina AUTHORIZATION "{role.user}"')

    ran = scene.deploy(env={"DATABASE_URL": f"{role.url}?schema=marina"})

    assert_says(ran, 0, "1 migration applied", "Note: ", "drydock")
    assert scene.database.tables("marina") == {"_prisma_migrations", "users"}
    scene.database.execute(f'DROP OWNED BY "{role.user}"')


def test_prisma_history_outside_the_search_path_stays_found(scene: Scene) -> None:
    prisma_project(
        scene.root, {FIRST: "SET search_path = pg_catalog; CREATE TABLE public.users ();", SECOND: "SELECT 1"}
    )

    assert_says(scene.deploy(), 0, "2 migrations applied")

    assert [row[:2] for row in scene.prisma_rows()] == [(FIRST, True), (SECOND, True)]


def test_edited_file_warns_and_the_deploy_goes_on(scene: Scene) -> None:
    deployed(scene, FIRST)
    add_prisma_migration(scene.root, FIRST, USERS)
    add_prisma_migration(scene.root, SECOND, BOATS)

    ran = scene.deploy()

    assert_says(ran, 0, "1 migration applied", f"{FIRST} was edited after it was applied", "new migration")
    assert [row[0] for row in scene.prisma_rows()] == [FIRST, SECOND]


def test_edited_file_stops_where_the_policy_says_so(scene: Scene) -> None:
    deployed(scene, FIRST)
    add_prisma_migration(scene.root, FIRST, USERS)
    add_prisma_migration(scene.root, SECOND, BOATS)

    ran = scene.deploy("--history-edited", "stop")

    assert_says(ran, 12, f"{FIRST} was edited", f"prisma/migrations/{FIRST}/migration.sql", UNTOUCHED)
    assert [row[0] for row in scene.prisma_rows()] == [FIRST]


@pytest.mark.parametrize(("stored", "now"), [("\n", "\r\n"), ("\r\n", "\n")])
def test_other_line_ends_are_no_edit(scene: Scene, stored: str, now: str) -> None:
    text = "CREATE TABLE users (\n  id int\n);\n"
    prisma_project(scene.root, {FIRST: text.replace("\n", stored)})
    assert scene.deploy().exit_code == 0
    add_prisma_migration(scene.root, FIRST, text.replace("\n", now))

    ran = scene.deploy("--history-edited", "stop")

    assert_says(ran, 0, "Nothing pending")
    assert "edited" not in ran.said


def test_missing_file_warns_and_its_policy_can_stop(scene: Scene) -> None:
    deployed(scene, FIRST, SECOND)
    (scene.root / "prisma/migrations" / FIRST / "migration.sql").unlink()
    (scene.root / "prisma/migrations" / FIRST).rmdir()

    warned = scene.deploy()
    stopped = scene.deploy("--history-missing", "stop")

    assert_says(warned, 0, f"{FIRST} is applied on the target but missing on disk")
    assert_says(stopped, 12, f"{FIRST} is applied on the target but missing on disk", UNTOUCHED)


def test_older_checkout_changes_nothing_and_is_no_mistake(scene: Scene) -> None:
    deployed(scene, FIRST, SECOND)
    before = scene.database.rows("SELECT * FROM _prisma_migrations ORDER BY id")
    (scene.root / "prisma/migrations" / SECOND / "migration.sql").unlink()
    (scene.root / "prisma/migrations" / SECOND).rmdir()

    ran = scene.deploy()

    assert_says(ran, 0, "Nothing pending", UNTOUCHED)
    assert SECOND not in ran.said
    assert scene.database.rows("SELECT * FROM _prisma_migrations ORDER BY id") == before
    assert scene.database.value("SELECT count(*) FROM drydock.deploys") == 1


def test_older_pending_migration_is_applied_with_a_warning(scene: Scene) -> None:
    deployed(scene, FIRST, THIRD)
    add_prisma_migration(scene.root, SECOND, BOATS)

    stopped = scene.deploy("--history-out-of-order", "stop")
    ran = scene.deploy()

    assert_says(stopped, 12, f"{SECOND} is pending, though {THIRD}", UNTOUCHED)
    assert_says(ran, 0, "1 migration applied", f"{SECOND} is pending, though {THIRD}")
    assert [row[0] for row in scene.prisma_rows()] == [FIRST, THIRD, SECOND]


def test_failed_row_of_prisma_stops_and_names_both_ways_out(scene: Scene) -> None:
    deployed(scene, FIRST)
    leave_failed_row(scene, SECOND)
    add_prisma_migration(scene.root, SECOND, BOATS)

    ran = scene.deploy()

    both = (f"drydock resolve {SECOND} --rolled-back", f"drydock resolve {SECOND} --applied")
    assert_says(ran, 12, SECOND, "2024-02-02 10:11:12.345", *both, UNTOUCHED)
    assert_says(scene.run("status"), 12, SECOND, *both)
    assert_says(scene.run("check", "--rehearse", "none"), 12, SECOND, *both)
    assert "boats" not in scene.database.tables()


def test_failed_row_without_a_file_stops_too(scene: Scene) -> None:
    deployed(scene, FIRST)
    leave_failed_row(scene, SECOND)

    assert_says(scene.deploy(), 12, SECOND, "No file of that name is on disk", UNTOUCHED)
    assert_says(scene.run("resolve", SECOND, "--rolled-back"), 0, SECOND)
    assert_says(scene.deploy(), 0, "Nothing pending")


def test_rolled_back_migration_is_applied_again_with_a_new_row(scene: Scene) -> None:
    deployed(scene, FIRST)
    leave_failed_row(scene, SECOND)
    add_prisma_migration(scene.root, SECOND, BOATS)

    resolved = scene.run("resolve", SECOND, "--rolled-back")
    after_resolve = rows_of(scene, SECOND)
    ran = scene.deploy()

    assert_says(resolved, 0, f"{SECOND} is marked as rolled back")
    assert after_resolve == [(False, True, 0, "it broke", None)]
    assert_says(ran, 0, "1 migration applied")
    assert rows_of(scene, SECOND) == [(False, True, 0, "it broke", None), (True, False, 1, None, False)]
    assert "boats" in scene.database.tables()


def test_report_of_a_resolve_shows_the_history_as_it_is_now(scene: Scene) -> None:
    deployed(scene, FIRST)
    leave_failed_row(scene, SECOND)
    add_prisma_migration(scene.root, SECOND, BOATS)

    ran = scene.run("resolve", SECOND, "--rolled-back")

    assert_says(ran, 0, f"{SECOND} is marked as rolled back", "Pending: 1 migration")
    assert "To decide" not in ran.said


def test_migration_marked_as_applied_is_not_run(scene: Scene) -> None:
    deployed(scene, FIRST)
    leave_failed_row(scene, SECOND)
    add_prisma_migration(scene.root, SECOND, BOATS)

    resolved = scene.run("resolve", SECOND, "--applied")
    ran = scene.deploy()

    assert_says(resolved, 0, f"{SECOND} is marked as applied")
    assert_says(ran, 0, "Nothing pending")
    assert rows_of(scene, SECOND) == [(False, True, 0, "it broke", None), (True, False, 0, "", True)]
    assert "boats" not in scene.database.tables()


@pytest.mark.parametrize(
    ("name", "mark", "words"),
    [
        ("20991231_nowhere", "--applied", "no migration 20991231_nowhere"),
        (FIRST, "--applied", "applied already"),
        (FIRST, "--rolled-back", "applied"),
        ("20991231_nowhere", "--rolled-back", "no failed row"),
        (THIRD, "--rolled-back", "pending already"),
    ],
)
def test_resolve_that_prisma_would_refuse_changes_nothing(scene: Scene, name: str, mark: str, words: str) -> None:
    deployed(scene, FIRST)
    add_prisma_migration(scene.root, THIRD, BOATS)
    before = scene.database.rows("SELECT * FROM _prisma_migrations")

    ran = scene.run("resolve", name, mark)

    assert_says(ran, 12, name, words, UNTOUCHED)
    assert scene.database.rows("SELECT * FROM _prisma_migrations") == before


def test_database_with_tables_and_no_history_must_be_baselined(scene: Scene) -> None:
    prisma_project(scene.root, {FIRST: USERS, SECOND: BOATS})
    scene.database.execute(USERS)

    stopped = scene.deploy()
    assert_says(stopped, 12, "users", "no migration history", "drydock resolve", "--applied", UNTOUCHED)
    assert scene.database.tables() == {"users"}

    assert_says(scene.run("resolve", FIRST, "--applied"), 0, f"{FIRST} is marked as applied")
    assert_says(scene.deploy(), 0, "1 migration applied")
    assert scene.prisma_rows() == [(FIRST, True, False, 0), (SECOND, True, False, 1)]
    assert scene.database.tables() == {"users", "boats", "_prisma_migrations"}


def test_prisma_runs_in_the_order_of_locale_compare(scene: Scene) -> None:
    names = "_u -h .hid 10_x 20240101 20240101_a 20240101_b 20240101_B 20240101-c 202401010 9_x a_y A_z".split()
    prisma_project(scene.root, dict.fromkeys(reversed(names), "SELECT 1;"))

    assert_says(scene.deploy(), 0, f"{len(names)} migrations applied")

    assert [row[0] for row in scene.prisma_rows()] == names


# --- golang-migrate --------------------------------------------------------------------------------------------


def test_golang_versions_are_compared_as_integers(scene: Scene) -> None:
    golang_project(scene.root, {"9_users": USERS, "10_boats": "ALTER TABLE users ADD boat int;", "0011_more": BOATS})

    ran = scene.deploy()

    assert_says(ran, 0, "3 migrations applied")
    assert [line for line in ran.said.splitlines() if line.startswith("[")] == [
        "[1/3] 9_users",
        "[2/3] 10_boats",
        "[3/3] 0011_more",
    ]
    assert scene.version() == [(11, False)]
    assert_says(scene.deploy(), 0, "Nothing pending")


def test_golang_two_files_of_one_version_are_refused(scene: Scene) -> None:
    golang_project(scene.root, {"1_users": USERS, "01_boats": BOATS})

    assert_says(scene.deploy(), 2, "01_boats.up.sql", "1_users.up.sql", "same version", UNTOUCHED)
    assert scene.is_untouched()


def test_golang_failure_leaves_the_version_before_and_no_dirty_flag(scene: Scene) -> None:
    golang_project(scene.root, {"1_users": USERS, "2_bad": "CREATE TABLE a ();\nSELECT 1/0;", "3_boats": BOATS})

    ran = scene.deploy()

    assert_says(ran, 6, "migrations/2_bad.up.sql:2", "22012", "not attempted")
    assert scene.version() == [(1, False)]
    assert scene.database.tables() == {"users", "schema_migrations"}


def dirty_at_2(scene: Scene) -> None:
    """Version 1 applied by Drydock, version 2 left dirty by golang-migrate, version 3 pending."""
    golang_project(scene.root, {"1_users": USERS})
    assert scene.deploy().exit_code == 0
    golang_project(scene.root, {"2_boats": BOATS, "3_piers": "CREATE TABLE piers ();"})
    scene.database.execute("UPDATE schema_migrations SET version = 2, dirty = true")


def test_dirty_flag_stops_and_names_both_ways_out(scene: Scene) -> None:
    dirty_at_2(scene)

    ran = scene.deploy()

    assert_says(ran, 12, "2_boats", "resolve 2_boats --rolled-back", "resolve 2_boats --applied", UNTOUCHED)
    assert scene.version() == [(2, True)]


def test_dirty_version_rolled_back_is_run_again(scene: Scene) -> None:
    dirty_at_2(scene)

    assert_says(scene.run("resolve", "2_boats", "--rolled-back"), 0, "version 1")
    assert scene.version() == [(1, False)]
    assert_says(scene.deploy(), 0, "2 migrations applied")
    assert (scene.version(), scene.database.tables()) == (
        [(3, False)],
        {"users", "boats", "piers", "schema_migrations"},
    )


def test_dirty_version_marked_as_applied_is_not_run(scene: Scene) -> None:
    dirty_at_2(scene)

    assert_says(scene.run("resolve", "2", "--applied"), 0, "version 2")
    assert scene.version() == [(2, False)]
    assert_says(scene.deploy(), 0, "1 migration applied")
    assert scene.database.tables() == {"users", "piers", "schema_migrations"}


@pytest.mark.parametrize(("mark", "version"), [("--applied", 7), ("--rolled-back", 1)])
def test_dirty_version_without_a_file_can_be_resolved_as_the_message_says(
    scene: Scene, mark: str, version: int
) -> None:
    golang_project(scene.root, {"1_users": USERS})
    assert scene.deploy().exit_code == 0
    scene.database.execute("UPDATE schema_migrations SET version = 7, dirty = true")

    assert_says(scene.deploy(), 12, f"drydock resolve 7 {mark}", "No file of that name is on disk")
    assert_says(scene.run("resolve", "7", mark), 0, f"version {version}")

    assert scene.version() == [(version, False)]
    assert_says(scene.deploy(), 0, "Nothing pending")


@pytest.mark.parametrize(
    ("name", "mark"),
    [("1_users", "--rolled-back"), ("3_piers", "--rolled-back"), ("1_users", "--applied"), ("9", "--applied")],
)
def test_golang_resolve_of_another_version_changes_nothing(scene: Scene, name: str, mark: str) -> None:
    dirty_at_2(scene)

    assert_says(scene.run("resolve", name, mark), 12, name, UNTOUCHED)

    assert scene.version() == [(2, True)]


def test_golang_version_never_goes_back_by_resolve_applied(scene: Scene) -> None:
    golang_project(scene.root, {"1_users": USERS, "2_boats": BOATS})
    assert scene.deploy().exit_code == 0

    assert_says(scene.run("resolve", "1_users", "--applied"), 12, "1_users", "applied already", UNTOUCHED)

    assert scene.version() == [(2, False)]


def test_golang_baseline_through_resolve(scene: Scene) -> None:
    golang_project(scene.root, {"1_users": USERS, "2_boats": BOATS})
    scene.database.execute(USERS)

    assert_says(scene.run("resolve", "1_users", "--applied"), 0, "version 1")
    assert_says(scene.deploy(), 0, "1 migration applied")

    assert (scene.version(), scene.database.tables()) == ([(2, False)], {"users", "boats", "schema_migrations"})


def test_golang_database_at_a_newer_version_is_left_alone(scene: Scene) -> None:
    golang_project(scene.root, {"1_users": USERS})
    scene.database.execute("CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL)")
    scene.database.execute("INSERT INTO schema_migrations VALUES (5, false)")

    assert_says(scene.deploy(), 0, "Nothing pending", UNTOUCHED)
    assert scene.version() == [(5, False)]


def test_golang_version_beyond_the_column_is_refused(scene: Scene) -> None:
    golang_project(scene.root, {"99999999999999999999_users": USERS})

    assert_says(scene.deploy(), 2, "99999999999999999999_users.up.sql", "too large", UNTOUCHED)


@pytest.mark.parametrize("layout", ["prisma", "golang", "flat"])
def test_table_of_another_tool_never_passes_for_a_missing_history(scene: Scene, layout: str) -> None:
    arguments: tuple[str, ...] = ()
    match layout:
        case "prisma":
            prisma_project(scene.root, {FIRST: USERS})
            scene.database.execute("CREATE TABLE _prisma_migrations (version text)")
        case "golang":
            golang_project(scene.root, {"1_users": USERS})
            scene.database.execute("CREATE TABLE schema_migrations (version text)")
        case _:
            flat_project(scene.root, {"1_users.sql": USERS})
            scene.database.execute("CREATE TABLE schema_migrations (version text)")
            arguments = ("--sql-schema", "public", "--sql-table", "schema_migrations")

    ran = scene.deploy(*arguments)

    assert_says(ran, 12, "is there, but it is not a history of this tool", UNTOUCHED)
    assert "users" not in scene.database.tables()


def test_golang_folder_with_a_stray_file_never_changes_its_history_silently(scene: Scene) -> None:
    golang_project(scene.root, {"1_users": USERS})
    assert scene.deploy().exit_code == 0
    scene.write("migrations/notes.sql", "SELECT 1;")

    ran = scene.deploy()

    assert_says(ran, 2, "notes.sql", "sql_dialect", UNTOUCHED)
    assert_says(scene.deploy("--sql-dialect", "golang-migrate"), 0, "Nothing pending")


# --- a flat folder ---------------------------------------------------------------------------------------------


def started(ran_lines: str) -> Iterable[str]:
    """The names of the live lines, in order."""
    return [line.split("] ", 1)[1] for line in ran_lines.splitlines() if line.startswith("[")]


def test_flat_files_run_by_number_and_down_scripts_never(scene: Scene) -> None:
    order = ["1_a.sql", "002_b.sql", "2_c.sql", "10_d.sql", "20240101_e.sql", "a_last.sql"]
    flat_project(scene.root, dict.fromkeys((*reversed(order), "1_a.down.sql", ".hidden.sql", "notes.txt"), "SELECT 1;"))

    ran = scene.deploy("--sql-dialect", "flat")

    assert_says(ran, 0, "6 migrations applied")
    assert started(ran.stdout) == order
    assert scene.flat_names() == order


@pytest.mark.parametrize(
    ("marked", "tool"),
    [
        ("-- migrate:up\nSELECT 1;\n-- migrate:down\n", "dbmate"),
        ("-- +goose Up\nSELECT 1;\n", "goose"),
        ("-- Up Migration\nSELECT 1;\n", "node-pg-migrate"),
    ],
)
def test_one_foreign_file_in_a_flat_folder_never_changes_its_history_silently(
    scene: Scene, marked: str, tool: str
) -> None:
    flat_project(scene.root, {f"{number:03}_a.sql": f"CREATE TABLE t{number} ();" for number in range(1, 61)})
    assert scene.deploy().exit_code == 0
    flat_project(scene.root, {"100_foreign.sql": marked})

    ran = scene.deploy()

    assert_says(ran, 2, f"100_foreign.sql, line 1: a marker of {tool}", "sql_dialect: flat", UNTOUCHED)
    assert_says(scene.run("status", "--sql-dialect", "flat"), 2, "marker", "undo itself")


def test_flat_history_is_kept_where_the_options_say(scene: Scene) -> None:
    flat_project(scene.root, {"1_users.sql": USERS})
    where = ("--sql-schema", "Ops", "--sql-table", 'our "history"')

    first = scene.deploy(*where)
    second = scene.deploy(*where)

    assert_says(first, 0, "1 migration applied")
    assert_says(second, 0, "Nothing pending", "Ops")
    assert scene.database.rows('SELECT name FROM "Ops"."our ""history"""') == [("1_users.sql",)]


def test_golang_history_is_kept_where_the_options_say(scene: Scene) -> None:
    golang_project(scene.root, {"1_users": USERS})
    where = ("--sql-schema", "Ops", "--sql-table", "Versions")

    assert_says(scene.deploy(*where), 0, "1 migration applied")
    assert_says(scene.deploy(*where), 0, "Nothing pending", "Ops.Versions")
    assert scene.database.rows('SELECT * FROM "Ops"."Versions"') == [(1, False)]


def test_flyway_names_are_refused_with_a_way_on(scene: Scene) -> None:
    flat_project(scene.root, {"V1__users.sql": USERS})

    assert_says(scene.deploy(), 2, "migrations/V1__users.sql", "Flyway", "001_users.sql", UNTOUCHED)


def test_flat_open_row_stops_and_both_ways_out_work(scene: Scene) -> None:
    flat_project(scene.root, {"1_users.sql": USERS})
    assert scene.deploy().exit_code == 0
    flat_project(scene.root, {"2_boats.sql": BOATS, "3_piers.sql": "CREATE TABLE piers ();"})
    opened = "INSERT INTO drydock.migrations (name, checksum, started_at) VALUES (%s, 'x', %s)"
    scene.database.execute(opened, "2_boats.sql", FAILED_AT)
    scene.database.execute(opened, "3_piers.sql", FAILED_AT)

    assert_says(scene.deploy(), 12, "2_boats.sql", "3_piers.sql", "2024-02-02 10:11:12.345", UNTOUCHED)
    assert_says(scene.run("resolve", "2_boats.sql", "--rolled-back"), 0, "2_boats.sql is pending again")
    assert_says(scene.run("resolve", "3_piers.sql", "--applied"), 0, "3_piers.sql is marked as applied")
    assert_says(scene.deploy(), 0, "1 migration applied")

    assert scene.database.tables() == {"users", "boats"}
    assert set(scene.flat_names()) == {"1_users.sql", "2_boats.sql", "3_piers.sql"}


def test_flat_edit_newer_missing_and_out_of_order_are_seen(scene: Scene) -> None:
    flat_project(scene.root, {"1_a.sql": "SELECT 1;", "3_c.sql": "SELECT 3;", "4_d.sql": "SELECT 4;", "5_e.sql": ";"})
    assert scene.deploy().exit_code == 0
    for gone in ("1_a.sql", "5_e.sql"):
        (scene.root / "migrations" / gone).unlink()
    flat_project(scene.root, {"2_b.sql": "SELECT 2;", "4_d.sql": "SELECT 44;"})

    ran = scene.run("status")

    assert_says(
        ran, 3, "4_d.sql was edited", "1_a.sql is applied on the target but missing", "2_b.sql is pending, though"
    )
    assert "5_e.sql" not in ran.said

"""dbmate's files: what of them runs, what their history looks like, and what a deploy makes of each state."""

import pytest

from tests.end_to_end.faults import holding
from tests.end_to_end.scenes import UNTOUCHED, Scene, assert_says
from tests.fixtures.projects import dbmate_script, flat_project

USERS = dbmate_script("CREATE TABLE users (id int);", "DROP TABLE users;")
BOATS = dbmate_script("CREATE TABLE boats (id int);", "DROP TABLE boats;")
INDEXES = "CREATE INDEX CONCURRENTLY users_a ON users (id);\nCREATE UNIQUE INDEX CONCURRENTLY users_b ON users (id);"
CAREFUL = dbmate_script(INDEXES, options="transaction:false")
FOLDER = "db/migrations"


def dbmate_project(scene: Scene, scripts: dict[str, str | bytes]) -> None:
    """Lay out the project, or add to it."""
    flat_project(scene.root, scripts, FOLDER)


def versions(scene: Scene) -> list[str]:
    """What the history calls applied."""
    return [row[0] for row in scene.database.rows("SELECT version FROM schema_migrations ORDER BY version")]


def left_unfinished(scene: Scene, name: str) -> None:
    """What a killed careful step leaves, without progress."""
    scene.database.execute(
        "INSERT INTO drydock.unfinished (history, migration) VALUES ('public.schema_migrations', %s)", name
    )


def half_done(scene: Scene) -> None:
    """Two indexes were to be built; the second failed on double rows."""
    dbmate_project(scene, {"001_users.sql": USERS, "002_indexes.sql": CAREFUL})
    scene.database.execute("CREATE TABLE IF NOT EXISTS schema_migrations (version varchar PRIMARY KEY)")
    scene.database.execute("INSERT INTO schema_migrations VALUES ('001')")
    scene.database.execute("CREATE TABLE users AS SELECT 1 AS id FROM generate_series(1, 2)")


def test_files_are_recognised_rehearsed_and_applied_without_an_option(scene: Scene) -> None:
    dbmate_project(scene, {"20240101_users.sql": USERS, "20240102_indexes.sql": CAREFUL})

    ran = scene.run("deploy")
    again = scene.run("deploy")

    assert_says(ran, 0, "2 migrations applied", "(dbmate)", "proven         20240102_indexes", "statement by statement")
    assert_says(again, 0, "Nothing pending", "public.schema_migrations (dbmate)")
    assert versions(scene) == ["20240101", "20240102"]
    assert scene.database.value("SELECT count(*) FROM drydock.unfinished") == 0


def test_down_part_never_runs_and_errors_name_the_line_of_the_file(scene: Scene) -> None:
    broken = dbmate_script("CREATE TABLE boats (id int);\n\nSELEC 1;", "DROP TABLE users;")
    dbmate_project(scene, {"1_users.sql": USERS, "2_boats.sql": "-- about\n" + broken})

    ran = scene.deploy()

    assert_says(ran, 6, "2_boats failed", f"{FOLDER}/2_boats.sql:5", "42601", "The target is clean")
    assert scene.database.tables() == {"schema_migrations", "users"}
    assert versions(scene) == ["1"]


def test_several_blocks_are_one_migration_with_one_row(scene: Scene) -> None:
    blocks = "-- migrate:up\nCREATE TABLE a (id int)\n-- migrate:down\nDROP TABLE a;\n" + dbmate_script(
        "CREATE TABLE b ();"
    )
    dbmate_project(scene, {"1_ab.sql": blocks})

    assert_says(scene.deploy(), 0, "1 migration applied")

    assert scene.database.tables() == {"schema_migrations", "a", "b"}
    assert versions(scene) == ["1"]


def test_failed_careful_step_is_held_explained_and_goes_on_where_it_ended(scene: Scene) -> None:
    half_done(scene)

    failed = scene.deploy()
    status = scene.run("status")
    scene.database.execute("DELETE FROM users WHERE ctid = '(0,1)'")
    resumed = scene.run("deploy")

    assert_says(failed, 7, "23505", "Statement 1 is in effect", "the next deploy goes on at statement 2")
    assert_says(status, 3, "1 migration pending")
    assert_says(resumed, 0, "1 migration applied", "from 2 on")
    assert versions(scene) == ["001", "002"]
    assert scene.database.value("SELECT count(*) FROM drydock.unfinished") == 0
    assert_says(scene.deploy(), 0, "Nothing pending")


def test_careful_step_that_changed_meanwhile_waits_for_a_decision(scene: Scene) -> None:
    half_done(scene)
    assert scene.deploy().exit_code == 7
    dbmate_project(scene, {"002_indexes.sql": dbmate_script("SELECT 1;\n" + INDEXES, options="transaction:false")})

    held = scene.deploy()
    resolved = scene.run("resolve", "002", "--applied")

    assert_says(held, 12, "002_indexes", "--rolled-back", "--applied", UNTOUCHED)
    assert_says(resolved, 0, "002_indexes is marked as applied")
    assert versions(scene) == ["001", "002"]
    assert_says(scene.deploy(), 0, "Nothing pending")


def test_unfinished_step_that_dbmate_applied_meanwhile_is_applied(scene: Scene) -> None:
    half_done(scene)
    assert scene.deploy().exit_code == 7
    scene.database.execute("INSERT INTO schema_migrations VALUES ('002')")

    assert_says(scene.deploy(), 0, "Nothing pending")


def test_unfinished_step_without_progress_has_two_ways_out(scene: Scene) -> None:
    half_done(scene)
    assert scene.deploy().exit_code == 7
    scene.database.execute("TRUNCATE drydock.progress")

    held = scene.deploy()
    back = scene.run("resolve", "002_indexes", "--rolled-back")

    assert_says(held, 12, "002_indexes was begun", UNTOUCHED)
    assert_says(back, 0, "002_indexes is pending again")
    assert_says(scene.run("resolve", "002_indexes", "--rolled-back"), 12, "was not begun")
    assert_says(scene.run("resolve", "001_users", "--rolled-back"), 12, "recorded as applied")
    assert_says(scene.run("resolve", "003", "--applied"), 12, "no migration 003")
    assert_says(scene.run("status"), 3, "1 migration pending")


def test_unfinished_step_whose_file_is_gone_is_named(scene: Scene) -> None:
    half_done(scene)
    assert scene.deploy().exit_code == 7
    (scene.root / FOLDER / "002_indexes.sql").unlink()

    assert_says(scene.deploy(), 12, "002_indexes", "No file of that name is on disk", UNTOUCHED)
    assert_says(scene.run("resolve", "002_indexes", "--rolled-back"), 0, "pending again")
    assert_says(scene.deploy(), 0, "Nothing pending")


def test_role_without_a_schema_of_ours_runs_careful_steps_as_dbmate_does(scene: Scene) -> None:
    role = scene.database.role("deployer")
    scene.database.execute(f'CREATE SCHEMA marina AUTHORIZATION "{role.user}"')
    scene.database.execute(f'ALTER ROLE "{role.user}" SET search_path = marina')
    dbmate_project(scene, {"001_users.sql": USERS, "002_indexes.sql": CAREFUL})

    ran = scene.deploy(env={"DATABASE_URL": role.url})

    assert_says(ran, 0, "2 migrations applied", "Note: ", "drydock")
    assert scene.database.rows("SELECT version FROM marina.schema_migrations") == [("001",), ("002",)]
    scene.database.execute(f'DROP OWNED BY "{role.user}"')


def test_edges_of_a_history_are_reported(scene: Scene) -> None:
    dbmate_project(scene, {"2_boats.sql": BOATS, "3_users.sql": USERS, "4_new.sql": dbmate_script("SELECT 1;")})
    scene.database.execute("CREATE TABLE schema_migrations (version varchar PRIMARY KEY)")
    scene.database.execute("INSERT INTO schema_migrations VALUES ('1'), ('3'), ('9')")

    ran = scene.run("status")
    stopped = scene.deploy("--history-out-of-order", "stop")

    assert_says(ran, 3, "2 migrations pending", "1 is applied on the target but missing", "2_boats is pending, though")
    assert_says(stopped, 12, "2_boats is pending", UNTOUCHED)


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("CREATE TABLE users ();", "has no -- migrate:up"),
        ("SELECT 1;\n" + USERS, "line 1: dbmate takes no statement before -- migrate:up"),
        ("-- migrate:up\nSELECT 1;\n", "line 1: the block that begins here has no -- migrate:down"),
        ("-- migrate:up\nSELECT 1;\n-- migrate:down\n-- migrate:down\n", "has more than one -- migrate:down"),
        (" -- migrate:up\nSELECT 1;\n-- migrate:down\n", "has no -- migrate:up"),
        (b"-- migrate:up\nSELECT '\xe9';\n-- migrate:down\n", "line 2: the file is not UTF-8"),
        (dbmate_script("SELECT 1;\n\\d users"), "line 3: \\d is for psql"),
    ],
)
def test_file_that_dbmate_would_not_run_is_refused_before_anything_runs(
    scene: Scene, script: str | bytes, told: str
) -> None:
    dbmate_project(scene, {"1_users.sql": USERS, "2_bad.sql": script})

    ran = scene.deploy("--sql-dialect", "dbmate")

    assert_says(ran, 2, f"{FOLDER}/2_bad.sql", told, UNTOUCHED)
    assert scene.is_untouched()


@pytest.mark.parametrize(
    "script",
    [
        USERS.replace("\n", "\r\n"),
        "\ufeff" + USERS,
        USERS.replace("-- migrate:up", "--migrate:up").replace("-- migrate:down", "--\tmigrate:down"),
        "\n-- about users\n\n" + USERS,
        dbmate_script("CREATE TABLE users (note text DEFAULT '\n --migrate:down;', id int);"),
        dbmate_script("CREATE TABLE users (id int); /*\n -- migrate:up */ -- no line end"),
        dbmate_script("CREATE TABLE users (id int)", options="transaction:false unknown:option x"),
    ],
    ids=["crlf", "bom", "blanks", "comment", "marker in a string", "marker in a comment", "option"],
)
def test_odd_but_lawful_files_run(scene: Scene, script: str) -> None:
    dbmate_project(scene, {"1_users.sql": script})

    assert_says(scene.deploy(), 0, "1 migration applied")
    assert scene.database.tables() == {"schema_migrations", "users"}


def test_odd_names_are_as_dbmate_has_them(scene: Scene) -> None:
    names = ["1.sql", "02 \u00fcber's.sql", "3-x.up.sql", "10_a.sql"]
    others = ["notes.sql", "_4.sql", "5.SQL", "6_x.sql.bak"]
    dbmate_project(scene, {name: dbmate_script("SELECT 1;") for name in (*names, *others)})

    ran = scene.deploy("--sql-dialect", "dbmate")

    assert_says(ran, 0, "4 migrations applied")
    live = [line.split("] ", 1)[1] for line in ran.stdout.splitlines() if line.startswith("[")]
    assert live == ["02 \u00fcber's", "1", "10_a", "3-x.up"]
    assert versions(scene) == ["02", "1", "10", "3"]


def test_equal_versions_are_refused(scene: Scene) -> None:
    dbmate_project(scene, {"1_users.sql": USERS, "1_boats.sql": BOATS})

    assert_says(scene.deploy(), 2, "1_boats.sql and", "1_users.sql are the same to dbmate: 1", UNTOUCHED)


def test_table_of_golang_migrate_never_passes_for_dbmates(scene: Scene) -> None:
    dbmate_project(scene, {"1_users.sql": USERS})
    scene.database.execute("CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL)")

    assert_says(scene.deploy(), 12, "not a history of this tool", UNTOUCHED)


def test_folder_of_two_tools_says_which_option_decides(scene: Scene) -> None:
    dbmate_project(scene, {"1_users.sql": USERS, "2_boats.sql": "-- +goose Up\nSELECT 1;\n"})

    assert_says(scene.deploy(), 2, "1_users.sql of dbmate", "2_boats.sql of goose", "sql_dialect", UNTOUCHED)


def test_lock_that_is_not_free_is_waited_for_with_the_usual_retries(scene: Scene) -> None:
    dbmate_project(scene, {"1_users.sql": USERS})
    assert scene.deploy().exit_code == 0
    dbmate_project(scene, {"2_more.sql": dbmate_script("ALTER TABLE users ADD note text;")})

    with holding(scene.database, "LOCK TABLE users"):
        ran = scene.deploy("--lock-timeout", "100ms", "--retries", "1", "--retry-pause-max", "500ms")

    assert_says(ran, 8, "55P03", "2_more", "The target is clean")
    assert versions(scene) == ["1"]

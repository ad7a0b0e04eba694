"""What each command may touch, what it answers, and what its outputs may never hold."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema
import psycopg
import pytest

from drydock import __version__
from tests.end_to_end.scenes import SCHEMA, UNREHEARSED, UNTOUCHED, Scene, assert_says, assert_silent_about
from tests.fixtures.database import TestDatabase
from tests.fixtures.projects import (
    flat_project,
    golang_project,
    node_pg_migrate_project,
    node_pg_script,
    prisma_project,
)

USERS = "CREATE TABLE users (id int);\n"
BOATS = "CREATE TABLE boats (id int);\n"
CHECK = ("check", "--rehearse", "none")
CATALOG = "SELECT oid::regclass::text, relfilenode, xmin::text FROM pg_class ORDER BY 1"


def reader_of(scene: Scene, *schemas: str) -> dict[str, str]:
    """The environment of a role that may only read, and whose transactions are read-only."""
    role = scene.database.role("reader")
    scene.database.execute(f'ALTER ROLE "{role.user}" SET default_transaction_read_only = on')
    for schema in schemas:
        scene.database.execute(
            f'GRANT USAGE ON SCHEMA {schema} TO "{role.user}"; '
            f'GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO "{role.user}"'
        )
    return {"DATABASE_URL": role.url}


def forget(scene: Scene, environment: dict[str, str]) -> None:
    """Take the role's grants away, so that it can be dropped."""
    user = environment["DATABASE_URL"].split("//")[1].split(":")[0]
    scene.database.execute(f'DROP OWNED BY "{user}" CASCADE')


def laid_out(scene: Scene, layout: str, *scripts: str) -> None:
    """A project of that layout with these scripts, in order."""
    numbered = {f"{number}_step": script for number, script in enumerate(scripts, start=1)}
    match layout:
        case "prisma":
            prisma_project(scene.root, numbered)
        case "golang":
            golang_project(scene.root, numbered)
        case _:
            flat_project(scene.root, {f"{name}.sql": script for name, script in numbered.items()})


# --- reading commands touch nothing ----------------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["prisma", "golang", "flat"])
def test_status_of_a_read_only_role_answers_in_every_state(scene: Scene, layout: str) -> None:
    reader = reader_of(scene)
    laid_out(scene, layout, USERS)

    assert_says(scene.run("status", env=reader), 3, "1 migration pending", "1_step", UNTOUCHED)
    assert scene.deploy().exit_code == 0
    laid_out(scene, layout, USERS, BOATS)
    schemas = ("public", "drydock")
    for schema in schemas:
        user = reader["DATABASE_URL"].split("//")[1].split(":")[0]
        scene.database.execute(
            f'GRANT USAGE ON SCHEMA {schema} TO "{user}"; GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO "{user}"'
        )
    before = scene.database.rows(CATALOG)

    pending = scene.run("status", env=reader)
    checked = scene.run(*CHECK, env=reader)

    assert_says(pending, 3, "1 migration pending", "2_step", "1 migration applied", "drydock deploy", UNTOUCHED)
    assert_says(checked, 0, "1 migration pending", "2_step", UNTOUCHED)
    assert scene.database.rows(CATALOG) == before
    assert scene.deploy().exit_code == 0
    assert_says(scene.run("status", env=reader), 0, "Nothing pending", UNTOUCHED)
    forget(scene, reader)


def test_history_that_may_not_be_read_never_passes_for_an_empty_one(scene: Scene) -> None:
    laid_out(scene, "prisma", USERS)
    assert scene.deploy().exit_code == 0
    reader = reader_of(scene)

    ran = scene.run("status", env=reader)

    assert_says(ran, 2, "may not read", "_prisma_migrations", UNTOUCHED)


def test_deploy_of_a_read_only_role_says_that_it_cannot_write(scene: Scene) -> None:
    reader = reader_of(scene)
    laid_out(scene, "flat", USERS)

    assert_says(scene.deploy(env=reader), 9, "reads only", "default_transaction_read_only", UNTOUCHED)

    assert scene.is_untouched()


@pytest.mark.slow
def test_deploy_without_a_word_rehearses_first(scene: Scene) -> None:
    laid_out(scene, "flat", USERS, "ALTER TABLE nowhere ADD COLUMN x int;")

    deployed = scene.run("deploy")
    checked = scene.run("check")

    assert_says(deployed, 5, "failed in the rehearsal", "42P01", UNTOUCHED)
    assert_says(checked, 5, "failed in the rehearsal", "42P01", UNTOUCHED)
    assert scene.is_untouched()


def test_deploy_without_pending_rehearses_nothing(scene: Scene) -> None:
    laid_out(scene, "flat", USERS)
    assert scene.deploy().exit_code == 0

    assert_says(scene.run(), 0, "Nothing pending", UNTOUCHED)


@pytest.mark.parametrize("layout", ["prisma", "golang", "flat"])
def test_check_and_status_leave_an_empty_database_empty(scene: Scene, layout: str) -> None:
    laid_out(scene, layout, USERS, "SELECT 1/0;")

    assert_says(scene.run(*CHECK), 0, "2 migrations pending", UNTOUCHED)
    assert_says(scene.run("status"), 3, "2 migrations pending", UNTOUCHED)

    assert scene.is_untouched()


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["prisma", "golang", "flat"])
def test_status_of_20000_applied_migrations_takes_seconds(scene: Scene, layout: str) -> None:
    suffix = {"prisma": "", "golang": ".up.sql", "flat": ".sql"}[layout]
    names = [f"{number}_step{suffix}" for number in range(1, 20_001)]
    if layout == "prisma":
        prisma_project(scene.root, dict.fromkeys(names, ""))
    else:
        flat_project(scene.root, dict.fromkeys(names, "") | ({"1_step.down.sql": ""} if layout == "golang" else {}))
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    rows = f"SELECT i || '_step', '{empty}', now(), now() FROM generate_series(1, 20000) i"
    match layout:
        case "prisma":
            scene.database.execute(
                "CREATE TABLE _prisma_migrations (id varchar(36), checksum varchar(64), finished_at timestamptz, "
                "migration_name varchar(255), logs text, rolled_back_at timestamptz, "
                "started_at timestamptz DEFAULT now(), applied_steps_count int DEFAULT 1);"
                f"INSERT INTO _prisma_migrations (migration_name, checksum, started_at, finished_at) {rows}"
            )
        case "golang":
            scene.database.execute(
                "CREATE TABLE schema_migrations (version bigint, dirty boolean);"
                "INSERT INTO schema_migrations VALUES (20000, false)"
            )
        case _:
            rows = rows.replace("'_step'", "'_step.sql'")
            scene.database.execute(
                "CREATE SCHEMA drydock; CREATE TABLE drydock.migrations (name text, checksum text, "
                f"started_at timestamptz, finished_at timestamptz); INSERT INTO drydock.migrations {rows}"
            )

    ran = scene.run("status")

    assert_says(ran, 0, "Nothing pending", "20,000 migrations applied")
    assert ran.seconds < 20
    assert len(ran.said) < 2_000


# --- init ------------------------------------------------------------------------------------------------------


def test_init_writes_a_configuration_that_a_deploy_accepts(scene: Scene) -> None:
    laid_out(scene, "prisma", USERS)

    ran = scene.run("init")

    assert_says(ran, 0, "Found migrations in prisma/migrations", "Wrote drydock.yml", ".github/workflows")
    assert_says(scene.deploy(), 0, "1 migration applied")


def test_init_leaves_it_to_the_files_whose_they_are(scene: Scene) -> None:
    node_pg_migrate_project(scene.root, {"1_users.sql": node_pg_script("CREATE TABLE users (id int);")})

    ran = scene.run("init")

    assert_says(ran, 0, "Found migrations in migrations")
    assert_says(scene.deploy(), 0, "1 migration applied", "public.pgmigrations (node-pg-migrate)")


def test_init_never_overwrites(scene: Scene) -> None:
    laid_out(scene, "flat", USERS)
    mine = scene.write("drydock.yml", "tool: sql\n")

    first = scene.run("init")
    workflow = (scene.root / ".github/workflows/deploy-schema.yml").read_text("utf-8")
    second = scene.run("init")

    assert_says(first, 0, "drydock.yml is there already", "Wrote .github")
    assert_says(second, 0, "drydock.yml is there already", "deploy-schema.yml is there already")
    assert mine.read_text("utf-8") == "tool: sql\n"
    assert (scene.root / ".github/workflows/deploy-schema.yml").read_text("utf-8") == workflow


def test_init_without_any_migrations_does_not_say_that_it_found_some(scene: Scene) -> None:
    ran = scene.run("init")

    assert_says(ran, 0, "No migrations were found", "Wrote drydock.yml")
    assert "Found" not in ran.said


def test_init_that_cannot_write_says_so(scene: Scene) -> None:
    scene.write(".github", "a file where a folder is needed")

    assert_says(scene.run("init"), 2, ".github/workflows/deploy-schema.yml could not be written")


# --- the record of a deploy ------------------------------------------------------------------------------------


def test_record_says_who_deployed_what_where_and_how_it_ended(scene: Scene) -> None:
    flat_project(scene.root, {"1_users.sql": USERS, "2_it's.sql": BOATS})
    origin = ("--environment", "qa", "--commit", "abc'123", "--run-url", "https://ci.example/run/7")

    assert_says(scene.deploy(*origin), 0, "2 migrations applied")

    ((who, environment, revision, run_url, version, history, planned, applied, outcome, begun, ended),) = (
        scene.database.rows(
            "SELECT who, environment, revision, run_url, drydock_version, history, planned, applied, outcome, "
            "started_at, finished_at FROM drydock.deploys"
        )
    )
    assert (who, environment, revision) == (scene.database.user, "qa", "abc'123")
    assert (run_url, version, history) == ("https://ci.example/run/7", __version__, "drydock.migrations")
    assert [(each["name"], len(each["sha256"])) for each in planned] == [("1_users.sql", 64), ("2_it's.sql", 64)]
    assert (applied, outcome) == (2, "2 migrations applied.")
    assert datetime.now(UTC) - timedelta(minutes=5) < begun <= ended


def test_record_of_a_failed_deploy_holds_what_was_applied_and_no_row_values(scene: Scene) -> None:
    flat_project(scene.root, {"1_users.sql": USERS, "2_bad.sql": "SELECT 'canary-value'::int;"})

    assert scene.deploy().exit_code == 6

    ((planned, applied, outcome),) = scene.database.rows("SELECT planned, applied, outcome FROM drydock.deploys")
    assert ([each["name"] for each in planned], applied) == (["1_users.sql", "2_bad.sql"], 1)
    assert "2_bad.sql failed: 22P02" in outcome
    assert "canary" not in outcome


@pytest.mark.parametrize("layout", ["prisma", "golang"])
def test_role_without_the_right_to_create_schemas_deploys_and_is_told_what_is_missing(
    scene: Scene, layout: str
) -> None:
    laid_out(scene, layout, USERS, "CREATE INDEX CONCURRENTLY i ON users (id);")
    role = scene.database.role("deployer")
    scene.database.execute(f'GRANT CREATE, USAGE ON SCHEMA public TO "{role.user}"')
    environment = {"DATABASE_URL": role.url}

    first = scene.deploy(env=environment)
    second = scene.deploy(env=environment)

    assert_says(first, 0, "2 migrations applied", "Note: ", "audit", "schema drydock")
    assert_says(second, 0, "Nothing pending")
    assert scene.schemas() == {"public"}
    forget(scene, environment)


def test_note_about_the_missing_record_says_what_to_grant(scene: Scene) -> None:
    laid_out(scene, "flat", "CREATE TABLE ops.users (id int);")
    role = scene.database.role("deployer")
    scene.database.execute(f'CREATE SCHEMA ops AUTHORIZATION "{role.user}"')

    ran = scene.deploy("--sql-schema", "ops", env={"DATABASE_URL": role.url})
    forget(scene, {"DATABASE_URL": role.url})

    assert_says(ran, 0, "Note: ", "42501", "permission denied for database")


def test_role_that_may_not_create_the_history_is_told_what_to_grant(scene: Scene) -> None:
    laid_out(scene, "prisma", USERS)
    role = scene.database.role("stranger")
    scene.database.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")

    ran = scene.deploy(env={"DATABASE_URL": role.url})

    assert_says(ran, 2, "_prisma_migrations cannot be created", role.user, "Grant CREATE on schema public")
    assert scene.is_untouched()


def test_refused_history_leaves_the_target_as_untouched_as_the_message_says(scene: Scene) -> None:
    laid_out(scene, "prisma", USERS)
    role = scene.database.role("builder")
    scene.database.execute(f'GRANT CREATE ON DATABASE "{scene.database.name}" TO "{role.user}"')

    ran = scene.deploy(env={"DATABASE_URL": role.url})
    untouched = scene.is_untouched()
    forget(scene, {"DATABASE_URL": role.url})

    assert_says(ran, 2, "_prisma_migrations cannot be created", UNTOUCHED)
    assert untouched


# --- the result for machines -----------------------------------------------------------------------------------


def test_result_fits_its_schema_in_every_situation(scene: Scene) -> None:
    laid_out(scene, "prisma", USERS)
    refused = scene.result("deploy", "--snapshot", "nowhere.dump")
    rehearsed = scene.result("check")
    applied = scene.result(*UNREHEARSED)
    laid_out(scene, "prisma", USERS, "CREATE TABLE a ();\nSELECT 1/0;", BOATS)
    pending = scene.result("status")
    checked = scene.result(*CHECK)
    failed = scene.result(*UNREHEARSED)
    marked = scene.result("init", "--target", "--environment", "staging")
    scene.database.execute("UPDATE _prisma_migrations SET finished_at = NULL")
    held = scene.result(*UNREHEARSED)
    resolved = scene.result("resolve", "1_step", "--applied")
    unreachable = scene.result(
        "status", "--wait-for-database", "0s", env={"DATABASE_URL": "postgresql://u:p@127.0.0.1:1/x"}
    )

    results = (refused, rehearsed, applied, pending, checked, failed, marked, held, resolved, unreachable)
    assert [result["verdict"]["exit_code"] for result in results] == [11, 0, 0, 3, 0, 6, 0, 12, 0, 9]


def test_output_of_format_json_is_the_result_and_nothing_else(scene: Scene) -> None:
    laid_out(scene, "flat", USERS)

    ran = scene.process(*UNREHEARSED, "--format", "json")

    jsonschema.validate(json.loads(ran.stdout), json.loads(SCHEMA.read_text("utf-8")))
    assert "[1/1] 1_step.sql" in ran.stderr


def test_result_is_written_where_asked_beside_the_text(scene: Scene) -> None:
    laid_out(scene, "flat", USERS)

    ran = scene.deploy("--report-json", "out/deep/result.json")

    assert_says(ran, 0, "1 migration applied")
    written: dict[str, Any] = json.loads((scene.root / "out/deep/result.json").read_text("utf-8"))
    jsonschema.validate(written, json.loads(SCHEMA.read_text("utf-8")))
    assert written["verdict"]["exit_code"] == 0


def test_result_that_cannot_be_written_warns_and_changes_no_exit_code(scene: Scene) -> None:
    laid_out(scene, "flat", USERS)
    scene.write("out", "a file where a folder is needed")

    ran = scene.deploy("--report-json", "out/result.json")

    assert_says(ran, 0, "Warning: ", "out/result.json could not be written", "1 migration applied")


# --- secrets ---------------------------------------------------------------------------------------------------

CANARY = 'cAn4ry/p@ss:w#rd?"\\%25 ü'
ENCODED = "cAn4ry%2Fp%40ss%3Aw%23rd%3F%22%5C%2525%20%C3%BC"
SPELLINGS = ("cAn4ry", "p@ss", "p%40ss", "w#rd", "w%23rd")


def with_canary(database: TestDatabase) -> str:
    """A role whose password is the canary; its address."""
    role = database.role("canary")
    with database.connect() as session:
        session.execute(psycopg.sql.SQL("ALTER ROLE {} PASSWORD {}").format(psycopg.sql.Identifier(role.user), CANARY))
    database.execute(f'GRANT CREATE ON DATABASE "{database.name}" TO "{role.user}"')
    return f"postgresql://{role.user}:{ENCODED}@{database.host}:{database.port}/{database.name}"


def test_password_is_in_no_output_of_a_run_that_leaks_it_where_it_can(scene: Scene) -> None:
    url = with_canary(scene.database)
    scene.write("secret.txt", url + "\n")
    scene.write("drydock.yml", 'environment: staging\nseed:\n  command: env; echo "$DATABASE_URL" >&2\n')
    leaking = 'CREATE SCHEMA a;\nSELECT \'x\'::"cAn4ry/p@ss:w#rd?""\\%25 ü";\n'
    flat_project(scene.root, {"1_a.sql": "SELECT 1;"})
    given = {"DATABASE_URL": "", "DRYDOCK_DATABASE_URL_FILE": str(scene.root / "secret.txt")}

    seeded = scene.deploy(env=given)
    flat_project(scene.root, {"2_leak.sql": leaking})
    failed = scene.deploy("--report-json", "result.json", env=given)
    as_json = scene.deploy("--format", "json", env=given)

    assert_says(seeded, 0, "    | ", "DATABASE_URL=***", "Seed: 1 part ran")
    assert_says(failed, 6, "42704", "***")
    for ran in (seeded, failed, as_json):
        assert_silent_about(ran, SPELLINGS)
    assert "cAn4ry" not in (scene.root / "result.json").read_text("utf-8")
    user = url.split("//")[1].split(":")[0]
    scene.database.execute(f'DROP OWNED BY "{user}" CASCADE')


def test_password_is_not_in_the_record_of_a_deploy(scene: Scene) -> None:
    flat_project(scene.root, {"1_leak.sql": f"SELECT 'x'::\"{scene.database.password}\";"})

    assert_says(scene.deploy(), 6, "42704", "***")

    assert scene.database.password not in str(scene.database.rows("SELECT * FROM drydock.deploys"))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:cAn4ry/p@ss:w#rd@127.0.0.1:1/db",
        "postgresql://me:cAn4ry#w#rd@127.0.0.1:1/db",
        "postgresql://me:cAn4ry?p@ss@127.0.0.1:1/db",
        "postgresql://me:cAn4ry%zzp@ss@127.0.0.1:1/db",
        "postgresql://me:cAn4ryp@ss@[127.0.0.1:1/db",
        "postgresql://me:cAn4ryp@ss@127.0.0.1:one/db",
        "postgresql://me:cAn4ry p@ss@127.0.0.1:1/db",
        "postgersql://me:cAn4ryp@ss@127.0.0.1:1/db",
        "mysql://me:cAn4ryp@ss@127.0.0.1:1/db",
        "me:cAn4ryp@ss@127.0.0.1:1/db",
        "//me:cAn4ryp@ss@127.0.0.1:1/db",
        "postgresql://127.0.0.1:1/db?user=me&password=cAn4ryp@ss",
        "postgresql://127.0.0.1:1/db?user=me&nosuch=1&password=cAn4ryp%40ss",
        "host=127.0.0.1 port=1 user=me password='cAn4ry p@ss' dbname=db",
        "host=127.0.0.1 port=1 user=me password=cAn4ry'p@ss dbname=db",
        "host=127.0.0.1 port=1 user=me password = cAn4ryp@ss nosuch=1",
        "postgresql://me:cAn4ryp%00@127.0.0.1:1/db",
        "postgresql://me:cAn4ryp@ss@127.0.0.1:99999999/db",
        "postgresql://me:cAn4ryp@ss@127.0.0.1:1/db?sslmode=nosuch",
        "postgresql://me:cAn4ryp@ss@:1,:2/db?connect_timeout=cAn4ry",
    ],
)
@pytest.mark.parametrize("source", ["variable", "file", "flag"])
def test_password_in_a_wrong_address_is_in_no_output(scene: Scene, url: str, source: str) -> None:
    flat_project(scene.root, {"1_a.sql": "SELECT 1;"})
    arguments = ("--database-url", url) if source == "flag" else ()
    given = {"DATABASE_URL": ""}
    if source == "variable":
        given["DRYDOCK_DATABASE_URL"] = url
    elif source == "file":
        scene.write("secret.txt", url)
        given["DATABASE_URL_FILE"] = "secret.txt"

    ran = scene.run("status", "--wait-for-database", "0s", *arguments, env=given)

    assert ran.exit_code in (2, 9), ran.said
    assert UNTOUCHED in ran.said
    assert_silent_about(ran, SPELLINGS)

"""What people hand in by mistake: one clear message, and a database that is what the message says."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.scenes import UNREHEARSED, UNTOUCHED, Scene, assert_says
from tests.fixtures.projects import flat_project, prisma_project

USERS = "CREATE TABLE users (id int);\n"
GOOD = "20240101_users"


# --- configuration and files -----------------------------------------------------------------------------------


def test_option_with_a_typo_is_named_with_the_nearest_valid_one(scene: Scene) -> None:
    flat_project(scene.root, {"1_users.sql": USERS})
    scene.write("drydock.yml", "tool: sql\nlock_timeuot: 2s\n")

    ran = scene.deploy()

    assert_says(ran, 2, "drydock.yml:2", "lock_timeuot", "did you mean lock_timeout?", UNTOUCHED)
    assert scene.is_untouched()


def test_two_mistakes_are_told_at_once(scene: Scene) -> None:
    flat_project(scene.root, {"1_users.sql": USERS})
    scene.write("drydock.yml", "tool: prizma\nretries: many\n")

    ran = scene.deploy("--lock-timeout", "soon")

    assert_says(ran, 2, "3 problems", "did you mean prisma?", "drydock.yml:1", "yml:2", "--lock-timeout")
    assert scene.is_untouched()


def test_missing_address_says_where_to_give_it(scene: Scene) -> None:
    flat_project(scene.root, {"1_users.sql": USERS})

    ran = scene.deploy(env={"DATABASE_URL": ""})

    assert_says(ran, 2, "DATABASE_URL", UNTOUCHED)


def test_project_without_any_migrations_folder_says_where_it_looked(scene: Scene) -> None:
    ran = scene.deploy()

    assert_says(ran, 2, "prisma/migrations", "db/migrations", "`migrations`", UNTOUCHED)
    assert scene.is_untouched()


def test_migrations_folder_that_is_not_there_is_named(scene: Scene) -> None:
    ran = scene.deploy("--migrations", "sql/nowhere")

    assert_says(ran, 2, "sql/nowhere does not exist", UNTOUCHED)
    assert scene.is_untouched()


def test_folder_of_javascript_migrations_does_not_pass_for_nothing_pending(scene: Scene) -> None:
    scene.write("migrations/20240101_users.js", "exports.up = (knex) => knex.schema.createTable('users')\n")

    ran = scene.deploy()

    assert_says(ran, 2, "migrations", "20240101_users.js", UNTOUCHED)
    assert scene.is_untouched()


def test_sql_files_only_in_subfolders_do_not_pass_for_nothing_pending(scene: Scene) -> None:
    scene.write("migrations/2024/1_users.sql", USERS)

    ran = scene.deploy()

    assert_says(ran, 2, "no .sql file", UNTOUCHED)


def test_empty_folder_is_nothing_pending(scene: Scene) -> None:
    scene.write("migrations/.gitkeep", "")

    ran = scene.deploy()

    assert_says(ran, 0, "Nothing pending")
    assert scene.is_untouched()


def test_sql_tool_never_looks_into_the_prisma_folder(scene: Scene) -> None:
    prisma_project(scene.root, {GOOD: USERS})
    flat_project(scene.root, {"1_boats.sql": "CREATE TABLE boats (id int);"})

    ran = scene.deploy("--tool", "sql")

    assert_says(ran, 0, "1_boats.sql")
    assert scene.flat_names() == ["1_boats.sql"]


def test_prisma_folder_without_a_script_is_named_before_anything_is_applied(scene: Scene) -> None:
    prisma_project(scene.root, {GOOD: USERS})
    (scene.root / "prisma/migrations/20240102_empty").mkdir()

    ran = scene.deploy()

    assert_says(ran, 2, "20240102_empty has no migration.sql", UNTOUCHED)
    assert scene.is_untouched()


@pytest.mark.parametrize("line", ['provider = "mysql"', "provider = 'postgresql'", ' provider = "postgresql"', ""])
def test_lock_file_that_prisma_would_refuse_is_refused(scene: Scene, line: str) -> None:
    prisma_project(scene.root, {GOOD: USERS})
    scene.write("prisma/migrations/migration_lock.toml", f"# do not edit\n{line}\n")

    ran = scene.deploy()

    assert_says(ran, 2, "migration_lock.toml", 'provider = "postgresql"', UNTOUCHED)
    assert scene.is_untouched()


def test_file_name_that_is_not_utf8_is_refused(scene: Scene) -> None:
    (scene.root / "migrations").mkdir()
    Path(f"{scene.root}/migrations/1_caf\udce9.sql").write_text(USERS)

    ran = scene.deploy()

    assert_says(ran, 2, r"1_caf\udce9.sql", "UTF-8", UNTOUCHED)
    assert scene.is_untouched()


# --- bytes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"SELECT 1;\nSELECT '\x00';\nCREATE TABLE t (i int);\n", 2, "NUL"),
        (b"SELECT 1;\n\nSELECT '\x1b[31m';\n", 3, "U+001B"),
        (b"SELECT 1;\n-- caf\xe9\nCREATE TABLE t (i int);\n", 2, "not UTF-8"),
        ("SELECT 1;".encode("utf-16"), 1, "UTF-16"),
        (b"\\restrict abc\nCREATE TABLE t (i int);\n", 1, r"\restrict"),
        (b"CREATE TABLE t (i int);\n\\i other.sql\n", 2, r"\i"),
        (b"CREATE TABLE t (i int);\nCOPY t FROM stdin;\n1\n2\n\\.\n", 2, "COPY"),
        (b"CREATE TABLE t (i int);\n\nCOPY t FROM stdin;\n", 3, "COPY"),
        (b"-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n", 1, "marker"),
        (b"\xef\xbb\xbf-- migrate:up\nSELECT 1;\n", 1, "marker"),
        (b"\n-- +goose Up\nSELECT 1;\n", 2, "marker"),
        (b"\n\n-- Up Migration\nSELECT 1;\n", 3, "marker"),
    ],
)
def test_file_that_cannot_be_sent_is_refused_with_its_line(scene: Scene, content: bytes, line: int, words: str) -> None:
    flat_project(scene.root, {"1_users.sql": USERS, "2_odd.sql": content})

    ran = scene.deploy()

    assert_says(ran, 2, f"migrations/2_odd.sql, line {line}", words, UNTOUCHED)
    assert scene.is_untouched()


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfCREATE TABLE t (i int);\n",
        b"CREATE TABLE t (\r\n  i int\r\n);\r\n",
        b"CREATE TABLE t (i int); -- the end, without a newline",
        b"CREATE TABLE t (i int)",
        b"-- nothing;\n;;\nCREATE TABLE t (i int);;",
        b"\n\n/* a /* nested */ comment */ CREATE TABLE t (i int)\n/* the end */",
        "CREATE TABLE t (i int); -- Straße, 船, \U0001f6a2".encode(),
    ],
)
def test_odd_but_sound_file_is_applied_and_recorded(scene: Scene, content: bytes) -> None:
    flat_project(scene.root, {"1_odd.sql": content})

    first = scene.deploy()
    second = scene.deploy()

    assert_says(first, 0, "1 migration applied")
    assert_says(second, 0, "Nothing pending")
    assert (scene.database.tables(), scene.flat_names()) == ({"t"}, ["1_odd.sql"])


@pytest.mark.parametrize("content", ["", "-- nothing to do\n", "\n/* later */\n", ";", " ; ; \n--end"])
def test_file_without_a_statement_is_recorded(scene: Scene, content: str) -> None:
    prisma_project(scene.root, {GOOD: content})

    ran = scene.deploy()

    assert_says(ran, 0, "1 migration applied")
    assert scene.prisma_rows() == [(GOOD, True, False, 1)]


def test_prisma_runs_a_file_that_is_not_utf8_with_replacement_characters(scene: Scene) -> None:
    content = b"CREATE TABLE t (name text);\nINSERT INTO t VALUES ('caf\xe9');\n"
    prisma_project(scene.root, {GOOD: content})

    ran = scene.deploy()

    assert_says(ran, 0, "1 migration applied", "not UTF-8")
    assert scene.database.value("SELECT name FROM t") == "caf\ufffd"
    assert scene.database.value("SELECT checksum FROM _prisma_migrations") == scene.database.value(
        "SELECT encode(sha256(convert_to(%s, 'UTF8')), 'hex')", content.decode("utf-8", "replace")
    )
    assert_says(scene.deploy(), 0, "Nothing pending")


def test_invalid_file_of_prisma_that_fails_leaves_nothing(scene: Scene) -> None:
    prisma_project(scene.root, {GOOD: b"CREATE TABLE t (i int); -- caf\xe9\n\nSELECT 1/0;\n"})

    ran = scene.deploy()

    assert_says(ran, 6, "22012", f"{GOOD}/migration.sql")
    assert (scene.database.tables(), scene.prisma_rows()) == ({"_prisma_migrations"}, [])


# --- names -----------------------------------------------------------------------------------------------------

NAMES = (
    "1_it's.sql",
    '2_"quoted".sql',
    "3_two words.sql",
    "4_船_é.sql",
    f"5_{'x' * 244}.sql",
    "6_100%.sql",
    "7_$$;DROP TABLE users.sql",
    "8_back\\slash.sql",
    "9_a{b}.sql",
)


def test_odd_file_names_are_applied_once_and_recorded_as_they_are(scene: Scene) -> None:
    flat_project(scene.root, {name: f"CREATE TABLE t{number} ();" for number, name in enumerate(NAMES)})

    first = scene.deploy()
    second = scene.deploy()

    assert_says(first, 0, "9 migrations applied", *NAMES[:4])
    assert_says(second, 0, "Nothing pending")
    assert scene.flat_names() == list(NAMES)


def test_odd_prisma_names_are_applied_once_and_recorded_as_they_are(scene: Scene) -> None:
    names = [name.removesuffix(".sql") for name in NAMES]
    prisma_project(scene.root, dict.fromkeys(names, "SELECT 1;"))

    first = scene.deploy()
    second = scene.deploy()

    assert_says(first, 0, "9 migrations applied")
    assert_says(second, 0, "Nothing pending")
    assert [row[0] for row in scene.prisma_rows()] == names


def test_line_end_in_a_name_can_start_no_line_of_the_log(scene: Scene) -> None:
    flat_project(scene.root, {"1_a\n::error::owned.sql": "SELECT 1;"})

    ran = scene.deploy()

    assert_says(ran, 2, r"1_a\n::error::owned.sql", "Rename it", UNTOUCHED)
    assert [line for line in ran.said.splitlines() if line.startswith("::")] == []


# --- failures --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("CREATE TABLE a (i int);\nCREATE TABEL b (i int);\n", 2),
        ("-- Straße 船 \U0001f6a2\nCREATE TABLE a (t text DEFAULT 'é船');\n\nCREATE TABEL b ();\n", 4),
        ("\ufeffCREATE TABLE a (i int);\nCREATE TABEL b (i int);\n", 2),
        ("\ufeffCREATE TABEL b (i int);\n", 1),
        ("CREATE TABLE a (i int);\r\n\r\nCREATE TABEL b (i int);\r\n", 3),
        ("CREATE TABLE a (\n  i int,\n  j nosuchtype\n);\n", 3),
        ("CREATE TABLE a (i int);\n\n-- why\nINSERT INTO a\n  VALUES (1/0);\nSELECT 1;\n", 4),
        ("CREATE TABLE a (i int);\nINSERT INTO a SELECT 1; INSERT INTO a VALUES\n(1),\n(nope);", 4),
        ("DO $$ BEGIN\n  NULL;\nEND $$;\n\nALTER TABLE nowhere ADD x int;\n", 5),
        ("CREATE TABLE a (i int);\nSELECT 'open", 2),
    ],
)
@pytest.mark.parametrize("mode", ["flat", "prisma"])
def test_failure_names_file_and_line_and_leaves_nothing(scene: Scene, mode: str, content: str, line: int) -> None:
    if mode == "flat":
        flat_project(scene.root, {"1_first.sql": USERS, "2_bad.sql": content, "3_last.sql": "SELECT 1;"})
        place = f"migrations/2_bad.sql:{line}"
    else:
        prisma_project(scene.root, {"1_first": USERS, "2_bad": content, "3_last": "SELECT 1;"})
        place = f"prisma/migrations/2_bad/migration.sql:{line}"

    ran = scene.deploy()

    assert_says(ran, 6, place, "not attempted", "of this migration", "The target is clean", "Correct the migration")
    assert "a" not in scene.database.tables()
    assert "users" in scene.database.tables()
    recorded = scene.flat_names() if mode == "flat" else [row[0] for row in scene.prisma_rows()]
    assert [name.removesuffix(".sql") for name in recorded] == ["1_first"]


def test_corrected_file_is_applied_by_the_next_deploy(scene: Scene) -> None:
    prisma_project(scene.root, {GOOD: "CREATE TABEL users ();"})
    assert scene.deploy().exit_code == 6
    prisma_project(scene.root, {GOOD: USERS})

    ran = scene.deploy()

    assert_says(ran, 0, "1 migration applied")
    assert scene.prisma_rows() == [(GOOD, True, False, 1)]


# --- size ------------------------------------------------------------------------------------------------------


MEASURED = """
import resource, subprocess, sys
done = subprocess.run([sys.executable, "-m", "drydock", *sys.argv[1:]], capture_output=True, text=True)
print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
print(done.stdout, done.stderr)
"""


def peak_memory(scene: Scene, *arguments: str) -> tuple[int, int, str]:
    """Exit code, largest memory in MB of the process and its children, and what it said."""
    environment = {"DATABASE_URL": scene.database.url, "PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *arguments],
        cwd=scene.root,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=110,
    )
    numbers, _, said = done.stdout.partition("\n")
    exit_code, megabytes = numbers.split()
    return int(exit_code), int(megabytes), said


@pytest.mark.slow
def test_file_of_50_megabytes_is_applied_in_bounded_memory(scene: Scene) -> None:
    row = f"INSERT INTO big VALUES ('{'x' * 1000}');\n"
    flat_project(scene.root, {"1_big.sql": "CREATE TABLE big (t text);\n" + row * 50_000})

    exit_code, megabytes, said = peak_memory(scene, *UNREHEARSED)

    assert (exit_code, scene.database.value("SELECT count(*) FROM big")) == (0, 50_000), said
    assert scene.flat_names() == ["1_big.sql"]
    assert megabytes < 500

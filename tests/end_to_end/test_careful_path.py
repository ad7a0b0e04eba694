"""What files do to their session, their transaction and the bookkeeping; and files that cannot be one transaction."""

from pathlib import Path

import pytest

from tests.end_to_end.faults import BY_STATEMENT, TWO, FaultScene, assert_only, assert_said, scene_of
from tests.fixtures.database import TestDatabase
from tests.fixtures.projects import flat_project, golang_project

SWALLOWING = {
    "rule": "CREATE RULE none AS ON INSERT TO _prisma_migrations WHERE new.migration_name >= '2' DO INSTEAD NOTHING",
    "trigger": """CREATE FUNCTION gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF new.migration_name >= '2' THEN RETURN NULL; END IF; RETURN new; END $$;
      CREATE TRIGGER gone BEFORE INSERT ON _prisma_migrations FOR EACH ROW EXECUTE FUNCTION gone()""",
}

DOUBLE = "CREATE TABLE users (id int); INSERT INTO users VALUES (1), (1)"
UNIQUE = "CREATE UNIQUE INDEX CONCURRENTLY users_id ON users (id)"


@pytest.fixture
def scene(tmp_path: Path, database: TestDatabase) -> FaultScene:
    return scene_of(tmp_path, database, TWO)


# --- what leaks from one file to the next ----------------------------------------------------------------------


def test_search_path_of_a_file_holds_in_the_next_and_not_for_the_bookkeeping(scene: FaultScene) -> None:
    scene.write("1_users", "CREATE TABLE users (id int); CREATE SCHEMA app; SET search_path = app;")
    scene.write("2_posts", "CREATE TABLE posts (id int);")

    ran = scene.deploy()

    assert_said(ran, 0, "2 migrations applied")
    assert scene.rows() == [("1_users", "applied"), ("2_posts", "applied")]
    assert scene.database.tables("app") == {"posts"}


def test_role_of_a_file_holds_in_the_next_and_not_for_the_bookkeeping(
    scene: FaultScene, database: TestDatabase
) -> None:
    role = database.role("owner").user
    scene.write(
        "1_users", f'CREATE TABLE users (id int); GRANT CREATE ON SCHEMA public TO "{role}"; SET ROLE "{role}";'
    )

    ran = scene.deploy()

    assert_said(ran, 0, "2 migrations applied")
    assert_only(scene, *TWO)
    assert database.value("SELECT tableowner FROM pg_tables WHERE tablename = 'posts'") == role
    assert database.value("SELECT applied FROM drydock.deploys") == 2


def test_temporary_table_of_a_file_is_there_for_the_next(scene: FaultScene) -> None:
    scene.write("1_users", "CREATE TABLE users (id int); CREATE TEMPORARY TABLE handed_on AS SELECT 7 AS id;")
    scene.write("2_posts", "CREATE TABLE posts AS SELECT id FROM handed_on;")

    assert_said(scene.deploy(), 0, "2 migrations applied")
    assert_only(scene, *TWO)
    assert scene.database.rows("SELECT id FROM posts") == [(7,)]


def test_temporary_table_of_the_historys_name_does_not_get_the_row(scene: FaultScene) -> None:
    scene.write("1_users", "CREATE TABLE users (id int); CREATE TEMPORARY TABLE _prisma_migrations (id int);")

    assert_said(scene.deploy(), 0, "2 migrations applied")
    assert_only(scene, *TWO)


# --- transactions in the file ----------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [(), BY_STATEMENT], ids=["whole", "by statement"])
def test_begin_without_commit_is_rolled_back(scene: FaultScene, mode: tuple[str, ...]) -> None:
    scene.write("2_posts", "BEGIN;\nCREATE TABLE posts (id int);\nINSERT INTO posts VALUES (1);")

    ran = scene.deploy(*mode)

    assert_said(ran, 6, "2_posts failed", "BEGIN", "never commits", "no history row is left", "Correct the migration")
    assert_only(scene, "1_users")


@pytest.mark.parametrize("mode", [(), BY_STATEMENT], ids=["whole", "by statement"])
def test_begin_and_commit_around_a_file_work(scene: FaultScene, mode: tuple[str, ...]) -> None:
    scene.write("1_users", "BEGIN;\nCREATE TABLE users (id int);\nCOMMIT;")

    assert_said(scene.deploy(*mode), 0, "2 migrations applied")
    assert_only(scene, *TWO)


@pytest.mark.parametrize("mode", [(), BY_STATEMENT], ids=["whole", "by statement"])
def test_failure_inside_begin_and_commit_leaves_nothing(scene: FaultScene, mode: tuple[str, ...]) -> None:
    scene.write("2_posts", "BEGIN;\nCREATE TABLE posts (id int);\nSELECT 1/0;\nCOMMIT;")

    ran = scene.deploy(*mode)

    assert_said(ran, 6, "22012", "2_posts/migration.sql:3", "statement 3", "no history row is left")
    assert_only(scene, "1_users")


def test_failure_after_an_inner_commit_is_half_applied_and_says_so(scene: FaultScene) -> None:
    scene.write("2_posts", "BEGIN;\nCREATE TABLE posts (id int);\nCOMMIT;\nSELECT 1/0;")

    ran = scene.deploy()

    assert_said(ran, 7, "HALF APPLIED", "22012", "2_posts/migration.sql:4", "part of it is in effect", "resolve")
    assert scene.rows() == [("1_users", "applied"), ("2_posts", "open")]
    assert_said(scene.deploy(), 12, "2_posts was begun and not finished", "nothing was done")


def test_failure_after_an_inner_commit_by_statement_is_gone_on_with(scene: FaultScene) -> None:
    scene.write("2_posts", "BEGIN;\nCREATE TABLE posts (id int);\nCOMMIT;\nBEGIN;\nSELECT 1;\nSELECT 1/0;\nCOMMIT;")

    ran = scene.deploy(*BY_STATEMENT)

    assert_said(ran, 7, "Statements 1 to 3 are in effect", "goes on at statement 4", "statement 6")
    assert scene.rows() == [("1_users", "applied"), ("2_posts", "open")]
    scene.write("2_posts", "BEGIN;\nCREATE TABLE posts (id int);\nCOMMIT;\nSELECT 2;")
    assert_said(scene.deploy(*BY_STATEMENT), 0, "1 migration applied")
    assert_only(scene, *TWO)


def test_edited_part_that_was_done_is_not_gone_on_with(scene: FaultScene) -> None:
    scene.write("2_posts", "BEGIN;\nCREATE TABLE posts (id int);\nCOMMIT;\nSELECT 1/0;")
    assert scene.deploy(*BY_STATEMENT).exit_code == 7
    scene.write("2_posts", "BEGIN;\nCREATE TABLE posts (id bigint);\nCOMMIT;\nSELECT 1;")

    ran = scene.deploy(*BY_STATEMENT)

    assert_said(ran, 12, "2_posts was begun and not finished", "resolve 2_posts")
    assert scene.rows() == [("1_users", "applied"), ("2_posts", "open")]


def test_migration_that_was_resolved_begins_anew(scene: FaultScene) -> None:
    scene.write("2_posts", "BEGIN;\nCREATE TABLE posts (id int);\nCOMMIT;\nSELECT 1/0;")
    assert scene.deploy(*BY_STATEMENT).exit_code == 7
    scene.database.execute(
        "DROP TABLE posts; UPDATE _prisma_migrations SET rolled_back_at = now() WHERE finished_at IS NULL"
    )
    scene.write("2_posts", "BEGIN;\nCREATE TABLE posts (id int);\nCOMMIT;\nSELECT 1;")

    assert_said(scene.deploy(*BY_STATEMENT), 0, "1 migration applied")
    assert_only(scene, *TWO)


@pytest.mark.parametrize("mode", [(), BY_STATEMENT], ids=["whole", "by statement"])
def test_do_with_commit_works(scene: FaultScene, mode: tuple[str, ...]) -> None:
    scene.write("1_users", "DO $$ BEGIN CREATE TABLE users (id int); COMMIT; INSERT INTO users VALUES (1); END $$;")

    assert_said(scene.deploy(*mode), 0, "2 migrations applied")
    assert_only(scene, *TWO)


@pytest.mark.parametrize("mode", [(), BY_STATEMENT], ids=["whole", "by statement"])
def test_do_that_fails_after_its_commit_is_not_called_clean(scene: FaultScene, mode: tuple[str, ...]) -> None:
    scene.write("2_posts", "DO $$ BEGIN CREATE TABLE posts (id int); COMMIT; PERFORM 1/0; END $$;")

    ran = scene.deploy(*mode)

    assert_said(ran, 7, "22012", "2_posts", "resolve")
    assert scene.rows() == [("1_users", "applied"), ("2_posts", "open")]
    assert_said(scene.deploy(*mode), 12)


def test_deferred_constraint_fails_before_the_row_is_written(scene: FaultScene) -> None:
    key = "REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED"
    scene.write("1_users", "CREATE TABLE users (id int PRIMARY KEY);")
    scene.write("2_posts", f"CREATE TABLE posts (id int {key});\nINSERT INTO posts VALUES (5);")

    ran = scene.deploy()

    assert_said(ran, 6, "23503", "posts_id_fkey", "Rolled back")
    assert_only(scene, "1_users")


@pytest.mark.parametrize("mode", [(), BY_STATEMENT], ids=["whole", "by statement"])
def test_deferred_constraint_that_fails_at_commit_leaves_nothing(scene: FaultScene, mode: tuple[str, ...]) -> None:
    key = "REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED"
    scene.write("1_users", "CREATE TABLE users (id int PRIMARY KEY);")
    scene.write("2_posts", f"BEGIN;\nCREATE TABLE posts (id int {key});\nINSERT INTO posts VALUES (5);\nCOMMIT;")

    ran = scene.deploy(*mode)

    assert_said(ran, 6, "23503", "posts_id_fkey", "2_posts/migration.sql:4", "no history row is left")
    assert_only(scene, "1_users")


def test_new_value_of_an_enum_works(scene: FaultScene) -> None:
    scene.write("1_users", "CREATE TYPE mood AS ENUM ('sad');\nCREATE TABLE users (id int, mood mood);")
    scene.write("2_posts", "ALTER TYPE mood ADD VALUE 'glad';\nCREATE TABLE posts (id int);")

    assert_said(scene.deploy(), 0, "2 migrations applied")
    assert_only(scene, *TWO)


def test_new_value_of_an_enum_used_at_once_fails_cleanly(scene: FaultScene) -> None:
    scene.write("1_users", "CREATE TYPE mood AS ENUM ('sad');\nCREATE TABLE users (id int, mood mood);")
    scene.write("2_posts", "ALTER TYPE mood ADD VALUE 'glad';\nCREATE TABLE posts AS SELECT 'glad'::mood AS mood;")

    ran = scene.deploy()

    assert_said(ran, 6, "55P04", "2_posts/migration.sql:2", "Rolled back")
    assert_only(scene, "1_users")


# --- CREATE INDEX CONCURRENTLY ---------------------------------------------------------------------------------


def test_unique_index_that_fails_alone_leaves_neither_index_nor_row(scene: FaultScene) -> None:
    scene.write("1_users", "CREATE TABLE users (id int); INSERT INTO users VALUES (424242), (424242);")
    scene.write("3_unique", "CREATE UNIQUE INDEX CONCURRENTLY unique_ ON users (id);")

    ran = scene.deploy()

    assert_said(ran, 6, "23505 unique violation", "3_unique/migration.sql:1", "no history row is left")
    assert "424242" not in ran.said
    assert scene.invalid_indexes() == []
    assert scene.rows() == [("1_users", "applied"), ("2_posts", "applied")]


def test_index_without_a_name_that_fails_is_dropped_too(scene: FaultScene) -> None:
    scene.write("1_users", "CREATE TABLE users (id int); INSERT INTO users VALUES (1), (1);")
    scene.write("3_unique", "CREATE UNIQUE INDEX CONCURRENTLY ON users (id);")

    assert_said(scene.deploy(), 6, "23505", "no history row is left")
    assert scene.invalid_indexes() == []


def test_index_that_was_invalid_before_is_left_alone(scene: FaultScene) -> None:
    scene.write("1_users", "CREATE TABLE users (id int); INSERT INTO users VALUES (1), (1);")
    assert scene.deploy().exit_code == 0
    with pytest.raises(Exception, match="could not create unique"):
        scene.database.execute("CREATE UNIQUE INDEX CONCURRENTLY somebodys ON users (id)")
    scene.write("3_unique", "CREATE UNIQUE INDEX CONCURRENTLY unique_ ON users (id);")

    assert_said(scene.deploy(), 6, "23505")
    assert scene.invalid_indexes() == ["somebodys"]


def test_second_of_several_concurrent_indexes_fails_and_the_next_deploy_goes_on_there(scene: FaultScene) -> None:
    scene.write("1_users", "CREATE TABLE users (id int, age int); INSERT INTO users VALUES (1, 1), (1, 2);")
    first, second = (
        "CREATE INDEX CONCURRENTLY users_age ON users (age)",
        "CREATE UNIQUE INDEX CONCURRENTLY u ON users (id)",
    )
    scene.write("3_last", f"{first};\n{second};\nCREATE TABLE last (id int);")

    ran = scene.deploy(*BY_STATEMENT)

    assert_said(
        ran, 7, "23505", "statement 2", "Statement 1 is in effect.", "goes on at statement 2", "3_last/migration.sql:2"
    )
    assert scene.invalid_indexes() == []
    assert scene.rows()[-1] == ("3_last", "open")
    assert scene.has("users_age")
    assert scene.database.rows("SELECT migration, done, running FROM drydock.progress") == [("3_last", 1, None)]

    scene.database.execute("DELETE FROM users WHERE age = 2")
    again = scene.deploy(*BY_STATEMENT)

    assert_said(again, 0, "1 migration applied", "from 2 on")
    assert scene.has("u")
    assert_only(scene, "1_users", "2_posts", "3_last")
    assert scene.database.rows("SELECT FROM drydock.progress") == []


def test_concurrent_index_in_a_whole_file_with_others_fails_cleanly(scene: FaultScene) -> None:
    scene.write("3_last", "CREATE TABLE last (id int);\nCREATE INDEX CONCURRENTLY last_id ON last (id);")

    ran = scene.deploy()

    assert_said(ran, 6, "25001", "3_last", "no history row is left")
    assert_only(scene, "1_users", "2_posts")


def test_careful_path_keeps_the_books_of_golang_migrate(tmp_path: Path, database: TestDatabase) -> None:
    scene = FaultScene(root=tmp_path, database=database, address=database.url)
    golang_project(tmp_path, {"1_users": f"{DOUBLE};", "2_id": f"{UNIQUE};"})

    assert_said(scene.deploy(), 6, "23505", "no history row is left")
    assert database.rows("SELECT version, dirty FROM schema_migrations") == [(1, False)]
    assert scene.invalid_indexes() == []

    database.execute("TRUNCATE users")
    assert_said(scene.deploy(), 0, "1 migration applied")
    assert database.rows("SELECT version, dirty FROM schema_migrations") == [(2, False)]
    assert scene.has("users_id")


def test_careful_path_keeps_the_books_of_a_flat_folder(tmp_path: Path, database: TestDatabase) -> None:
    scene = FaultScene(root=tmp_path, database=database, address=database.url)
    flat_project(tmp_path, {"1_users.sql": f"{DOUBLE};", "2_id.sql": f"SELECT 1;\nVACUUM users;\n{UNIQUE};"})

    assert_said(scene.deploy(), 7, "23505", "Statements 1 to 2 are in effect", "goes on at statement 3")
    rows = "SELECT name, finished_at IS NOT NULL FROM drydock.migrations ORDER BY 1"
    assert [done for _, done in database.rows(rows)] == [True, False]
    assert scene.invalid_indexes() == []

    database.execute("TRUNCATE users")
    assert_said(scene.deploy(), 0, "1 migration applied")
    assert [done for _, done in database.rows(rows)] == [True, True]
    assert scene.has("users_id")


def test_file_that_discards_everything_of_its_session_works(scene: FaultScene) -> None:
    scene.write("1_users", "DISCARD ALL;")
    scene.write("2_posts", "CREATE TABLE posts (id int);")

    assert_said(scene.deploy(), 0, "2 migrations applied")
    assert scene.rows() == [("1_users", "applied"), ("2_posts", "applied")]
    assert scene.has("posts")


# --- files that reach for the bookkeeping ----------------------------------------------------------------------


@pytest.mark.parametrize("script", SWALLOWING.values(), ids=SWALLOWING)
@pytest.mark.parametrize("careful", [False, True], ids=["atomic", "careful"])
def test_row_that_is_swallowed_means_that_nothing_is_applied(scene: FaultScene, script: str, *, careful: bool) -> None:
    scene.write("1_users", f"CREATE TABLE users (id int);\n{script};")
    scene.write("2_posts", "BEGIN; CREATE TABLE posts (id int); COMMIT;" if careful else TWO["2_posts"])

    first = scene.deploy()
    ran = scene.deploy() if scene.applied() == ["1_users"] and first.exit_code == 0 else first

    assert_said(ran, 6, "2_posts failed", "on the history table" if "TRIGGER" in script else "_prisma_migrations")
    assert_only(scene, "1_users")


def test_file_that_drops_our_own_schema_is_recorded(scene: FaultScene) -> None:
    scene.write("1_users", "CREATE TABLE users (id int);\nDROP SCHEMA drydock CASCADE;")

    ran = scene.deploy()

    assert_said(ran, 0, "2 migrations applied")
    assert_only(scene, *TWO)


def test_file_that_drops_our_own_schema_by_dynamic_sql_is_recorded(scene: FaultScene) -> None:
    scene.write(
        "2_posts", "CREATE TABLE posts (id int);\nDO $$ BEGIN EXECUTE 'DROP SCHEMA ' || 'drydock CASCADE'; END $$;"
    )

    ran = scene.deploy()

    assert_said(ran, 0, "2 migrations applied")
    assert_only(scene, *TWO)


def test_file_that_drops_our_own_schema_by_statement_is_recorded(scene: FaultScene) -> None:
    careful = "CREATE TABLE posts (id int);\nDROP SCHEMA drydock CASCADE;\nSELECT 1;\nVACUUM posts;"
    scene.write("2_posts", careful)
    scene.write("3_more", "CREATE TABLE more (id int);\nVACUUM more;")

    ran = scene.deploy(*BY_STATEMENT)

    assert_said(ran, 0, "3 migrations applied")
    assert_only(scene, *TWO, "3_more")


def test_file_that_empties_the_history_is_run_as_the_tool_would(scene: FaultScene) -> None:
    scene.write("2_posts", "CREATE TABLE posts (id int);\nDELETE FROM _prisma_migrations;")

    ran = scene.deploy()

    assert "Traceback" not in ran.said
    assert ("2_posts" in scene.applied()) == ("2_posts" in scene.made()) or ran.exit_code == 7, ran.said


def test_file_that_drops_the_history_by_dynamic_sql_fails_cleanly(scene: FaultScene) -> None:
    scene.write(
        "2_posts", "CREATE TABLE posts (id int);\nDO $$ BEGIN EXECUTE 'DROP TABLE _prisma_' || 'migrations'; END $$;"
    )

    ran = scene.deploy()

    assert_said(ran, 6, "42P01", "_prisma_migrations", "Rolled back")
    assert_only(scene, "1_users")

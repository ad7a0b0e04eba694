"""Fresh databases: after one of the two has deployed, the other finds nothing to do, and all rows are equal."""

import pytest

from histories.catalog import difference
from tests.conformance.prisma_scene import (
    UUID_V4,
    PrismaScene,
    assert_nothing_pending,
    assert_prisma_finds_nothing_pending,
    assert_prisma_says,
)
from tests.end_to_end.scenes import assert_says
from tests.fixtures.database import TestDatabase

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

SCRIPTS: dict[str, str | bytes] = {
    "20240101000000_init": (
        "CREATE TYPE mood AS ENUM ('calm');\n"
        "CREATE TABLE ferry (id integer PRIMARY KEY, mood mood, note text DEFAULT 'a;b');\n"
        "CREATE INDEX ON ferry (note);\n"
    ),
    "20240102000000_enum": "ALTER TYPE mood ADD VALUE 'rough';\nALTER TYPE mood ADD VALUE 'storm';\n",
    "20240103000000_own_transaction": (
        "BEGIN;\nCREATE TABLE deck (id integer PRIMARY KEY);\nCOMMIT;\nINSERT INTO deck VALUES (1);\n"
    ),
    "20240104000000_concurrently": "-- alone\nCREATE INDEX CONCURRENTLY ferry_mood ON ferry (mood);\n",
    "20240105000000_comment_only": "-- nothing to do\n/* here; either */\n",
    "20240106000000_windows": "CREATE TABLE pier (\r\n    id integer,\r\n    note text DEFAULT 'a\r\nb'\r\n);\r\n",
    "20240107000000_line_comment": "CREATE TABLE rope (id integer); -- no line end here",
    "20240108000000_set_local": "SET LOCAL search_path = pg_temp;\nCREATE TABLE public.buoy (id integer);\n",
    "20240109000000_empty": b"",
    "20240110000000_no_semicolon": "CREATE TABLE sail (id integer)",
    "20240111000000_body": (
        "CREATE FUNCTION toll() RETURNS integer LANGUAGE plpgsql AS $$\nBEGIN\n  -- one; two\n  RETURN 1;\nEND\n$$;\n"
        "COMMENT ON TABLE sail IS 'it''s \\ é';\n"
    ),
    "20240112000000_latin_1": b"-- caf\xe9\nCREATE TABLE galley (id integer, dish text DEFAULT 'caf\xe9');\n",
    "20240113000000_only_separators": ";;\n;",
    "20240114000000_rows": "UPDATE deck SET id = 2;\nALTER TABLE deck ADD note text NOT NULL DEFAULT '';\n",
}


def test_after_our_deploy_prisma_is_up_to_date_and_finds_nothing_pending(scene: PrismaScene) -> None:
    scene.project(SCRIPTS)

    ours = scene.deploy()
    rows = scene.history()
    status, theirs = scene.prisma_status(), scene.prisma_deploy()

    assert_says(ours, 0, f"{len(SCRIPTS)} migrations applied")
    assert_prisma_says(status, 0, "Database schema is up to date!")
    assert_prisma_finds_nothing_pending(theirs)
    assert scene.history() == rows


def test_after_prisma_deploy_we_find_nothing_pending_and_all_is_equal(
    scene: PrismaScene, second_database: TestDatabase
) -> None:
    scene.project(SCRIPTS)
    prisma = scene.on(second_database)

    theirs = prisma.prisma_deploy()
    rows = prisma.history()
    status, again = prisma.run("status"), prisma.deploy("--history-edited", "stop")
    ours = scene.deploy("--prisma-mode", "statement")

    assert_prisma_says(theirs, 0, "All migrations have been successfully applied.")
    assert_says(status, 0)
    assert_nothing_pending(again)
    assert prisma.history() == rows
    assert ours.exit_code == 0, ours.said
    assert [row[0] for row in rows] == list(SCRIPTS)
    assert scene.history() == rows
    assert difference(scene.catalog(), prisma.catalog()) == ()
    assert [found for found in (*scene.ids(), *prisma.ids()) if not UUID_V4.fullmatch(found)] == []


def test_row_is_the_same_whichever_way_we_send_a_file(scene: PrismaScene, second_database: TestDatabase) -> None:
    scene.project(SCRIPTS)
    by_statement = scene.on(second_database)

    assert scene.deploy().exit_code == 0
    assert by_statement.deploy("--prisma-mode", "statement").exit_code == 0

    assert scene.history() == by_statement.history()
    assert difference(scene.catalog(), by_statement.catalog()) == ()


def test_both_may_take_turns(scene: PrismaScene) -> None:
    first, second, third, fourth = list(SCRIPTS.items())[:4]

    scene.project(dict([first]))
    assert_says(scene.deploy(), 0, "1 migration applied")
    scene.project(dict([second]))
    assert_prisma_says(scene.prisma_deploy(), 0, second[0])
    scene.project(dict([third, fourth]))
    assert_says(scene.deploy(), 0, "2 migrations applied")

    assert_prisma_finds_nothing_pending(scene.prisma_deploy())
    assert scene.names() == [first[0], second[0], third[0], fourth[0]]


def test_project_without_migrations_is_up_to_date_for_both(scene: PrismaScene) -> None:
    ours, theirs = scene.deploy(), scene.prisma_deploy()
    again = scene.deploy()

    assert_nothing_pending(ours)
    assert_prisma_finds_nothing_pending(theirs)
    assert_nothing_pending(again)

"""All pending migrations in one transaction: all of them or none, whatever happens, and the truth of each is told."""

import signal

import pytest

from drydock.interruption import Interruption
from drydock.render.terminal import terminal_text
from drydock.sql.child import ChildAnalyser
from tests.conformance.beside import wait_until_runs
from tests.end_to_end.faults import FaultScene, holding
from tests.end_to_end.scenes import UNREHEARSED, Scene, assert_says
from tests.end_to_end.test_faults_connection import EMPTIED, PARTS, moments
from tests.fixtures.program import started
from tests.fixtures.projects import node_pg_migrate_project
from tests.fixtures.proxy import NO_LATENCY, Containing, Cut, CutPoint, Numbered, Proxied, Proxy

THREE = {
    "1_users.sql": "CREATE TABLE users (id int PRIMARY KEY);",
    "2_boats.sql": "CREATE TABLE boats (owner int);\nINSERT INTO boats VALUES (1);",
    "3_piers.sql": "CREATE TABLE piers ();",
}
NAMES = [name.removesuffix(".sql") for name in THREE]
CLEAN = "The target is clean: it is as it was before"
BATCH = "Rolled back, with all of the transaction that 3 migrations share"
IMPATIENT = ("--lock-timeout", "100ms", "--retry-pause-min", "50ms", "--retry-pause-max", "100ms")


@pytest.fixture
def three(scene: Scene) -> Scene:
    """Three migrations, none of them applied."""
    node_pg_migrate_project(scene.root, THREE)
    return scene


def recorded(scene: Scene) -> list[str]:
    """The names in the history."""
    if scene.database.value("SELECT to_regclass('public.pgmigrations')") is None:
        return []
    return [row[0] for row in scene.database.rows("SELECT name FROM pgmigrations ORDER BY run_on, id")]


def made(scene: Scene) -> list[str]:
    """The migrations whose table is there."""
    return [name for name in NAMES if name.partition("_")[2] in scene.database.tables()]


def assert_none(scene: Scene) -> None:
    """No migration is there or recorded."""
    assert (recorded(scene), made(scene)) == ([], [])


def test_all_are_applied_by_one_commit_and_say_so(three: Scene) -> None:
    result = three.result(*UNREHEARSED)

    assert [(step["name"], step["outcome"], step["path"]) for step in result["steps"]] == [
        (name, "applied", "joined") for name in NAMES
    ]
    assert recorded(three) == made(three) == NAMES
    times = "SELECT count(DISTINCT xmin::text), count(DISTINCT run_on) FROM pgmigrations"
    assert three.database.rows(times) == [(1, 1)]
    assert three.database.value("SELECT applied FROM drydock.deploys") == 3


def test_failure_undoes_those_before_it_and_each_is_told_apart(three: Scene) -> None:
    three.write("migrations/2_boats.sql", "CREATE TABLE boats ();\n\nSELECT 1 / 0;")

    ran = three.deploy()
    result = three.result(*UNREHEARSED)

    assert_says(ran, 6, "2_boats failed: 22012", "nothing applied before", BATCH, CLEAN, "migrations/2_boats.sql:3")
    assert_says(ran, 6, "rolled back    1_users: undone together with 2_boats", "not attempted  3_piers")
    assert_says(ran, 6, "1 rolled back, 1 failed, 1 not attempted")
    assert [step["outcome"] for step in result["steps"]] == ["rolled_back", "failed", "not_attempted"]
    assert_none(three)
    assert three.database.rows("SELECT DISTINCT applied FROM drydock.deploys") == [(0,)]
    three.write("migrations/2_boats.sql", THREE["2_boats.sql"])
    assert_says(three.deploy(), 0, "3 migrations applied")


def test_failure_on_the_copy_keeps_the_target_untouched(three: Scene) -> None:
    three.write("migrations/3_piers.sql", "SELECT no_such_thing;")

    ran = three.run("deploy")

    assert_says(ran, 5, "3_piers failed in the rehearsal", "42703", "The target was not touched")
    assert_says(ran, 5, "not rehearsed  1_users: it ran, and was rolled back in one transaction with 3_piers")
    assert three.is_untouched()


def test_batch_is_rehearsed_and_then_applied_in_the_same_way(three: Scene) -> None:
    ran = three.run("deploy")

    assert_says(ran, 0, "3 migrations applied", "proven         1_users", "in one transaction with the others")
    assert recorded(three) == made(three) == NAMES


def test_deferred_constraint_that_fails_at_the_end_is_told_as_the_batch_s(three: Scene) -> None:
    late = "ALTER TABLE boats ADD FOREIGN KEY (owner) REFERENCES users DEFERRABLE INITIALLY DEFERRED;"
    three.write("migrations/2_boats.sql", f"CREATE TABLE boats (owner int);\n{late}\nINSERT INTO boats VALUES (1);")

    ran = three.deploy()

    assert_says(ran, 6, "23503", "a deferred constraint failed at the end of the transaction", BATCH, CLEAN)
    assert_none(three)


def test_migration_that_needs_a_lock_gives_way_as_a_batch_and_is_tried_again_as_one(three: Scene) -> None:
    three.database.execute("CREATE TABLE taken (id int)")
    three.write("migrations/3_piers.sql", "CREATE TABLE piers ();\nALTER TABLE taken ADD note text;")

    with holding(three.database, "LOCK TABLE taken"):
        ran = three.deploy(*IMPATIENT, "--retries", "2")

    assert_says(ran, 8, "55P03", "3_piers", "attempt 3", "the blocker", BATCH, CLEAN)
    assert_none(three)
    assert_says(three.deploy(), 0, "3 migrations applied")


def test_careful_step_stands_alone_and_the_others_stay_joined_around_it(three: Scene) -> None:
    index = "CREATE INDEX CONCURRENTLY users_id ON users (id);"
    three.write("migrations/2_index.sql", index)
    three.write("migrations/4_last.sql", "SELECT 1;")

    ran = three.run("deploy")

    assert_says(ran, 0, "5 migrations applied", "2_index in", "statement by statement")
    assert ran.said.count("in one transaction with the others") == 4
    assert recorded(three) == ["1_users", "2_boats", "2_index", "3_piers", "4_last"]


def test_search_path_of_one_file_is_that_of_the_next_as_in_the_tool(three: Scene) -> None:
    three.write("migrations/2_boats.sql", "CREATE SCHEMA yard;\nSET search_path = yard;\nCREATE TABLE boats ();")

    assert_says(three.deploy(), 0, "3 migrations applied")

    assert three.database.tables("yard") == {"boats", "piers"}
    assert recorded(three) == NAMES


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_signal_rolls_back_the_batch(three: Scene, number: signal.Signals) -> None:
    three.write("migrations/2_boats.sql", "CREATE TABLE boats ();\nSELECT pg_sleep(60);")

    with started(*UNREHEARSED, cwd=three.root, env=three.environment()) as running:
        wait_until_runs(three.database, "pg_sleep")
        running.signal(number)
        ran = running.finished(7.0)

    assert_says(ran, 128 + number, "2_boats", "rolled back    1_users", BATCH, CLEAN)
    assert_none(three)


def test_kill_leaves_nothing_and_the_next_run_applies_all(three: Scene) -> None:
    three.write("migrations/3_piers.sql", "CREATE TABLE piers ();\nSELECT pg_sleep(2);")

    with started(*UNREHEARSED, cwd=three.root, env=three.environment()) as running:
        wait_until_runs(three.database, "pg_sleep")
        running.kill()
    again = three.deploy()

    assert_says(again, 0, "3 migrations applied")
    assert recorded(three) == made(three) == NAMES


def test_audit_that_cannot_be_written_keeps_no_batch_from_running(three: Scene) -> None:
    node_pg_migrate_project(three.root, {"0_first.sql": "SELECT 1;"})
    assert three.deploy("--history-out-of-order", "warn").exit_code == 0
    three.database.execute(
        "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'no'; END$$;"
        "CREATE TRIGGER no BEFORE UPDATE ON drydock.deploys EXECUTE FUNCTION no();"
        "DROP TABLE users, boats, piers; DELETE FROM pgmigrations"
    )

    assert_says(three.deploy(), 0, "4 migrations applied")


def test_lost_answer_of_the_commit_is_looked_up_for_all(three: Scene, proxied: Proxied) -> None:
    proxy = proxied(three.database, Cut(at=Containing(b"COMMIT"), point=CutPoint.ANSWERED))

    ran = three.deploy(env={"DATABASE_URL": proxy.url})

    assert_says(ran, 0, "3 migrations applied", "the connection was lost at COMMIT; the row is there")
    assert recorded(three) == made(three) == NAMES


@pytest.mark.slow
def test_commit_without_answer_and_without_server_is_unknown_for_all(three: Scene, proxied: Proxied) -> None:
    proxy = proxied(three.database, Cut(at=Containing(b"COMMIT"), point=CutPoint.ANSWERED, for_good=True))

    ran = three.deploy("--wait-for-database", "1s", env={"DATABASE_URL": proxy.url})

    assert_says(ran, 7, "STATE UNKNOWN", "1_users is unknown", "3 unknown", "drydock status")
    assert_says(three.deploy(), 0, "Nothing pending")


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("point", list(CutPoint), ids=lambda point: point.value)
def test_cut_at_any_message_leaves_all_or_nothing_and_the_next_run_ends_it(
    three: Scene, analyser: ChildAnalyser, point: CutPoint, part: int
) -> None:
    scene = FaultScene(root=three.root, database=three.database, address=three.database.url)
    stop = Interruption()
    for number in moments(scene, analyser, point)[part::PARTS]:
        with Proxy(three.database, (Cut(at=Numbered(number), point=point),), NO_LATENCY) as proxy:
            report = scene.through(proxy.url).deploy_inside(analyser, stop)
        said = f"{point.value} message {number}\n{terminal_text(report)}\n{recorded(three)}"
        assert recorded(three) == made(three), said
        assert recorded(three) in ([], NAMES), said
        assert (report.verdict.exit_code == 0) is (recorded(three) == NAMES), said
        assert report.verdict.exit_code in (0, 9), said
        assert scene.deploy_inside(analyser, stop).verdict.exit_code == 0, said
        assert recorded(three) == made(three) == NAMES, said
        three.database.execute(EMPTIED)

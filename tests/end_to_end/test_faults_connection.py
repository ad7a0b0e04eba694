"""No connection, a connection that may not write, and a connection cut at every message of a run."""

from dataclasses import replace
from pathlib import Path

import pytest

from drydock.interruption import Interruption
from drydock.render.terminal import terminal_text
from drydock.sql.child import ChildAnalyser
from tests.end_to_end.faults import TWO, FaultScene, assert_only, assert_said, scene_of
from tests.fixtures.database import TestDatabase
from tests.fixtures.kept import free_port
from tests.fixtures.proxy import NO_LATENCY, Containing, Cut, CutPoint, Numbered, Proxied, Proxy

SOON = ("--wait-for-database", "1s")
THREE = {
    "1_users": "CREATE TABLE users (id int); INSERT INTO users VALUES (1);",
    "2_users_id": "CREATE INDEX CONCURRENTLY users_id ON users (id);",
    "3_posts": "CREATE TABLE posts (id int);",
}
PARTS = 3
KINDS = {
    CutPoint.BEFORE: (),
    CutPoint.FORWARDED: ("SSLRequest", "Startup", "p", "Q", "S", "X"),
    CutPoint.ANSWERED: ("Q", "S"),
}
EMPTIED = "DROP SCHEMA public CASCADE; DROP SCHEMA IF EXISTS drydock CASCADE; CREATE SCHEMA public"


@pytest.fixture
def scene(tmp_path: Path, database: TestDatabase) -> FaultScene:
    return scene_of(tmp_path, database, TWO)


def test_host_that_does_not_answer_is_unreachable(scene: FaultScene, database: TestDatabase) -> None:
    nobody = database.at(free_port())

    ran = scene.through(nobody.url).deploy(*SOON)

    assert_said(ran, 9, "does not answer", "127.0.0.1", "not touched", "Check host, port")
    assert ran.seconds < 10
    assert_only(scene)


def test_host_that_cannot_be_resolved_is_unreachable(scene: FaultScene, database: TestDatabase) -> None:
    ran = scene.through(replace(database, host="db.invalid").url).deploy(*SOON)

    assert_said(ran, 9, "does not answer", "db.invalid", "not touched", "Check host, port")


def test_wrong_password_is_told_at_once(scene: FaultScene, database: TestDatabase) -> None:
    ran = scene.through(replace(database, password="not-the-password").url).deploy()

    assert_said(ran, 2, "refuses the password", database.name, "not touched", "Check user and password")
    assert "not-the-password" not in ran.said
    assert ran.seconds < 10
    assert_only(scene)


def test_unknown_user_is_told_at_once(scene: FaultScene, database: TestDatabase) -> None:
    ran = scene.through(replace(database, user="nobody_here").url).deploy()

    assert_said(ran, 2, "nobody_here", "not touched", "Check user")


def test_missing_database_is_told_at_once(scene: FaultScene, database: TestDatabase) -> None:
    ran = scene.through(replace(database, name="not_there").url).deploy()

    assert_said(ran, 2, "The database does not exist", "not_there", "not touched", "Create it")


@pytest.mark.parametrize("whose", ["ROLE", "DATABASE"])
def test_target_that_only_reads_is_unreachable(scene: FaultScene, database: TestDatabase, whose: str) -> None:
    reader = database.role("reader", "LOGIN SUPERUSER")
    name = reader.user if whose == "ROLE" else database.name
    database.execute(f'ALTER {whose} "{name}" SET default_transaction_read_only = on')

    ran = scene.through(reader.url).deploy()

    assert_said(ran, 9, "reads only", "not touched", "primary")
    assert_only(scene)


def test_role_without_create_cannot_make_the_history_table(scene: FaultScene, database: TestDatabase) -> None:
    role = database.role("weak")

    ran = scene.through(role.url).deploy()

    assert_said(ran, 2, "_prisma_migrations cannot be created", role.user, "permission denied", "Grant CREATE")
    assert_only(scene)
    assert database.value("SELECT to_regclass('public._prisma_migrations')") is None
    assert database.value("SELECT to_regnamespace('drydock')") is None


def test_migration_that_the_role_may_not_run_fails_cleanly(scene: FaultScene, database: TestDatabase) -> None:
    role = database.role("middling")
    database.execute(f'GRANT CREATE ON SCHEMA public TO "{role.user}"')
    scene.write("2_posts", "CREATE TABLE posts (id int);\nCREATE SCHEMA not_allowed;")

    ran = scene.through(role.url).deploy()

    assert_said(ran, 6, "42501 permission denied", "2_posts/migration.sql:2", "Rolled back", "Correct the migration")
    assert_said(ran, 6, "No audit row")
    assert_only(scene, "1_users")


def test_history_that_may_not_be_read_is_not_taken_for_none(scene: FaultScene, database: TestDatabase) -> None:
    assert scene.deploy().exit_code == 0
    role = database.role("blind")

    ran = scene.through(role.url).deploy()

    assert_said(ran, 2, "may not read the history", "not touched")
    assert_only(scene, "1_users", "2_posts")


def test_address_that_is_none_names_no_secret(scene: FaultScene) -> None:
    ran = scene.through("postgresql://user:pa[zzword@127.0.0.1:1/db").deploy(*SOON)

    assert_said(ran, 9, "127.0.0.1")
    assert "zzword" not in ran.said


def test_lost_answer_of_a_commit_is_looked_up(scene: FaultScene, database: TestDatabase, proxied: Proxied) -> None:
    proxy = proxied(database, Cut(at=Containing(b"CREATE TABLE users"), point=CutPoint.ANSWERED))

    ran = scene.through(proxy.url).deploy()

    assert_said(ran, 9, "connection", "1 migration applied before", "Run again")
    assert_only(scene, "1_users")
    assert_said(scene.deploy(), 0, "1 migration applied")
    assert_only(scene, "1_users", "2_posts")


def test_message_that_never_arrived_is_looked_up(scene: FaultScene, database: TestDatabase, proxied: Proxied) -> None:
    proxy = proxied(database, Cut(at=Containing(b"CREATE TABLE posts")))

    ran = scene.through(proxy.url).deploy()

    assert_said(ran, 9, "connection", "1 migration applied before", "Rolled back", "Run again")
    assert_only(scene, "1_users")


@pytest.mark.slow
def test_commit_without_answer_and_without_server_is_unknown(
    scene: FaultScene, database: TestDatabase, proxied: Proxied
) -> None:
    proxy = proxied(database, Cut(at=Containing(b"CREATE TABLE users"), point=CutPoint.ANSWERED, for_good=True))

    ran = scene.through(proxy.url).deploy(*SOON)

    assert_said(ran, 7, "STATE UNKNOWN", "1_users is unknown", "could not be looked up", "drydock status")
    assert_said(ran, 7, "not attempted  2_posts")
    assert_said(scene.deploy(), 0, "1 migration applied")
    assert_only(scene, "1_users", "2_posts")


def test_lost_mutex_ends_the_run_between_two_migrations(scene: FaultScene) -> None:
    control = "FROM pg_stat_activity WHERE application_name = 'drydock control' AND datname = current_database()"
    end_it = f"SELECT pg_terminate_backend(pid) {control}; SELECT pg_sleep(0.3);"
    scene.write("1_users", f"CREATE TABLE users (id int); {end_it}")

    ran = scene.deploy()

    assert_said(ran, 9, "Stopped between two migrations", "connection", "Run again")
    assert_only(scene, "1_users")


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("point", list(CutPoint), ids=lambda point: point.value)
def test_cut_at_any_message_leaves_a_row_if_and_only_if_its_objects(
    tmp_path: Path, database: TestDatabase, analyser: ChildAnalyser, point: CutPoint, part: int
) -> None:
    scene = scene_of(tmp_path, database, THREE)
    stop = Interruption()
    for number in moments(scene, analyser, point)[part::PARTS]:
        with Proxy(database, (Cut(at=Numbered(number), point=point),), NO_LATENCY) as proxy:
            report = scene.through(proxy.url).deploy_inside(analyser, stop)
        rows = scene.rows()
        said = f"{point.value} message {number}\n{terminal_text(report)}\n{rows}"
        _assert_true(scene, report.verdict.exit_code, said)
        again = scene.deploy_inside(analyser, stop)
        assert again.verdict.exit_code == 0, said + terminal_text(again)
        assert scene.applied() == scene.made() == list(THREE), said
        assert scene.invalid_indexes() == []
        database.execute(EMPTIED)


def moments(scene: FaultScene, analyser: ChildAnalyser, point: CutPoint) -> list[int]:
    """The numbers of the messages worth a cut: to pass on `Parse` and then cut is to cut before `Bind`.

    Only a query and a sync are answered with "ready"; in the start-up to wait for that is to wait for ever.
    """
    with Proxy(scene.database, (), NO_LATENCY) as proxy:
        report = scene.through(proxy.url).deploy_inside(analyser, Interruption())
        kinds = [message.kind for message in proxy.messages()]
    assert report.verdict.exit_code == 0
    scene.database.execute(EMPTIED)
    return [number for number, kind in enumerate(kinds, 1) if kind in KINDS[point] or point is CutPoint.BEFORE]


def _assert_true(scene: FaultScene, code: int, said: str) -> None:
    rows = scene.rows()
    is_open = any(state == "open" for _, state in rows)
    assert code in ((7,) if is_open else (0, 9)), said
    assert (code == 0) == (scene.applied() == list(THREE)), said
    assert set(scene.applied()) <= set(scene.made()) <= {name for name, _ in rows}, said

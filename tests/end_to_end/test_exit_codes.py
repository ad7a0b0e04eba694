"""Every exit code once, as the process answers it, and what may never be in any output."""

import contextlib
import io
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from drydock import cli
from drydock.errors import ExitCode
from tests.end_to_end.faults import TWO, FaultScene, assert_only, assert_said, result_in, scene_of
from tests.fixtures.database import TestDatabase
from tests.fixtures.kept import free_port
from tests.fixtures.program import run
from tests.fixtures.projects import configured

LATER = {ExitCode.HELD, ExitCode.REHEARSAL_FAILED}
CANARY = "kanarienvogel"
LEAKS = {
    "unique violation": f"CREATE TABLE t (v text UNIQUE); INSERT INTO t VALUES ('{CANARY}'), ('{CANARY}');",
    "check violation": f"CREATE TABLE t (v text CHECK (v = '')); INSERT INTO t VALUES ('{CANARY}');",
    "invalid input": f"CREATE TABLE t (v text); INSERT INTO t VALUES ('{CANARY}'); SELECT v::int FROM t;",
    "raise exception": f"DO $$ BEGIN RAISE 'no: {CANARY}' USING DETAIL = '{CANARY}', HINT = '{CANARY}'; END $$;",
    "raise with a class of names": f"DO $$ BEGIN RAISE 'no: {CANARY}' USING ERRCODE = '42501'; END $$;",
    "notice, then a failure": f"DO $$ BEGIN RAISE NOTICE '{CANARY}'; END $$; SELECT 1/0;",
    "careful unique violation": "BEGIN; CREATE TABLE t (v text); COMMIT; CREATE UNIQUE INDEX ON t (v); "
    f"INSERT INTO t VALUES ('{CANARY}'), ('{CANARY}');",
}


class Broken(Mapping[str, str]):
    """An environment that cannot be read."""

    def __getitem__(self, name: str) -> str:
        raise ArithmeticError("a bug")

    def __iter__(self) -> Iterator[str]:
        raise ArithmeticError("a bug")

    def __len__(self) -> int:
        return 0


@pytest.fixture
def scene(tmp_path: Path, database: TestDatabase) -> FaultScene:
    return scene_of(tmp_path, database, TWO)


def test_0_done_and_0_nothing_to_do(scene: FaultScene) -> None:
    assert_said(scene.deploy("--report-json", "result.json"), ExitCode.DONE, "2 migrations applied", "exit code 0")
    assert result_in(scene.root)["verdict"]["exit_code"] == 0
    assert_said(scene.deploy(), ExitCode.DONE, "UP TO DATE")
    assert_only(scene, *TWO)


def test_1_bug(tmp_path: Path) -> None:
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        with contextlib.redirect_stderr(io.StringIO()) as said:
            code = cli.main(["deploy"], Broken(), directory=tmp_path)
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)

    assert code == ExitCode.BUG
    assert "This is a bug in Drydock" in said.getvalue()
    assert "ArithmeticError" in said.getvalue()


def test_2_usage(scene: FaultScene) -> None:
    ran = scene.deploy("--lock-timeout", "soon")

    assert_said(ran, ExitCode.USAGE, "lock-timeout", "soon")
    assert_only(scene)


def test_2_option_that_does_not_exist(scene: FaultScene) -> None:
    assert_said(scene.deploy("--no-such-option"), ExitCode.USAGE, "--no-such-option")
    assert_only(scene)


def test_3_pending(scene: FaultScene) -> None:
    ran = run("status", cwd=scene.root, env={"DATABASE_URL": scene.address})

    assert_said(ran, ExitCode.PENDING, "2 migrations pending", "1_users", "2_posts", "not touched")
    assert_only(scene)
    assert scene.database.tables() == set()


def test_6_failed_and_clean(scene: FaultScene) -> None:
    scene.write("2_posts", "CREATE TABLE posts (id int);\nSELEKT 1;")

    ran = scene.deploy("--report-json", "result.json")

    assert_said(ran, ExitCode.FAILED_CLEAN, "42601", "2_posts/migration.sql:2", "The target is clean", "Correct")
    assert result_in(scene.root)["verdict"]["exit_code"] == 6
    assert_only(scene, "1_users")


def test_7_half_applied(scene: FaultScene) -> None:
    scene.write("2_posts", "BEGIN; CREATE TABLE posts (id int); COMMIT; SELECT 1/0;")

    assert_said(scene.deploy(), ExitCode.FAILED_HALF, "HALF APPLIED", "resolve")
    assert scene.rows() == [("1_users", "applied"), ("2_posts", "open")]


def test_8_lock(scene: FaultScene) -> None:
    with scene.database.connect() as other:
        other.execute("SELECT pg_advisory_lock(72707369)")
        ran = scene.deploy("--mutex-wait", "300ms")

    assert_said(ran, ExitCode.LOCK, "not touched", "Run again")
    assert_only(scene)


def test_9_unreachable(scene: FaultScene) -> None:
    ran = scene.through(scene.database.at(free_port()).url).deploy("--wait-for-database", "0s")

    assert_said(ran, ExitCode.UNREACHABLE, "does not answer", "not touched")


def test_10_seed_failed(scene: FaultScene) -> None:
    configured(scene.root, "environment: staging\nseed:\n  files: [seed.sql]\n")
    (scene.root / "seed.sql").write_text("INSERT INTO nowhere VALUES (1);")

    ran = scene.deploy()

    assert_said(ran, ExitCode.SEED_FAILED, "seed.sql", "42P01", "Every migration is applied and recorded")
    assert_only(scene, *TWO)


def test_11_no_rehearsal(scene: FaultScene) -> None:
    ran = run("deploy", "--snapshot", "nowhere.dump", cwd=scene.root, env={"DATABASE_URL": scene.address})

    assert_said(ran, ExitCode.NO_REHEARSAL, "nowhere.dump", "not touched")
    assert_only(scene)


def test_12_history(scene: FaultScene) -> None:
    scene.database.execute("CREATE TABLE theirs (id int)")

    ran = scene.deploy()

    assert_said(ran, ExitCode.HISTORY, "theirs", "no migration history", "not touched", "Baseline")
    assert_only(scene)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["130", "143"])
def test_130_and_143_interrupted(scene: FaultScene, number: signal.Signals, code: int) -> None:
    scene.write("2_posts", "CREATE TABLE posts (id int); SELECT pg_sleep(60);")

    with scene.deploying() as running:
        scene.wait_until_runs("pg_sleep")
        running.signal(number)
        ran = running.finished(7)

    assert_said(ran, code, "The target is clean")
    assert_only(scene, "1_users")


def test_every_code_that_exists_is_tested_here() -> None:
    tested = {int(word) for name in globals() if name.startswith("test_") for word in name.split("_") if word.isdigit()}

    assert set(ExitCode) - LATER == tested


@pytest.mark.parametrize("script", LEAKS.values(), ids=LEAKS)
@pytest.mark.parametrize("form", ["text", "json"])
def test_no_row_value_is_in_any_output(scene: FaultScene, script: str, form: str) -> None:
    scene.write("3_leak", script)

    ran = scene.deploy("--report-json", "result.json", "--format", form)

    assert ran.exit_code in (6, 7), ran.said
    assert CANARY not in ran.said
    assert CANARY not in (scene.root / "result.json").read_text("utf-8")
    assert CANARY not in str(scene.database.rows("SELECT d::text FROM drydock.deploys d"))
    assert CANARY not in str(scene.database.rows("SELECT m::text FROM _prisma_migrations m"))


@pytest.mark.parametrize("form", ["text", "json"])
def test_password_is_in_no_output(scene: FaultScene, database: TestDatabase, form: str) -> None:
    role = database.role("canary", "LOGIN SUPERUSER")
    scene.write("3_leak", f"DO $$ BEGIN RAISE '{role.password}' USING ERRCODE = '42501'; END $$;")

    ran = scene.through(role.url).deploy("--report-json", "result.json", "--format", form)

    assert ran.exit_code == 6, ran.said
    assert role.password not in ran.said
    assert role.password not in (scene.root / "result.json").read_text("utf-8")
    assert role.password not in str(database.rows("SELECT d::text FROM drydock.deploys d"))

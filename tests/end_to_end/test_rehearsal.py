"""A deploy that rehearses on a copy first: what fails there never reaches the target."""

import gzip
import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from drydock.postgres.libpq_environment import libpq_environment
from drydock.redact import Secret
from tests.end_to_end.faults import FaultScene, assert_only, assert_said, holding, result_in, scene_of
from tests.fixtures.database import TestDatabase
from tests.fixtures.postgres import server_from
from tests.fixtures.program import Ran, run, started
from tests.fixtures.projects import flat_project, golang_project

ON_SCHEMA = ("--rehearse", "target-schema")
USERS = {"1_users": "CREATE TABLE users (id int PRIMARY KEY, email text); INSERT INTO users VALUES (1, 'row-canary');"}
SECONDS = 110.0
FORMATS = {
    "custom": "--format=custom",
    "directory": "--format=directory",
    "tar": "--format=tar",
    "plain": "--format=plain",
}


@pytest.fixture
def scene(tmp_path: Path, database: TestDatabase) -> FaultScene:
    """A target with one migration and a row."""
    made = scene_of(tmp_path, database, USERS)
    assert made.deploy().exit_code == 0
    return made


def rehearsed(scene: FaultScene, *arguments: str) -> Ran:
    """Run the command with a rehearsal on the target's schema."""
    return run(*arguments, *ON_SCHEMA, cwd=scene.root, env={"DATABASE_URL": scene.address}, seconds=SECONDS)


def step_proofs(scene: FaultScene) -> list[tuple[str, str]]:
    """Name and proof of each rehearsed migration, from the JSON result."""
    return [(step["name"], step["proof"]) for step in result_in(scene.root)["rehearsal"]["steps"]]


@pytest.mark.slow
@pytest.mark.parametrize("command", ["check", "deploy"])
def test_migration_that_fails_on_the_copy_never_reaches_the_target(scene: FaultScene, command: str) -> None:
    scene.write("2_posts", "CREATE TABLE posts (id int);")
    scene.write("3_likes", "CREATE TABLE likes (id int);\nALTER TABLE nowhere ADD COLUMN x int;")

    ran = rehearsed(scene, command, "--report-json", "result.json")

    assert_said(ran, 5, "REHEARSAL FAILED", "3_likes", "42P01", "3_likes/migration.sql:2", "The target was not touched")
    assert step_proofs(scene) == [("2_posts", "proven"), ("3_likes", "failed")]
    assert_only(scene, "1_users")


@pytest.mark.slow
def test_deploy_applies_what_went_well_on_the_copy(scene: FaultScene) -> None:
    scene.write("2_posts", "CREATE TABLE posts (id int);\nCREATE UNIQUE INDEX users_email ON users (email);")
    scene.write("3_likes", "CREATE INDEX CONCURRENTLY likes ON users (email);")

    ran = rehearsed(scene, "deploy", "--report-json", "result.json")

    assert_said(
        ran, 0, "2 migrations applied", "+ table public.posts", "+ index public.users_email", "no rows in users"
    )
    assert step_proofs(scene) == [("2_posts", "not_proven"), ("3_likes", "proven")]
    assert_only(scene, "1_users", "2_posts", "3_likes")
    assert_said(rehearsed(scene, "deploy"), 0, "Nothing pending")


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["golang-migrate", "flat"])
def test_history_of_other_layouts_comes_along(tmp_path: Path, database: TestDatabase, layout: str) -> None:
    environment = {"DATABASE_URL": database.url}
    scripts = {"1_users": "CREATE TABLE users (id int);", "2_posts": "CREATE TABLE posts (id int);"}
    first, second = scripts.items()
    _laid_out(layout, tmp_path, dict([first]))
    assert run("deploy", "--rehearse", "none", cwd=tmp_path, env=environment).exit_code == 0
    _laid_out(layout, tmp_path, dict([second]))

    ran = run("deploy", *ON_SCHEMA, cwd=tmp_path, env=environment, seconds=SECONDS)

    assert_said(ran, 0, "proven", "1 migration applied", "+ table public.posts")
    assert "brought up" not in ran.said
    assert {"users", "posts"} <= database.tables()


def _laid_out(layout: str, root: Path, scripts: dict[str, str]) -> None:
    if layout == "flat":
        flat_project(root, {f"{name}.sql": script for name, script in scripts.items()})
    else:
        golang_project(root, scripts)


@pytest.mark.slow
def test_failure_that_only_rows_could_prevent_is_inconclusive(scene: FaultScene) -> None:
    needs_a_row = "DO $$ BEGIN IF NOT EXISTS (SELECT FROM users) THEN RAISE 'row-canary'; END IF; END $$;"
    scene.write("2_posts", f"CREATE TABLE posts (id int); {needs_a_row}")

    ran = rehearsed(scene, "deploy", "--report-json", "result.json")

    assert_said(ran, 0, "inconclusive", "P0001", "1 migration applied")
    assert step_proofs(scene) == [("2_posts", "inconclusive")]
    assert "row-canary" not in ran.said
    assert_only(scene, "1_users", "2_posts")


@pytest.mark.slow
def test_right_that_only_the_deploy_role_lacks_is_missed_on_the_copy(scene: FaultScene, database: TestDatabase) -> None:
    role = database.role("deployer")
    database.execute(
        f'GRANT ALL ON SCHEMA public TO "{role.user}"; GRANT ALL ON ALL TABLES IN SCHEMA public TO "{role.user}"'
    )
    scene.write("2_posts", "ALTER TABLE users ADD COLUMN age int;")

    ran = rehearsed(scene.through(role.url), "check")

    assert_said(ran, 5, "42501", "must be owner of table users", role.user)
    assert role.password not in ran.said
    assert_only(scene, "1_users")


@pytest.mark.slow
def test_locked_table_ends_the_dump_soon_and_nothing_is_touched(scene: FaultScene, database: TestDatabase) -> None:
    scene.write("2_posts", "CREATE TABLE posts (id int);")

    with holding(database, "LOCK TABLE users IN ACCESS EXCLUSIVE MODE"):
        ran = rehearsed(scene, "deploy")

    assert_said(ran, 11, "NO REHEARSAL", "A session holds a lock on public.users", "The target was not touched")
    assert ran.seconds < 20
    assert_only(scene, "1_users")


@pytest.mark.slow
def test_table_that_the_role_may_not_read_is_not_on_the_copy(scene: FaultScene, database: TestDatabase) -> None:
    role = database.role("half_blind")
    database.execute(
        f'GRANT ALL ON _prisma_migrations TO "{role.user}"; GRANT CREATE ON SCHEMA public TO "{role.user}"'
    )
    scene.write("2_posts", "CREATE TABLE posts (id int);")
    scene.write("3_likes", "ALTER TABLE users ADD COLUMN likes int;")

    ran = rehearsed(scene.through(role.url), "check", "--report-json", "result.json")

    assert_said(ran, 0, "not on the copy: table public.users", "it needs what is not on the copy")
    assert step_proofs(scene) == [("2_posts", "proven"), ("3_likes", "not_rehearsed")]


@pytest.mark.slow
def test_user_mapping_with_a_password_is_not_copied(scene: FaultScene, database: TestDatabase) -> None:
    available = database.rows("SELECT FROM pg_available_extensions WHERE name = 'postgres_fdw'")
    if not available:
        pytest.skip("the server has no postgres_fdw")
    database.execute(
        "CREATE EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1');"
        "CREATE USER MAPPING FOR CURRENT_USER SERVER far OPTIONS (password 'mapping-canary')"
    )
    scene.write("2_posts", "CREATE TABLE posts (id int);")

    ran = rehearsed(scene, "check", "--report-json", "result.json")

    assert_said(ran, 0, "user mapping", "foreign server far leads nowhere")
    assert "mapping-canary" not in ran.said + (scene.root / "result.json").read_text("utf-8")


@pytest.mark.slow
def test_signal_in_the_rehearsal_leaves_the_target_and_the_machine_as_they_were(
    scene: FaultScene, tmp_path: Path
) -> None:
    place = tmp_path / "scratch"
    place.mkdir()
    for folder in (place, *place.parents[:-2]):
        folder.chmod(folder.stat().st_mode | 0o055)
    scene.write("2_posts", "CREATE TABLE posts (id int);\nSELECT pg_sleep(60);")
    environment = {"DATABASE_URL": scene.address, "TMPDIR": str(place)}

    with started("deploy", *ON_SCHEMA, cwd=scene.root, env=environment) as running:
        running.wait_for("[1/1] 2_posts", seconds=60)
        running.signal(signal.SIGTERM)
        ran = running.finished(15)

    assert_said(ran, 143, "INTERRUPTED", "The target was not touched")
    assert list(place.iterdir()) == []
    assert_only(scene, "1_users")


def dumped(database: TestDatabase, binaries: Path, path: Path, *, form: str = "custom") -> Path:
    """A snapshot of the database, as a backup job makes it."""
    subprocess.run(
        [binaries / "pg_dump", FORMATS[form], f"--file={path}"],
        env={"PATH": "/usr/bin:/bin", **libpq_environment(Secret(database.url))},
        check=True,
        capture_output=True,
    )
    return path


def on_snapshot(scene: FaultScene, path: Path, command: str = "check", *more: str) -> Ran:
    """Run the command with a rehearsal on this dump."""
    options = ("--rehearse", "snapshot", "--snapshot", str(path), "--report-json", "result.json")
    return run(command, *options, *more, cwd=scene.root, env={"DATABASE_URL": scene.address}, seconds=SECONDS)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMATS)
def test_migration_that_the_rows_refuse_fails_on_a_snapshot(
    scene: FaultScene, database: TestDatabase, postgres_binaries: Path, form: str
) -> None:
    database.execute("INSERT INTO users VALUES (2, 'row-canary')")
    path = dumped(database, postgres_binaries, scene.root / "backup.dump", form=form)
    scene.write("2_posts", "CREATE TABLE posts (id int);")
    scene.write("3_users_email", "CREATE UNIQUE INDEX users_email ON users (email);")

    ran = on_snapshot(scene, path, "deploy")

    assert_said(ran, 5, "3_users_email", "23505 unique violation", "constraint users_email", "target was not touched")
    assert "row-canary" not in ran.said + (scene.root / "result.json").read_text("utf-8")
    assert step_proofs(scene) == [("2_posts", "proven"), ("3_users_email", "failed")]
    assert_only(scene, "1_users")


@pytest.mark.slow
def test_older_snapshot_is_brought_up_to_the_target_first(
    scene: FaultScene, database: TestDatabase, postgres_binaries: Path
) -> None:
    path = dumped(database, postgres_binaries, scene.root / "backup.dump")
    scene.write("2_posts", "CREATE TABLE posts (id int);")
    assert scene.deploy().exit_code == 0
    scene.write("3_likes", "CREATE TABLE likes (id int);\nALTER TABLE posts ADD COLUMN n int NOT NULL;")
    database.execute("CREATE INDEX by_hand ON users (email)")

    ran = on_snapshot(scene, path, "deploy")

    assert_said(ran, 0, "brought up first: 2_posts", "+ table public.likes", "1 migration applied")
    assert result_in(scene.root)["rehearsal"]["drift"] == ["+ index public.by_hand"]
    assert result_in(scene.root)["rehearsal"]["caught_up"] == ["2_posts"]
    assert step_proofs(scene) == [("3_likes", "proven")]
    assert_only(scene, "1_users", "2_posts", "3_likes")


@pytest.mark.slow
def test_newer_snapshot_says_what_it_has_already(
    scene: FaultScene, second_database: TestDatabase, postgres_binaries: Path
) -> None:
    scene.write("2_posts", "CREATE TABLE posts (id int);")
    assert scene.through(second_database.url).deploy().exit_code == 0
    path = dumped(second_database, postgres_binaries, scene.root / "backup.dump")

    ran = on_snapshot(scene, path)

    assert_said(ran, 0, "the snapshot has it already", "drift between copy and target was not compared")
    assert step_proofs(scene) == [("2_posts", "not_rehearsed")]


@pytest.mark.slow
@pytest.mark.parametrize("kept", [0.1, 0.6, 0.95])
def test_truncated_snapshot_touches_nothing(
    scene: FaultScene, database: TestDatabase, postgres_binaries: Path, kept: float
) -> None:
    database.execute("INSERT INTO users SELECT i, md5(i::text) FROM generate_series(10, 5000) i")
    path = dumped(database, postgres_binaries, scene.root / "backup.dump")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    scene.write("2_posts", "CREATE TABLE posts (id int);")

    ran = on_snapshot(scene, path, "deploy")

    assert_said(ran, 11, "NO REHEARSAL", "The target was not touched")
    assert_only(scene, "1_users")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "No such file"),
        (b"", "is empty"),
        (b"Salted__" + bytes(range(256)), "is encrypted (openssl)"),
        (b"--\n-- PostgreSQL database dump\n--\n", "is no dump of pg_dump"),
        (b"PGDMP\x01\x63\x00\x04\x08\x01" + b"\x00" * 40, "backup.dump"),
    ],
    ids=["missing", "empty", "encrypted", "plain", "another version"],
)
def test_snapshot_that_is_none_is_told_before_anything_is_made(
    scene: FaultScene, content: bytes | None, says: str
) -> None:
    path = scene.root / "backup.dump"
    if content is not None:
        path.write_bytes(content)
    scene.write("2_posts", "CREATE TABLE posts (id int);")

    ran = on_snapshot(scene, path, "deploy")

    assert_said(ran, 11, "backup.dump", says, "The target was not touched")
    assert_only(scene, "1_users")


@pytest.mark.slow
def test_migration_of_what_a_missing_extension_keeps_away_is_not_rehearsed(
    scene: FaultScene, database: TestDatabase, postgres_binaries: Path
) -> None:
    scene.write("2_gauge", "CREATE TABLE gauge (v integer);")
    assert scene.deploy().exit_code == 0
    path = dumped(database, postgres_binaries, scene.root / "backup.sql", form="plain")
    extension = "--\n-- Name: tides; Type: EXTENSION; Schema: -; Owner: -\n--\n\nCREATE EXTENSION tides;\n\n"
    text = path.read_text("utf-8").replace("v integer", "v tide")
    first = text.index("--\n-- Name:")
    path.write_bytes(gzip.compress((text[:first] + extension + text[first:]).encode()))
    scene.write("3_likes", "CREATE TABLE likes (id int);\nALTER TABLE gauge ADD COLUMN w int;")

    ran = on_snapshot(scene, path, "deploy")

    assert_said(ran, 0, "not rehearsed", "it needs what is not on the copy", "extension tides", "1 migration applied")
    assert step_proofs(scene) == [("3_likes", "not_rehearsed")]
    assert_only(scene, "1_users", "2_gauge", "3_likes")


@pytest.mark.slow
def test_migration_that_needs_a_function_of_a_missing_extension_is_not_rehearsed(
    scene: FaultScene, database: TestDatabase, postgres_binaries: Path
) -> None:
    database.execute("CREATE EXTENSION pg_trgm")
    path = dumped(database, postgres_binaries, scene.root / "backup.sql", form="plain")
    text = path.read_text("utf-8")
    there = "CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public"
    assert there in text
    path.write_text(text.replace(there, f"{there} VERSION '99'"), "utf-8")
    scene.write("2_likes", "CREATE INDEX likes ON users USING gin (email gin_trgm_ops);")

    ran = on_snapshot(scene, path, "deploy")

    assert_said(ran, 0, "it needs what is not on the copy: extension pg_trgm", "1 migration applied")
    assert step_proofs(scene) == [("2_likes", "not_rehearsed")]
    assert_only(scene, "1_users", "2_likes")


@pytest.mark.slow
def test_rehearsal_that_takes_too_long_ends_and_nothing_is_touched(scene: FaultScene) -> None:
    scene.write("2_posts", "CREATE TABLE posts (id int);\nSELECT pg_sleep(60);")

    ran = rehearsed(scene, "deploy", "--rehearsal-limit", "5s")

    assert_said(ran, 11, "was not done within 5s", "rehearsal_limit", "The target was not touched")
    assert_only(scene, "1_users")


@pytest.mark.slow
def test_session_that_is_ended_on_the_scratch_says_nothing_of_the_migration(scene: FaultScene) -> None:
    scene.write("2_posts", "CREATE TABLE posts (id int);\nSELECT pg_terminate_backend(pg_backend_pid());")

    ran = rehearsed(scene, "check")

    assert_said(ran, 11, "2_posts", "The target was not touched")
    assert_only(scene, "1_users")


@pytest.mark.slow
@pytest.mark.parametrize("form", ["--directory", None])
def test_snapshot_that_drydock_took_is_fit_for_a_rehearsal(scene: FaultScene, form: str | None) -> None:
    environment = {"DATABASE_URL": scene.address}

    took = run("snapshot", "shop.dump", *filter(None, (form,)), cwd=scene.root, env=environment, seconds=SECONDS)
    again = run("snapshot", "shop.dump", cwd=scene.root, env=environment, seconds=SECONDS)

    assert_said(took, 0, "Snapshot shop.dump", "is taken, rows and all")
    assert_said(again, 11, "shop.dump")
    described = json.loads((scene.root / "shop.dump.json").read_text("utf-8"))
    assert described["history"] == ["1_users"]
    scene.write("2_posts", "CREATE TABLE posts (id int);")
    assert_said(on_snapshot(scene, Path("shop.dump")), 0, "proven", "shop.dump")


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("COPY (SELECT 1) TO PROGRAM 'env > canary-file';", "COPY PROGRAM runs a program"),
        ("CREATE EXTENSION dblink;", "extension dblink reaches other servers"),
        ("SELECT pg_read_file('/etc/passwd');", "pg_read_file() reaches files or other servers"),
    ],
)
def test_statement_that_reaches_out_is_held_before_it_is_rehearsed(scene: FaultScene, script: str, says: str) -> None:
    scene.write("2_posts", f"CREATE TABLE posts (id int);\n{script}")

    ran = rehearsed(scene, "check")

    assert_said(ran, 4, "HELD", "2_posts/migration.sql:2", says, "The target was not touched", "gate.reach: ok")
    assert_only(scene, "1_users")


@pytest.mark.slow
def test_unproven_migration_is_held_where_only_proof_counts(scene: FaultScene) -> None:
    scene.write("2_posts", "CREATE TABLE posts (id int);\nCREATE UNIQUE INDEX users_email ON users (email);")

    ran = rehearsed(scene, "deploy", "--gate-unproven", "stop")

    assert_said(ran, 4, "2_posts is not proven", "no rows in users", "The target was not touched")
    assert_only(scene, "1_users")


@pytest.mark.slow
def test_drift_is_what_no_migration_made(scene: FaultScene, database: TestDatabase) -> None:
    scene.write("2_posts", "CREATE TABLE posts (id int);")
    environment = {"DATABASE_URL": scene.address}
    ran = run("status", "--drift", cwd=scene.root, env=environment, seconds=SECONDS)
    assert_said(ran, 3, "1 migration pending", "a replay of the history")
    assert "drift:" not in ran.said
    database.execute("CREATE INDEX by_hand ON users (email); ALTER TABLE users ADD COLUMN age int")

    ran = run("status", "--drift", "--report-json", "result.json", cwd=scene.root, env=environment, seconds=SECONDS)

    assert_said(ran, 3, "drift: + index public.by_hand", "drift: + column public.users.age")
    assert result_in(scene.root)["rehearsal"]["kind"] == "history"
    assert_only(scene, "1_users")


@pytest.mark.slow
def test_history_is_replayed_for_a_rehearsal(scene: FaultScene) -> None:
    scene.write("2_posts", "CREATE TABLE posts (id int);\nALTER TABLE nowhere ADD COLUMN x int;")

    ran = run("check", "--rehearse", "history", cwd=scene.root, env={"DATABASE_URL": scene.address}, seconds=SECONDS)

    assert_said(ran, 5, "2_posts/migration.sql:2", "a replay of the history", "brought up first: 1_users")


@pytest.mark.slow
def test_each_statement_is_timed_on_the_copy(scene: FaultScene) -> None:
    slow = "CREATE TABLE posts (id int); -- one\n/* two */ SELECT pg_sleep(0.2);\n\nCREATE INDEX ON posts (id) -- three"
    scene.write("2_posts", slow)
    scene.write("3_likes", "CREATE INDEX CONCURRENTLY likes ON users (email);")

    ran = rehearsed(scene, "check", "--report-json", "result.json")

    assert_said(ran, 0, "line 2, SELECT:")
    first, second = (step["statements"] for step in result_in(scene.root)["rehearsal"]["steps"])
    assert [(one["statement"], one["line"], one["kind"]) for one in first] == [
        (1, 1, "CREATE TABLE"),
        (2, 2, "SELECT"),
        (3, 4, "CREATE INDEX"),
    ]
    assert first[1]["duration_ms"] >= 200
    assert first[0]["duration_ms"] < 200
    assert [one["kind"] for one in second] == ["CREATE INDEX CONCURRENTLY"]


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 2, 3])
def test_failure_on_the_copy_has_its_line_though_statements_are_timed(scene: FaultScene, number: int) -> None:
    statements = ["CREATE TABLE posts (id int);", "ALTER TABLE posts ADD COLUMN a int;", "CREATE INDEX ON posts (id);"]
    statements[number - 1] = "SELECT\n  é_nowhere\nFROM posts_or_users;"
    scene.write("2_posts", "\n".join(statements))

    ran = rehearsed(scene, "check")

    assert_said(ran, 5, f"2_posts/migration.sql:{number + 2}, statement {number} (SELECT)", "42P01")


Zoned = Callable[[str, str], tuple[TestDatabase, str]]
REFUSES_A_REWRITE = """CREATE TABLE posts AS SELECT pg_relation_filenode('events') AS was;
ALTER TABLE events ALTER COLUMN at TYPE timestamptz;
DO $$ BEGIN IF pg_relation_filenode('events') <> (SELECT was FROM posts) THEN
RAISE 'the table was rewritten' USING ERRCODE = '0A000'; END IF; END $$;"""


@pytest.mark.slow
@pytest.mark.parametrize(("timezone", "is_rewritten"), [("UTC", False), ("Europe/Berlin", True)])
@pytest.mark.parametrize("given_by", ["server", "database", "address"])
def test_table_is_rewritten_on_the_copy_exactly_where_it_is_on_the_target(
    tmp_path: Path, zoned: Zoned, given_by: str, timezone: str, *, is_rewritten: bool
) -> None:
    database, address = zoned(given_by, timezone)
    scene = scene_of(tmp_path, database, {"1_events": "CREATE TABLE events (at timestamp);"}).through(address)
    assert_said(scene.deploy(), 0)
    scene.write("2_posts", REFUSES_A_REWRITE)

    on_the_copy, on_the_target = rehearsed(scene, "check"), scene.deploy()

    assert_said(on_the_copy, 5 if is_rewritten else 0, *(["2_posts", "0A000"] if is_rewritten else []))
    assert_said(on_the_target, 6 if is_rewritten else 0, *(["2_posts", "0A000"] if is_rewritten else []))


@pytest.fixture
def zoned(database: TestDatabase, postgres_binaries: Path) -> Iterator[Zoned]:
    """A database whose sessions have a time zone, given by its server, by itself, or by its address, which is told."""
    with ExitStack() as ending:

        def make(given_by: str, timezone: str) -> tuple[TestDatabase, str]:
            if given_by == "server":
                kept, own = server_from(postgres_binaries, timezone=timezone)
                ending.callback(kept.end)
                return own, own.url
            if given_by == "database":
                database.execute(f"ALTER DATABASE {database.name} SET timezone = '{timezone}'")
                return database, database.url
            return database, f"{database.url}?options=-c%20TimeZone%3D{timezone}"

        yield make


def test_snapshot_without_its_path_is_a_mistake_of_the_configuration(scene: FaultScene) -> None:
    ran = run("check", "--rehearse", "snapshot", cwd=scene.root, env={"DATABASE_URL": scene.address})

    assert_said(ran, 2, "--rehearse", "the option snapshot beside it")

"""However a rehearsal ends, nothing of it is left: no process, no directory, no database."""

import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from drydock.scratch.embedded import EmbeddedProvider
from tests.end_to_end.faults import FaultScene, assert_only, assert_said, scene_of
from tests.fixtures.database import TestDatabase
from tests.fixtures.program import Running, run, started
from tests.fixtures.rooms import small_disk
from tests.fixtures.scratch import enterable, eventually, like, processes_in

pytestmark = pytest.mark.slow

USERS = {"1_users": "CREATE TABLE users (id int PRIMARY KEY, email text);"}
ROWS = "INSERT INTO users SELECT i, md5(i::text) FROM generate_series(1, 20000) i"
SECONDS = 110.0
WITHIN = 7.0
MARK = "LC_DRYDOCK_TEST"
"""A variable that every child may see."""

# Slow where it is restored, and nowhere else.
SLOW = """CREATE FUNCTION slow(i int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN
IF current_setting('application_name') = 'drydock restore' THEN PERFORM pg_sleep(0.1); END IF; RETURN i; END $$;"""
STAGES = {
    "COPY": f"{SLOW} ALTER TABLE users ADD CHECK (public.slow(id) > 0)",
    "CREATE INDEX": f"{SLOW} CREATE INDEX ON users (public.slow(id))",
}


@pytest.fixture
def scene(tmp_path: Path, database: TestDatabase) -> FaultScene:
    """A target with one migration applied and one pending, rows, and a snapshot."""
    made = scene_of(tmp_path / "project", database, USERS)
    assert_said(made.deploy(), 0)
    database.execute(ROWS)
    return made


def snapshot(scene: FaultScene) -> None:
    """Take one, and let a migration be pending."""
    environment = {"DATABASE_URL": scene.address}
    assert_said(run("snapshot", "shop.dump", cwd=scene.root, env=environment, seconds=SECONDS), 0)
    scene.write("2_users_email", "CREATE INDEX users_email ON users (email);")


@contextmanager
def rehearsing(scene: FaultScene, place: Path, on: str, *options: str, **environment: str) -> Iterator[Running]:
    """A check that rehearses in `place`."""
    snapshots = ("--snapshot", "shop.dump") if on == "snapshot" else ()
    seen = {"DATABASE_URL": scene.address, "TMPDIR": str(place), MARK: str(place), **environment}
    with started("check", "--rehearse", on, *snapshots, *options, cwd=scene.root, env=seen) as running:
        yield running


def left(place: Path) -> list[str]:
    """Files, and command lines of processes, that are there still."""
    files = [str(path) for path in place.iterdir()]
    kept = [str(path) for path in Path("/var/cache/drydock").glob("*/drydock-scratch-*")]
    return [*files, *kept, *processes_in(place), *_marked(place)]


def _marked(place: Path) -> Iterator[str]:
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={place}".encode() in (entry / "environ").read_bytes():
                yield (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue


@pytest.mark.parametrize("stage", STAGES)
def test_signal_in_a_restore_ends_it_soon_and_leaves_nothing(scene: FaultScene, place: Path, stage: str) -> None:
    scene.database.execute(STAGES[stage])
    snapshot(scene)

    with rehearsing(scene, place, "snapshot") as running:
        assert eventually(lambda: any(stage in line for line in processes_in(place))), running.said
        running.signal(signal.SIGTERM)
        ran = running.finished(WITHIN)

    assert_said(ran, 143, "INTERRUPTED", "The target was not touched")
    assert left(place) == []
    assert_only(scene, "1_users")


@pytest.mark.parametrize(("on", "count"), [("target-schema", 5), ("snapshot", 10)])
def test_nothing_is_left_whenever_a_rehearsal_is_killed(scene: FaultScene, place: Path, on: str, count: int) -> None:
    for moment in moments(scene, place, on, count=count):
        with rehearsing(scene, place, on) as running:
            time.sleep(moment)
            running.kill()
        assert eventually(lambda: not left(place)), (moment, left(place))
    assert_only(scene, "1_users")


def test_signal_at_any_moment_ends_a_rehearsal_soon(scene: FaultScene, place: Path) -> None:
    for moment in moments(scene, place, "snapshot", count=5):
        with rehearsing(scene, place, "snapshot") as running:
            time.sleep(moment)
            running.signal(signal.SIGTERM)
            ran = running.finished(WITHIN)
        # Earlier than any handler can be there, and later than anything can be interrupted.
        assert ran.exit_code in (143, -15, 0), (moment, ran.said)
        assert "Traceback" not in ran.said, ran.said
        assert eventually(lambda: not left(place)), (moment, left(place))
    assert_only(scene, "1_users")


def test_database_on_a_given_server_is_gone_whenever_a_rehearsal_is_killed(
    scene: FaultScene, embedded: EmbeddedProvider
) -> None:
    with embedded.provide(like(), needed_bytes=1 << 20) as server, enterable() as elsewhere:
        given = {"DRYDOCK_SCRATCH": "given", "DRYDOCK_SCRATCH_URL": server.address.reveal()}
        for moment in moments(scene, elsewhere, "target-schema", count=5, **given):
            with rehearsing(scene, elsewhere, "target-schema", **given) as running:
                time.sleep(moment)
                running.kill()
            assert eventually(lambda: not left(elsewhere)), (moment, left(elsewhere))
            assert eventually(lambda: not scratches(server.address.reveal())), moment


def test_restore_that_fills_the_disk_says_so_and_leaves_nothing(scene: FaultScene, place: Path) -> None:
    scene.database.execute("INSERT INTO users SELECT i, repeat('x', 1000) FROM generate_series(30001, 230000) i")
    snapshot(scene)

    with small_disk(place / "small", "260m") as small:
        with rehearsing(scene, small, "snapshot") as running:
            ran = running.finished(SECONDS)
        assert_said(ran, 11, "NO REHEARSAL", "ran out of disk", "TABLE DATA public.users", "target was not touched")
        assert_said(ran, 11, f"The scratch is on {small}, which has room for 272 MB", "size=520m")
        assert left(small) == []
    assert_only(scene, "1_users")


def moments(scene: FaultScene, place: Path, on: str, *, count: int, **environment: str) -> list[float]:
    """Random moments of a rehearsal, in seconds from its start."""
    snapshot(scene)
    with rehearsing(scene, place, on, **environment) as running:
        ran = running.finished(SECONDS)
    assert_said(ran, 0, "2_users_email")
    return sorted(random.uniform(0.0, ran.seconds) for _ in range(count))  # noqa: S311 - repeated by pytest's seed


def scratches(url: str) -> list[str]:
    """Scratch databases that are on the server."""
    with psycopg.connect(url) as session:
        found = session.execute("SELECT datname FROM pg_database WHERE datname LIKE 'drydock%'").fetchall()
    return [str(name) for (name,) in found]

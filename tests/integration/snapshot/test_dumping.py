"""A dump waits for nobody, tells nobody the password, and leaves out what the role may not read."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest

from drydock.command import Command
from drydock.errors import ExitCode, RehearsalError
from drydock.process import run
from drydock.snapshot.dumping import Dumper, Order, dump
from drydock.snapshot.readable import Readable, what_may_be_read
from tests.fixtures.database import TestDatabase
from tests.integration.snapshot.dumpers import dumper_of, reading

EVERYTHING = Readable(excluded_schemas=(), excluded_tables=(), skipped=())
LIMIT = 20.0


def test_lock_on_the_target_ends_the_dump_soon_and_the_password_is_nowhere(
    database: TestDatabase, tmp_path: Path
) -> None:
    database.execute("CREATE TABLE ship (id integer)")
    canary = database.role("dumper", "LOGIN SUPERUSER")
    order = Order(leaving_out=EVERYTHING, lock_wait=timedelta(seconds=3))
    with reading(canary) as reader, database.connect(autocommit=False) as session, ThreadPoolExecutor(1) as pool:
        session.execute("ALTER TABLE ship ADD name text")
        dumper = dumper_of(canary, reader)
        begun = monotonic()

        ended = pool.submit(dump, order, tmp_path / "x.dump", dumper=dumper, server_major=dumper.programs.major)
        wait_for_a_blocked_session(database)
        arguments = command_lines()
        with pytest.raises(RehearsalError) as caught:
            ended.result(LIMIT)

    assert monotonic() - begun < LIMIT
    assert any("pg_dump" in words for words in arguments)
    assert not any(canary.password in words for words in arguments)
    assert caught.value.exit_code == ExitCode.NO_REHEARSAL
    assert "A session holds a lock on public.ship" in caught.value.what
    assert "Run again" in caught.value.hint
    assert canary.password not in caught.value.what


def test_pg_dump_older_than_the_server_is_not_run(database: TestDatabase, tmp_path: Path) -> None:
    with reading(database) as reader:
        dumper = replace(dumper_of(database, reader), environment={"PGHOST": "/nowhere"})

        with pytest.raises(RehearsalError, match="older than the server, which is of 99"):
            dump(Order(leaving_out=EVERYTHING), tmp_path / "x.dump", dumper=dumper, server_major=99)


def test_refusal_is_told_in_pg_dumps_last_words(database: TestDatabase, tmp_path: Path) -> None:
    database.execute("CREATE TABLE closed (id integer)")
    stranger = database.role("stranger")
    with reading(stranger) as reader:
        dumper = dumper_of(stranger, reader)

        with pytest.raises(RehearsalError, match=r"pg_dump ended with exit code 1: .*closed"):
            dump(Order(leaving_out=EVERYTHING), tmp_path / "x.dump", dumper=dumper, server_major=1)


CLOSED = """
CREATE SCHEMA "no $entry"; CREATE TABLE "no $entry".t (id serial); CREATE VIEW "no $entry".v AS SELECT 1;
CREATE SCHEMA half; CREATE TABLE half.open (id serial); CREATE TABLE half."Not*" (id serial); CREATE TABLE half.nota ();
CREATE SCHEMA shut; CREATE TABLE shut.a (id integer); CREATE SCHEMA bare;
CREATE TABLE public.ship (id serial);
GRANT USAGE ON SCHEMA half, shut, bare TO PUBLIC;
GRANT SELECT ON half.open, half.nota, public.ship TO PUBLIC;
"""


@pytest.mark.parametrize("with_rows", [False, True], ids=["schema", "full"])
def test_what_may_not_be_read_is_left_out_and_named(database: TestDatabase, tmp_path: Path, *, with_rows: bool) -> None:
    database.execute(CLOSED + "GRANT SELECT ON half.open_id_seq, public.ship_id_seq TO PUBLIC")
    stranger = database.role("stranger")
    with reading(stranger) as reader:
        readable = what_may_be_read(reader, with_rows=with_rows)
        dumper = dumper_of(stranger, reader)
        order = Order(leaving_out=readable, with_rows=with_rows)
        dump(order, tmp_path / "x.dump", dumper=dumper, server_major=dumper.programs.major)

    assert {(one.kind, one.name) for one in readable.skipped} == {
        ("schema", '"no $entry"'),
        ("schema", "shut"),
        ("table", 'half."Not*"'),
        ("sequence", 'half."Not*_id_seq"'),
    }
    assert {one.name: one.relations for one in readable.skipped}['"no $entry"'] == (
        '"no $entry".t',
        '"no $entry".t_id_seq',
        '"no $entry".v',
    )
    told = listing(dumper, tmp_path / "x.dump")
    assert "TABLE half open" in told
    assert "TABLE half nota" in told
    assert "SCHEMA - bare" in told
    assert "Not*" not in told
    assert "shut" not in told
    assert "entry" not in told


def test_superuser_may_read_everything(database: TestDatabase) -> None:
    database.execute(CLOSED)
    with reading(database) as reader:
        assert what_may_be_read(reader, with_rows=True) == EVERYTHING


def wait_for_a_blocked_session(database: TestDatabase) -> None:
    """Until somebody on this database waits for a lock."""
    deadline = monotonic() + LIMIT
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    while not database.value(waiting):
        assert monotonic() < deadline, "nobody waits for the lock"


def command_lines() -> list[str]:
    """The arguments of every process of this machine."""
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(process.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
        except OSError:
            continue
    return found


def listing(dumper: Dumper, path: Path) -> str:
    """What pg_restore finds in a dump."""
    command = Command(
        argv=(str(dumper.programs.binaries / "pg_restore"), "--list", str(path)),
        environment=dumper.environment,
        directory=path.parent,
        time_limit=timedelta(seconds=LIMIT),
    )
    return run(command).stdout

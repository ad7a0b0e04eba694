"""What may not or cannot be on a copy is left out and named; nothing reaches out of it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from drydock.errors import RehearsalError
from drydock.model import Skipped
from drydock.snapshot.dumps import look_at
from drydock.snapshot.restore import restore
from drydock.snapshot.restoring import Restored
from tests.fakes import FakeScratch
from tests.fixtures.database import TestDatabase
from tests.fixtures.snapshots import DUMPS, Dumper, means_of


@pytest.fixture
def scratch(second_database: TestDatabase, tmp_path: Path) -> FakeScratch:
    """An empty database that stands for an embedded scratch."""
    return FakeScratch(database=second_database, directory=tmp_path)


def restored_text(text: str, scratch: FakeScratch, dumper: Dumper) -> Restored:
    path = scratch.directory / "hand-made.sql"
    path.write_text(text, "utf-8")
    return restore(look_at(path, "hand-made.sql"), scratch, means=means_of(dumper))


def provider(name: str, scratch: FakeScratch, dumper: Dumper) -> Restored:
    text = (DUMPS / f"{name}.sql").read_text("utf-8")
    return restored_text(text.replace("{s}", f"_{scratch.database.name}"), scratch, dumper)


def named(restored: Restored) -> set[tuple[str, str]]:
    return {(each.kind, each.name) for each in restored.skipped}


@contextmanager
def listener() -> Iterator[socket.socket]:
    """A port that counts who calls."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        yield listening


def was_called(listening: socket.socket) -> bool:
    try:
        listening.accept()[0].close()
    except TimeoutError:
        return False
    return True


@pytest.mark.parametrize("form", ["-Fc", "-Fp"])
def test_nothing_reaches_out_of_the_copy(
    database: TestDatabase, scratch: FakeScratch, newest_dumper: Dumper, tmp_path: Path, form: str
) -> None:
    touched = tmp_path / "touched"
    with listener() as listening:
        text = (DUMPS / "canary.sql").read_text("utf-8")
        database.execute(text.format(port=listening.getsockname()[1], touched=touched))
        database.execute(
            "CREATE SUBSCRIPTION sub CONNECTION 'host=127.0.0.1 password=canary-in-subscription' PUBLICATION p"
            " WITH (connect = false, slot_name = NONE)"
        )
        path = newest_dumper.dump(database, tmp_path / "shop.dump", form)
        database.execute("DROP SUBSCRIPTION sub")

        restored = restore(look_at(path, "shop.dump"), scratch, means=means_of(newest_dumper))

        on_scratch = scratch.database
        with pytest.raises(Exception, match=r"drydock-disabled|could not connect|user mapping"):
            on_scratch.rows("SELECT * FROM far")
        with pytest.raises(Exception, match="drydock-disabled"):
            on_scratch.rows("SELECT * FROM program")
        assert not was_called(listening)
    assert not touched.exists()
    assert on_scratch.rows("SELECT count(*) FROM pg_user_mappings, pg_subscription") == [(0,)]
    assert {("subscription", "sub"), ("user mapping", 'public on Far "away')} <= named(restored)
    assert on_scratch.rows("SELECT evtenabled FROM pg_event_trigger") == [("D",)]
    assert any("told" in note and "disabled" in note for note in restored.notes)
    assert any("faraway leads nowhere" in note for note in restored.notes)
    assert "canary" not in repr(restored)
    options = on_scratch.rows("SELECT srvoptions::text FROM pg_foreign_server ORDER BY 1")
    assert "127.0.0.1" not in str(options)


def test_rds_shapes(scratch: FakeScratch, newest_dumper: Dumper) -> None:
    restored = provider("rds", scratch, newest_dumper)

    assert named(restored) == {
        ("setting", "some_new_setting_of_a_newer_server"),
        ("tablespace", "fast_ssd"),
        *(("extension", name) for name in ("aws_commons", "aws_s3", "pg_cron")),
        ("table data", "cron.job"),
        ("security label", ""),
    }
    assert scratch.database.value("SELECT count(*) FROM orders") == 2
    assert "canary" not in repr(restored)
    assert any("rds_superuser" in note and "made up" in note for note in restored.notes)


def test_supabase_shapes(scratch: FakeScratch, newest_dumper: Dumper) -> None:
    restored = provider("supabase", scratch, newest_dumper)

    extensions = {("extension", name) for name in ("pg_graphql", "pgsodium", "supabase_vault")}
    assert named(restored) == extensions | {("statement", "vault.decrypted")}
    assert [each.relations for each in restored.skipped if each.relations] == [("vault.decrypted",)]
    assert scratch.database.value("SELECT count(*) FROM auth.users") == 1
    assert "canary" not in repr(restored)


@pytest.mark.parametrize(("name", "extension"), [("neon", "neon"), ("cloudsql", "google_vacuum_mgmt")])
def test_other_providers_shapes(scratch: FakeScratch, newest_dumper: Dumper, name: str, extension: str) -> None:
    restored = provider(name, scratch, newest_dumper)

    assert named(restored) == {("extension", extension)}
    assert scratch.database.value("SELECT count(*) FROM orders") == 1


def test_timescale_chunks_are_named_with_their_relations(scratch: FakeScratch, newest_dumper: Dumper) -> None:
    restored = provider("timescale", scratch, newest_dumper)

    assert named(restored) == {
        ("extension", "timescaledb"),
        ("table", "_timescaledb_internal._hyper_1_1_chunk"),
        ("table data", "_timescaledb_catalog.hypertable"),
        ("trigger", "public.metrics.ts_insert_blocker"),
    }
    relations = {name for each in restored.skipped for name in each.relations}
    assert relations == {"_timescaledb_internal._hyper_1_1_chunk"}


def test_table_that_hangs_on_a_missing_extension_is_named(
    database: TestDatabase, scratch: FakeScratch, dumper: Dumper, tmp_path: Path
) -> None:
    database.execute(
        "CREATE EXTENSION citext; CREATE TABLE people (id int PRIMARY KEY, mail citext); CREATE TABLE kept (id int);"
        "CREATE VIEW mails AS SELECT mail FROM people; CREATE INDEX ON people (mail);"
        "INSERT INTO people VALUES (1, 'x');"
        "COMMENT ON TABLE people IS 'x'; ALTER TABLE kept ADD p int REFERENCES people"
    )
    path = dumper.dump(database, tmp_path / "shop.sql")
    # As on a server that has no such extension.
    path.write_bytes(path.read_bytes().replace(b"EXTENSION IF NOT EXISTS citext", b"EXTENSION IF NOT EXISTS cintext"))

    restored = restore(look_at(path, "shop.sql"), scratch, means=means_of(dumper))

    missing = {(each.kind, each.name): each.relations for each in restored.skipped if each.kind != "setting"}
    assert missing.pop(("extension", "cintext")) == ()
    assert missing == {
        ("table", "public.people"): ("public.people",),
        ("view", "public.mails"): ("public.mails",),
        ("fk constraint", "public.kept.kept_p_fkey"): (),
    }
    assert scratch.database.tables() == {"kept"}


def test_the_same_failure_is_fatal_when_nothing_is_missing(scratch: FakeScratch, newest_dumper: Dumper) -> None:
    with pytest.raises(RehearsalError, match=r"hand-made.sql cannot be restored: .*42704"):
        restored_text("CREATE TABLE people (id int, mail citext);", scratch, newest_dumper)


def test_what_hangs_on_a_schema_that_was_left_out_is_skipped(
    database: TestDatabase, scratch: FakeScratch, newest_dumper: Dumper, tmp_path: Path
) -> None:
    database.execute("CREATE SCHEMA other; CREATE TYPE other.t AS ENUM ('a'); CREATE TABLE uses (t other.t)")
    path = newest_dumper.dump(database, tmp_path / "shop.dump", "-Fc", "--schema-only", "-N", "other")
    known = Skipped(kind="schema", name="other", reason="it is not among the migrations' schemas")

    restored = restore(look_at(path, "shop.dump"), scratch, means=means_of(newest_dumper), skipped=(known,))

    assert restored.skipped[0] == known
    assert ("table", "public.uses") in named(restored)
    assert not restored.has_rows


@pytest.mark.parametrize(
    "text",
    [
        "COPY t FROM PROGRAM 'touch {touched}; echo 1';",
        "COPY t FROM/* */PROGRAM 'touch {touched}; echo 1' WHERE a IS DISTINCT FROM stdin;",
        "copy t (a) from program $$touch {touched}; echo 1$$;",
        "COPY (SELECT 1) TO PROGRAM 'touch {touched}';",
        "COPY t TO '{touched}';",
        "\\! touch {touched}\n",
        "  \\! touch {touched}\n",
        "\\o {touched}\n",
    ],
)
def test_programs_and_files_are_never_touched(
    scratch: FakeScratch, newest_dumper: Dumper, tmp_path: Path, text: str
) -> None:
    touched = tmp_path / "touched"
    tmp_path.chmod(0o777)

    restored = restored_text(
        f"CREATE TABLE t (a int);\n{text.format(touched=touched)}\nINSERT INTO t VALUES (5);", scratch, newest_dumper
    )

    assert not touched.exists()
    assert scratch.database.rows("SELECT a FROM t") == [(5,)]
    assert "copy" in {each.kind for each in restored.skipped} or any("psql command" in note for note in restored.notes)


def test_two_statements_that_look_like_one_are_refused_by_the_server(
    scratch: FakeScratch, newest_dumper: Dumper
) -> None:
    text = "CREATE TABLE t (a int); SET \"standard_conforming_strings\" = 'off';\nSELECT '\\'; DROP TABLE t; --';\n"

    with pytest.raises(RehearsalError):
        restored_text(text, scratch, newest_dumper)

    assert scratch.database.tables() == {"t"}


def test_scratch_without_roles_skips_owners_and_names_roles_once(
    second_database: TestDatabase, newest_dumper: Dumper, tmp_path: Path
) -> None:
    scratch = FakeScratch(database=second_database, directory=tmp_path, takes_roles=False)

    restored = restored_text(
        "CREATE TABLE a (x int); ALTER TABLE a OWNER TO nobody_here; CREATE TABLE b (x int);\n"
        "ALTER TABLE b OWNER TO nobody_here; GRANT SELECT ON a TO nobody_here, public;",
        scratch,
        newest_dumper,
    )

    assert named(restored) == {("role", "nobody_here")}
    assert second_database.tables() == {"a", "b"}

"""Dumps that are cut off, damaged, encrypted or too new: named plainly, and nothing else happens."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from drydock.errors import RehearsalError
from drydock.redact import Secret
from drydock.snapshot.downloads import Downloading
from drydock.snapshot.dumps import look_at
from drydock.snapshot.restore import restore
from drydock.snapshot.restoring import Means
from drydock.snapshot.source import SnapshotSource, Wanted
from drydock.sql.interface import Needs
from tests.fakes import FakeScratch
from tests.fixtures.database import TestDatabase
from tests.fixtures.http_server import no_fetch
from tests.fixtures.snapshots import INSTALLED, Dumper, Said, dumper_of, means_of, packed, rich


@pytest.fixture
def scratch(second_database: TestDatabase, tmp_path: Path) -> FakeScratch:
    """An empty database that stands for an embedded scratch."""
    return FakeScratch(database=second_database, directory=tmp_path)


def source_of(path: Path, means: Means, *, sha256: str | None = None) -> SnapshotSource:
    downloading = Downloading(fetch=no_fetch, directory=path.parent, say=means.say, stopped=means.stopped)
    wanted = Wanted(location=Secret(path.name), root=path.parent, sha256=sha256, downloading=downloading)
    return SnapshotSource(wanted, means)


def brought(path: Path, scratch: FakeScratch, dumper: Dumper) -> None:
    source = source_of(path, means_of(dumper))
    source.prepare()
    source.load(scratch, Needs)


@pytest.mark.parametrize("case", list(product(("-Fc", "-Ft", "-Fp"), ("none", "gzip", "zstd"))), ids=" ".join)
def test_file_that_is_cut_off_is_named_wherever_the_cut_is(
    database: TestDatabase, scratch: FakeScratch, newest_dumper: Dumper, tmp_path: Path, case: tuple[str, str]
) -> None:
    form, how = case
    rich(database)
    whole = packed(newest_dumper.dump(database, tmp_path / "shop.dump", form), how).read_bytes()
    cut = tmp_path / "cut.dump"

    for part in (0.00003, 0.002, 0.1, 0.5, 0.9, 0.995):
        cut.write_bytes(whole[: max(3, int(len(whole) * part))])
        if form == "-Ft" and part > 0.99 and how == "none":
            continue  # A tar ends with zeros that nobody needs.
        scratch.database.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public; DROP SCHEMA IF EXISTS app CASCADE")
        scratch.database.execute('DROP SCHEMA IF EXISTS "Odd ""one; x" CASCADE')
        scratch.database.execute("SELECT lo_unlink(oid) FROM pg_largeobject_metadata")
        with pytest.raises(RehearsalError, match=r"cut\.dump") as failure:
            brought(cut, scratch, newest_dumper)
        assert "x.org" not in str(failure.value)


def test_directory_without_one_of_its_files_is_named(
    database: TestDatabase, scratch: FakeScratch, newest_dumper: Dumper, tmp_path: Path
) -> None:
    rich(database)
    path = newest_dumper.dump(database, tmp_path / "shop", "-Fd")
    max(path.glob("*.dat.gz"), key=lambda file: file.stat().st_size).unlink()

    with pytest.raises(RehearsalError, match="shop is cut off or damaged"):
        brought(path, scratch, newest_dumper)


STRANGE: dict[str, tuple[bytes | Callable[[], bytes], str]] = {
    "empty": (b"", "is empty"),
    "random": (lambda: b"\x99" + os.urandom(5000), "no dump of pg_dump, or it is encrypted"),
    "openssl": (b"Salted__" + bytes(range(256)) * 9, "encrypted"),
    "pgp": (b"-----BEGIN PGP MESSAGE-----\n\nx\n", "encrypted"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(900), "no dump of pg_dump"),
    "a page": (b"<html><body>Please log in</body></html>\n", "no dump of pg_dump"),
    "utf-16": ("SET x = 1;".encode("utf-16"), "UTF-16"),
    "xz": (b"\xfd7zXZ\x00" + bytes(50), "xz"),
    "whole server": (b"--\n-- PostgreSQL database cluster dump\n--\n", "pg_dumpall"),
    "empty gzip": (bytes.fromhex("1f8b08000000000000030300000000000000000000"), "empty inside"),
    "only magic": (b"PGDMP", "cut off or damaged in its heading"),
    "wrong version": (b"PGDMP\x01\x63\x00\x04\x08\x01" + bytes(500), r"archive version 1\.99"),
    "wrong format": (b"PGDMP\x01\x0e\x00\x04\x08\x09" + bytes(500), "damaged in its heading"),
}


@pytest.mark.parametrize("name", STRANGE)
def test_strange_file_is_named(tmp_path: Path, newest_dumper: Dumper, name: str) -> None:
    content, says = STRANGE[name]
    path = tmp_path / "strange.dump"
    path.write_bytes(content if isinstance(content, bytes) else content())

    with pytest.raises(RehearsalError, match=rf"strange\.dump.*{says}"):
        source_of(path, means_of(newest_dumper)).prepare()


@pytest.mark.parametrize("path", ["absent.dump", "."])
def test_what_is_not_there_is_named(tmp_path: Path, newest_dumper: Dumper, path: str) -> None:
    with pytest.raises(RehearsalError, match=r"absent\.dump|no toc\.dat"):
        source_of(tmp_path / path, means_of(newest_dumper)).prepare()


@pytest.mark.skipif(not {15, 18} <= INSTALLED.keys(), reason="needs pg_dump 18 and pg_restore 15")
def test_archive_newer_than_the_programs_names_both(database: TestDatabase, tmp_path: Path) -> None:
    path = dumper_of(18).dump(database, tmp_path / "new.dump", "-Fc")

    with pytest.raises(
        RehearsalError, match=r"pg_dump 18\.\d+ as archive version 1\.16; pg_restore 15 reads up to 1\.14"
    ):
        source_of(path, means_of(dumper_of(15))).prepare()


def test_statement_that_the_server_refuses_is_named_without_values(
    scratch: FakeScratch, newest_dumper: Dumper, tmp_path: Path
) -> None:
    path = tmp_path / "shop.sql"
    path.write_text("CREATE TABLE t (a int PRIMARY KEY);\nCOPY t (a) FROM stdin;\n77001\n77001\n\\.\n")

    with pytest.raises(RehearsalError, match=r"shop\.sql cannot be restored: .*23505") as failure:
        brought(path, scratch, newest_dumper)

    assert "77001" not in str(failure.value)


@pytest.mark.parametrize("form", ["-Fc", "-Fp"])
def test_restore_ends_soon_when_it_is_stopped(
    database: TestDatabase, scratch: FakeScratch, newest_dumper: Dumper, tmp_path: Path, form: str
) -> None:
    database.execute("CREATE TABLE big AS SELECT i, md5(i::text) AS t FROM generate_series(1, 400000) i")
    database.execute(
        "CREATE FUNCTION slow(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$BEGIN PERFORM 1; RETURN $1; END$$"
    )
    database.execute("CREATE INDEX slow ON big (slow(i)); CREATE INDEX slow2 ON big (slow(i), t)")
    path = newest_dumper.dump(database, tmp_path / "big.dump", form)
    begun = time.monotonic()
    said = Said(stop_when=lambda: time.monotonic() - begun > 0.4)

    with pytest.raises(RehearsalError, match="stopped"):
        restore(look_at(path, "big.dump"), scratch, means=means_of(newest_dumper, said=said))

    assert time.monotonic() - begun < 4
    sessions = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    deadline = time.monotonic() + 10
    while scratch.database.value(sessions) and time.monotonic() < deadline:
        pass
    assert scratch.database.value(sessions) == 0


def test_scratch_that_runs_full_says_so(
    database: TestDatabase, newest_dumper: Dumper, maintenance: TestDatabase, scratch: FakeScratch, tmp_path: Path
) -> None:
    disk = tmp_path_for_server(maintenance)
    owner = disk.parent.stat()
    options = f"size=24m,mode=0700,uid={owner.st_uid},gid={owner.st_gid}"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", disk], check=False, capture_output=True)
    if mounted.returncode != 0:
        shutil.rmtree(disk)
        pytest.skip("a tmpfs cannot be mounted here")
    try:
        database.execute("CREATE TABLE big AS SELECT i, md5(i::text) AS t FROM generate_series(1, 300000) i")
        path = newest_dumper.dump(database, tmp_path / "big.dump", "-Fc")
        maintenance.execute(f"CREATE TABLESPACE small LOCATION '{disk}'")
        maintenance.execute(f'ALTER DATABASE "{scratch.database.name}" SET TABLESPACE small')
        with pytest.raises(
            RehearsalError, match=r"ran out of disk while big\.dump was restored, at TABLE DATA public\.big"
        ) as full:
            restore(look_at(path, "big.dump"), replace(scratch, room=5_000_000), means=means_of(newest_dumper))
        assert "of which 5 MB are left" in full.value.hint
    finally:
        maintenance.execute(f'ALTER DATABASE "{scratch.database.name}" SET TABLESPACE pg_default')
        maintenance.execute("DROP TABLESPACE IF EXISTS small")
        subprocess.run(["umount", disk], check=True)
        shutil.rmtree(disk)


def tmp_path_for_server(maintenance: TestDatabase) -> Path:
    """A directory that the server may use."""
    if maintenance.socket_directory is None or os.geteuid() != 0:
        pytest.skip("needs root and a server of its own")
    disk = maintenance.socket_directory / "small"
    disk.mkdir()
    return disk

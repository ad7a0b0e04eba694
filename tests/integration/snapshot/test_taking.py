"""`drydock snapshot` leaves a whole dump and its description, or nothing."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest

from drydock.errors import RehearsalError
from drydock.snapshot.taking import SnapshotTaken, Subject, Wanted, digest_of, take_snapshot
from tests.fixtures.database import TestDatabase
from tests.integration.snapshot.dumpers import dumper_of, reading
from tests.integration.snapshot.test_dumping import listing


@pytest.mark.parametrize("form", ["custom", "directory"])
def test_snapshot_and_its_description_are_there(
    database: TestDatabase, tmp_path: Path, form: Literal["custom", "directory"]
) -> None:
    database.execute("CREATE TABLE ship (id integer); INSERT INTO ship VALUES (1)")
    wanted = Wanted(path=tmp_path / "deep" / "shop.dump", form=form, jobs=2)

    taken = taken_of(database, wanted)

    described = json.loads((tmp_path / "deep" / "shop.dump.json").read_text())
    assert (taken.sha256, taken.size_bytes) == digest_of(wanted.path)
    assert described["sha256"] == taken.sha256
    assert described["history"] == ["one", "two"]
    assert described["database"] == database.name
    assert described["has_rows"] is True
    assert datetime.now(UTC) - datetime.fromisoformat(described["taken_at"]) < timedelta(minutes=1)
    assert {found.name for found in wanted.path.parent.iterdir()} == {"shop.dump", "shop.dump.json"}
    with reading(database) as reader:
        assert "TABLE DATA public ship" in listing(dumper_of(database, reader), wanted.path)


def test_digest_of_a_file_is_its_sha256(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc")

    assert digest_of(tmp_path / "x") == (hashlib.sha256(b"abc").hexdigest(), 3)
    assert digest_of(tmp_path)[0] == hashlib.sha256(f"{hashlib.sha256(b'abc').hexdigest()}  x\n".encode()).hexdigest()


def test_schema_alone_holds_no_rows(database: TestDatabase, tmp_path: Path) -> None:
    database.execute("CREATE TABLE ship (id integer); INSERT INTO ship VALUES (1)")

    taken = taken_of(database, Wanted(path=tmp_path / "x", with_rows=False))

    assert not taken.has_rows
    with reading(database) as reader:
        assert "TABLE DATA" not in listing(dumper_of(database, reader), taken.path)


def test_what_is_there_is_replaced_only_when_asked(database: TestDatabase, tmp_path: Path) -> None:
    wanted = Wanted(path=tmp_path / "x", form="directory")
    first = taken_of(database, wanted)
    database.execute("CREATE TABLE ship (id integer)")

    with pytest.raises(RehearsalError, match="is there already"):
        taken_of(database, wanted)
    second = taken_of(database, Wanted(path=tmp_path / "x", form="directory", overwrite=True))
    third = taken_of(database, Wanted(path=tmp_path / "x", overwrite=True))

    assert first.sha256 != second.sha256
    assert digest_of(tmp_path / "x")[0] == third.sha256
    assert len(list(tmp_path.iterdir())) == 2


def test_directory_that_is_no_dump_is_never_replaced(database: TestDatabase, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("x")

    with pytest.raises(RehearsalError, match="is a directory and no dump"):
        taken_of(database, Wanted(path=tmp_path, overwrite=True))

    assert (tmp_path / "precious").exists()


def test_failed_dump_leaves_the_old_one_and_nothing_else(database: TestDatabase, tmp_path: Path) -> None:
    database.execute("CREATE TABLE ship (id integer)")
    old = taken_of(database, Wanted(path=tmp_path / "x"))

    with database.connect(autocommit=False) as session:
        session.execute("LOCK ship")
        with pytest.raises(RehearsalError, match=r"public\.ship"):
            taken_of(database, Wanted(path=tmp_path / "x", overwrite=True))

    assert digest_of(tmp_path / "x")[0] == old.sha256
    assert {found.name for found in tmp_path.iterdir()} == {"x", "x.json"}


def taken_of(database: TestDatabase, wanted: Wanted) -> SnapshotTaken:
    """A snapshot by the real pg_dump."""
    with reading(database) as reader:
        version = reader.describe().server_version
        subject = Subject(database=database.name, server_version=version, history=("one", "two"))
        return take_snapshot(wanted, subject, dumper=dumper_of(database, reader))

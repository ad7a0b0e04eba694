"""The target's schema on a scratch: dumped before any step, with the history's rows, and honest about other rows."""

from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from drydock.errors import RehearsalError
from drydock.model import Catalog, NotRead, Table
from drydock.model.drift import drift
from drydock.postgres.catalog import read_catalog
from drydock.postgres.interface import Filling
from drydock.postgres.likeness import read_bearing
from drydock.postgres.rows import copy_rows
from drydock.postgres.target import TargetDatabase
from drydock.redact import Secret
from drydock.snapshot.restoring import Means
from drydock.snapshot.target_schema import Dumped, TargetSchemaSource
from drydock.sql.interface import Needs
from tests.fixtures.database import TestDatabase
from tests.integration.planted import GIVEN
from tests.integration.snapshot.dumpers import PlainScratch, dumper_of, plain_restore, reading

HISTORY = Table(schema="public", name="_history")
PROGRESS = Table(schema="drydock", name="progress")
HISTORY_TABLE = "CREATE TABLE _history (name text); INSERT INTO _history VALUES ('one'), ('two');"


def test_scratch_has_the_schema_and_the_history(
    database: TestDatabase, second_database: TestDatabase, tmp_path: Path
) -> None:
    database.execute(GIVEN + HISTORY_TABLE + "CREATE SCHEMA drydock; CREATE TABLE drydock.progress (digest text);")
    database.execute("INSERT INTO drydock.progress VALUES ('x')")
    with reading(database) as reader:
        loaded = source_of(database, reader).load(PlainScratch(database=second_database, directory=tmp_path), Needs)

    assert loaded.origin.kind == "target-schema"
    assert loaded.origin.name == f"the schema of {database.name}"
    assert not loaded.origin.has_rows
    assert loaded.skipped == ()
    assert second_database.rows("SELECT name FROM _history ORDER BY 1") == [("one",), ("two",)]
    assert second_database.rows("SELECT digest FROM drydock.progress") == [("x",)]
    assert second_database.value("SELECT count(*) FROM port") == 0
    assert drift(catalog_of(second_database), catalog_of(database)) == ()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("rows", "is_exact"),
    [
        pytest.param("", True, id="nothing in any table"),
        pytest.param("INSERT INTO ship VALUES (1)", False, id="one row"),
        pytest.param("CREATE TABLE many (id int) PARTITION BY LIST (id); CREATE TABLE m1 PARTITION OF many DEFAULT;"
                     "INSERT INTO many VALUES (1)", False, id="row in a partition"),
        pytest.param("ALTER TABLE ship ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY", True, id="policy"),
        pytest.param("DO $$ BEGIN FOR n IN 1..201 LOOP EXECUTE format('CREATE TABLE t%s ()', n); END LOOP; END $$",
                     False, id="too many tables to look"),
        pytest.param("CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;"
                     "CREATE FOREIGN TABLE f (id int) SERVER s", False, id="foreign table"),
    ],
)  # fmt: skip
def test_copy_is_exact_only_where_no_row_was_seen(
    database: TestDatabase, second_database: TestDatabase, tmp_path: Path, *, rows: str, is_exact: bool
) -> None:
    database.execute(f"{HISTORY_TABLE} CREATE TABLE ship (id integer); {rows}")
    with reading(database) as reader:
        loaded = source_of(database, reader).load(PlainScratch(database=second_database, directory=tmp_path), Needs)

    assert loaded.origin.has_rows is is_exact


def test_what_the_role_may_not_read_is_named_and_makes_the_copy_inexact(
    database: TestDatabase, second_database: TestDatabase, tmp_path: Path
) -> None:
    database.execute(f"{HISTORY_TABLE} CREATE TABLE ship (id integer); CREATE SCHEMA shut; CREATE TABLE shut.t ()")
    database.execute("GRANT SELECT ON _history TO PUBLIC")
    stranger = database.role("stranger")
    with reading(stranger) as reader:
        loaded = source_of(stranger, reader).load(PlainScratch(database=second_database, directory=tmp_path), Needs)

    assert [one.name for one in loaded.skipped] == ["shut", "public.ship"]
    assert not loaded.origin.has_rows
    assert second_database.tables() == {"_history"}
    copy, target = catalog_of(second_database), catalog_of(database)
    assert drift(copy, target, skipped=loaded.skipped) == ()


def test_no_dump_is_left_on_the_disk_after_a_failure(
    database: TestDatabase, second_database: TestDatabase, tmp_path: Path
) -> None:
    database.execute(HISTORY_TABLE)
    second_database.execute("CREATE TABLE _history (other text)")
    with reading(database) as reader, pytest.raises(RehearsalError, match=r"public\._history"):
        source_of(database, reader).load(PlainScratch(database=second_database, directory=tmp_path), Needs)

    assert list(tmp_path.iterdir()) == []


def source_of(database: TestDatabase, reader: TargetDatabase) -> TargetSchemaSource:
    """The source with its real parts, but for the restore."""
    bearing = read_bearing(reader)
    dumper = dumper_of(database, reader)
    return TargetSchemaSource(
        Dumped(
            likeness=bearing.likeness,
            server_version=bearing.server_version,
            kept=(HISTORY, PROGRESS),
        ),
        dumper=dumper,
        restore=plain_restore,
        means=Means(
            programs=dumper.programs,
            environment={},
            open_filling=no_filling,
            say=lambda _: None,
            stopped=lambda: False,
            workers=1,
        ),
        copy_kept=lambda scratch: copy_rows(Secret(database.url), scratch, tables=(HISTORY, PROGRESS)),
    )


def catalog_of(database: TestDatabase) -> Catalog:
    found = read_catalog(Secret(database.url), excluding=("drydock",))
    assert not isinstance(found, NotRead)
    return found


def no_filling(*arguments: object) -> AbstractContextManager[Filling]:
    """The plain restore opens none."""
    raise AssertionError(f"nobody is to fill anything here: {arguments}")

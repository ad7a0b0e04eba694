"""A dump of every format and version, restored, is the database that was dumped."""

from pathlib import Path

import pytest

from drydock.model import Catalog
from drydock.model.difference import difference
from drydock.postgres.catalog import read_catalog, read_contents
from drydock.redact import Secret
from drydock.snapshot.dumps import look_at
from drydock.snapshot.restore import restore
from tests.fakes import FakeScratch
from tests.fixtures.database import TestDatabase
from tests.fixtures.snapshots import Dumper, means_of, packed, rich

FORMATS = {
    "custom": ("-Fc",),
    "custom, loose": ("-Fc", "-Z0"),
    "directory": ("-Fd",),
    "tar": ("-Ft",),
    "plain": ("-Fp",),
    "plain, clean": ("-Fp", "--clean", "--if-exists"),
    "plain, verbose": ("-Fp", "-v"),
    "plain, inserts": ("-Fp", "--inserts", "--rows-per-insert=7"),
    "custom, inserts": ("-Fc", "--column-inserts"),
    "custom, via root": ("-Fc", "--load-via-partition-root"),
}
PACKED = (
    ("custom", "gzip"),
    ("custom", "zstd"),
    ("tar", "gzip"),
    ("tar", "zstd"),
    ("plain", "gzip"),
    ("plain", "zstd"),
)


@pytest.mark.parametrize("case", [*((form, "none") for form in FORMATS), *PACKED], ids=", ".join)
def test_restored_database_equals_the_dumped_one(
    database: TestDatabase, second_database: TestDatabase, dumper: Dumper, tmp_path: Path, case: tuple[str, str]
) -> None:
    form, how = case
    rich(database)
    path = packed(dumper.dump(database, tmp_path / "shop.dump", *FORMATS[form]), how)

    dump = look_at(path, "shop.dump")
    scratch = FakeScratch(database=second_database, directory=tmp_path)
    restored = restore(dump, scratch, means=means_of(dumper))

    assert (dump.form, dump.wrapping) == (form.split(",", 1)[0], how)
    assert [each for each in restored.skipped if each.kind != "setting"] == []
    assert restored.has_rows
    for read in (read_catalog, read_contents):
        before, after = read(Secret(database.url)), read(Secret(second_database.url))
        assert isinstance(before, Catalog)
        assert isinstance(after, Catalog)
        assert difference(before, after) == ()
    large = "SELECT md5(lo_get(424242))"
    assert second_database.value(large) == database.value(large)

"""Only the rows that a step can reach are restored: the structure is always the whole one."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from drydock.model import Catalog, LeftOut, Table
from drydock.model.drift import drift
from drydock.postgres.catalog import read_catalog
from drydock.proof import needed_by
from drydock.redact import Secret
from drydock.snapshot.dumps import look_at
from drydock.snapshot.restore import restore
from drydock.snapshot.restoring import Choosing, Restored
from drydock.sql.interface import Needs
from tests.fakes import FakeScratch
from tests.fixtures.database import TestDatabase
from tests.fixtures.snapshots import Dumper, Said, means_of, packed
from tests.fixtures.steps import step_of

HISTORY = Table(schema="public", name="history")
SHOP = """
    CREATE TABLE users (id int PRIMARY KEY, email text);
    CREATE TABLE orders (id int PRIMARY KEY, buyer int REFERENCES users, cents int);
    CREATE TABLE items (id int PRIMARY KEY, parent_order int REFERENCES orders ON DELETE CASCADE);
    CREATE TABLE logs (id int PRIMARY KEY, what text);
    CREATE TABLE history (name text);
    CREATE VIEW by_key AS SELECT u.id, u.email FROM users u GROUP BY u.id;
    CREATE MATERIALIZED VIEW log_sums AS SELECT what, count(*) AS n FROM logs GROUP BY what WITH NO DATA;
    CREATE UNIQUE INDEX log_sums_what ON log_sums (what);
    INSERT INTO users SELECT n, n || '@x' FROM generate_series(1, 50) n;
    INSERT INTO orders SELECT n, n, 1 FROM generate_series(1, 50) n;
    INSERT INTO items SELECT n, n FROM generate_series(1, 50) n;
    INSERT INTO logs SELECT n, 'x' FROM generate_series(1, 50) n;
    INSERT INTO history VALUES ('1_first');
    REFRESH MATERIALIZED VIEW log_sums;
"""
TRIGGER = """
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO logs VALUES (1); RETURN NEW; END';
    CREATE TRIGGER note AFTER DELETE ON items FOR EACH ROW EXECUTE FUNCTION note();
"""
TABLES = {"users", "orders", "items", "logs", "history"}
FORMATS = {
    "custom": ("-Fc",),
    "directory": ("-Fd",),
    "tar": ("-Ft",),
    "custom, inserts": ("-Fc", "--inserts"),
    "plain": ("-Fp",),
    "plain, clean": ("-Fp", "--clean", "--if-exists"),
}
CASES = [*((form, "none") for form in FORMATS), ("custom", "gzip"), ("plain", "zstd")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The shop, an empty database, and the programs that bring the one to the other."""

    shop: TestDatabase
    copy: TestDatabase
    folder: Path
    dumper: Dumper
    said: Said

    def dumped(self, *options: str, structure: str = "") -> Path:
        """A dump of the shop."""
        self.shop.execute(SHOP + structure)
        return self.dumper.dump(self.shop, self.folder / "shop.dump", *options)

    def restored(self, path: Path, needs: str | Callable[[], Needs]) -> Restored:
        """Restore what steps with this text need."""
        ask = (lambda: needed_by([step_of(needs)])) if isinstance(needs, str) else needs
        return restore(
            look_at(path, "shop.dump"),
            FakeScratch(database=self.copy, directory=self.folder),
            means=means_of(self.dumper, said=self.said),
            choosing=Choosing(kept=(HISTORY,), needs=ask),
        )

    def filled(self) -> set[str]:
        """The tables of the copy that hold rows."""
        return {table for table in self.copy.tables() if self.copy.rows(f'SELECT 1 FROM "{table}" LIMIT 1')}


@pytest.fixture
def ground(database: TestDatabase, second_database: TestDatabase, newest_dumper: Dumper, tmp_path: Path) -> Ground:
    """With the newest programs."""
    return Ground(shop=database, copy=second_database, folder=tmp_path, dumper=newest_dumper, said=Said())


@pytest.mark.parametrize("case", CASES, ids=", ".join)
def test_rows_that_no_step_reaches_stay_out_of_a_whole_structure(
    ground: Ground, dumper: Dumper, case: tuple[str, str]
) -> None:
    form, how = case
    ground = replace(ground, dumper=dumper)
    path = packed(ground.dumped(*FORMATS[form]), how)

    done = ground.restored(path, "CREATE INDEX ON orders (cents)")

    assert ground.filled() == {"users", "orders", "history"}
    items, logs, log_sums = (Table(schema="public", name=name) for name in ("items", "logs", "log_sums"))
    assert done.left_out == LeftOut(tables=(items, logs), materialized_views=(log_sums,))
    assert ([each for each in done.skipped if each.kind != "setting"], done.has_rows) == ([], True)
    copy, shop = (read_catalog(Secret(each.url)) for each in (ground.copy, ground.shop))
    assert isinstance(copy, Catalog)
    assert isinstance(shop, Catalog)
    assert drift(copy, shop) == ()


STEPS = {
    "nothing": ("CREATE TABLE n (id int)", set()),
    "a key that the dump makes last": ("ALTER TABLE orders VALIDATE CONSTRAINT orders_buyer_fkey", {"users", "orders"}),
    "a view that the dump makes last": ("SELECT * FROM by_key", {"users"}),
    "a materialized view": ("SELECT * FROM log_sums", {"logs"}),
    "a cascade": ("DELETE FROM orders", {"users", "orders", "items"}),
    "code": ("DO $$ BEGIN END $$", TABLES),
}


@pytest.mark.parametrize(("text", "tables"), STEPS.values(), ids=STEPS.keys())
def test_whole_structure_of_the_dump_is_known_before_its_rows(ground: Ground, text: str, tables: set[str]) -> None:
    path = ground.dumped("-Fc")

    ground.restored(path, text)

    assert ground.filled() == {*tables, "history"}
    is_filled = "SELECT relispopulated FROM pg_class WHERE relname = 'log_sums'"
    assert ground.copy.value(is_filled) == ("logs" in tables)


@pytest.mark.parametrize("form", ["-Fc", "-Fp"])
def test_history_is_there_when_it_is_asked_whose_rows_are_needed(ground: Ground, form: str) -> None:
    path = ground.dumped(form)
    found: list[object] = []

    def ask() -> Needs:
        found.extend(ground.copy.rows("SELECT name FROM history"))
        return Needs()

    ground.restored(path, ask)

    assert found == [("1_first",)]
    assert ground.copy.rows("SELECT name FROM history") == [("1_first",)]


IN_DOUBT = {
    "a trigger": (TRIGGER, ("-Fc",), "DELETE FROM items", "public.items has the trigger note"),
    "a trigger, plain": (TRIGGER, ("-Fp",), "DELETE FROM items", "public.items has the trigger note"),
    "a block": ("", ("-Fc",), "SELECT 1;\nDO $$ BEGIN END $$", "1_a, line 2: DO may meet any rows"),
    "a block, plain": ("", ("-Fp",), "SELECT 1;\nDO $$ BEGIN END $$", "1_a, line 2: DO may meet any rows"),
    "rows as statements, plain": ("", ("-Fp", "--inserts"), "SELECT 1", ""),
}


@pytest.mark.parametrize("case", IN_DOUBT.values(), ids=IN_DOUBT.keys())
def test_all_rows_are_restored_where_it_cannot_be_told_and_it_is_said_why(
    ground: Ground, case: tuple[str, tuple[str, ...], str, str]
) -> None:
    structure, options, text, said = case
    path = ground.dumped(*options, structure=structure)

    done = ground.restored(path, text)

    assert ground.filled() == TABLES
    assert done.left_out == LeftOut()
    assert said in "\n".join(ground.said.lines)


def test_table_whose_entry_cannot_be_told_is_restored_with_what_it_refers_to(ground: Ground) -> None:
    odd = 'CREATE TABLE "odd name" (u int REFERENCES users); INSERT INTO "odd name" VALUES (1);'
    path = ground.dumped("-Fc", structure=odd)

    ground.restored(path, "CREATE INDEX ON logs (what)")

    assert ground.filled() == {"odd name", "users", "logs", "history"}

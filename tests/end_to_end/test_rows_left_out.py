"""A rehearsal on a snapshot restores the rows that the pending migrations can reach, and says whose it left out."""

from pathlib import Path

import pytest

from tests.end_to_end.faults import FaultScene, assert_said, result_in, scene_of
from tests.end_to_end.test_rehearsal import dumped, on_snapshot, step_proofs
from tests.fixtures.database import TestDatabase

SHOP = {
    "1_shop": """
        CREATE TABLE users (id int PRIMARY KEY);
        CREATE TABLE orders (id int PRIMARY KEY, buyer int);
        ALTER TABLE orders ADD CONSTRAINT of_buyer FOREIGN KEY (buyer) REFERENCES users NOT VALID;
        CREATE TABLE logs (id int, what text);
        CREATE MATERIALIZED VIEW log_sums AS SELECT count(*) FROM logs;
        INSERT INTO users VALUES (1), (2);
        INSERT INTO orders VALUES (1, 1), (2, 2);
        INSERT INTO logs VALUES (1, 'row-canary'), (2, 'row-canary');
        REFRESH MATERIALIZED VIEW log_sums;
    """
}
VALIDATES = "ALTER TABLE orders VALIDATE CONSTRAINT of_buyer;"
BREAKS = (
    "ALTER TABLE orders DISABLE TRIGGER ALL; INSERT INTO orders VALUES (3, 77); ALTER TABLE orders ENABLE TRIGGER ALL"
)


@pytest.fixture
def scene(tmp_path: Path, database: TestDatabase) -> FaultScene:
    """A target with one migration and rows."""
    made = scene_of(tmp_path, database, SHOP)
    assert made.deploy().exit_code == 0
    return made


def left_out(scene: FaultScene) -> list[str]:
    """Whose rows the copy lacked, from the JSON result."""
    found: list[str] = result_in(scene.root)["rehearsal"]["rows_left_out"]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("case", [("custom", False), ("custom", True), ("plain", False), ("plain", True)])
def test_key_is_validated_against_rows_of_a_table_that_the_migration_does_not_name(
    scene: FaultScene, database: TestDatabase, postgres_binaries: Path, case: tuple[str, bool]
) -> None:
    form, is_broken = case
    if is_broken:
        database.execute(BREAKS)
    path = dumped(database, postgres_binaries, scene.root / "backup.dump", form=form)
    scene.write("2_valid", VALIDATES)

    ran = on_snapshot(scene, path)

    assert_said(ran, 5 if is_broken else 0, *(("23503", "of_buyer") if is_broken else ("proven",)))
    assert step_proofs(scene) == [("2_valid", "failed" if is_broken else "proven")]
    assert left_out(scene) == ["public.logs", "public.log_sums"]


@pytest.mark.slow
def test_migration_that_reaches_no_rows_is_proven_without_any(
    scene: FaultScene, database: TestDatabase, postgres_binaries: Path
) -> None:
    path = dumped(database, postgres_binaries, scene.root / "backup.dump")
    scene.write("2_posts", "CREATE TABLE posts (id int);")

    ran = on_snapshot(scene, path)

    assert_said(
        ran,
        0,
        "rows of 3 tables that no pending step reaches were not restored: public.logs, public.orders, public.users",
        "rows of 1 materialized view that no pending step reads were not restored: public.log_sums",
    )
    assert step_proofs(scene) == [("2_posts", "proven")]
    assert result_in(scene.root)["rehearsal"]["drift"] == []
    assert left_out(scene) == ["public.logs", "public.orders", "public.users", "public.log_sums"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "case",
    [
        ("DO $$ BEGIN IF (SELECT count(*) FROM logs) <> 2 THEN RAISE 'gone'; END IF; END $$;", ()),
        ("CREATE TABLE posts (id int);", ("--snapshot-rows", "all")),
    ],
    ids=["code", "asked for"],
)
def test_all_rows_are_there_for_code_and_on_request(
    scene: FaultScene, database: TestDatabase, postgres_binaries: Path, case: tuple[str, tuple[str, ...]]
) -> None:
    script, options = case
    path = dumped(database, postgres_binaries, scene.root / "backup.dump")
    scene.write("2_more", script)

    ran = on_snapshot(scene, path, "check", *options)

    assert_said(ran, 0, "proven")
    assert "were not restored" not in ran.said
    assert left_out(scene) == []


@pytest.mark.slow
def test_rows_that_only_the_catching_up_needs_are_there(
    scene: FaultScene, database: TestDatabase, postgres_binaries: Path
) -> None:
    path = dumped(database, postgres_binaries, scene.root / "backup.dump")
    scene.write("2_users", "ALTER TABLE users ADD COLUMN n int; UPDATE users SET n = 1 / (SELECT count(*) FROM logs);")
    assert scene.deploy().exit_code == 0
    scene.write("3_posts", "CREATE TABLE posts (id int);")

    ran = on_snapshot(scene, path)

    assert_said(ran, 0, "brought up first: 2_users", "proven")
    assert left_out(scene) == ["public.log_sums"]

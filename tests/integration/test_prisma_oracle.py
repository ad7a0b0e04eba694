"""The real Prisma CLI as it stands in the cache: that it works, and that it was adjusted."""

from pathlib import Path

import pytest

from tests.fixtures.database import TestDatabase
from tests.fixtures.projects import prisma_project
from tests.oracles.prisma_cli import PrismaCli
from tests.oracles.prisma_install import ADJUSTMENTS, Adjustment, AdjustmentError, adjust, adjusted

SCRIPTS = {
    "20240101000000_init": "CREATE TABLE ferry (id integer PRIMARY KEY, note text DEFAULT 'a;b');",
    "20240102000000_decks": "ALTER TABLE ferry ADD COLUMN decks integer;\nCREATE INDEX ON ferry (decks);",
}
BROKEN = {"20240101000000_broken": "CREATE TABLE ferry (id integer);\nSELECT 1 / 0;"}


@pytest.mark.oracle
def test_two_migrations_are_deployed_and_nothing_is_pending_afterwards(
    prisma_cli: PrismaCli, database: TestDatabase, tmp_path: Path
) -> None:
    project = prisma_project(tmp_path, SCRIPTS)

    before = prisma_cli.status(project, database.url)
    first = prisma_cli.deploy(project, database.url)
    second = prisma_cli.deploy(project, database.url)
    after = prisma_cli.status(project, database.url)

    assert before.exit_code == 1
    assert first.exit_code == 0, first
    assert database.tables() == {"ferry", "_prisma_migrations"}
    assert "No pending migrations to apply." in second.stdout
    assert after.exit_code == 0
    assert "Database schema is up to date!" in after.stdout


@pytest.mark.oracle
def test_failed_file_is_rolled_back_whole_and_can_be_resolved(
    prisma_cli: PrismaCli, database: TestDatabase, tmp_path: Path
) -> None:
    project = prisma_project(tmp_path, BROKEN)

    failed = prisma_cli.deploy(project, database.url)
    blocked = prisma_cli.deploy(project, database.url)
    resolved = prisma_cli.resolve(project, database.url, applied="20240101000000_broken")
    after = prisma_cli.deploy(project, database.url)

    assert failed.exit_code == 1
    assert database.tables() == {"_prisma_migrations"}
    assert (blocked.exit_code, "P3009" in blocked.stdout + blocked.stderr) == (1, True)
    assert resolved.exit_code == 0, resolved
    assert after.exit_code == 0, after


@pytest.mark.oracle
def test_adjusting_twice_changes_nothing_more(prisma_cli: PrismaCli) -> None:
    names = {name for adjustment in ADJUSTMENTS for name in adjustment.files}
    before = {name: (prisma_cli.folder / name).read_bytes() for name in names}

    adjust(prisma_cli.folder)

    assert {name: (prisma_cli.folder / name).read_bytes() for name in names} == before


@pytest.mark.parametrize("adjustment", ADJUSTMENTS, ids=lambda adjustment: adjustment.reason)
def test_package_without_the_text_to_adjust_is_refused(adjustment: Adjustment) -> None:
    with pytest.raises(AdjustmentError, match="has changed"):
        adjusted("a new release of the adapter", adjustment)

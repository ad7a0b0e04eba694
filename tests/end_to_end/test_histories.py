"""Whole histories, from empty to the end and once more, compared with what their own tool makes."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from histories.compare import Pair, compared_on
from histories.history import History, Layout, histories_in
from histories.reference import Messages, PrismaReference
from histories.rehearsal import Told, on_snapshot, on_target_schema
from tests.fixtures.database import TestDatabase
from tests.fixtures.projects import flat_project
from tests.oracles.prisma_cli import PrismaCli

FOLDER = Path(__file__).parents[1] / "fixtures" / "histories"
HISTORIES = {history.name: history for history in histories_in(FOLDER)}
PRISMA = [name for name, history in HISTORIES.items() if history.layout is Layout.PRISMA]


class OneColumnMore(Messages):
    """A reference that does something that is in no file."""

    def run(self, history: History, url: str) -> None:
        super().run(history, url)
        with psycopg.connect(url, autocommit=True) as session:
            session.execute("ALTER TABLE pier ADD planks integer")
            session.execute("INSERT INTO pier VALUES (1)")


@pytest.mark.parametrize("name", HISTORIES)
def test_history_makes_what_one_message_per_file_makes(
    database: TestDatabase, second_database: TestDatabase, name: str
) -> None:
    pair = Pair(ours=database.url, reference=second_database.url)

    result = compared_on(pair, HISTORIES[name], reference=Messages())

    assert result.differences == ()


@pytest.mark.oracle
@pytest.mark.parametrize("name", PRISMA)
def test_history_makes_what_the_real_prisma_makes(
    database: TestDatabase, second_database: TestDatabase, prisma_cli: PrismaCli, name: str
) -> None:
    pair = Pair(ours=database.url, reference=second_database.url)

    result = compared_on(pair, HISTORIES[name], reference=PrismaReference(prisma_cli))

    assert result.differences == ()


@pytest.mark.slow
@pytest.mark.parametrize("through", [on_target_schema, on_snapshot])
@pytest.mark.parametrize("name", HISTORIES)
def test_history_goes_through_a_rehearsal(
    database: TestDatabase, name: str, through: Callable[[History, str], Told]
) -> None:
    told = through(HISTORIES[name], database.url)

    assert told.differences == (), told.said


@pytest.mark.slow
def test_what_a_rehearsal_says_of_a_history_is_told(database: TestDatabase) -> None:
    told = on_snapshot(HISTORIES["flat-mixed-suffixes"], database.url)

    assert told.said.startswith("2 proven, 1 caught up; copied in ")


@pytest.mark.slow
def test_migration_that_fails_in_a_rehearsal_is_told(tmp_path: Path, database: TestDatabase) -> None:
    flat_project(tmp_path / "broken", {"1_a.sql": "CREATE TABLE a (i int)", "2_b.sql": "ALTER TABLE b ADD i int"})
    (history,) = histories_in(tmp_path)

    told = on_target_schema(history, database.url)

    assert told.said == "failed"
    assert "exited 5" in told.differences[0]
    assert database.tables() == {"a"}


def test_what_the_reference_does_otherwise_is_told(database: TestDatabase, second_database: TestDatabase) -> None:
    pair = Pair(ours=database.url, reference=second_database.url)

    result = compared_on(pair, HISTORIES["golang-unpadded-numbers"], reference=OneColumnMore())

    assert result.differences == (
        "column public.pier.planks: only in the second",
        "row count public.pier: rows is 0 in the first, 1 in the second",
    )


def test_every_history_has_its_lesson_in_the_readme() -> None:
    told = (FOLDER / "README.md").read_text("utf-8")

    assert [name for name in HISTORIES if f"| `{name}` |" not in told] == []

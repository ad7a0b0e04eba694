"""Whole histories, from empty to the end and once more, compared with what their own tool makes."""

import shutil
from pathlib import Path

import psycopg
import pytest

from histories.compare import Pair, compared_on
from histories.history import History, Layout, histories_in
from histories.reference import KnexReference, Messages, PrismaReference
from tests.fixtures.database import TestDatabase
from tests.oracles.knex_cli import KnexCli
from tests.oracles.prisma_cli import PrismaCli

FOLDER = Path(__file__).parents[1] / "fixtures" / "histories"
HISTORIES = {history.name: history for history in histories_in(FOLDER)}
KNEX = [name for name, history in HISTORIES.items() if history.layout is Layout.KNEX]
OF_SQL = [name for name in HISTORIES if name not in KNEX]
PRISMA = [name for name, history in HISTORIES.items() if history.layout is Layout.PRISMA]


class OneColumnMore(Messages):
    """A reference that does something that is in no file."""

    def run(self, history: History, url: str) -> None:
        super().run(history, url)
        with psycopg.connect(url, autocommit=True) as session:
            session.execute("ALTER TABLE pier ADD planks integer")
            session.execute("INSERT INTO pier VALUES (1)")


@pytest.mark.parametrize("name", OF_SQL)
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


@pytest.mark.oracle
@pytest.mark.parametrize("name", KNEX)
def test_history_makes_what_the_real_knex_makes(
    tmp_path: Path, database: TestDatabase, second_database: TestDatabase, knex_cli: KnexCli, name: str
) -> None:
    shutil.copytree(FOLDER / name, tmp_path / name)
    (tmp_path / name / "node_modules").symlink_to(knex_cli.folder / "node_modules")
    (history,) = histories_in(tmp_path)

    result = compared_on(Pair(ours=database.url, reference=second_database.url), history, reference=KnexReference())

    assert result.differences == ()


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

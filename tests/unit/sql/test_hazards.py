"""Each row of the closed list is recognised, and what is not on it is not."""

import pytest

from drydock.sql.interface import Hazard, Opaque, Parsed, Statement, hazard_of
from drydock.sql.parser import summarise
from tests.unit.sql.closed_list import PROTECTED, ROWS, Row


def only(sql: str) -> Statement:
    match summarise(sql, PROTECTED):
        case Parsed(statements=(statement,)):
            return statement
        case other:
            raise AssertionError(other)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.sql)
def test_statement_is_judged_as_the_closed_list_says(row: Row) -> None:
    statement = only(row.sql)

    assert statement.kind == row.kind
    assert statement.outside_block == row.outside
    if row.hazard is None:
        assert statement.hazard is None
    else:
        assert row.hazard in (statement.hazard or "no hazard")


@pytest.mark.parametrize(
    ("sql", "ends_and_opens"),
    [
        ("BEGIN", (False, True)),
        ("START TRANSACTION", (False, True)),
        ("COMMIT", (True, False)),
        ("END", (True, False)),
        ("ROLLBACK", (True, False)),
        ("ABORT", (True, False)),
        ("PREPARE TRANSACTION 'a'", (True, False)),
        ("COMMIT AND CHAIN", (True, True)),
        ("ROLLBACK AND CHAIN", (True, True)),
        ("ROLLBACK TO a", (False, False)),
        ("SAVEPOINT a", (False, False)),
        ("COMMIT PREPARED 'a'", (False, False)),
        ("SELECT 1", (False, False)),
    ],
)
def test_only_what_settles_earlier_statements_ends_a_transaction(sql: str, ends_and_opens: tuple[bool, bool]) -> None:
    statement = only(sql)

    assert (statement.ends_transaction, statement.opens_transaction) == ends_and_opens


def test_hazard_of_a_script_is_the_first_one_with_its_line() -> None:
    script = "SELECT 1;\n-- then\nSET ROLE x;\nCOMMIT;"

    hazard = hazard_of(summarise(script, frozenset()))

    assert hazard == Hazard(reason="SET role: the bookkeeping would run as another role", line=3)


def test_safe_script_has_no_hazard() -> None:
    assert hazard_of(summarise("SELECT 1; SELECT 2", frozenset())) is None


def test_opaque_script_is_a_hazard() -> None:
    opaque = Opaque(reason="the SQL parser could not read this file", line=4, message="syntax error")

    expected = Hazard(reason="the SQL parser could not read this file: syntax error", line=4)
    assert hazard_of(opaque) == expected


def test_qualified_protection_leaves_the_same_name_in_another_schema_alone() -> None:
    protected = frozenset(("drydock.deploys",))

    def hazard(sql: str) -> Hazard | None:
        return hazard_of(summarise(sql, protected))

    assert hazard("DROP TABLE drydock.deploys") is not None
    assert hazard("DROP TABLE deploys") is not None
    assert hazard("DROP TABLE shop.deploys") is None

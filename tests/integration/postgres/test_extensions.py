"""The names by which a migration can need an extension."""

from drydock.postgres.extensions import members_of
from tests.fixtures.database import TestDatabase
from tests.integration.snapshot.dumpers import reading


def test_members_are_functions_types_and_operator_classes_of_these_extensions_alone(database: TestDatabase) -> None:
    database.execute("CREATE EXTENSION pg_trgm; CREATE EXTENSION citext; CREATE EXTENSION hstore")

    with reading(database) as target:
        members = members_of(target, ("pg_trgm", "citext"))

    assert {"similarity", "gin_trgm_ops", "citext", "citext_ops"} <= members
    assert "akeys" not in members


def test_no_extensions_bring_nothing(database: TestDatabase) -> None:
    with reading(database) as target:
        assert members_of(target, ()) == frozenset()

"""Knex migrations and the network: connections that are cut at every turn, and a pooler in between."""

from dataclasses import replace

import pytest

from tests.end_to_end.knex_scene import KnexScene
from tests.end_to_end.scenes import UNREHEARSED, UNTOUCHED, assert_says
from tests.fixtures.database import TestDatabase
from tests.fixtures.pgbouncer import Pooled
from tests.fixtures.program import Ran
from tests.fixtures.proxy import Containing, Cut, CutPoint, Proxied
from tests.oracles.knex_cli import creates

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

USERS, BOATS = "20240101_users.js", "20240102_boats.js"
SOON = ("--wait-for-database", "2s")


def through(scene: KnexScene, seen: TestDatabase, *options: str) -> Ran:
    """Deploy at another address of the same database."""
    return replace(scene, database=seen).process(*UNREHEARSED, *options)


@pytest.mark.parametrize(
    ("point", "names"), [(CutPoint.BEFORE, []), (CutPoint.FORWARDED, [USERS]), (CutPoint.ANSWERED, [USERS])]
)
def test_commit_whose_answer_is_lost_is_looked_up(
    knexed: KnexScene, proxied: Proxied, point: CutPoint, names: list[str]
) -> None:
    knexed.project({USERS: creates("users"), BOATS: creates("boats")})
    proxy = proxied(knexed.database, Cut(at=Containing(b"COMMIT;"), point=point))

    ran = through(knexed, proxy.database)

    assert_says(ran, 9, "the connection to the server was lost", "no object and no history row", "The target is clean")
    assert knexed.names() == names
    assert knexed.made() == {name.split("_")[1].removesuffix(".js") for name in names}


def test_commit_without_answer_and_without_server_is_unknown(knexed: KnexScene, proxied: Proxied) -> None:
    knexed.project({USERS: creates("users")})
    cut = Cut(at=Containing(b"COMMIT;"), point=CutPoint.ANSWERED, for_good=True)

    ran = through(knexed, proxied(knexed.database, cut).database, *SOON)

    assert_says(ran, 7, f"The outcome of {USERS} is unknown", "could not be looked up")


def test_connection_that_is_cut_before_anything_runs_leaves_nothing(knexed: KnexScene, proxied: Proxied) -> None:
    knexed.project({USERS: creates("users")})
    proxy = proxied(knexed.database, Cut(at=Containing(b"pg_try_advisory_lock_shared")))

    ran = through(knexed, proxy.database)

    assert_says(ran, 9, "the connection to the server was lost", "It was not begun")
    assert (knexed.made(), knexed.names()) == (set(), [])


@pytest.mark.pgbouncer
def test_session_pooling_works(knexed: KnexScene, pooled: Pooled) -> None:
    knexed.project({USERS: creates("users"), BOATS: creates("boats")})

    ran = through(knexed, pooled(knexed.database, "session"))

    assert_says(ran, 0, "2 migrations applied")
    assert knexed.names() == [USERS, BOATS]


@pytest.mark.pgbouncer
def test_transaction_pooling_is_refused(knexed: KnexScene, pooled: Pooled) -> None:
    knexed.project({USERS: creates("users")})

    ran = through(knexed, pooled(knexed.database, "transaction"))

    assert_says(ran, 2, "transaction (or statement) mode", UNTOUCHED)
    assert knexed.made() == set()

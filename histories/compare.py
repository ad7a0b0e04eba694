"""Run one history twice with Drydock and once with its reference, each on a fresh database, and say what
differs.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg.sql import SQL, Identifier

from drydock.model import Catalog
from histories import ours
from histories.catalog import difference, read_catalog, read_contents
from histories.history import History
from histories.ledger import TABLES, expected, recorded, row_differences
from histories.reference import KnexReference, Messages, PrismaReference, RunError, last_lines

NOTHING_TO_DO = "nothing pending"
DATABASES = {"ours": "drydock_history_ours", "reference": "drydock_history_reference"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A history that was run by both; no differences means that it passed.

    In the differences ours is the first, and the reference the second.
    """

    history: History
    reference: str
    objects: int
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRun:
    """A history that this server, or the reference itself, cannot run to its end."""

    history: History
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A Postgres server on which databases may be made and dropped; `url` names a superuser."""

    url: str

    @contextmanager
    def database(self, name: str) -> Iterator[str]:
        """Make an empty database, give its address, drop it at the end."""
        drop = SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name))
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(drop)
            connection.execute(SQL("CREATE DATABASE {} TEMPLATE template0").format(Identifier(name)))
            yield _address(self.url, name)
            connection.execute(drop)

    def missing(self, extensions: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of `extensions` that cannot be created on this server."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            rows = connection.execute("SELECT name FROM pg_available_extensions").fetchall()
        return tuple(sorted(set(extensions) - {row[0] for row in rows}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Addresses of two empty databases on one server: one for Drydock, one for the reference."""

    ours: str
    reference: str


def compared(
    history: History, server: Server, reference: Messages | PrismaReference | KnexReference
) -> Compared | NotRun:
    """Run `history` by both and compare; nothing is raised for a history that fails."""
    missing = server.missing(history.extensions)
    if missing:
        return NotRun(history=history, reason=f"the server does not have {', '.join(missing)}")
    with (
        server.database(DATABASES["ours"]) as our_url,
        server.database(DATABASES["reference"]) as reference_url,
    ):
        try:
            return compared_on(Pair(ours=our_url, reference=reference_url), history, reference=reference)
        except RunError as error:
            return NotRun(history=history, reason=f"the reference itself stops: {error}")


def compared_on(pair: Pair, history: History, *, reference: Messages | PrismaReference | KnexReference) -> Compared:
    """Run `history` by both on two databases that are there already. Raises RunError for the reference's."""
    reference.run(history, pair.reference)
    first = ours.deploy(history, pair.ours)
    if first.exit_code != 0:
        found = [f"drydock deploy exited {first.exit_code}:\n{last_lines(first)}"]
        return Compared(history=history, reference=reference.name, objects=0, differences=tuple(found))
    found = list(_nothing_to_do(history, pair.ours, "a second time"))
    with (
        psycopg.connect(pair.ours, autocommit=True) as one,
        psycopg.connect(pair.reference, autocommit=True) as other,
    ):
        theirs = _pictured(history, pair.reference)
        found += difference(_pictured(history, pair.ours), theirs)
        rows = recorded(other, history) or expected(history)
        found += row_differences(recorded(one, history), rows)
    if isinstance(reference, PrismaReference | KnexReference):
        found += _each_other(pair, history, reference)
    objects = len(theirs.objects)
    return Compared(history=history, reference=reference.name, objects=objects, differences=tuple(found))


def _nothing_to_do(history: History, url: str, when: str) -> Iterator[str]:
    again = ours.deploy(history, url)
    if again.exit_code != 0 or NOTHING_TO_DO not in (again.stdout + again.stderr).lower():
        yield f"drydock deploy, {when}, found something to do (exit {again.exit_code}):\n{last_lines(again)}"


def _pictured(history: History, url: str) -> Catalog:
    """Catalog and contents together, without the two history tables: the tool's and our own."""
    excluded = ("drydock", TABLES[history.layout])
    catalog, contents = read_catalog(url, excluded), read_contents(url, excluded)
    return Catalog(objects=(*catalog.objects, *contents.objects))


def _each_other(pair: Pair, history: History, reference: PrismaReference | KnexReference) -> Iterator[str]:
    """Each side must find nothing to do on the other's database."""
    if not reference.finds_nothing_pending(history, pair.ours):
        yield f"{reference.name} finds something to do on the database that Drydock deployed"
    yield from _nothing_to_do(history, pair.reference, f"on the database that {reference.name} deployed")


def _address(url: str, database: str) -> str:
    """Return the address `url` with another database in it."""
    return re.sub(r"^(\w+://[^/?]*)(?:/[^?]*)?", rf"\g<1>/{database}", url, count=1)

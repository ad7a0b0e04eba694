"""Run one history twice with Drydock and once with its reference, each on a fresh database, and say what
differs; then through rehearsals.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import psycopg
from psycopg.sql import SQL, Identifier

from drydock.model import Catalog
from histories import ours
from histories.catalog import difference, read_catalog, read_contents
from histories.history import History
from histories.ledger import TABLES, expected, recorded, row_differences
from histories.reference import Messages, PrismaReference, RunError, last_lines
from histories.rehearsal import Told, on_snapshot, on_target_schema

NOTHING_TO_DO = "nothing pending"
DATABASES = {name: f"drydock_history_{name}" for name in ("ours", "reference", "rehearsed")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A history that was run by both; no differences means that it passed.

    In the differences ours is the first, and the reference the second.
    """

    history: History
    reference: str
    objects: int
    differences: tuple[str, ...]
    rehearsals: tuple[Told, ...] = ()
    """Empty where none were asked for, and where the history differs without them."""


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
    history: History, server: Server, reference: Messages | PrismaReference, *, rehearsing: bool
) -> Compared | NotRun:
    """Run `history` by both and compare, then through rehearsals; nothing is raised for a history that fails."""
    missing = server.missing(history.extensions)
    if missing:
        return NotRun(history=history, reason=f"the server does not have {', '.join(missing)}")
    with (
        server.database(DATABASES["ours"]) as our_url,
        server.database(DATABASES["reference"]) as reference_url,
    ):
        try:
            result = compared_on(Pair(ours=our_url, reference=reference_url), history, reference=reference)
        except RunError as error:
            return NotRun(history=history, reason=f"the reference itself stops: {error}")
        if result.differences or not rehearsing:
            return result
        return replace(result, rehearsals=tuple(rehearsed(history, server, like=reference_url)))


def compared_on(pair: Pair, history: History, *, reference: Messages | PrismaReference) -> Compared:
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
    if isinstance(reference, PrismaReference):
        found += _each_other(pair, history, reference)
    objects = len(theirs.objects)
    return Compared(history=history, reference=reference.name, objects=objects, differences=tuple(found))


def rehearsed(history: History, server: Server, *, like: str) -> Iterator[Told]:
    """Run `history` through each rehearsal on a fresh database, which in the end is to be like the one at `like`."""
    for through in (on_target_schema, on_snapshot):
        with server.database(DATABASES["rehearsed"]) as url:
            told = through(history, url)
            differences = told.differences or difference(_pictured(history, url), _pictured(history, like))
            yield replace(told, differences=differences)


def _nothing_to_do(history: History, url: str, when: str) -> Iterator[str]:
    again = ours.deploy(history, url)
    if again.exit_code != 0 or NOTHING_TO_DO not in (again.stdout + again.stderr).lower():
        yield f"drydock deploy, {when}, found something to do (exit {again.exit_code}):\n{last_lines(again)}"


def _pictured(history: History, url: str) -> Catalog:
    """Catalog and contents together, without the two history tables: the tool's and our own."""
    excluded = ("drydock", TABLES[history.layout])
    catalog, contents = read_catalog(url, excluded), read_contents(url, excluded)
    return Catalog(objects=(*catalog.objects, *contents.objects))


def _each_other(pair: Pair, history: History, reference: PrismaReference) -> Iterator[str]:
    """Each side must find nothing to do on the other's database."""
    if not reference.finds_nothing_pending(history, pair.ours):
        yield "prisma migrate deploy finds something to do on the database that Drydock deployed"
    yield from _nothing_to_do(history, pair.reference, "on the database that Prisma deployed")


def _address(url: str, database: str) -> str:
    """Return the address `url` with another database in it."""
    return re.sub(r"^(\w+://[^/?]*)(?:/[^?]*)?", rf"\g<1>/{database}", url, count=1)

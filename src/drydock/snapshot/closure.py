"""Which tables' rows statements may meet, by the catalog of a database that has its whole structure and no rows yet.

From the relations that the statements name it goes on to all that these lead to:

- partitions and parents, both ways; what a view or a materialized view is made of; what a row policy asks;
- of a table with rows, the tables that its foreign keys refer to: else these keys could not be made;
- of a table that is written, or whose keys are checked anew, the tables that refer to it.

Code that may ask for anything ends it, and all rows are restored: functions of the user's own, and the server's that
are neither immutable nor known to be harmless, in what is called or in what hangs on a table that is reached;
triggers and rules of what is written.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from drydock.postgres.interface import Filling
from drydock.snapshot import closure_queries as queries
from drydock.sql.interface import Name, Needs

_ROWS, _KEYS, _WRITTEN = 1, 2, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """The rows that nobody meets; names as the catalog has them."""

    tables: frozenset[Name]
    views: frozenset[Name]
    """Materialized views."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Whose rows a restore brings."""

    left: Left
    """Whose rows nobody needs."""
    there: frozenset[Name]
    """Tables that have their rows already."""


EVERYTHING = Chosen(left=Left(tables=frozenset(), views=frozenset()), there=frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class AllRows:
    """Any rows may be met."""

    reason: str
    """For people, as part of a sentence."""


def closure(filling: Filling, needs: Needs, *, leavable: Collection[Name]) -> Left | AllRows:
    """Which tables of `leavable`, and which materialized views, are not reached.

    All other tables have their rows, Drydock's own and those of extensions too, and so has what these refer to.
    """
    reason = needs.untold or _armed(needs) or _code_called(filling, needs)
    if reason:
        return AllRows(reason=reason)
    reach = _Reach(filling)
    for oid in reach.others(leavable):
        reach.take(oid, _ROWS)
    for name, depth in _named(needs):
        for oid in reach.found(name, anywhere=needs.moves):
            reach.take(oid, depth)
    reason = reach.code()
    if reason:
        return AllRows(reason=reason)
    return Left(tables=frozenset(reach.left("r")), views=frozenset(reach.left("m")))


def _armed(needs: Needs) -> str | None:
    return "a trigger or a rule is made, and rows are written" if needs.arms and needs.writes else None


def _named(needs: Needs) -> Iterator[tuple[Name, int]]:
    """Every name, and how far its rows matter. Where names move, each may stand for the one that matters most."""
    depths = dict.fromkeys(needs.rows, _ROWS) | dict.fromkeys(needs.keys, _KEYS) | dict.fromkeys(needs.writes, _WRITTEN)
    most = max(depths.values(), default=_ROWS)
    return ((name, most if needs.moves else depth) for name, depth in depths.items())


def _code_called(filling: Filling, needs: Needs) -> str | None:
    if made := sorted({*needs.makes} & {*needs.calls, *needs.columns}):
        return f"{made[0]}() is made and called"
    called = filling.read(queries.CALLED, _array(needs.calls), _array(needs.columns), _array(queries.HARMLESS))
    if called:
        return f"{called[0][0]}() is called"
    everywhere = filling.read(queries.EVERYWHERE, _array(queries.HARMLESS))
    return f"{everywhere[0][0]} runs code of its own" if everywhere else None


def _array(words: Iterable[str]) -> str:
    quoted = ('"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' for word in words)
    return "{" + ",".join(quoted) + "}"


class _Reach:
    """Walks over the catalog; `depths` says how far the rows of each relation matter."""

    def __init__(self, filling: Filling) -> None:
        self._relations: dict[str, tuple[Name, str, bool]] = {}
        self._by_name: dict[str, list[str]] = {}
        for oid, schema, name, kind, is_own in filling.read(queries.RELATIONS):
            self._relations[str(oid)] = ((str(schema), str(name)), str(kind), is_own == "t")
            self._by_name.setdefault(str(name), []).append(str(oid))
        self._edges: dict[str, list[tuple[str, str]]] = {}
        for kind, of, to in filling.read(queries.EDGES):
            self._edges.setdefault(str(of), []).append((str(kind), str(to)))
        self._code = filling.read(queries.CODE, _array(queries.HARMLESS))
        self.depths: dict[str, int] = {}

    def found(self, name: Name, *, anywhere: bool) -> list[str]:
        """The relations that a name may mean, whatever the search path is; of a full name the one, if it is there."""
        same = self._by_name.get(name[1], [])
        exact = [oid for oid in same if self._relations[oid][0] == name]
        return exact if exact and not anywhere else same

    def take(self, oid: str, depth: int) -> None:
        """Reach a relation, and all that it leads to."""
        waiting = [(oid, depth)]
        while waiting:
            each, depth = waiting.pop()
            if depth > self.depths.get(each, 0):
                self.depths[each] = depth
                waiting.extend(self._next(each, depth))

    def _next(self, oid: str, depth: int) -> Iterator[tuple[str, int]]:
        for kind, to in self._edges.get(oid, ()):
            match kind:
                case "same":
                    yield to, depth
                case "refers":
                    yield to, _ROWS
                case "referred" if depth >= _KEYS:
                    yield to, _WRITTEN if depth == _WRITTEN else _ROWS

    def code(self) -> str | None:
        """What of a reached relation may ask for anything: the first there is."""
        for oid, least, what in self._code:
            if self.depths.get(str(oid), 0) >= int(least or 0):
                schema, name = self._relations[str(oid)][0] if str(oid) in self._relations else ("", str(oid))
                return f"{schema}.{name} has {what}"
        return None

    def others(self, leavable: Collection[Name]) -> list[str]:
        """The tables that have their rows in any case."""
        return [
            oid
            for oid, (name, kind, is_own) in self._relations.items()
            if kind == "r" and not (is_own and name in leavable)
        ]

    def left(self, kind: str) -> Iterator[Name]:
        """The relations of a kind that are not reached."""
        return (name for oid, (name, its, _) in self._relations.items() if its == kind and oid not in self.depths)

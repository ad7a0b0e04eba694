"""Drift: how the target differs from a copy that ought to be like it.

A copy is made by a dump, and a dump does not carry everything; and servers of different majors write the same
definition in different words. What differs for these reasons alone is not drift.
"""

import json
import re
from collections.abc import Callable, Iterable

from drydock.model.catalog import Catalog, CatalogObject, Change
from drydock.model.difference import difference
from drydock.model.rehearsal import Skipped

NOT_CARRIED = frozenset(
    {
        ("extension", "version"),  # CREATE EXTENSION takes the version that the machine has
        ("view", "populated"),  # a dump of the schema leaves materialised views empty
        ("constraint", "triggers"),  # whether the triggers behind a foreign key are disabled
        ("event_trigger", "enabled"),  # a restore disables them
        ("index", "ready"),
        ("index", "tablespace"),
        ("table", "tablespace"),
    }
)
"""Properties that a dump does not carry, or that a restore changes on purpose."""

_Clean = Callable[[CatalogObject], CatalogObject]

# A string, or an identifier with a dot behind it.
_QUALIFIER = re.compile(r"""('(?:[^']|'')*')|(?:"(?:[^"]|"")*"|(?<![\w$."])[^\W\d][\w$]*)\.""")


def drift(copy: Catalog, target: Catalog, *, skipped: tuple[Skipped, ...] = ()) -> tuple[Change, ...]:
    """From the copy to the target: what is there that the copy has not, and the other way round.

    `skipped` is what the copy lacks for known reasons. Invalid indexes are left out, as a dump leaves them out:
    `invalid_indexes` names them. Between majors, the schema and table qualifiers inside the text of views, rules and
    functions are not compared, because from 16 on a view's columns are no longer qualified.
    """
    between_majors = copy.major != target.major
    return difference(*(_comparable(one, skipped, between_majors=between_majors) for one in (copy, target)))


def invalid_indexes(catalog: Catalog) -> tuple[str, ...]:
    """Qualified names of the indexes that are not valid: a CREATE INDEX CONCURRENTLY did not come to its end."""
    return tuple(found.name for found in catalog.objects if _is_invalid_index(found))


def unvalidated_constraints(catalog: Catalog) -> tuple[str, ...]:
    """Qualified names (`public.ship.ship_late`) of the constraints that existing rows may break."""
    return tuple(
        found.name
        for found in catalog.objects
        if found.kind == "constraint" and found.of("validated") == "false" and found.of("enforced") != "false"
    )


def _comparable(catalog: Catalog, skipped: tuple[Skipped, ...], *, between_majors: bool) -> Catalog:
    heirs, partitions = _named(catalog, _is_heir), _named(catalog, _is_partition)
    roles = tuple(f"{one.name}: " for one in skipped if one.kind == "role")
    cleaners: list[_Clean] = [_as_carried, lambda found: _without(found, "position", of=heirs)]
    cleaners.append(lambda found: _without_privileges(found, lambda one: one.startswith(roles)))
    if between_majors:
        cleaners.append(lambda found: _without_privileges(found, lambda one: ": MAINTAIN" in one))
        # From 17 on, a partition's column has the identity of its parent's.
        cleaners += [_without_qualifiers, lambda found: _without(found, "identity", of=partitions)]
    objects = _without_skipped([found for found in catalog.objects if not _is_lost_in_a_dump(found)], skipped)
    for clean in cleaners:
        objects = [clean(found) for found in objects]
    return Catalog(objects=tuple(found for found in objects if found.kind != "grant" or found.properties))


def _is_lost_in_a_dump(found: CatalogObject) -> bool:
    # A NOT NULL is told by its column; as a constraint it is in the catalog only from 18 on. The foreign keys that
    # partitions have of their parent's get new names when they are attached.
    if found.kind == "constraint" and (
        found.of("kind") == "not null" or (found.of("kind") == "foreign key" and found.of("parent"))
    ):
        return True
    return _is_invalid_index(found)


def _is_invalid_index(found: CatalogObject) -> bool:
    # Of a partitioned table, an index is invalid until all partitions have it; a dump carries it all the same.
    on_all = " ON ONLY " in (found.of("definition") or "")
    return found.kind == "index" and found.of("valid") == "false" and not on_all


def _named(catalog: Catalog, is_meant: Callable[[CatalogObject], bool]) -> set[str]:
    return {found.name for found in catalog.objects if is_meant(found)}


def _is_partition(found: CatalogObject) -> bool:
    return found.kind == "table" and found.of("partition_bound") is not None


def _is_heir(found: CatalogObject) -> bool:
    # A table that inherits begins with its parents' columns when it is made anew; it need not have before.
    return found.kind == "table" and found.of("parents") is not None and found.of("partition_bound") is None


def _without_skipped(objects: list[CatalogObject], skipped: tuple[Skipped, ...]) -> list[CatalogObject]:
    """Without what was skipped and, round by round, what belongs to it."""
    lost = {name for one in skipped for name in (one.name, *one.relations)}
    while True:
        more = {found.name for found in objects if found.whole in lost} - lost
        if not more:
            return [found for found in objects if found.name not in lost and found.whole not in lost]
        lost |= more


def _as_carried(found: CatalogObject) -> CatalogObject:
    return _keeping(found, (pair for pair in found.properties if (found.kind, pair[0]) not in NOT_CARRIED))


def _without(found: CatalogObject, aspect: str, *, of: set[str]) -> CatalogObject:
    if found.kind != "column" or found.whole not in of:
        return found
    return _keeping(found, (pair for pair in found.properties if pair[0] != aspect))


def _without_privileges(found: CatalogObject, is_left_out: Callable[[str], bool]) -> CatalogObject:
    granted = found.of("privileges")
    if granted is None:
        return found
    kept = [one for one in json.loads(granted) if not is_left_out(one)]
    return _keeping(found, (("privileges", json.dumps(kept, ensure_ascii=False)),) if kept else ())


def _without_qualifiers(found: CatalogObject) -> CatalogObject:
    definition = found.of("definition")
    if definition is None or found.kind not in ("view", "rule", "function"):
        return found
    if found.kind == "function" and "BEGIN ATOMIC" not in definition:
        return found
    bare = _QUALIFIER.sub(lambda part: part[1] or "", definition)
    return _keeping(found, ((name, bare if name == "definition" else value) for name, value in found.properties))


def _keeping(found: CatalogObject, properties: Iterable[tuple[str, str | None]]) -> CatalogObject:
    return CatalogObject(kind=found.kind, name=found.name, whole=found.whole, properties=tuple(properties))

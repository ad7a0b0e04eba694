"""Changes are told once, the larger thing first, in words that say what was and what is."""

import pytest

from drydock.model import Catalog, CatalogObject, Change
from drydock.model.difference import difference

NOTHING = Catalog(objects=())


def an_object(kind: str, name: str, whole: str = "", **properties: str | None) -> CatalogObject:
    """One object of a catalog."""
    return CatalogObject(kind=kind, name=name, whole=whole, properties=tuple(sorted(properties.items())))


SHIP = (
    an_object("column", "public.ship.id", "public.ship", type="integer"),
    an_object("comment", "table column public.ship.id", "public.ship.id", text="x"),
    an_object("constraint", "public.ship.ship_pkey", "public.ship"),
    an_object("index", "public.ship_pkey", "public.ship.ship_pkey"),
    an_object("sequence", "public.ship_id_seq", "public.ship.id"),
    an_object("table", "public.ship"),
)


def test_parts_of_parts_are_not_told_again() -> None:
    assert difference(NOTHING, Catalog(objects=SHIP)) == (Change(kind="added", what="table public.ship"),)
    assert difference(Catalog(objects=SHIP), NOTHING) == (Change(kind="removed", what="table public.ship"),)


def test_parts_of_what_stayed_are_told() -> None:
    changes = difference(Catalog(objects=SHIP[-1:]), Catalog(objects=SHIP))

    assert [str(change) for change in changes] == ["+ column public.ship.id", "+ constraint public.ship.ship_pkey"]


def test_one_object_goes_and_another_of_its_name_comes() -> None:
    changes = difference(
        Catalog(objects=(an_object("table", "public.ship"),)), Catalog(objects=(an_object("view", "public.ship"),))
    )

    assert [str(change) for change in changes] == ["- table public.ship", "+ view public.ship"]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("text", "bigint", "type is bigint, was text"),
        (None, "bigint", "type is bigint, was not there"),
        ("text", None, "type is not there, was text"),
        ("a\nb\nc", "a\nx\nc", "type is different from line 2: x, was b"),
        ("a\nb", "a", "type is different from line 2: not there, was b"),
        ("x" * 200, "y", f"type is y, was {'x' * 160}..."),
    ],
)
def test_alteration_says_what_is_and_what_was(before: str | None, after: str | None, told: str) -> None:
    one, other = (an_object("column", "public.ship.id", type=value) for value in (before, after))

    changes = difference(Catalog(objects=(one,)), Catalog(objects=(other,)))

    assert [str(change) for change in changes] == [f"~ column public.ship.id: {told}"]

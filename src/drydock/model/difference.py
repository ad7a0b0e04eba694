"""The difference of two catalogs: pure, complete, the larger thing first."""

from collections.abc import Iterator, Mapping
from typing import Literal

from drydock.model.catalog import Catalog, CatalogObject, Change

CATALOG_KINDS = (
    "schema",
    "extension",
    "table",
    "column",
    "constraint",
    "index",
    "view",
    "sequence",
    "function",
    "aggregate",
    "trigger",
    "rule",
    "policy",
    "enum",
    "domain",
    "composite",
    "range",
    "statistics",
    "publication",
    "event_trigger",
    "other",
    "comment",
    "grant",
    "default_grant",
)
"""What a catalog holds, in the order in which changes are told."""

CONTENT_KINDS = ("row_count", "sequence_position")
"""What tables and sequences hold, as far as it is counted."""

_ORDER = {kind: place for place, kind in enumerate((*CATALOG_KINDS, *CONTENT_KINDS))}

_Identity = tuple[str, str]
_Objects = Mapping[_Identity, CatalogObject]


def difference(before: Catalog, after: Catalog) -> tuple[Change, ...]:
    """Every change from `before` to `after`, one for each property; empty when nothing differs.

    Of an object that came or went, the parts and remarks (columns, its sequence, comments, grants) are not told again.
    """
    olds, news = _by_identity(before), _by_identity(after)
    gone, come = _alone(olds, news), _alone(news, olds)
    found: list[Change] = []
    for identity in sorted((olds.keys() & news.keys()) | gone | come, key=_importance):
        if identity in gone:
            found.append(Change(kind="removed", what=title_of(identity)))
        elif identity in come:
            found.append(Change(kind="added", what=title_of(identity)))
        else:
            found.extend(_alterations(olds[identity], news[identity]))
    return tuple(found)


def title_of(identity: _Identity) -> str:
    """Kind and name as a change tells them: `event trigger watching`."""
    kind, name = identity
    return f"{kind.replace('_', ' ')} {name}"


def _by_identity(catalog: Catalog) -> dict[_Identity, CatalogObject]:
    return {(found.kind, found.name): found for found in catalog.objects}


def _alone(ones: _Objects, others: _Objects) -> set[_Identity]:
    """Those of `ones` that `others` lack, without what belongs to another one among them."""
    alone = ones.keys() - others.keys()
    names = {name for _, name in alone}
    return {identity for identity in alone if ones[identity].whole not in names - {identity[1]}}


def _importance(identity: _Identity) -> tuple[int, str]:
    kind, name = identity
    return _ORDER.get(kind, len(_ORDER)), name


def _alterations(before: CatalogObject, after: CatalogObject) -> Iterator[Change]:
    olds, news = dict(before.properties), dict(after.properties)
    altered: Literal["altered"] = "altered"
    for name in sorted(olds.keys() | news.keys()):
        old, new = olds.get(name), news.get(name)
        if old != new:
            what = title_of((before.kind, before.name))
            yield Change(kind=altered, what=what, aspect=name.replace("_", " "), before=old, after=new)

"""What a database is made of, and what two such pictures differ in."""

from dataclasses import dataclass
from typing import Literal

ChangeKind = Literal["added", "removed", "altered"]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class CatalogObject:
    """One object: its kind, its qualified name, and what is said of it, each as text or null."""

    kind: str
    name: str
    properties: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """All objects of one database, sorted. Of equal databases the catalogs are equal, however they were built."""

    objects: tuple[CatalogObject, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference between a picture before and a picture after."""

    kind: ChangeKind
    what: str
    """Kind and name of the object: `column public.users.email`."""
    text: str
    """What is different, in a few words: `type is text, was character varying(20)`; empty for added and removed."""

    def __str__(self) -> str:
        """As a line of a diff: `+ index public.users_email`, `~ column public.users.email: type ...`."""
        sign = {"added": "+", "removed": "-", "altered": "~"}[self.kind]
        return f"{sign} {self.what}" + (f": {self.text}" if self.text else "")

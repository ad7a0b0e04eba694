"""What Drydock reads of a database, for comparing two databases that were built by different routes.

before = read_catalog(url, excluding=("drydock", "public._prisma_migrations"))
...
for line in difference(before, read_catalog(url)):
...
"""

from drydock.model import Catalog, Change, NotRead
from drydock.model import difference as changes
from drydock.postgres import catalog
from drydock.redact import Secret


def read_catalog(url: str, excluding: tuple[str, ...] = ()) -> Catalog:
    """What the database at `url` is made of; `excluding` names schemas and qualified relations."""
    return _read(catalog.read_catalog(Secret(url), excluding))


def read_contents(url: str, excluding: tuple[str, ...] = ()) -> Catalog:
    """The rows of every table and how far every sequence has counted."""
    return _read(catalog.read_contents(Secret(url), excluding))


def difference(first: Catalog, second: Catalog) -> tuple[str, ...]:
    """Say in one line each what differs, naming the object; empty when nothing does."""
    return tuple(_line(change) for change in changes.difference(first, second))


def _read(found: Catalog | NotRead) -> Catalog:
    if isinstance(found, NotRead):
        raise RuntimeError(found.reason)
    return found


def _line(change: Change) -> str:
    if change.kind != "altered":
        return f"{change.what}: only in the {'first' if change.kind == 'removed' else 'second'}"
    first, second, line = change.excerpt()
    at = f"different from line {line}: " if line else ""
    return f"{change.what}: {change.aspect} is {at}{first} in the first, {second} in the second"

"""Where the history and the folder disagree about the order or the presence of a migration."""

from collections.abc import Callable
from typing import Any, Protocol

from drydock.model import HistoryProblem, Missing, Newer, OutOfOrder


class Sortable(Protocol):
    """Anything with an order."""

    def __lt__(self, other: Any, /) -> bool:
        """Whether it sorts before the other."""


def misplaced(
    on_disk: tuple[str, ...], applied: frozenset[str], *, key: Callable[[str], Sortable]
) -> tuple[HistoryProblem, ...]:
    """Applied but gone from disk (newer than all of it, or not), and pending before an applied one.

    `on_disk` is in the tool's order, which `key` gives.
    """
    newest = on_disk[-1] if on_disk else None
    gone = [
        Newer(name=name) if newest is not None and key(newest) < key(name) else Missing(name=name)
        for name in sorted(applied - set(on_disk), key=key)
    ]
    last = max((place for place, name in enumerate(on_disk) if name in applied), default=0)
    late = [OutOfOrder(name=name, after=on_disk[last]) for name in on_disk[:last] if name not in applied]
    return (*gone, *late)

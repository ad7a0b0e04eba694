"""How much text a host takes, in the unit in which that host counts."""

from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Room for one text. `limit` is the most that it may measure; nothing fits into less than zero."""

    limit: int
    unit: Literal["UTF-8 bytes", "UTF-16 units"]

    def holds(self, text: str) -> bool:
        """Whether the text fits."""
        return self.measure(text) <= self.limit

    def measure(self, text: str) -> int:
        """How much room the text takes."""
        if self.unit == "UTF-8 bytes":
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text.encode("utf-16-le", "surrogatepass")) // 2

    def without(self, used: int) -> "Room":
        """What is left when so much is taken already."""
        return replace(self, limit=self.limit - used)


COMMENT = Room(limit=65_000, unit="UTF-16 units")
"""A comment on GitHub, a note on GitLab: GitHub refuses 65,537 characters and counts them as JavaScript does."""

SUMMARY = Room(limit=900 * 1024, unit="UTF-8 bytes")
"""A job summary on GitHub: one over 1 MiB is thrown away whole, one just below it may vanish without a word."""

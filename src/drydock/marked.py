"""What a program of ours tells us in the midst of what the project's code prints.

Such a program loads code that is not ours: a knexfile, migrations. It tells what happens as JSON, a line each, behind a
mark that holds a random word; everything else that it says is the project's.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

_MARK = "\x1edrydock "


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something that happened: `event` names it, `facts` are about it."""

    event: str
    facts: Mapping[str, object]

    def text(self, name: str) -> str | None:
        """The fact of that name when it is a text, else None."""
        value = self.facts.get(name)
        return value if isinstance(value, str) else None

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts in a list of that name."""
        value = self.facts.get(name)
        return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The mark of one run of a program; the program finds the word in its order."""

    word: str = field(default_factory=lambda: secrets.token_hex(16))

    def read(self, line: str) -> tuple[str, Told | None]:
        """What the line says besides, and what it tells. A print without a line end may stand before the mark."""
        before, mark, after = line.partition(f"{_MARK}{self.word} ")
        if not mark:
            return line, None
        try:
            facts = json.loads(after)
        except ValueError:
            facts = None
        return (before, Told(event=str(facts.get("event")), facts=facts)) if isinstance(facts, dict) else (line, None)

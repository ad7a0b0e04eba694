"""A value that somebody gave, before it is checked: with its name as written, its place and its rank."""

from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from drydock.config.option import Option
from drydock.config.problems import Problem


class Layer(IntEnum):
    """Where a value comes from; the lowest one wins. An IDLE value is in a section that was not chosen."""

    FLAG = 1
    INPUT = 2
    VARIABLE = 3
    OTHER_VARIABLE = 4
    SECTION = 5
    FILE = 6
    DEFAULT = 7
    IDLE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One value for one option. `written` is text, or a tuple of texts where the file has a list.

    `name` and `where` are for messages. `is_shown` is False where the text may hold something secret.
    """

    option: Option
    written: str | tuple[str, ...]
    name: str
    where: str
    layer: Layer
    section: str | None = None
    is_shown: bool = True

    @property
    def is_from_file(self) -> bool:
        """Whether references to variables are replaced in it."""
        return self.layer in (Layer.SECTION, Layer.FILE, Layer.IDLE)

    @property
    def shown(self) -> str | None:
        """The text for a message, or None when it must not be shown."""
        text = self.written if isinstance(self.written, str) else ", ".join(self.written)
        is_address = "://" in text or "password" in text.lower()
        is_hidden = self.option.is_secret or not self.option.is_shown or not self.is_shown
        return None if is_hidden or is_address else text


@dataclass(frozen=True, slots=True, kw_only=True)
class FileValues:
    """What the file holds. `environments` are the names that have a section of their own."""

    path: Path | None = None
    given: tuple[Given, ...] = ()
    problems: tuple[Problem, ...] = ()
    environments: tuple[str, ...] = ()

"""Whose SQL files these are, by the markers that a tool puts into them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from drydock.files import Project

SAMPLE = 20
"""Files looked at from each end of a folder: a history of thousands is not read to learn what its tool is."""
_MARKERS = {
    "dbmate": rb"migrate:(?:up|down)\b",
    "goose": rb"\+goose[ \t]",
    "sql-migrate": rb"\+migrate[ \t]",
    "node-pg-migrate": rb"(?:up|down)[ \t]+migration\b",
}
_LINES = {
    tool: re.compile(rb"^(?:\xef\xbb\xbf)?[ \t]*--[ \t-]*" + marker, re.I | re.M) for tool, marker in _MARKERS.items()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """A marker: the file that has it, and the line."""

    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What the first and the last files of a folder show."""

    tools: Mapping[str, Sign]
    unmarked: str | None
    """A file without any marker."""


def signs_in(project: Project, folder: Path, *, names: Sequence[str]) -> Signs:
    """The tools whose markers are there, each with its first; `names` are those of the folder's files."""
    scripts = sorted(name for name in names if name.lower().endswith(".sql") and not name.startswith("."))
    sample = scripts if len(scripts) <= 2 * SAMPLE else (*scripts[:SAMPLE], *scripts[-SAMPLE:])
    found: dict[str, Sign] = {}
    unmarked: str | None = None
    for name in sample:
        markers = _markers_in(project.read(folder / name))
        for tool, line in markers.items():
            found.setdefault(tool, Sign(file=name, line=line))
        if not markers and not name.lower().endswith(".down.sql"):
            unmarked = unmarked or name
    return Signs(tools=found, unmarked=unmarked)


def first_marker(raw: bytes) -> tuple[str, int] | None:
    """The tool that a script was written for, and the line that shows it; None for plain SQL."""
    return min(_markers_in(raw).items(), key=lambda marker: marker[1], default=None)


def _markers_in(raw: bytes) -> dict[str, int]:
    """The line of each tool's first marker."""
    found = ((tool, line.search(raw)) for tool, line in _LINES.items())
    return {tool: raw.count(b"\n", 0, match.start()) + 1 for tool, match in found if match}

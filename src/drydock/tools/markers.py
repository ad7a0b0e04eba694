"""Whose SQL files these are, by the markers that a tool puts into them."""

import re
from collections.abc import Sequence
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


def marked(project: Project, folder: Path, *, names: Sequence[str]) -> dict[str, str]:
    """The tools whose markers are in the first and the last files of a folder, each with one file that has them."""
    scripts = sorted(name for name in names if name.lower().endswith(".sql"))
    sample = scripts if len(scripts) <= 2 * SAMPLE else (*scripts[:SAMPLE], *scripts[-SAMPLE:])
    found: dict[str, str] = {}
    for name in sample:
        raw = project.read(folder / name)
        for tool, line in _LINES.items():
            if line.search(raw):
                found.setdefault(tool, name)
    return found


def first_marker(raw: bytes) -> tuple[str, int] | None:
    """The tool that a script was written for, and the line that shows it; None for plain SQL."""
    found = ((match.start(), tool) for tool, line in _LINES.items() if (match := line.search(raw)))
    first = min(found, default=None)
    return (first[1], raw.count(b"\n", 0, first[0]) + 1) if first else None

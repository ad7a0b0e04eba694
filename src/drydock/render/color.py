"""Colour for a rendered report, where the reader asked for it or looks at a terminal.

The only user of rich: import this module where colour is wanted and nowhere else.
"""

import re

from rich.color import ColorSystem
from rich.style import Style

from drydock.render.headline import BAD, GOOD, WAITING

_VERDICTS = {GOOD: Style.parse("bold green"), BAD: Style.parse("bold red"), WAITING: Style.parse("bold yellow")}
_LABEL = re.compile(r"[A-Z][A-Za-z ]*:(?= )")
_LABEL_STYLE = Style.parse("bold")
_ENDED = re.compile(r"  (?:FAILED|INTERRUPTED|UNKNOWN) .*")
_ENDED_STYLE = Style.parse("red")
_WARNING = re.compile(r"Warnings:.*")
_WARNING_STYLE = Style.parse("yellow")


def colored(text: str) -> str:
    """The text of `terminal_text` with ANSI colours; the words stay the same."""
    first, *rest = text.split("\n")
    style = _VERDICTS.get(first[:1], _LABEL_STYLE)
    return "\n".join((_painted(first, style), *(_colored_line(line) for line in rest)))


def _colored_line(line: str) -> str:
    if _ENDED.fullmatch(line):
        return _painted(line, _ENDED_STYLE)
    if _WARNING.fullmatch(line):
        return _painted(line, _WARNING_STYLE)
    label = _LABEL.match(line)
    return _painted(label[0], _LABEL_STYLE) + line[label.end() :] if label else line


def _painted(text: str, style: Style) -> str:
    return style.render(text, color_system=ColorSystem.STANDARD)

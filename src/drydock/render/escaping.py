"""Foreign text inside Markdown: names, messages and paths that can neither format, link, mention nor end anything.

The one place where Markdown is escaped. For GitHub and GitLab, which both read CommonMark with tables. GitLab obeys
quick actions (`/merge`) at the start of a line, so no line of ours begins with foreign text outside a fence.
Names, statements and messages stand in code where they can: there nothing has to be spelled in an odd way.
"""

import html
import re
from collections.abc import Callable, Iterable
from urllib.parse import quote

from drydock.render.wording import line_of

JOINER = "\u200d"
"""The zero-width joiner: invisible, and no part of a name, a number or an address."""

_CODE = re.compile(r"(?<!`)(`[^`]+`)(?!`)")
_RUN = re.compile("`+")
# What GitHub and GitLab turn into people, issues, merge requests, epics, labels, milestones, snippets and math.
_REFERENCE = re.compile(r"""([@#!&%~$^])(?=[\w"])|(:)(?=//)|\b(www)(?=\.)|\b(GH-)(?=\d)""", re.IGNORECASE)
_COMMENT_MARK = re.compile(r"(?<=<!)(?=--)|(?<=--)(?=!?>)")
_ENTITY = re.compile(r"&(?=[#\w])")
_LONE_UNDERSCORE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_BLOCK_START = re.compile(r"\A(?:\d{1,9}(?=[.)])|(?=[#>+=-]))")
_SPECIAL = str.maketrans({char: f"\\{char}" for char in "\\`*[]|~"} | {"<": "&lt;", "$": "&#36;"})
_SAFE_IN_ADDRESS = ":/?#[]@!&'*+,=%~"


def prose(text: str) -> str:
    """One line of a paragraph or list item; what stands between two backticks becomes code."""
    return _mixed(text, code)


def code(text: str) -> str:
    """A span of code that shows the text as it is; not for table cells, see `cell_code`."""
    inside = _COMMENT_MARK.sub(JOINER, line_of(text)) or " "
    mark = "`" * (_longest_run(inside) + 1)
    padded = inside.startswith(("`", " ")) or inside.endswith(("`", " "))
    room = " " if padded and inside.strip() else ""
    return f"{mark}{room}{inside}{room}{mark}"


def cell(text: str) -> str:
    """The lines of a text in one cell of a table."""
    return "<br>".join(_mixed(line, cell_code) for line in text.strip().split("\n"))


def cell_code(text: str) -> str:
    """A span of code for a cell; a text with `|`, which ends a cell even inside code, becomes prose."""
    return _plain(line_of(text)) if "|" in text else code(text)


def tag_text(text: str) -> str:
    """The text between two HTML tags, where Markdown is not read."""
    return html.escape(_referring_to_nothing(_COMMENT_MARK.sub(JOINER, line_of(text))))


def fenced(lines: Iterable[str], language: str) -> tuple[str, ...]:
    """The lines as a block of code, in a fence that none of them can close."""
    inside = [_COMMENT_MARK.sub(JOINER, line_of(line)) for line in lines]
    fence = "`" * max(3, 1 + max(map(_longest_run, inside), default=0))
    return (f"{fence}{language}", *inside, fence)


def linked(label: str, address: str | None) -> str:
    """The label, which is Markdown already, as a link; bare where there is no address or it is not http(s)."""
    if address is None or not address.startswith(("https://", "http://")):
        return label
    return f"[{label}]({quote(address, safe=_SAFE_IN_ADDRESS, errors='replace')})"


def _mixed(text: str, as_code: Callable[[str], str]) -> str:
    parts = _CODE.split(line_of(text).strip())
    return "".join(as_code(part[1:-1]) if _CODE.fullmatch(part) else _plain(part) for part in parts if part)


def _plain(text: str) -> str:
    inert = _ENTITY.sub("&amp;", _referring_to_nothing(_COMMENT_MARK.sub(JOINER, text)))
    escaped = _LONE_UNDERSCORE.sub(r"\_", inert.translate(_SPECIAL))
    return _BLOCK_START.sub(r"\g<0>\\", escaped, count=1)


def _referring_to_nothing(text: str) -> str:
    return _REFERENCE.sub(lambda found: found[0] + JOINER, text)


def _longest_run(text: str) -> int:
    return max(map(len, _RUN.findall(text)), default=0)

"""What a forge makes of a Markdown report: read by a real CommonMark parser with tables, HTML and all."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

JOINER = "\u200d"
OURS = re.compile(r"<details>|<summary>[^<]*(?:<code>[^<]*</code>[^<]*)?</summary>|</details>|</?sub>|<br>")
"""Every piece of HTML that a report may hold."""
CELL_END = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A report as its reader sees it."""

    first: str
    """The text of the first block."""
    last: str
    blocks: frozenset[str]
    """Kinds of tokens, inline ones too."""
    headings: int
    links: tuple[str, ...]
    html: tuple[str, ...]
    strong: tuple[str, ...]
    prose: tuple[str, ...]
    """Text outside of code, piece by piece."""
    code: tuple[str, ...]
    deepest_list: int
    languages: tuple[str, ...]

    @property
    def text(self) -> str:
        """All of its words, without what is invisible."""
        return "\n".join((*self.prose, *self.code, *self.html)).replace(JOINER, "")


def page_of(text: str) -> Page:
    """Read it."""
    blocks = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
    every = tuple(_all(blocks))
    inline = [_words(token) for token in blocks if token.type == "inline"]
    return Page(
        first=inline[0],
        last=inline[-1],
        blocks=frozenset(token.type for token in every),
        headings=sum(token.type == "heading_open" for token in every),
        links=tuple(str(token.attrs["href"]) for token in every if token.type == "link_open"),
        html=tuple(_html(every)),
        strong=tuple(_strong(every)),
        prose=tuple(token.content for token in every if token.type == "text"),
        code=tuple(token.content for token in every if token.type in ("code_inline", "fence")),
        deepest_list=max((token.level for token in every if token.type == "bullet_list_open"), default=0),
        languages=tuple(token.info for token in every if token.type == "fence"),
    )


def outside_fences(text: str) -> Iterator[str]:
    """The lines that are not code, told apart as plainly as GitLab's reader of quick actions does."""
    fence = ""
    for line in text.split("\n"):
        if fence:
            fence = "" if line == fence else fence
        elif line.startswith("```"):
            fence = line.removesuffix("diff")
        else:
            yield line
    assert not fence, "a fence is open at the end"


def is_balanced(html: tuple[str, ...]) -> bool:
    """Whether every fold that is opened is closed, and none before."""
    depth = 0
    for part in "".join(html).replace("</details>", "\0-").replace("<details>", "\0+").split("\0"):
        depth += {"+": 1, "-": -1}.get(part[:1], 0)
        if depth < 0:
            return False
    return depth == 0


def widths(text: str) -> Iterator[set[int]]:
    """For each table, how many cells its rows have."""
    rows: set[int] = set()
    for line in (*outside_fences(text), ""):
        if line.startswith("| "):
            rows.add(len(CELL_END.findall(line)))
        elif rows:
            yield rows
            rows = set()


def _all(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _all(token.children or [])


def _words(inline: Token) -> str:
    return "".join(token.content for token in inline.children or [] if token.type in ("text", "code_inline"))


def _html(tokens: tuple[Token, ...]) -> Iterator[str]:
    for token in tokens:
        if token.type in ("html_block", "html_inline"):
            yield from (line for line in token.content.split("\n") if line)


def _strong(tokens: tuple[Token, ...]) -> Iterator[str]:
    for token, following in pairwise(tokens):
        if token.type == "strong_open":
            yield following.content

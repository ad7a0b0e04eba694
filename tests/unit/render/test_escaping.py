"""Foreign text in Markdown shows as it is, and does nothing."""

import pytest
from markdown_it import MarkdownIt

from drydock.render.escaping import cell, code, fenced, linked, prose, tag_text
from tests.unit.render.reading import JOINER

FORGE = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])

HOSTILE = [
    "# heading",
    "- item",
    "+ item",
    "12. item",
    "> quote",
    "=====",
    "a * b * c, **d**, __init__, _e_, ~~f~~",
    "back\\slash \\* \\",
    "<b>bold</b> <!-- hidden --> -->",
    "&lt; &amp; &#35; R&D",
    "[link](https://x.example) ![image](x.png)",
    "https://x.example www.x.example a@x.example",
    "@someone #12 !13 GH-14 %15 ~16 $17$",
    "lone ` and `` twins",
    "| a | b |",
    "a\\|b",
]


def shown(markdown: str) -> str:
    """The text that a reader sees, without what is invisible."""
    (inline,) = (token for token in FORGE.parse(markdown) if token.type == "inline")
    kinds = {token.type for token in inline.children or []}
    assert kinds <= {"text", "code_inline"}, kinds
    return "".join(token.content for token in inline.children or []).replace(JOINER, "")


@pytest.mark.parametrize("text", HOSTILE)
def test_prose_shows_the_text_as_it_is(text: str) -> None:
    assert shown(f"- {prose(text)}") == text


@pytest.mark.parametrize("text", [*HOSTILE, "`", "``` ` ```", "`a", "a`", "  spaces  "])
def test_code_shows_the_text_as_it_is(text: str) -> None:
    assert shown(code(text)) == text


@pytest.mark.parametrize("text", HOSTILE)
def test_a_cell_shows_the_text_and_ends_where_it_ends(text: str) -> None:
    table = f"| one | two |\n| --- | --- |\n| {cell(text)} | {cell(f'`{text}`') if '`' not in text else 'x'} |"

    tokens = FORGE.parse(table)

    cells = [token for token in tokens if token.type == "inline"][2:]
    words = ["".join(part.content for part in one.children or []).replace(JOINER, "") for one in cells]
    assert words == [text, "x" if "`" in text else text]


def test_what_stands_between_backticks_is_code_in_prose() -> None:
    assert prose("Run `drydock deploy --x` again.") == "Run `drydock deploy --x` again."


def test_lines_of_a_cell_are_broken_and_lines_of_prose_are_shown() -> None:
    assert cell("one\ntwo") == "one<br>two"
    assert prose("one\ntwo") == r"one\\ntwo"


def test_a_name_inside_a_word_keeps_its_underscores() -> None:
    assert prose("20240112101500_unique_email") == "20240112101500_unique_email"


@pytest.mark.parametrize("line", ["```", "`````` x", "   ````", "~~~"])
def test_a_fence_is_longer_than_anything_inside(line: str) -> None:
    (token,) = FORGE.parse("\n".join(fenced([line, "after"], "sql")))

    assert (token.type, token.info, token.content) == ("fence", "sql", f"{line}\nafter\n")


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("https://x.example/a?b=1#L2", "https://x.example/a?b=1#L2"),
        ("https://x.example/a (b)|c", "https://x.example/a%20%28b%29%7Cc"),
        ("javascript:alert(1)", None),
        (None, None),
    ],
)
def test_a_link_leads_to_web_pages_only(address: str | None, target: str | None) -> None:
    assert linked("label", address) == (f"[label]({target})" if target else "label")


def test_text_between_tags_ends_no_tag_and_calls_nobody() -> None:
    assert tag_text("</code> & @someone") == f"&lt;/code&gt; &amp; @{JOINER}someone"

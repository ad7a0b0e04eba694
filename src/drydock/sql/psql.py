"""Finds what only psql understands, so that a script the parser refused gets a message that says why."""

import re
from dataclasses import dataclass
from functools import cache

from drydock.sql.blank import after_comment
from drydock.sql.text import line_of

# Everything outside of which a backslash can be a meta-command. A word comes before the dollar quote, so that
# a$b$c is one word; E'...' knows backslashes, other strings do not (standard_conforming_strings is on).
_LANGUAGE = r"""
      --[^\n\r]*
    | (?P<comment>/\*)
    | [eE]'(?:[^'\\]|\\.|'')*'?
    | '[^']*'?
    | "[^"]*"?
    | (?P<dollar>\$(?:[A-Za-z_\u0080-\U0010ffff][\w\u0080-\U0010ffff]*)?\$)
    | (?P<word>[A-Za-z_\u0080-\U0010ffff][\w$\u0080-\U0010ffff]*)
    | (?P<meta>\\\S*)
    | (?P<end>;)
    """
_DATA_END = re.compile(r"^\\\.[ \t\r]*$", re.MULTILINE)
_AFTER_STATEMENT = re.compile(r"\\(?:g|gx|gset|gexec|gdesc|crosstabview|watch|;)(?:\s|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaCommand:
    r"""The first thing in a script that only psql can run: a `\command`, or COPY data in the script."""

    line: int
    word: str
    r"""The command word, `\restrict`; or `COPY ... FROM stdin`."""


def meta_command(text: str) -> MetaCommand | None:
    """Look for psql's own language outside quotes and comments. For texts that the SQL parser refused."""
    at, words, token_at = 0, list[str](), _token().search
    while token := token_at(text, at):
        at = token.end()
        match token.lastgroup:
            case "comment":
                at = after_comment(text, token.start())
            case "dollar":
                at = _after_dollar_quote(text, token)
            case "word":
                words.append(token.group().upper())
            case "end":
                if _reads_data(words) and _DATA_END.search(text, at):
                    return MetaCommand(line=line_of(text, token.start()), word="COPY ... FROM stdin")
                words = []
            case "meta" if _is_command(text, token):
                return MetaCommand(line=line_of(text, token.start()), word=token.group())
    return None


@cache
def _token() -> re.Pattern[str]:
    # Compiled on use: it takes a twentieth of a run that finds nothing pending, and such a run never needs it.
    return re.compile(_LANGUAGE, re.VERBOSE | re.DOTALL)


def _after_dollar_quote(text: str, opening: re.Match[str]) -> int:
    closing = text.find(opening.group(), opening.end())
    return len(text) if closing < 0 else closing + len(opening.group())


def _reads_data(words: list[str]) -> bool:
    return words[:1] == ["COPY"] and "STDIN" in words and "FROM" in words


def _is_command(text: str, token: re.Match[str]) -> bool:
    before = text[text.rfind("\n", 0, token.start()) + 1 : token.start()]
    return not before.strip() or _AFTER_STATEMENT.match(text, token.start()) is not None

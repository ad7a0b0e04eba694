"""The markers in node-pg-migrate's SQL files (`src/sqlMigration.ts`, the same from 5 to 9).

The first `-- Up Migration` and the first `-- Down Migration` count, wherever they stand at the start of a line, in a
string or a comment too. The regular expressions are JavaScript's: what is a blank there, and where a line begins.
"""

import re

from drydock.tools.convention import Unfit, Up, only_lines

_BLANK = "\\t\\n\\v\\f\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff"
_LINE_START = "(?:\\A|(?<=[\\n\\r\\u2028\\u2029]))"


def _marker(word: str) -> re.Pattern[str]:
    pattern = f"{_LINE_START}[{_BLANK}]*--[{_BLANK}-]*{word}[{_BLANK}]+migration"
    return re.compile(pattern, re.IGNORECASE | re.ASCII)


UP, DOWN = _marker("up"), _marker("down")


def up_of(text: str) -> Up | Unfit:
    """The part of a file that applies it; the whole file where it has no marker."""
    up, down = UP.search(text), DOWN.search(text)
    if up is None and down is None:
        return Up(text=text)
    if up is None:
        line = text.count("\n", 0, down.end() if down else 0) + 1
        return Unfit(
            reason="a down part, and no -- Up Migration before the rest: node-pg-migrate would run the whole file",
            hint="Put -- Up Migration above the part that applies it.",
            line=line,
        )
    end = down.start() if down is not None and down.start() > up.start() else len(text)
    return Up(text=only_lines(text[: up.start()]) + text[up.start() : end])

"""dbmate: `-- migrate:up` and `-- migrate:down` in one file, history in `schema_migrations(version)`.

Facts are of dbmate 2.36 (`pkg/dbmate/migration.go`, `db.go`, `pkg/driver/postgres`). The version is the digits that the
name begins with, as text; the order is the file name's. It takes no lock. Each block is a transaction, its version row
in it; with several blocks in a file dbmate fails at the second row, so here they count as one script with one row.
`transaction:false` sends a block as it is, outside of a transaction; here the careful path runs it.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from drydock.model import HistoryProblem, Table, ToolLock
from drydock.postgres.interface import Row as Answer
from drydock.postgres.literals import literal, qualified
from drydock.tools.convention import Entry, Unfit, Up, only_lines
from drydock.tools.misplaced import misplaced
from drydock.tools.recorded_rows import Row, created

LOCK_KEY = 0x4452594400000002
PATTERN = re.compile(r"([0-9]+).*\.sql")
# Go's `\s` is ASCII and has no vertical tab; `$` is before a line end, or at the end of the text.
_BLANK = r"[\t\n\f\r ]"
_AFTER = rf"(?:{_BLANK}*$|{_BLANK}+[^\t\n\f\r ]+)"
UP = re.compile(rf"^--{_BLANK}*migrate:up{_AFTER}", re.M)
DOWN = re.compile(rf"^--{_BLANK}*migrate:down{_AFTER}", re.M)
_DIRECTIVE = re.compile(rf"^--{_BLANK}*migrate:(?:up|down)")
_NO_STATEMENT = re.compile(rf"^{_BLANK}*(?:$|--)")
SHAPE = "Write the file as dbmate needs it: -- migrate:up, the script, -- migrate:down, the script that takes it back."


class Dbmate:
    """See the module docstring and `Convention`."""

    name = "dbmate"
    table = Table(schema="", name="schema_migrations")
    setup = ""
    joins = False
    lock = ToolLock(key=LOCK_KEY, holders_block=False)
    # The function is there for text only: golang-migrate's table of the same name has numbers.
    select = "SELECT pg_catalog.btrim(version) FROM {table} ORDER BY version"

    def entries(self, files: Sequence[str]) -> tuple[Entry, ...]:
        """See `Convention.entries`."""
        found = ((name, PATTERN.fullmatch(name)) for name in sorted(files))
        return tuple(
            Entry(name=name.removesuffix(".sql"), recorded=match[1], file=name) for name, match in found if match
        )

    def recorded_by(self, rows: Sequence[Answer]) -> tuple[str, ...]:
        """See `Convention.recorded_by`."""
        return tuple(row[0] or "" for row in rows)

    def creation(self, history: Table, *, has_schema: bool) -> tuple[str, ...]:
        """See `Convention.creation`."""
        table = qualified(history.schema, history.name)
        return tuple(
            created(history, f"CREATE TABLE IF NOT EXISTS {table} (version varchar PRIMARY KEY)", has_schema=has_schema)
        )

    def row_of(self, history: Table, entry: Entry) -> Row:
        """See `Convention.row_of`."""
        table, version = qualified(history.schema, history.name), literal(entry.recorded)
        return Row(
            insert=f"INSERT INTO {table} (version) VALUES ({version})",
            exists=f"SELECT FROM {table} WHERE version OPERATOR(pg_catalog.=) {version}",
        )

    def problems(self, entries: Sequence[Entry], recorded: Sequence[str]) -> tuple[HistoryProblem, ...]:
        """See `Convention.problems`."""
        names = {entry.recorded: entry.name for entry in entries}
        applied = frozenset(names.get(version, version) for version in recorded)
        return misplaced(tuple(entry.name for entry in entries), applied, key=str)

    def script_of(self, entry: Entry, text: str) -> Up | Unfit:
        """See `Convention.script_of`."""
        starts = [match.start() for match in UP.finditer(text)]
        if not starts:
            return Unfit(reason="the file has no -- migrate:up", hint=SHAPE)
        lines = text[: starts[0]].split("\n")
        stray = next((number for number, line in enumerate(lines, 1) if not _NO_STATEMENT.match(line)), None)
        if stray is not None:
            return Unfit(reason="dbmate takes no statement before -- migrate:up", hint=SHAPE, line=stray)
        return _up_of(text, [*starts, len(text)])


def _up_of(text: str, cuts: Sequence[int]) -> Up | Unfit:
    parts = [only_lines(text[: cuts[0]])]
    has_transaction = True
    for start, end in pairwise(cuts):
        downs = [match.start() for match in DOWN.finditer(text[start:end])]
        if len(downs) != 1:
            reason = "has no -- migrate:down" if not downs else "has more than one -- migrate:down"
            line = text.count("\n", 0, start) + 1
            return Unfit(reason=f"the block that begins here {reason}", hint=SHAPE, line=line)
        block = text[start : start + downs[0]]
        has_transaction = has_transaction and _options(block).get("transaction") != "false"
        # The blocks are separate messages to dbmate: one may end without a semicolon.
        parts += [block, ";" if end < len(text) else "", only_lines(text[start + downs[0] : end])]
    return Up(text="".join(parts), mode=None if has_transaction else "statement")


def _options(block: str) -> dict[str, str]:
    words = _DIRECTIVE.sub("", block.split("\n", 1)[0]).split()
    pairs = (word.split(":") for word in words)
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}

"""What the parts of a Markdown report are made of: how much of everything, links to files, tables, folds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from urllib.parse import quote

from drydock.model import Migration
from drydock.render.escaping import cell_code, code, linked, tag_text
from drydock.render.publishable import CUT

Lines = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How much is told, and where its links lead."""

    entries: int
    """Of every list."""
    statements: int
    """Of every migration; 0 leaves them out."""
    folds: bool
    """Whether the evidence is there at all."""
    source_url: str | None
    link: str | None
    """To the run."""

    def place(self, file: PurePath, line: int | None = None) -> str:
        """File and line as code, and as a link where it is known where files are shown."""
        at = "" if line is None else f":{line}"
        return linked(code(f"{file.as_posix()}{at}"), self.address(file, line))

    def name(self, migration: Migration) -> str:
        """A migration's name for a cell of a table, as a link to its file."""
        return linked(cell_code(migration.name), self.address(migration.file))

    def address(self, file: PurePath, line: int | None = None) -> str | None:
        """Where a browser shows the line of this file; None where that is not known."""
        name = file.as_posix()
        if self.source_url is None or file.is_absolute() or ".." in file.parts or name.endswith(CUT):
            return None
        fragment = "" if line is None else f"#L{line}"
        return f"{self.source_url.rstrip('/')}/{quote(name, errors='replace')}{fragment}"

    def listed(self, items: Sequence[str]) -> Lines:
        """List items, cut at `entries`."""
        rest = more(len(items) - self.entries)
        return tuple(f"- {item}" for item in (*items[: self.entries], *rest))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Lines:
    """A table; cells are Markdown already, and no cell of a column that is empty throughout is shown."""
    rows = tuple(rows)
    used = [place for place in range(len(head)) if any(row[place] for row in rows)]
    if not used:
        return ()
    return tuple(f"| {' | '.join(row[place] for place in used)} |" for row in (head, ["---"] * len(head), *rows))


def fold(title: str, lines: Lines, *, name: str = "") -> Lines:
    """Lines that a reader unfolds; none when there is nothing inside. `name` stands before the title, as code."""
    if not lines:
        return ()
    named = f"<code>{tag_text(name)}</code>: " if name else ""
    return ("<details>", f"<summary>{named}{tag_text(title)}</summary>", "", *lines, "", "</details>")


def blocks(*several: Lines) -> Lines:
    """Blocks of lines with an empty line between two; those with nothing in them leave no gap."""
    filled = [lines for lines in several if lines]
    return tuple(line for number, lines in enumerate(filled) for line in (("",) * bool(number) + lines))


def more(left_out: int, what: str = "more") -> Lines:
    """A paragraph on what a list or table leaves out; none when that is nothing."""
    return (f"and {left_out:,} {what}",) if left_out > 0 else ()

"""Archives of pg_dump (custom, directory, tar), read by pg_restore as text, section by section, never as a whole."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from io import BufferedReader
from pathlib import Path
from typing import Literal

from drydock.command import Command, Completed
from drydock.errors import RehearsalError
from drydock.process import run, stream
from drydock.snapshot.pieces import Pieces
from drydock.snapshot.restoring import Dump, Means
from drydock.sql.interface import Name

Section = Literal["pre-data", "data", "post-data"]
BUFFER = 1 << 18
_LIMIT = timedelta(minutes=10)
_LINE = re.compile(r"(?P<id>\d+); \d+ \d+ (?P<kind>TABLE DATA )?(?P<rest>.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRows:
    """The entry of an archive that holds a table's rows."""

    number: str
    name: Name | None
    """Schema and name of the table; None where blanks in a name leave it open which is which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The numbers of what the data section of an archive holds, in the archive's order."""

    tables: tuple[TableRows, ...]
    others: tuple[str, ...]
    """Positions of sequences, large objects, statistics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A dump in a format of pg_restore's. Every call raises RehearsalError for a damaged archive."""

    dump: Dump
    means: Means
    directory: Path
    """Where small files may be put."""

    def content(self) -> Content:
        """What is in the data section."""
        done = run(self._command("--section=data", "-l"), stopped=self.means.stopped)
        self._require(done, at="its table of contents")
        lines = [found for line in done.stdout.splitlines() if (found := _LINE.match(line))]
        return Content(
            tables=tuple(_table_rows(found) for found in lines if found["kind"]),
            others=tuple(found["id"] for found in lines if not found["kind"]),
        )

    @contextmanager
    def section(self, section: Section) -> Iterator[Pieces]:
        """The text of one section. To be read to its end."""
        with self._text(f"--section={section}", "-f", "-") as pieces:
            yield pieces

    @contextmanager
    def entries(self, numbers: tuple[str, ...]) -> Iterator[Pieces]:
        """The text of some entries of the data section. To be read to its end."""
        chosen = self.directory / f"entries-{numbers[0]}"
        chosen.write_text("".join(f"{number};\n" for number in numbers), encoding="ascii")
        try:
            with self._text("--section=data", f"--use-list={chosen}", "-f", "-") as pieces:
                yield pieces
        finally:
            chosen.unlink(missing_ok=True)

    @contextmanager
    def _text(self, *arguments: str) -> Iterator[Pieces]:
        with stream(self._command(*arguments), stopped=self.means.stopped) as said:
            pieces = Pieces(BufferedReader(said, BUFFER))
            yield pieces
            done = said.outcome()
        self._require(done, at=str(pieces.entry))
        if pieces.is_cut:
            raise RehearsalError(f"{self.dump.shown} is cut off or damaged, at {pieces.entry}.", hint=_HINT)

    def _command(self, *arguments: str) -> Command:
        program = str(self.means.programs.binaries / "pg_restore")
        return Command(
            argv=(program, *arguments, str(self.dump.path.absolute())),
            environment=self.means.environment,
            directory=self.directory,
            time_limit=_LIMIT,
        )

    def _require(self, done: Completed, *, at: str) -> None:
        if done.stopped:
            raise RehearsalError("The restore was stopped.")
        if done.exit_code != 0:
            said = " ".join(done.stderr.split())[:300]
            raise RehearsalError(
                f"{self.dump.shown} is cut off or damaged{f', at {at}' if at else ''}. pg_restore says: {said}",
                hint=_HINT,
            )


def _table_rows(found: re.Match[str]) -> TableRows:
    """Schema, name and owner stand there without quotes."""
    match found["rest"].split(" "):
        case [str(schema), str(name), str(owner)] if schema and name and owner:
            return TableRows(number=found["id"], name=(schema, name))
        case _:
            return TableRows(number=found["id"], name=None)


_HINT = "Take the snapshot again, and compare sizes or checksums after copying it."

"""The adapter of every tool whose history has a row per applied migration; what is a tool's own is its `Convention`."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from drydock.errors import HistoryError, ProjectError
from drydock.files import Project
from drydock.model import (
    Applied,
    Atomic,
    FailedRow,
    Joined,
    Migration,
    ScriptStep,
    Status,
    Step,
    Table,
)
from drydock.postgres.interface import Reader
from drydock.sql.interface import Analyser
from drydock.sql.text import Text, decode
from drydock.tools.checksum import sha256
from drydock.tools.convention import Convention, Entry, Mode, Unfit, Up, clashes
from drydock.tools.interface import Mark, Repair
from drydock.tools.placement import Placement
from drydock.tools.recorded_rows import READ_UNFINISHED, forgotten, ledger_of, unfinished_in
from drydock.tools.scripts import Script, ScriptReader


class RecordedFiles:
    """See the module docstring and `MigrationTool`."""

    def __init__(
        self, project: Project, folder: Path, *, convention: Convention, table: Table, reader: ScriptReader
    ) -> None:
        """`table` is the history; an empty schema means the session's current one."""
        self._project = project
        self._folder = folder
        self._convention = convention
        self._placement = Placement(tool=convention.name, table=table)
        self._table = table
        self._reader = reader

    @property
    def name(self) -> str:
        """See `MigrationTool.name`."""
        return self._convention.name

    @property
    def setup(self) -> str:
        """See `MigrationTool.setup`."""
        return self._convention.setup

    def status(self, reader: Reader) -> Status:
        """See `MigrationTool.status`."""
        entries = self._entries()
        *answers, noted = reader.read(*self._placement.questions(self._convention.select), READ_UNFINISHED)
        place = self._placement.found(answers)
        self._table = place.table
        recorded = self._convention.recorded_by(place.rows or ())
        there = frozenset(recorded)
        names = {entry.recorded: entry.name for entry in entries}
        done = frozenset(names.get(one, one) for one in there)
        begun = {name: at for name, at in unfinished_in(noted, self._table).items() if name not in done}
        waiting = [entry for entry in entries if entry.recorded not in there]
        left = {entry.name: self._migration(entry) for entry in waiting}
        failed = (FailedRow(name=name, started_at=at, migration=left.get(name)) for name, at in begun.items())
        creation = self._convention.creation(self._table, has_schema=place.has_schema)
        return Status(
            tool=self.name,
            history=self._table,
            lock=self._convention.lock,
            applied=tuple(Applied(name=names.get(one, one), finished_at=None) for one in recorded),
            pending=tuple(migration for migration in left.values() if migration.name not in begun),
            problems=(*failed, *self._convention.problems(entries, recorded)),
            preparation=creation if place.rows is None else (),
        )

    def steps(self, pending: Sequence[Migration]) -> tuple[Step, ...]:
        """See `MigrationTool.steps`."""
        entries = {entry.name: entry for entry in self._entries()}
        scripts = [self._script(migration, entries[migration.name]) for migration in pending]
        steps = self._reader.steps(
            scripts,
            lambda migration: ledger_of(
                self._table, migration, row=self._convention.row_of(self._table, entries[migration.name])
            ),
        )
        return _joined(steps) if self._convention.joins else steps

    def down_steps(self, names: Sequence[str]) -> tuple[Step, ...]:
        """See `MigrationTool.down_steps`. None of these tools' down parts is run yet."""
        raise ProjectError(
            f"{', '.join(names)} cannot be undone: Drydock does not run {self.name}'s down parts yet.",
            hint=f"Undo it by {self.name} itself, or by a new migration; nothing was run.",
        )

    def repair(self, status: Status, *, name: str, mark: Mark) -> Repair:
        """See `MigrationTool.repair`. NAME may be the file, or what the history calls it."""
        entry = next((one for one in self._entries() if name in (one.name, one.recorded, one.file)), None)
        known = entry.name if entry else name
        begun = any(isinstance(found, FailedRow) and found.name == known for found in status.problems)
        if any(applied.name == known for applied in status.applied):
            raise HistoryError(
                f"{known} is recorded as applied in {status.history}.",
                hint="There is nothing to repair; to undo it, write a new migration.",
            )
        forget = (forgotten(self._table, known),) if begun else ()
        match mark:
            case Mark.APPLIED if entry is not None:
                record = self._convention.row_of(self._table, entry).insert
                return Repair(sql=(*status.preparation, *forget, record), said=f"{known} is marked as applied.")
            case Mark.ROLLED_BACK if begun:
                return Repair(sql=forget, said=f"{known} is pending again.")
            case Mark.ROLLED_BACK:
                raise HistoryError(f"{known} was not begun and left unfinished.", hint="There is nothing to repair.")
            case _:
                raise HistoryError(
                    f"There is no migration {name} in {self._project.shown(self._folder)}.",
                    hint="Give the file's name.",
                )

    def seed_argv(self) -> tuple[str, ...] | None:
        """None of these tools has a seed of its own."""
        return None

    def _entries(self) -> tuple[Entry, ...]:
        entries = self._convention.entries(self._project.files(self._folder))
        for one, other in clashes(entries):
            raise ProjectError(
                f"{self._shown(one)} and {self._shown(other)} are the same to {self.name}: {one.recorded}.",
                hint="Rename one of the two files, unless it is applied.",
            )
        return entries

    def _migration(self, entry: Entry) -> Migration:
        raw = self._project.read(self._folder / entry.file)
        return Migration(name=entry.name, file=self._shown(entry), checksum=sha256(raw))

    def _script(self, migration: Migration, entry: Entry) -> Script:
        raw = self._project.read(self._folder / entry.file)
        decoded = decode(raw)
        if not isinstance(decoded, Text):
            # What is wrong with it is told where every script is read.
            return Script(migration=migration, raw=raw)
        match self._convention.script_of(entry, decoded.text):
            case Up(text=text, mode=mode):
                return Script(migration=migration, raw=text.encode(), mode=self._mode(mode))
            case Unfit(reason=reason, hint=hint, line=line):
                where = f"{migration.file}, line {line}" if line else f"{migration.file}"
                raise ProjectError(f"{where}: {reason}.", hint=hint)

    def _mode(self, mode: Mode | None) -> Mode | None:
        # What the user says of all files holds for each.
        return None if self._reader.mode == "statement" else mode

    def _shown(self, entry: Entry) -> Path:
        return self._project.shown(self._folder / entry.file)


def script_reader(analyser: Analyser, table: Table, *, mode: Mode) -> ScriptReader:
    """Reads scripts that may touch neither the history nor our own schema."""
    return ScriptReader(analyser=analyser, protected=frozenset({table.name, "drydock"}), mode=mode)


def _joined(steps: Sequence[ScriptStep]) -> tuple[ScriptStep, ...]:
    """Steps that stand together and may share a transaction do; one alone has its own, in a single message."""
    joined: list[ScriptStep] = []
    for is_atomic, group in groupby(steps, key=lambda step: isinstance(step.course, Atomic)):
        together = tuple(group)
        course = Joined() if is_atomic and len(together) > 1 else None
        joined.extend(replace(step, course=course) if course else step for step in together)
    return tuple(joined)

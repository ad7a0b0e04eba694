"""Brings the pieces of a dump onto a scratch, one by one, through one session, under the filter."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never

from drydock.errors import RehearsalError
from drydock.model import Refusal, Skipped
from drydock.postgres.interface import Filling
from drydock.postgres.literals import identifier
from drydock.scratch.interface import Scratch
from drydock.snapshot.closure import EVERYTHING, Chosen
from drydock.snapshot.filtering import Care, Leave, Run, course_of
from drydock.snapshot.foreign import lead_nowhere, lead_table_nowhere
from drydock.snapshot.judging import Fatal, Harmless, Missing, meaning_of
from drydock.snapshot.ledger import Ledger
from drydock.snapshot.names import NAME, name_of, roles_in, shown
from drydock.snapshot.pieces import CopyIn, Piece, PsqlCommand, Statement
from drydock.snapshot.progress import Progress
from drydock.snapshot.restoring import Choosing, Means
from drydock.snapshot.room import more_room_for
from drydock.sql.interface import Name

_EXPECTED_OF_PSQL = frozenset({"\\restrict", "\\unrestrict", "\\connect", "\\c", "\\."})
_ROLE_THERE = "SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = $1"
# Nothing else is safe to repeat: `SELECT lo_unlink()` stands at the beginning of a dump made with --clean.
_SETTING = re.compile(r"SET |SELECT (?:pg_catalog\.)?set_config\(", re.IGNORECASE)
_REFRESH = re.compile(rf"REFRESH MATERIALIZED VIEW (?P<name>{NAME})", re.IGNORECASE)
_NO_MEMORY = "53200"
_LOST = "08006"
_DEADLOCK = "40P01"
_LITTLE_BYTES = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One restore: what all its sessions have in common."""

    shown: str
    """The dump, in messages."""
    scratch: Scratch
    means: Means
    ledger: Ledger
    progress: Progress
    choosing: Choosing | None = None
    """How to choose whose rows are restored; all are, where it is None."""


class Filler:
    """One session at work. Raises RehearsalError where the copy would not be what the dump says."""

    def __init__(self, job: Job, filling: Filling) -> None:
        """Work for `job` through `filling`."""
        self.job, self.filling = job, filling
        self.settings: list[bytes] = []
        """What the dump sets before its first entry; other sessions need it too."""
        self.has_rows = False
        self._chosen = EVERYTHING

    def leave(self, chosen: Chosen) -> None:
        """From now on leave out the rows that nobody needs, and those of the tables that have them already."""
        self._chosen = chosen

    def leaves(self, table: Name | None) -> bool:
        """Whether the rows of a table are left out; notes it."""
        if table is not None and table in self._chosen.left.tables:
            self.job.ledger.leave_table(table)
            return True
        return table is not None and table in self._chosen.there

    def take(self, piece: Piece) -> None:
        """Bring one piece."""
        match piece:
            case Statement():
                self.run(piece)
            case CopyIn():
                self._copy(piece)
            case PsqlCommand():
                if piece.word not in _EXPECTED_OF_PSQL:
                    self.job.ledger.note(f"The psql command {piece.word} in {self.job.shown} was not run.")
            case _:
                assert_never(piece)

    def run(self, statement: Statement) -> None:
        """Run one statement, or leave it out."""
        course = course_of(statement)
        refreshed = _REFRESH.match(statement.outline)
        view = name_of(refreshed["name"]) if refreshed else None
        if view is not None and view in self._chosen.left.views:
            self.job.ledger.leave_view(view)
            return
        match course:
            case Leave(skipped):
                if skipped is not None:
                    self.job.ledger.skip(skipped)
            case Run():
                self._heed(statement)
                refused = self._run(statement, course)
                if refused is not None:
                    self._judge(statement, refused)
            case _:
                assert_never(course)

    def _heed(self, statement: Statement) -> None:
        if not statement.entry.kind and _SETTING.match(statement.outline):
            self.settings.append(statement.text)
        self.has_rows = self.has_rows or statement.outline[:7].upper() == "INSERT "

    def _run(self, statement: Statement, course: Run) -> Refusal | None:
        if course.care != "none":
            return self._run_with_care(statement.text, course)
        refused = self.filling.execute(statement.text)
        if refused is not None and refused.sqlstate == _DEADLOCK:
            refused = self.filling.execute(statement.text)
        if refused is None or refused.sqlstate not in ("42704", "22023"):
            return refused
        missing = [name for name in roles_in(statement.outline) if not self.filling.read(_ROLE_THERE, name)]
        if not missing:
            return refused
        return self._run_for_roles(statement, missing)

    def _run_for_roles(self, statement: Statement, missing: Iterable[str]) -> Refusal | None:
        """Again, with the missing roles made up; on a server that takes no roles the statement is left out."""
        for name in missing:
            if not self.job.scratch.takes_roles:
                self.job.ledger.skip(
                    Skipped(kind="role", name=name, reason="the scratch's server has no such role, and takes none")
                )
                continue
            self.filling.execute(f"CREATE ROLE {identifier(name)} NOLOGIN".encode())
            self.job.ledger.made_up(name)
        return self.filling.execute(statement.text) if self.job.scratch.takes_roles else None

    def _run_with_care(self, text: bytes, course: Run) -> Refusal | None:
        """In one transaction, so that nobody ever meets it without the care."""
        refused = (
            self.filling.execute(b"BEGIN")
            or self.filling.execute(text)
            or self._care(course.care, course.name)
            or self.filling.execute(b"COMMIT")
        )
        if refused is None:
            self._note_care(course)
        return refused

    def _care(self, care: Care, name: str) -> Refusal | None:
        match care:
            case "event trigger":
                return self.filling.execute(f"ALTER EVENT TRIGGER {name} DISABLE".encode())
            case "server":
                return lead_nowhere(self.filling, name)
            case "foreign table":
                return lead_table_nowhere(self.filling, name)
            case "none":
                return None
            case _:
                assert_never(care)

    def _note_care(self, course: Run) -> None:
        if course.care == "event trigger":
            self.job.ledger.note(f"The event trigger {shown(course.name)} is disabled on the copy.")
        if course.care == "server":
            self.job.ledger.note(f"The foreign server {shown(course.name)} leads nowhere on the copy.")

    def _copy(self, piece: CopyIn) -> None:
        self.has_rows = True
        if self.leaves(name_of(piece.table)):
            return
        blocks = self.job.progress.counted(piece.rows)
        refused = self.filling.load(piece.table.encode(), piece.statement.text, blocks=blocks)
        if refused is not None:
            self._judge(piece.statement, refused, table=piece.table)
        self.job.progress.table_done()

    def _judge(self, statement: Statement, refused: Refusal, *, table: str = "") -> None:
        meaning = meaning_of(
            statement, refused, has_cause=self.job.ledger.has_cause, is_owner=self.job.scratch.takes_roles
        )
        match meaning:
            case Harmless():
                pass
            case Missing():
                if meaning.is_cause:
                    self.job.ledger.has_cause = True
                if meaning.skipped is not None:
                    self.job.ledger.skip(meaning.skipped, about=statement.outline)
            case Fatal():
                if table and refused.sqlstate[:2] in ("22", "23", "42") and self._is_an_extensions(table):
                    name = shown(table)
                    why = f"the extension has rows of its own: {refused}"
                    self.job.ledger.skip(Skipped(kind="table data", name=name, reason=why))
                    return
                raise self.failure(statement, refused)
            case _:
                assert_never(meaning)

    def _is_an_extensions(self, table: str) -> bool:
        query = """SELECT 1 FROM pg_catalog.pg_depend WHERE classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                   AND objid = pg_catalog.to_regclass($1) AND deptype = 'e'"""
        return bool(self.filling.read(query, table))

    def failure(self, statement: Statement, refused: Refusal) -> RehearsalError:
        """Why the restore ends here."""
        room = self.job.scratch.room_bytes()
        is_full = refused.sqlstate == "53100" or (refused.sqlstate == _LOST and (room or _LITTLE_BYTES) < _LITTLE_BYTES)
        what = str(statement.entry) or f"the statement that begins with {' '.join(statement.outline.split()[:3])}"
        if is_full or refused.sqlstate == _NO_MEMORY:
            lack = "disk" if is_full else "memory"
            return RehearsalError(
                f"The scratch ran out of {lack} while {self.job.shown} was restored, at {what}.",
                hint=more_room_for(self.job.scratch) if is_full else "Use a machine with more memory.",
            )
        return RehearsalError(
            f"{self.job.shown} cannot be restored: {what}: {refused}.",
            hint="Restore it with pg_restore or psql to see all that the server says, or take a new snapshot.",
        )

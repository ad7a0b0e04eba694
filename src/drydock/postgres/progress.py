"""How far a careful step got, written down so that the next run can go on from there.

A statement that may share a transaction carries its progress in it: both, or neither. One that may not is announced
first (`running`) and confirmed afterwards.
"""

from dataclasses import dataclass

from drydock.digest import prefix_digest
from drydock.model import ScriptStep
from drydock.postgres.house import PROGRESS
from drydock.postgres.literals import literal
from drydock.sql.interface import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressRow:
    """The SQL that keeps one step's row; none at all where the table could not be made (`kept` False)."""

    history: str
    step: ScriptStep
    kept: bool

    def begun(self) -> tuple[str, ...]:
        """Start at nothing, whatever an earlier attempt left."""
        values = f"{literal(self.history)}, {literal(self.step.migration.name)}, {literal(prefix_digest(self.step, 0))}"
        insert = f"INSERT INTO {PROGRESS} (history, migration, digest) VALUES ({values})"
        return self._if_kept(forget(self.history, self.step.migration.name), insert)

    def running(self, statement: Statement) -> tuple[str, ...]:
        """Announce a statement that cannot share its transaction."""
        return self._if_kept(f"UPDATE {PROGRESS} SET running = {statement.number} {self._where()}")

    def done(self, number: int) -> tuple[str, ...]:
        """Statement `number` is complete."""
        digest = literal(prefix_digest(self.step, number))
        return self._if_kept(
            f"UPDATE {PROGRESS} SET done = {number}, running = NULL, digest = {digest} {self._where()}"
        )

    def not_running(self) -> tuple[str, ...]:
        """The announced statement failed and left nothing."""
        return self._if_kept(f"UPDATE {PROGRESS} SET running = NULL {self._where()}")

    def gone(self) -> tuple[str, ...]:
        """Nothing is to be resumed any more."""
        return self._if_kept(forget(self.history, self.step.migration.name))

    def _where(self) -> str:
        return _where(self.history, self.step.migration.name)

    def _if_kept(self, *statements: str) -> tuple[str, ...]:
        return statements if self.kept else ()


def forget(history: str, migration: str) -> str:
    """The DELETE of a migration's progress."""
    return f"DELETE FROM {PROGRESS} {_where(history, migration)}"


def _where(history: str, migration: str) -> str:
    of_history = f"history OPERATOR(pg_catalog.=) {literal(history)}"
    return f"WHERE {of_history} AND migration OPERATOR(pg_catalog.=) {literal(migration)}"

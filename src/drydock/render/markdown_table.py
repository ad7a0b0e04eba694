"""The table of a Markdown report: each migration, what it did on the copy, what became of it on the target."""

from collections import Counter
from collections.abc import Sequence
from typing import assert_never

from drydock.model import (
    Disproven,
    Inconclusive,
    NotAttempted,
    NotProven,
    Proof,
    Proven,
    Report,
    StepApplied,
    StepFailed,
    StepInterrupted,
    StepRolledBack,
    StepUnknown,
    Untried,
)
from drydock.render.escaping import cell, cell_code
from drydock.render.markdown_layout import Layout, Lines, blocks, more, table
from drydock.render.rehearsal import reason_of
from drydock.render.rows import Row, rows_of
from drydock.render.wording import LONGEST_LIST, human_duration

HEAD = ("Migration", "On\u00a0the\u00a0copy", "Time", "On\u00a0the\u00a0target")


def table_lines(report: Report, layout: Layout) -> Lines:
    """The table; of a long one, what went wrong and the first rows, and the counts of the rest."""
    rows = rows_of(report)
    places = _most_telling(rows, min(layout.entries, LONGEST_LIST))
    left_out = Counter(row.word for place, row in enumerate(rows) if place not in places)
    counts = ", ".join(f"{number:,} {word}" for word, number in left_out.items())
    shown = table(HEAD, (_cells(rows[place], layout) for place in sorted(places)))
    return blocks(shown, more(left_out.total(), f"more: {counts}"))


def every_row(report: Report, layout: Layout) -> Lines:
    """All rows, where `table_lines` leaves some out."""
    rows = rows_of(report)
    if len(rows) <= LONGEST_LIST:
        return ()
    shown = table(HEAD, (_cells(row, layout) for row in rows[: layout.entries]))
    return blocks(shown, more(len(rows) - layout.entries))


def _most_telling(rows: Sequence[Row], number: int) -> frozenset[int]:
    """The places of so many rows: first what went wrong, then what comes first."""
    return frozenset(sorted(range(len(rows)), key=lambda place: not rows[place].is_wrong)[:number])


def _cells(row: Row, layout: Layout) -> Lines:
    took = row.copy.duration if row.copy else None
    return (
        layout.name(row.migration),
        _on_copy(row.copy.proof) if row.copy else "",
        _unbroken(human_duration(took)) if took is not None else "",
        _on_target(row),
    )


def _on_copy(proof: Proof) -> str:
    match proof:
        case Proven():
            return "✅ proven"
        case NotProven():
            return f"⚠️ not proven: {cell(reason_of(proof))}"
        case Inconclusive(refusal=refusal):
            return f"⚠️ inconclusive without rows: {cell_code(refusal.sqlstate)}"
        case Untried(reason=reason):
            return f"⚪ not rehearsed: {cell(reason)}"
        case Disproven(outcome=StepFailed(refusal=refusal)):
            return f"❌ **failed**: {cell_code(refusal.sqlstate)}"
        case Disproven():
            return "❌ **failed**"
        case _:
            assert_never(proof)


def _on_target(row: Row) -> str:
    match row.target:
        case None:
            return "pending"
        case StepApplied(duration=duration):
            return f"✅ {_unbroken(f'{row.done} in {human_duration(duration)}')}"
        case StepFailed(refusal=refusal):
            return f"❌ **failed**: {cell_code(refusal.sqlstate)}"
        case StepInterrupted():
            return "❌ **interrupted**"
        case StepUnknown():
            return "❌ **unknown**"
        case StepRolledBack(because_of=because_of):
            return f"⚪ rolled back with {cell(because_of.name)}"
        case NotAttempted():
            return "⚪ not attempted"
        case _:
            assert_never(row.target)


def _unbroken(text: str) -> str:
    return text.replace(" ", "\u00a0")

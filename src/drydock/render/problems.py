"""What each problem of a history means, and the next thing to try: one function per problem."""

import shlex
from dataclasses import dataclass
from typing import assert_never

from drydock.model import Edited, FailedRow, HistoryProblem, Missing, Newer, NotBaselined, OutOfOrder, RefusedOrder
from drydock.render.wording import cut

TABLES_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One problem for a person: what is the matter, and what to try next. Both are whole sentences."""

    text: str
    hint: str


def explanation_of(problem: HistoryProblem) -> Explanation:
    """The explanation of any problem."""
    match problem:
        case FailedRow():
            return failed_row(problem)
        case Edited():
            return edited(problem)
        case Missing():
            return missing(problem)
        case Newer():
            return newer(problem)
        case OutOfOrder():
            return out_of_order(problem)
        case RefusedOrder():
            return refused_order(problem)
        case NotBaselined():
            return not_baselined(problem)
        case _:
            assert_never(problem)


def needs_decision(problem: HistoryProblem) -> bool:
    """Whether this problem waits for a person even before any policy is asked: nothing can be applied past it."""
    return isinstance(problem, FailedRow | NotBaselined)


def failed_row(problem: FailedRow) -> Explanation:
    """A migration that was begun and never finished."""
    begun = f"begun at {problem.started_at}" if problem.started_at else "begun"
    absent = "" if problem.migration else " No file of that name is on disk."
    resolve = f"drydock resolve {shlex.quote(problem.name)}"
    return Explanation(
        text=f"{problem.name} was {begun} and never finished.{absent}",
        hint=f"Undo what it left behind, then run `{resolve} --rolled-back`; "
        f"or finish it by hand, then run `{resolve} --applied`.",
    )


def edited(problem: Edited) -> Explanation:
    """A file that changed after it was applied."""
    return Explanation(
        text=f"{problem.name} was edited after it was applied ({problem.file.as_posix()}): "
        "the target has what the old text made.",
        hint="Restore the old text and put the change into a new migration.",
    )


def missing(problem: Missing) -> Explanation:
    """A migration that is applied and no longer on disk."""
    return Explanation(
        text=f"{problem.name} is applied on the target but missing on disk.",
        hint="Bring the file back; a fresh database would be made without it.",
    )


def newer(problem: Newer) -> Explanation:
    """A migration that a newer checkout applied."""
    return Explanation(
        text=f"{problem.name} is applied on the target and newer than everything on disk.",
        hint="Update this checkout, unless an older version is deployed on purpose.",
    )


def out_of_order(problem: OutOfOrder) -> Explanation:
    """A pending migration that sorts before an applied one."""
    return Explanation(
        text=f"{problem.name} is pending, though {problem.after}, which sorts after it, is applied.",
        hint="Here it runs last, in a fresh database it runs first: rename it if the order matters.",
    )


def refused_order(problem: RefusedOrder) -> Explanation:
    """A migration that the tool would not run past, because an applied one ought to come after it."""
    return Explanation(
        text=f"{problem.name} comes before {problem.after}, which is applied; the migration tool refuses this order.",
        hint="Rename it so that it comes last (in a fresh database too), bring back a file that is gone, "
        "or run it all the same: history.out_of_order: warn.",
    )


def not_baselined(problem: NotBaselined) -> Explanation:
    """A database with tables and without a history."""
    named = f" ({', '.join(cut(problem.tables, TABLES_NAMED))})" if problem.tables else ""
    return Explanation(
        text=f"The database has tables{named} but no migration history.",
        hint="Baseline it: run `drydock resolve NAME --applied` for each migration that is already in the database.",
    )

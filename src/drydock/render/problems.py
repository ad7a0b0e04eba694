"""What each problem of a history means, and the next thing to try: one function per problem."""

import shlex
from dataclasses import dataclass
from typing import assert_never

from drydock.model import (
    Corrupt,
    Edited,
    FailedRow,
    HistoryProblem,
    Locked,
    Missing,
    Newer,
    NotBaselined,
    OutOfOrder,
    Standstill,
)
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
        case NotBaselined() | Corrupt() | Locked():
            return standstill(problem)
        case _:
            assert_never(problem)


def standstill(problem: Standstill) -> Explanation:
    """Why the tool would not run anything."""
    match problem:
        case NotBaselined():
            return not_baselined(problem)
        case Corrupt():
            return corrupt(problem)
        case Locked():
            return locked(problem)
        case _:
            assert_never(problem)


def needs_decision(problem: HistoryProblem) -> bool:
    """Whether this problem waits for a person even before any policy is asked: nothing can be applied past it."""
    return isinstance(problem, FailedRow | Standstill)


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


def not_baselined(problem: NotBaselined) -> Explanation:
    """A database with tables and without a history."""
    named = f" ({', '.join(cut(problem.tables, TABLES_NAMED))})" if problem.tables else ""
    return Explanation(
        text=f"The database has tables{named} but no migration history.",
        hint="Baseline it: run `drydock resolve NAME --applied` for each migration that is already in the database.",
    )


def corrupt(problem: Corrupt) -> Explanation:
    """Applied migrations without files, which the tool does not put up with."""
    pairs = zip(problem.names, problem.on_disk_as, strict=True)
    named = [f"{name} (on disk: {other})" if other else name for name, other in pairs]
    example = shlex.quote(problem.names[0]) if problem.names else "NAME"
    return Explanation(
        text="Applied on the target and missing on disk, so the tool refuses to run anything: "
        f"{', '.join(cut(named))}.",
        hint="Bring the files back. Where one has another extension now, record it as the tool sees it: "
        f"`drydock resolve {example} --rolled-back`, and the new name `--applied`.",
    )


def locked(problem: Locked) -> Explanation:
    """The tool's lock in its table is taken."""
    if problem.sessions:
        return Explanation(
            text=f"The migration tool's lock in {problem.table} is taken; at work on it: "
            f"{'; '.join(cut(problem.sessions))}.",
            hint="Run again when that run has ended.",
        )
    return Explanation(
        text=f"The migration tool's lock in {problem.table} is taken, and no session is at work on its tables: a run "
        "without a transaction was killed.",
        hint="See what the first pending migration left behind, then release the lock with the tool's own command "
        "(`knex migrate:unlock`), or say what became of it: `drydock resolve NAME --applied` or `--rolled-back`.",
    )

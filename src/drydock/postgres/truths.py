"""What is true of a migration after a step of it came to nothing. Up, it is not there; down, it is there still."""

from drydock.model import ScriptStep


def rolled_back(step: ScriptStep) -> str:
    """The step's one transaction was undone."""
    if step.direction == "down":
        return "Rolled back: the migration is on the target as it was, and recorded as applied."
    return "Rolled back: no object and no history row of this migration is on the target."


def never_began(step: ScriptStep) -> str:
    """No statement of the script was sent."""
    what = "the down script" if step.direction == "down" else "this migration"
    return f"Nothing of {what} was run."


def nothing_left(step: ScriptStep) -> str:
    """Statements ran, and none of them lasts."""
    if step.direction == "down":
        return "Nothing of the down script is in effect, and the migration is recorded as applied."
    return "Nothing of this migration is in effect, and no history row is left."


def how_to_mark(step: ScriptStep) -> str:
    """All statements are in effect, and the history does not say so."""
    mark = "--rolled-back" if step.direction == "down" else "--applied"
    return f"Mark it: drydock resolve {step.migration.name} {mark}."

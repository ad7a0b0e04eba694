"""What identifies the completed part of a script."""

import hashlib

from drydock.model import ScriptStep
from drydock.sql.interface import Parsed


def prefix_digest(step: ScriptStep, done: int) -> str:
    """SHA-256 over the text of the first `done` statements: resuming needs them unchanged."""
    statements = step.analysis.statements[:done] if isinstance(step.analysis, Parsed) else ()
    slices = "\0".join(step.text[statement.start : statement.end] for statement in statements)
    # What a step down left half-done is never taken up by a step up, though neither had completed a statement.
    slices += "\0down" if step.direction == "down" else ""
    return hashlib.sha256(slices.encode()).hexdigest()

"""The files that GitHub hands to a step: its outputs, and its part of the job summary."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from drydock.files import append, size_bytes
from drydock.model import Report
from drydock.notify.interface import NotifyError

LARGEST_SUMMARY_BYTES = 900 << 10
"""GitHub drops a summary of more than 1 MiB whole, and one just below it may vanish too (actions/runner#4337)."""
SMALLEST_ROOM_BYTES = 2_000
LARGEST_OUTPUT_BYTES = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSummary:
    """The report on the page of the run, behind what other steps have written there."""

    file: Path
    render: Callable[[Report, int], str]
    """The report as Markdown in at most so many bytes of UTF-8."""

    @property
    def name(self) -> str:
        """See `Notifier`."""
        return "the job summary"

    def publish(self, report: Report) -> str | None:
        """See `Notifier`."""
        room = LARGEST_SUMMARY_BYTES - size_bytes(self.file) - len("\n\n")
        if room < SMALLEST_ROOM_BYTES:
            return "The job summary is full: the report is not in it."
        text = f"\n{self.render(report, room).rstrip()}\n"
        if len(text.encode(errors="replace")) > room + len("\n\n"):
            raise NotifyError("The report does not fit")
        if problem := append(self.file, text):
            raise NotifyError(problem)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOutputs:
    """What later steps can read: `steps.ID.outputs.verdict`."""

    file: Path
    outputs: Callable[[Report], Mapping[str, str]]

    @property
    def name(self) -> str:
        """See `Notifier`."""
        return "the outputs of the step"

    def publish(self, report: Report) -> str | None:
        """See `Notifier`."""
        blocks = (_block(name, value) for name, value in self.outputs(report).items())
        if problem := append(self.file, "".join(blocks)):
            raise NotifyError(problem)
        return None


def _block(name: str, value: str) -> str:
    """An output in the form that no value can break out of; one that is too long is left out."""
    if len(value.encode(errors="replace")) > LARGEST_OUTPUT_BYTES:
        return ""
    delimiter = f"drydock-{secrets.token_hex(16)}"
    return f"{name}<<{delimiter}\n{value}\n{delimiter}\n"

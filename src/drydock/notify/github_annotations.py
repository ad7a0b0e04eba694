"""Remarks beside the lines of SQL that they are about, as GitHub shows them in a pull request.

The runner takes ten of each severity from a step, and 4,096 characters of each.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from drydock.model import Report
from drydock.notify.interface import Annotation, Severity

MOST_OF_EACH = 10
LONGEST_MESSAGE = 4_000
LONGEST_TITLE = 250
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "notice")


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHubAnnotations:
    """The annotations of a report, as commands in the log."""

    annotations: Callable[[Report], Sequence[Annotation]]
    """Most severe first; free of secrets."""
    command: Callable[[Annotation], None]
    """Writes one into the log."""

    @property
    def name(self) -> str:
        """See `Notifier`."""
        return "the annotations"

    def publish(self, report: Report) -> str | None:
        """See `Notifier`."""
        for annotation in within_limits(self.annotations(report)):
            self.command(annotation)
        return None


def within_limits(annotations: Sequence[Annotation]) -> tuple[Annotation, ...]:
    """As many as GitHub takes, errors first; the last of a severity says how many are left out."""
    return tuple(
        kept for severity in SEVERITIES for kept in _first([one for one in annotations if one.severity == severity])
    )


def _first(annotations: Sequence[Annotation]) -> Iterable[Annotation]:
    fitting = [_short(one) for one in annotations]
    if len(fitting) <= MOST_OF_EACH:
        return fitting
    left_out = len(fitting) - MOST_OF_EACH + 1
    more = Annotation(
        severity=fitting[0].severity,
        title=f"and {left_out:,} more",
        message=f"{left_out:,} more are in the log and in the job summary.",
    )
    return (*fitting[: MOST_OF_EACH - 1], more)


def _short(annotation: Annotation) -> Annotation:
    return replace(annotation, title=annotation.title[:LONGEST_TITLE], message=annotation.message[:LONGEST_MESSAGE])

"""The file from which Kubernetes takes a container's last words (4,096 bytes of it, 12 KiB from all of a pod)."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from drydock.files import overwrite
from drydock.model import Report
from drydock.notify.interface import NotifyError

LARGEST_BYTES = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminationLog:
    """The verdict in a paragraph: what is left to read when the pod and its log are gone."""

    file: Path
    render: Callable[[Report, int], str]
    """The verdict in at most so many bytes of UTF-8."""

    @property
    def name(self) -> str:
        """See `Notifier`."""
        return "the termination message"

    def publish(self, report: Report) -> str | None:
        """See `Notifier`."""
        if problem := overwrite(self.file, self.render(report, LARGEST_BYTES)):
            raise NotifyError(problem)
        return None

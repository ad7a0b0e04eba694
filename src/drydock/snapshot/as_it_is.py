"""The source of a clone: what is there already, rows and all."""

from drydock.model import Loaded, Origin
from drydock.scratch.interface import Scratch

MAJOR = 0


class AsItIs:
    """Brings nothing; see `Source`."""

    major = MAJOR
    needed_bytes = 0

    def prepare(self) -> None:
        """There is nothing to look at."""

    def load(self, scratch: Scratch) -> Loaded:
        """Nothing is changed on the clone before the rehearsal."""
        return Loaded(origin=Origin(kind="snapshot", name="a clone as it is", has_rows=True))

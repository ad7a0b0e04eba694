"""Sources that bring nothing: a clone is full already, and a replay of the history begins with nothing."""

from drydock.model import Loaded, Origin
from drydock.scratch.interface import Scratch
from drydock.snapshot.interface import AskNeeds

MAJOR = 0


class AsItIs:
    """Brings nothing; see `Source`."""

    major = MAJOR
    needed_bytes = 0

    def prepare(self) -> None:
        """There is nothing to look at."""

    def load(self, scratch: Scratch, needs: AskNeeds) -> Loaded:
        """Nothing is changed on the clone before the rehearsal."""
        return Loaded(origin=Origin(kind="snapshot", name="a clone as it is", has_rows=True))


class Nothing:
    """The source `history`: the base's migrations make the copy, each as it would be run anew; see `Source`."""

    major = MAJOR
    needed_bytes = 64 << 20

    def prepare(self) -> None:
        """There is nothing to look at."""

    def load(self, scratch: Scratch, needs: AskNeeds) -> Loaded:
        """The scratch stays empty: the rehearsal brings it to the target's point of history."""
        return Loaded(origin=Origin(kind="history", name="a replay of the history", has_rows=False))

"""What a scratch is filled with. One module of this folder is one source.

A source knows nothing of the rehearsal: it says how much room it needs, and fills an empty scratch.
"""

from typing import Protocol

from drydock.model import Loaded
from drydock.scratch.interface import Scratch


class Source(Protocol):
    """See the module docstring."""

    def prepare(self) -> None:
        """Look at what there is before any scratch is made: find, download, verify, read the heading.

        Raises RehearsalError naming the file and what is wrong with it.
        """

    @property
    def major(self) -> int:
        """The major version that was dumped; 0 when there is none. Ask after `prepare`."""

    @property
    def needed_bytes(self) -> int:
        """An estimate of the disk that the content takes, restored. Ask after `prepare`."""

    def load(self, scratch: Scratch) -> Loaded:
        """Fill the scratch. Raises RehearsalError when it cannot be filled as it should be."""

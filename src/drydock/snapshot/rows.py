r"""The rows of a COPY inside a dump's text: everything up to the line `\.`, in blocks, never as a whole."""

from collections.abc import Iterator
from io import BufferedReader

_MOST = 1 << 18
_ENDS = (b"\n\\.\n", b"\n\\.\r\n")


class Rows:
    """Blocks of rows, read from the source as they are asked for."""

    def __init__(self, source: BufferedReader) -> None:
        """The source stands at the first row."""
        self._source = source
        self._blocks = self._read()
        self.have_ended = False
        """Whether the end mark was reached; false until then, and when the source ends before it."""
        self.size_bytes = 0
        """What was read so far."""

    def __iter__(self) -> Iterator[bytes]:
        """Go on where the last reader stopped."""
        return self._blocks

    def skip(self) -> None:
        """Read on to the end."""
        for _ in self._blocks:
            pass

    def _read(self) -> Iterator[bytes]:
        at_line_start = True
        while True:
            block = self._source.readline(_MOST)
            if not block or (at_line_start and block.rstrip(b"\r\n") == b"\\."):
                self.have_ended = bool(block)
                return
            block, at_line_start = self._extended(block)
            self.size_bytes += len(block)
            yield block

    def _extended(self, block: bytes) -> tuple[bytes, bool]:
        """The block with the whole lines that are at hand behind it; whether it ends with a line."""
        if not block.endswith(b"\n"):
            return block, False
        # io.BufferedReader gives what it holds; it has filled its buffer with the line before.
        at_hand = self._source.peek()
        found = [place for place in (at_hand.find(end) for end in _ENDS) if place >= 0]
        cut = min(found) + 1 if found else at_hand.rfind(b"\n") + 1
        if at_hand.startswith((b"\\.\n", b"\\.\r\n")):
            cut = 0
        return block + self._source.read(cut), True

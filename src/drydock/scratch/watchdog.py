"""Ends a throwaway server and removes its directory when its owner is gone, even by SIGKILL.

Started by the owner before there is anything to remove. What to do at the end comes line by line on standard input
(`will.py`); the kernel closes that with the owner, however that ended. It lives in a session of its own, so a signal to
the owner's process group does not reach it.
"""

import signal
import sys
import time
from typing import BinaryIO

from drydock.process import run
from drydock.scratch.ending import remove
from drydock.scratch.will import will_of

ROUNDS = 3
PAUSE_SECONDS = 0.5


def main(said: BinaryIO) -> int:
    """Wait for the owner's end, then clean up; 0 when nothing is left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    will = will_of(said)
    codes = [run(command).exit_code for command in will.commands]
    # The owner may have been killed while something was being made: it appears a moment later.
    for _ in range(ROUNDS):
        left = [directory for directory in will.directories if not remove(directory)]
        if not left:
            return int(any(codes))
        time.sleep(PAUSE_SECONDS)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.stdin.buffer))

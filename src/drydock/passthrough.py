"""A container's first process becomes the program that the container's arguments name.

GitLab starts an image with `sh -c ...` and Jenkins with `cat`, and both then expect to find that program running.
"""

import os
from collections.abc import Sequence
from contextlib import suppress

from drydock.interruption import hand_signals_back


def become(arguments: Sequence[str]) -> None:
    """Replace this process by the program that the first argument names; return when there is no such program.

    It is looked for on the PATH, unless there is a slash in its name. It gets our environment and all arguments.
    """
    if not arguments[0]:
        return
    with suppress(OSError):
        hand_signals_back()
        os.execvp(arguments[0], list(arguments))  # noqa: S606 - no shell is wanted

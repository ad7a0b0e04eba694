"""`python -m drydock`, and the installed command `drydock`: the process around the program.

A deploy with nothing to do is the common one, and most of its time is Python's own. So the garbage collector sleeps
while modules load, what is loaded is never looked at again, and the process ends without taking Python apart, which
would be a seventh of the whole. Everything that must be closed is closed before: `cli.main` has returned.
"""

import gc

gc.disable()

import os  # noqa: E402
import sys  # noqa: E402
from contextlib import suppress  # noqa: E402

from drydock.interruption import Interruption  # noqa: E402

STOP = Interruption()
STOP.install()

from drydock import cli  # noqa: E402
from drydock.passthrough import become  # noqa: E402


def main() -> None:
    """Run the program with this process's arguments and end the process with its answer."""
    gc.freeze()
    gc.enable()
    code = cli.main(sys.argv[1:], stop=STOP)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def first_process() -> None:
    """As `main`; but arguments that begin with no command or option of ours may name another program to become."""
    arguments = sys.argv[1:]
    if arguments and not cli.understands(arguments[0]):
        become(arguments)
    main()


if __name__ == "__main__":
    main()

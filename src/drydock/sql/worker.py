"""The child process around the parser: `python -m drydock.sql.worker`. Requests on stdin, answers on stdout.

A text that crashes the parser ends this process; the missing answer tells the parent which text it was.
"""

import resource
import sys

from drydock.sql.parser import summarise
from drydock.sql.wire import READY, answer_line, request_of

_MEMORY_BYTES = 4 << 30


def main() -> None:
    """Answer requests in order until stdin ends. Each answer goes out at once: no crash may take it along."""
    _limit(resource.RLIMIT_AS, _MEMORY_BYTES)
    _limit(resource.RLIMIT_CORE, 0)
    answers = sys.stdout.buffer
    answers.write(READY + b"\n")
    answers.flush()
    for line in sys.stdin.buffer:
        answers.write(answer_line(summarise(*request_of(line))) + b"\n")
        answers.flush()


def _limit(what: int, wanted: int) -> None:
    _, hard = resource.getrlimit(what)
    resource.setrlimit(what, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


if __name__ == "__main__":
    main()

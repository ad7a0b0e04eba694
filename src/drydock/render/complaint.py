"""What goes to the error stream: why a command could not begin, and what a bug left behind."""

import sys
import traceback
from contextlib import suppress

from drydock import __version__
from drydock.errors import DrydockError
from drydock.redact import Scrubber
from drydock.render.wording import line_of


def complain_of(error: DrydockError, scrub: Scrubber) -> None:
    """The sentences of an error: what, what is true of the target, what to do next."""
    for sentence in filter(None, (error.what, error.truth, error.hint)):
        _complain(scrub(sentence))


def complain_of_bug() -> None:
    """The exception that is being handled, and what to do with it."""
    _complain(Scrubber()(traceback.format_exc()))
    _complain(
        f"This is a bug in Drydock {__version__}. Please report it with the lines above. What was being run may be "
        "applied or not: `drydock status` tells."
    )


def _complain(text: str) -> None:
    # The lines may quote a file or a server: none of them may look like a command to the reader of a CI log.
    with suppress(OSError):
        for line in text.rstrip().split("\n"):
            print(line_of(line), file=sys.stderr, flush=True)

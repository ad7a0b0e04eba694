"""What the runner of GitHub Actions obeys when it stands in a log: masks, groups, annotations, debug lines.

Escaping as the runner undoes it (actions/runner, ActionCommand.cs).
"""

from drydock.notify.interface import Annotation

END_OF_GROUP = "::endgroup::"


def mask(word: str) -> str:
    """From here on the word is stars in the log. One line; the word is not empty."""
    return f"::add-mask::{_value(word)}"


def group(title: str) -> str:
    """What follows is folded under the title."""
    return f"::group::{_value(title)}"


def debug(line: str) -> str:
    """Shown only in a run with debug logging."""
    return f"::debug::{_value(line)}"


def annotation(remark: Annotation) -> str:
    """The remark beside its line, or at the head of the run."""
    place = remark.place
    properties = {
        "file": place.file.as_posix() if place else "",
        "line": str(place.line) if place and place.line else "",
        "endLine": str(place.line) if place and place.line else "",
        "title": remark.title,
    }
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
    return f"::{remark.severity}{' ' if written else ''}{written}::{_value(remark.message)}"


def _value(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _value(text).replace(":", "%3A").replace(",", "%2C")

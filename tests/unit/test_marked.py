"""What a program of ours tells is found in whatever else is printed around it, and cannot be forged."""

import pytest

from drydock.marked import Mark, Told

MARK = Mark(word="w0rd")
TOLD = Told(event="begun", facts={"event": "begun", "name": "a"})


@pytest.mark.parametrize(
    ("line", "outside", "told"),
    [
        ('\x1edrydock w0rd {"event": "begun", "name": "a"}', "", TOLD),
        ('no line end\x1edrydock w0rd {"event": "begun", "name": "a"}', "no line end", TOLD),
        ("just a print", "just a print", None),
        ('\x1edrydock other {"event": "begun"}', '\x1edrydock other {"event": "begun"}', None),
        ("\x1edrydock w0rd {not JSON", "\x1edrydock w0rd {not JSON", None),
        ("\x1edrydock w0rd [1]", "\x1edrydock w0rd [1]", None),
    ],
)
def test_line_is_taken_apart(line: str, outside: str, told: Told | None) -> None:
    assert MARK.read(line) == (outside, told)


def test_every_run_has_a_word_of_its_own() -> None:
    assert Mark().word != Mark().word


def test_facts_are_read_with_care() -> None:
    told = Told(event="x", facts={"text": "a", "number": 1, "list": ["a", 2, "b"]})

    assert (told.text("text"), told.text("number"), told.text("none")) == ("a", None, None)
    assert (told.texts("list"), told.texts("text")) == (("a", "b"), ())

"""What a watchdog is told, and what it makes of it."""

from datetime import timedelta
from pathlib import Path

from drydock.command import Command
from drydock.scratch.will import FORGET, Will, command_line, directory_line, will_of

COMMAND = Command(
    argv=("drop", "it"),
    environment={"PGPASSWORD": "x"},
    directory=Path("/"),
    time_limit=timedelta(seconds=5),
    stdin='{"name": "é\n"}'.encode(),
)


def test_what_is_told_is_heard() -> None:
    said = [directory_line(Path("/place/a b\nc")), command_line(COMMAND), directory_line(Path("/place/d"))]

    assert will_of(said) == Will(commands=(COMMAND,), directories=(Path("/place/a b\nc"), Path("/place/d")))
    assert not any(b"\n" in line for line in said)


def test_forgotten_commands_are_not_run() -> None:
    will = will_of([directory_line(Path("/place/a")), command_line(COMMAND), FORGET])

    assert will == Will(commands=(), directories=(Path("/place/a"),))


def test_line_that_was_cut_by_the_owners_end_counts_as_unsaid() -> None:
    assert will_of([directory_line(Path("/place/a")), directory_line(Path("/place/b"))[:-5]]).directories == (
        Path("/place/a"),
    )

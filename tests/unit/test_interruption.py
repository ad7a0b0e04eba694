"""A mark for one part of the run: set by the signal that ends the whole, or when the part has taken too long."""

import signal
from datetime import timedelta

from drydock.interruption import OUT_OF_TIME, Interruption

LONG = timedelta(minutes=1)


def test_part_is_marked_when_its_time_is_up_and_the_whole_is_not() -> None:
    whole = Interruption()

    with whole.within(timedelta(milliseconds=1)) as part:
        assert part.pause(10)

    assert (part.signal_number, whole.signal_number) == (OUT_OF_TIME, None)


def test_part_is_marked_with_the_signal_that_ends_the_whole() -> None:
    whole = Interruption()

    with whole.within(LONG) as part:
        whole.mark(signal.SIGTERM)
        assert part.pause(10)

    assert part.signal_number == signal.SIGTERM


def test_part_of_a_whole_that_is_marked_already_is_marked_too() -> None:
    whole = Interruption()
    whole.mark(signal.SIGINT)

    with whole.within(LONG) as part:
        assert part.pause(10)

    assert part.signal_number == signal.SIGINT


def test_part_that_ends_in_time_is_not_marked() -> None:
    with Interruption().within(LONG) as part:
        pass

    assert part.signal_number is None

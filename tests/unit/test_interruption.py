"""A mark for one part of the run: set by the signal that ends the whole, or when the part has taken too long."""

import gc
import signal
from datetime import timedelta
from pathlib import Path

from drydock.interruption import GRACE_SECONDS, OUT_OF_TIME, Interruption
from drydock.notify.interface import allowance_of

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


def test_without_a_signal_the_allowance_is_as_long_as_it_was_made() -> None:
    stop = Interruption()

    assert stop.seconds_left() is None
    assert 59 < allowance_of(stop, 60).left_seconds() <= 60
    assert not allowance_of(stop, 60).pause(60)


def test_after_a_signal_only_the_grace_is_left_and_nothing_is_waited_for() -> None:
    stop = Interruption()
    allowance = allowance_of(stop, 60)

    stop.mark(15)

    assert 0 < allowance.left_seconds() <= GRACE_SECONDS
    assert 0 < allowance.at_most(45).left_seconds() <= GRACE_SECONDS
    assert not allowance.pause(0.01)


def descriptors() -> int:
    """How many this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def test_marks_that_nobody_holds_any_more_hold_no_descriptors() -> None:
    before = descriptors()

    for _ in range(20):
        with Interruption().within(LONG):
            pass
    gc.collect()

    assert descriptors() <= before

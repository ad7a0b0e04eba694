"""What is left of the time after a signal."""

from drydock.interruption import GRACE_SECONDS, Interruption
from drydock.notify.interface import allowance_of


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

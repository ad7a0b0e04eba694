"""Room is counted as its host counts."""

import pytest

from drydock.render.room import COMMENT, SUMMARY, Room


@pytest.mark.parametrize(
    ("text", "units", "size"), [("a", 1, 1), ("é", 1, 2), ("漢", 1, 3), ("😀", 2, 4), ("\udc80", 1, 3)]
)
def test_a_comment_is_counted_in_utf_16_and_a_summary_in_bytes(text: str, units: int, size: int) -> None:
    assert (COMMENT.measure(text), SUMMARY.measure(text)) == (units, size)


def test_what_fits_exactly_fits() -> None:
    assert COMMENT.holds("😀" * 32_500)
    assert not COMMENT.holds("😀" * 32_500 + "a")
    assert SUMMARY.holds("a" * 921_600)


def test_room_that_is_partly_taken_holds_what_is_left() -> None:
    left = SUMMARY.without(921_599)

    assert left == Room(limit=1, unit="UTF-8 bytes")
    assert not SUMMARY.without(1_000_000).holds("")

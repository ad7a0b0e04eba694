"""How long is waited before another try."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from drydock.notify.trying import LONGEST_PAUSE_SECONDS, growing, retry_after


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7), ("0", 0), ("", None), ("soon", None), ("-1", None), ("٣", None), ("1.5", None)]
)
def test_the_seconds_that_a_server_asks_for(header: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": header}) == seconds


def test_a_server_may_ask_for_a_date() -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)

    asked = retry_after({"retry-after": moment})

    assert asked is not None
    assert 27 < asked <= 30


def test_a_date_that_has_passed_is_now() -> None:
    assert retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0


def test_no_header_asks_for_nothing() -> None:
    assert retry_after({}) is None


def test_pauses_grow_and_stay_bounded() -> None:
    pauses = [growing(attempt) for attempt in (1, 2, 3, 4, 500)]

    assert all(0.25 * 2**number <= pause <= 0.5 * 2**number for number, pause in enumerate(pauses[:4]))
    assert pauses[-1] <= LONGEST_PAUSE_SECONDS

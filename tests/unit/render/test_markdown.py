"""What the golden files of the Markdown report do not show."""

from dataclasses import replace

import pytest

from drydock.model import Checkout, Report
from drydock.redact import Scrubber
from drydock.render.markdown import markdown_text
from drydock.render.room import COMMENT, SUMMARY, Room
from tests.unit.render.reading import is_balanced, page_of
from tests.unit.render.reports import RUN_URL, applied, migration, outcome, status
from tests.unit.render.situations import SITUATIONS

CHECKED = SITUATIONS["checked_on_a_snapshot"]


def told(report: Report, *, room: Room = COMMENT, link: str | None = RUN_URL) -> str:
    return markdown_text(report, scrub=Scrubber(), room=room, link=link)


def huge(number: int, *, words: int) -> Report:
    """So many migrations with names of so many words, all but the last applied."""
    failing = SITUATIONS["unique_violation"]
    assert failing.outcome is not None
    every = tuple(migration(f"2024{place:05}_{'change' * words}") for place in range(number))
    steps = (*map(applied, every), failing.outcome.steps[1])
    return replace(failing, status=status(*every), outcome=outcome(*steps))


@pytest.mark.parametrize(("room", "words"), [(COMMENT, 20), (SUMMARY, 150)])
def test_a_report_of_any_size_keeps_the_verdict_the_failure_and_the_counts(room: Room, words: int) -> None:
    text = told(huge(2019, words=words), room=room)
    line = text.split("\n")[0]

    assert room.holds(text)
    assert line.startswith("### ❌ FAILED (staging): Migration 20240112101500_unique_email failed: 23505 unique")
    assert "- **Failed at** [`prisma/migrations/20240112101500_unique_email/migration.sql:3`](" in text
    assert "and 2,000 more: 2,000 applied" in text
    assert f"Shortened to fit; [the run]({RUN_URL}) has the rest." in text


def test_what_is_left_out_first_is_what_is_told_last() -> None:
    whole = told(CHECKED)
    marks = ("Statements and their times", "Schema changes on the copy", "| ✅ proven |", "- **Now:**", "CHECKED")

    kept = []
    for limit in (*range(len(whole.encode()), 0, -50), 1):
        text = told(CHECKED, room=Room(limit=limit, unit="UTF-8 bytes"))
        assert text == "" or is_balanced(page_of(text).html)
        kept.append(tuple(mark in text for mark in marks))

    assert kept[0] == (True,) * 5
    assert kept[-1] == (False,) * 5
    assert list(dict.fromkeys(kept)) == sorted(dict.fromkeys(kept), reverse=True)
    assert all(list(here) == sorted(here) for here in kept)


def test_without_a_link_the_log_has_the_rest() -> None:
    text = told(CHECKED, room=Room(limit=2000, unit="UTF-8 bytes"), link=None)

    assert "Shortened to fit; the log of the run has the rest." in text


def test_files_are_no_links_where_nobody_knows_where_they_are_shown() -> None:
    text = told(replace(SITUATIONS["unique_violation"], checkout=Checkout()), link=None)

    assert page_of(text).links == ()
    assert "- **Failed at** `prisma/migrations/20240112101500_unique_email/migration.sql:3`, statement 2" in text


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_first_line_has_an_icon_and_a_word_and_the_last_says_which_run_it_was(name: str) -> None:
    page = page_of(told(SITUATIONS[name]))

    icon, word, *_ = page.first.split(" ")
    assert icon in ("✅", "❌", "⚠️")
    assert word.isupper()
    for part in ("staging", "8c3b1f0aa1d2", "run", "Drydock 0.1.0", "2024-02-03 12:00 UTC"):
        assert part in page.last or (part == "staging" and SITUATIONS[name].environment is None)

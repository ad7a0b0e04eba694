"""What holds for the Markdown of every report, however large it is and whatever its texts are."""

import re
from dataclasses import dataclass, replace
from html import unescape
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drydock import model as m
from drydock.redact import Scrubber, Secret, scrubber_of
from drydock.render.headline import headline_of
from drydock.render.markdown import markdown_text
from drydock.render.room import COMMENT, SUMMARY, Room
from tests.unit.render import any_report
from tests.unit.render.reading import OURS, Page, is_balanced, outside_fences, page_of, widths

LINK = "https://ci.example/run/7"
SECRET = "s3cr3t|`pass`_word"
ROW = "a-row-of-the-target"
LABELS = {
    *("Failed at", "Interrupted in", "Unknown:", "In the way:", "To decide:", "Not proven:", "Not rehearsed:"),
    *("Now:", "Next:", "Ended early:", "Stopped:", "failed", "interrupted", "unknown"),
}
FOREIGN_BLOCKS = {
    *("blockquote_open", "hr", "code_block", "ordered_list_open", "image", "em_open", "s_open", "hardbreak"),
    "softbreak",
}
REFERENCE = re.compile(r"""[@#!~%$](?=[\w"])|://|\bwww\.|\bGH-\d""", re.IGNORECASE)

# What may quote a row, or hold a literal: the canary is in each of these places.
quoting = st.sampled_from(
    (
        m.Refusal(sqlstate="23505", condition="unique_violation", message=f"Key ({ROW}) exists", names=()),
        m.Refusal(sqlstate="42601", condition="syntax_error", message=f"unterminated string at \"'{ROW}", names=()),
    )
)
failing = st.builds(
    m.StepFailed,
    migration=any_report.migrations,
    refusal=quoting,
    clean=st.booleans(),
    truth=st.just("Rolled back."),
    blockers=st.just((f"pid 1: UPDATE t SET a = '{ROW}'", f"pid 2: SELECT $${ROW}$$, E'it\\'s {ROW}'")),
)
literals = st.sampled_from(
    (
        m.Change(kind="altered", what="column t.a", aspect="default", before=f"'{ROW}'::text", after=None),
        m.Change(kind="altered", what="comment table t", aspect="text", before=None, after=ROW),
        m.Change(kind="altered", what="view v", aspect="definition", before=f" SELECT '{ROW}'\n, 1", after="\n, 2"),
        m.Change(
            kind="altered",
            what="function f()",
            aspect="definition",
            before=f"AS $function$\n-- don't\n x := '{ROW}' $function$",
            after=f"AS $function$\n-- don't\n x := '{ROW}{ROW}' $function$",
        ),
    )
)
SECRETS = st.sampled_from((SECRET, f"postgres://u:{SECRET}@host/db", f"password='{SECRET}'", f"{SECRET}\n{SECRET}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown:
    """What a report is blown up with: canaries, entries so many times, texts so many times as long."""

    failed: m.StepFailed
    change: m.Change
    secret: str
    times: int
    longer: int

    def __call__(self, report: m.Report) -> m.Report:
        """Put it all in."""
        said, longer = report.verdict, self.longer
        line = f"{said.line * longer} {self.secret}"
        return replace(
            report,
            verdict=replace(said, line=line, truth=said.truth * longer, hint=said.hint + self.secret),
            outcome=self._outcome(report.outcome),
            rehearsal=self._rehearsal(report.rehearsal),
        )

    def _outcome(self, outcome: m.Outcome | None) -> m.Outcome | None:
        if outcome is None:
            return None
        every = outcome.steps or (m.NotAttempted(migration=self.failed.migration),)
        return replace(outcome, steps=self._numbered((*every * self.times, self.failed)))

    def _rehearsal(self, rehearsal: m.Rehearsal | None) -> m.Rehearsal | None:
        if not isinstance(rehearsal, m.Rehearsed):
            return rehearsal
        every = rehearsal.steps or (m.RehearsedStep(migration=self.failed.migration, proof=m.Proven()),)
        return replace(
            rehearsal,
            steps=self._numbered(every * self.times),
            changes=(self.change, *rehearsal.changes) * self.times,
            drift=(*rehearsal.drift, self.change),
        )

    def _numbered(self, steps: tuple[Any, ...]) -> tuple[Any, ...]:
        """Each of another migration, as they are in a run."""
        names = (f"{step.migration.name * min(self.longer, 50)}{number}" for number, step in enumerate(steps))
        return tuple(
            replace(step, migration=replace(step.migration, name=name)) for step, name in zip(steps, names, strict=True)
        )


growths = st.builds(
    Grown,
    failed=failing,
    change=literals,
    secret=SECRETS,
    times=st.sampled_from((1, 1, 1, 30, 300)),
    longer=st.sampled_from((1, 1, 1, 50, 3000)),
)


@pytest.mark.slow
@pytest.mark.timeout(900)
@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(small=any_report.reports, grown=growths, room=st.sampled_from((COMMENT, SUMMARY)))
def test_any_report_fits_says_what_happened_and_obeys_nobody(small: m.Report, grown: Grown, room: Room) -> None:
    report = grown(small)

    text = markdown_text(report, scrub=scrubber_of([Secret(SECRET)]), room=room, link=LINK)

    page = page_of(text)
    assert room.holds(text)
    assert_says_what_happened(report, page)
    assert_is_sound(text, page)
    assert_obeys_nobody(text, page)
    for canary in (SECRET[:6], ROW):
        assert canary not in text
        assert canary not in page.text


def assert_says_what_happened(report: m.Report, page: Page) -> None:
    headline = headline_of(report)
    assert f" {headline.word}" in page.first
    assert f"exit code {report.verdict.exit_code}" in page.last
    steps = report.outcome.steps if report.outcome else ()
    ended = [step for step in steps if not isinstance(step, m.StepApplied | m.NotAttempted)]
    failed = ended[0] if ended and isinstance(ended[0], m.StepFailed) else None
    if failed and failed.refusal.sqlstate.isalnum():
        assert failed.refusal.sqlstate in page.text
        assert failed.refusal.line is None or f":{failed.refusal.line}" in page.text


def assert_is_sound(text: str, page: Page) -> None:
    assert text.startswith("### ")
    assert text.endswith("</sub>\n")
    assert page.headings == 1
    assert is_balanced(page.html)
    assert set(page.languages) <= {"diff"}
    assert all(len(rows) == 1 for rows in widths(text))
    text.encode("utf-8")


def assert_obeys_nobody(text: str, page: Page) -> None:
    assert not page.blocks & FOREIGN_BLOCKS
    assert page.deepest_list == 0
    assert all(OURS.fullmatch(part) for part in page.html)
    assert set(page.strong) <= LABELS
    assert all(link.startswith((any_report.SOURCE, LINK)) for link in page.links)
    assert not any(REFERENCE.search(part) for part in (*page.prose, *map(unescape, page.html)))
    assert not any(line.startswith("/") for line in outside_fences(text))
    assert "<!--" not in text
    assert "-->" not in text


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(report=any_report.reports, limit=st.integers(-5, 4000))
def test_no_room_is_ever_overstepped(report: m.Report, limit: int) -> None:
    room = Room(limit=limit, unit="UTF-8 bytes")

    text = markdown_text(report, scrub=Scrubber(), room=room, link=LINK)

    assert room.holds(text) or text == ""
    assert text == "" or headline_of(report).word in text.split("\n")[0]
    if text:
        assert is_balanced(page_of(text).html)

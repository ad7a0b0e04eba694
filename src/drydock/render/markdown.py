"""A report as Markdown: the one text for GitHub's job summary, the pull request's comment and GitLab's note.

Plain functions, as in `terminal.py`, and no templates: nothing has to be loaded or compiled, the type checker reads
along, and telling less until it fits is a loop.
"""

from dataclasses import dataclass
from datetime import UTC
from itertools import chain

from drydock.model import Report
from drydock.redact import Scrubber
from drydock.render.escaping import code, linked, prose
from drydock.render.markdown_decision import badge, decision_lines, heading
from drydock.render.markdown_evidence import evidence_lines
from drydock.render.markdown_layout import Layout, blocks
from drydock.render.markdown_table import table_lines
from drydock.render.publishable import abridged, publishable
from drydock.render.room import Room
from drydock.render.wording import human_duration

SHORT_COMMIT = 12
SEPARATOR = " · "


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """How much is told: the longest text, entries of a list, statements of a migration, and whether there are folds."""

    longest: int
    entries: int
    statements: int
    folds: bool


MEASURES = (
    Measure(longest=4000, entries=1000, statements=200, folds=True),
    Measure(longest=1000, entries=200, statements=20, folds=True),
    Measure(longest=1000, entries=200, statements=0, folds=True),
    Measure(longest=500, entries=50, statements=0, folds=True),
    Measure(longest=500, entries=20, statements=0, folds=False),
    Measure(longest=200, entries=5, statements=0, folds=False),
    Measure(longest=60, entries=1, statements=0, folds=False),
)


def markdown_text(report: Report, *, scrub: Scrubber, room: Room, link: str | None = None) -> str:
    """The whole report, or as much of it as fits; ends with a newline. `link` leads to the run.

    What is left out, in this order: statements, long lists, all evidence, the ends of texts. Verdict, failure, what
    is true now and counts stay. Where not even the verdict's word fits, the text is empty.
    """
    told = publishable(report, scrub=scrub)
    run = None if link is None else scrub(link)
    every = (_text(told, measure, link=run) for measure in MEASURES)
    shortest = (f"{badge(abridged(told, MEASURES[-1].longest))}\n", "")
    return next(text for text in chain(every, shortest) if room.holds(text) or not text)


def _text(told: Report, measure: Measure, *, link: str | None) -> str:
    report = abridged(told, measure.longest)
    layout = Layout(
        entries=measure.entries,
        statements=measure.statements,
        folds=measure.folds,
        source_url=told.checkout.source_url,
        link=link,
    )
    is_whole = measure is MEASURES[0]
    lines = blocks(
        (heading(report),),
        decision_lines(report, layout),
        table_lines(report, layout) if report.command != "snapshot" else (),
        evidence_lines(report, layout),
        () if is_whole else (_shortened(link),),
        (_foot(report, link),),
    )
    return "\n".join(lines) + "\n"


def _shortened(link: str | None) -> str:
    where = linked("the run", link) if link else "the log of the run"
    return f"Shortened to fit; {where} has the rest."


def _foot(report: Report, link: str | None) -> str:
    commit = report.checkout.commit
    ended = report.ended_at
    parts = (
        f"environment {prose(report.environment)}" if report.environment else "no environment: production rules",
        f"commit {code(commit[:SHORT_COMMIT])}" if commit else "",
        linked("run", link) if link else "",
        f"{prose(f'Drydock {report.version}')} {code(report.command)}, exit code {report.verdict.exit_code}",
        human_duration(report.duration),
        f"{ended.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if ended else "",
    )
    return f"<sub>{SEPARATOR.join(filter(None, parts))}</sub>"

"""A report as Markdown. A stand-in until the rendering of Markdown is merged: the verdict, and no more."""

from drydock.model import Report
from drydock.redact import Scrubber
from drydock.render.headline import headline_of
from drydock.render.room import Room
from drydock.render.wording import line_of


def markdown_text(report: Report, *, scrub: Scrubber, room: Room, link: str | None = None) -> str:
    """The verdict, cut to fit."""
    headline = headline_of(report)
    said = line_of(scrub(report.verdict.line)).replace("`", "'")
    text = f"**{headline.mark} {headline.word}** `{said}`\n"
    per_letter = 2 if room.unit == "UTF-16 units" else 4
    return text[: room.limit // per_letter - len(link or "") - 20] + (f"\n[the run]({link})\n" if link else "")

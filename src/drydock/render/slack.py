"""A report as a message for Slack, within Slack's limits.

Header 150 characters of plain text, section 3,000, field 2,000, 50 blocks, about 12,000 characters in all blocks
(Slack's manual, "Reference: blocks"); text is mrkdwn, which is not Markdown.
"""

from collections.abc import Mapping
from typing import Any

from drydock.model import Report, StepApplied
from drydock.redact import Scrubber
from drydock.render.headline import GOOD, WAITING, headline_of
from drydock.render.wording import counted, human_duration, line_of

LONGEST_HEADER = 150
LONGEST_SECTION = 2_900
LONGEST_FIELD = 300
LONGEST_TEXT = 3_000
LONGEST_LINK = 1_500
CUT = " ..."


def slack_message(report: Report, *, scrub: Scrubber, link: str | None) -> Mapping[str, Any]:
    """The message: `text` for notifications and screen readers, `blocks` for the eye."""
    headline = headline_of(report)
    icon = {GOOD: ":white_check_mark:", WAITING: ":warning:"}.get(headline.mark, ":x:")
    said = _escaped(_safe(report.verdict.line, scrub), LONGEST_SECTION)
    about = ", ".join(_facts(report, scrub)[name] for name in ("Database", "Environment"))
    return {
        "text": _cut(f"{headline.word}: {said} ({about})", LONGEST_TEXT),
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": f"{icon} {headline.word}", "emoji": True}},
            _section(said),
            {"type": "section", "fields": [_field(name, text) for name, text in _facts(report, scrub).items()]},
            *_now_and_next(report, scrub),
            {"type": "context", "elements": [_mrkdwn(_circumstances(report, scrub, link=link))]},
        ],
    }


def _facts(report: Report, scrub: Scrubber) -> Mapping[str, str]:
    steps = report.outcome.steps if report.outcome else ()
    applied = sum(isinstance(step, StepApplied) for step in steps)
    pending = len(report.status.pending) if report.status else None
    texts = {
        "Database": report.target.database if report.target else "not reached",
        "Environment": report.environment or "not set",
        "Migrations": f"{applied} of {len(steps)} applied" if steps else _pending(pending),
        "Took": human_duration(report.duration),
    }
    return {name: _escaped(_safe(text, scrub), LONGEST_FIELD) or "-" for name, text in texts.items()}


def _pending(pending: int | None) -> str:
    return "not known" if pending is None else f"{counted(pending, 'migration')} pending"


def _now_and_next(report: Report, scrub: Scrubber) -> list[dict[str, Any]]:
    lines = (("Now", report.verdict.truth), ("Next", report.verdict.hint))
    room = LONGEST_SECTION // 2 - 20
    said = [f"*{label}:* {_escaped(_safe(text, scrub), room)}" for label, text in lines if text.strip()]
    return [_section("\n".join(said))] if said else []


def _circumstances(report: Report, scrub: Scrubber, *, link: str | None) -> str:
    run = f"Drydock {_escaped(_safe(report.version, scrub), 40)}, {report.command}: exit {report.verdict.exit_code}"
    is_fit = link is not None and len(link) <= LONGEST_LINK and not set(link) & set("<>|")
    return f"{run}, <{_escaped(link or '', LONGEST_LINK * 5)}|the run>" if is_fit else run


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _mrkdwn(text or "-")}


def _field(name: str, text: str) -> dict[str, Any]:
    return _mrkdwn(f"*{name}*\n{text}")


def _mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _safe(text: str, scrub: Scrubber) -> str:
    return "\n".join(line_of(line) for line in scrub(text).strip().split("\n"))


def _escaped(text: str, longest: int) -> str:
    """The text as Slack wants it, cut between two characters and never inside an escape."""
    escaped = [{"&": "&amp;", "<": "&lt;", ">": "&gt;"}.get(letter, letter) for letter in text]
    if sum(map(len, escaped)) <= longest:
        return "".join(escaped)
    kept, length = [], 0
    for letter in escaped:
        length += len(letter)
        if length > longest - len(CUT):
            break
        kept.append(letter)
    return "".join(kept) + CUT


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - len(CUT)].rpartition("&")[0] + CUT

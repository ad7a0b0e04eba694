"""A report as it may be told outside the run log: scrubbed, literals of SQL masked, no message that may quote a row.

What a value holds is changed here once, so that a rendering for a pull request, a chat or a test viewer has nothing
left to forget. Identifiers and numbers stay: `numeric(10,2)` says something, and so does `users_email_key`.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass, replace
from functools import cache
from operator import is_
from pathlib import Path
from typing import Any, Literal, assert_never, get_origin

from drydock.model import (
    Aborted,
    Change,
    Halt,
    NoSeed,
    NothingPending,
    NotProven,
    Proceed,
    Refusal,
    Report,
    Seed,
    SeedCommand,
    SeedDecision,
    SeedFailed,
    StepFailed,
)
from drydock.model.outcome import SAFE_CLASSES
from drydock.render.wording import cut

MASK = "'...'"
"""What stands in the place of a literal."""
CUT = "..."
"""The end of a text that was longer."""
MOST_NAMES = 5
_NOT_SHOWN = "(not shown)"
# So the title of a change in a COMMENT begins: its text is one literal, though nothing quotes it.
_REMARK = "comment "

_Text = Callable[[str], str]

_IN_SQL = re.compile(
    r"""(?P<remark>--[^\n]*|/\*.*?(?:\*/|\Z))
    |(?P<name>"(?:[^"]|"")*(?:"|\Z))
    |(?P<escaped>(?<![\w$])[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z))
    |(?P<quoted>'(?:[^']|'')*(?:'|\Z))
    |(?P<dollars>(?<![\w$])(?P<mark>\$(?:[^\W\d]\w*)?\$)(?P<body>.*?)(?:(?P=mark)|\Z))""",
    re.DOTALL | re.VERBOSE,
)
# In a sentence an apostrophe stands behind a letter. Servers speak French, too.
_IN_A_SENTENCE = re.compile(
    r"""(?<!\w)[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z)
    |(?<!\w)(?:[bBxX]|[uU]&|N)?'(?:[^']|'')*(?:'|\Z)
    |(?<![\w$])(\$(?:[^\W\d]\w*)?\$).*?(?:\1|\Z)""",
    re.DOTALL | re.VERBOSE,
)
_BODIES = ("$function$", "$procedure$")
"""What pg_get_functiondef puts around a body, which is no literal but code with literals in it."""


def publishable(report: Report, *, scrub: _Text) -> Report:
    """The report without anything that may not leave the run log; what it counts and how it ended stay the same."""
    scrubbed: Report = _rebuilt(_without_scripts(report), scrub)
    changed: list[tuple[str, str]] = []

    def allowed(value: Any) -> Any:
        told = _allowed(value)
        changed.append((_sentence(value), _sentence(told)))
        return told

    told: Report = _rebuilt(scrubbed, str, node=allowed)
    return replace(told, verdict=replace(told.verdict, line=_requoted(told.verdict.line, changed)))


def abridged(report: Report, longest: int) -> Report:
    """The report with no text in it longer than so many characters; a longer one ends in `...`."""

    def short(text: str) -> str:
        return text if len(text) <= longest else text[: longest - len(CUT)] + CUT

    told: Report = _rebuilt(report, short, node=_with_few_names)
    return told


def without_literals(sql: str) -> str:
    """SQL with every literal masked and every remark emptied; line numbers stay the same."""
    return _IN_SQL.sub(_masked, sql)


def _masked(found: re.Match[str]) -> str:
    if found["name"] is not None:
        return found[0]
    lines = "\n" * found[0].count("\n")
    if found["remark"] is not None:
        return f"--{lines}" if found[0].startswith("--") else f"/**/{lines}"
    if found["mark"] in _BODIES:
        return f"{found['mark']}{without_literals(found['body'])}{found['mark']}"
    return f"{MASK}{lines}"


def _said(text: str) -> str:
    return _IN_A_SENTENCE.sub(MASK, text)


def _rebuilt(value: Any, text: _Text, *, node: Callable[[Any], Any] = lambda value: value) -> Any:
    """The value with every text in it changed, then every value inside it, from the leaves up.

    What stays as it was is the same object: a report of thousands of migrations is mostly that.
    """
    if isinstance(value, str):
        told = text(value)
        return value if told == value else told
    if isinstance(value, Path):
        told = text(str(value))
        return value if told == str(value) else Path(told)
    if isinstance(value, tuple):
        entries = tuple(_rebuilt(entry, text, node=node) for entry in value)
        return value if all(map(is_, entries, value)) else entries
    kind: type = type(value)
    parts = {name: _rebuilt(getattr(value, name), text, node=node) for name in _free_fields(kind)}
    changed = {name: part for name, part in parts.items() if part is not getattr(value, name)}
    told = replace(value, **changed) if changed else value
    return node(told) if parts else told


@cache
def _free_fields(kind: type) -> tuple[str, ...]:
    # A word of a closed list is ours; what happens to be somebody's password is not told by it.
    known = fields(kind) if is_dataclass(kind) else ()
    return tuple(field.name for field in known if get_origin(field.type) is not Literal)


def _without_scripts(report: Report) -> Report:
    match report.plan:
        case Proceed() as plan:
            return replace(report, plan=replace(plan, steps=(), seed=_without_parts(plan.seed)))
        case NothingPending() as plan:
            return replace(report, plan=replace(plan, seed=_without_parts(plan.seed)))
        case _:
            return report


def _without_parts(seed: SeedDecision) -> SeedDecision:
    match seed:
        case Seed(parts=parts):
            return Seed(parts=tuple(SeedCommand(argv=()) for _ in parts))
        case NoSeed():
            return seed
        case _:
            assert_never(seed)


def _with_few_names(value: Any) -> Any:
    match value:
        case NotProven(relations=relations):
            return replace(value, relations=cut(relations, MOST_NAMES))
        case Refusal(names=names):
            return replace(value, names=cut(names, MOST_NAMES))
        case _:
            return value


def _allowed(value: Any) -> Any:
    match value:
        case Refusal(message=str(message), sqlstate=sqlstate):
            return replace(value, message=_said(message) if sqlstate[:2] in SAFE_CLASSES else None)
        case StepFailed(blockers=blockers):
            return replace(value, blockers=tuple(map(_said, blockers)))
        case Aborted(what=what):
            return replace(value, what=_said(what))
        case Halt(reason=reason) | SeedFailed(reason=reason):
            return replace(value, reason=_said(reason))
        case Change():
            return _change(value)
        case _:
            return value


def _sentence(value: Any) -> str:
    """What a verdict quotes of this value; empty when it quotes nothing."""
    match value:
        case Refusal():
            return str(value)
        case Aborted(what=sentence) | Halt(reason=sentence) | SeedFailed(reason=sentence):
            return sentence
        case _:
            return ""


def _requoted(line: str, changed: Iterable[tuple[str, str]]) -> str:
    for before, after in changed:
        line = line.replace(before, after) if before and before != after else line
    return line


def _change(change: Change) -> Change:
    is_remark = change.what.startswith(_REMARK)
    before, after = (
        one if one is None else _NOT_SHOWN if is_remark else without_literals(one)
        for one in (change.before, change.after)
    )
    if before is not None and before == after and "\n" in before:
        before = after = _NOT_SHOWN
    return replace(change, before=before, after=after)

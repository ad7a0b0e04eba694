"""From files to steps, for every tool whose migrations are SQL: decode, analyse, choose the course."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

from drydock.errors import ProjectError
from drydock.model import Atomic, Ledger, Migration, ScriptCourse, ScriptStep, Stepwise, Whole
from drydock.sql.interface import Analyser, Analysis, Opaque, Parsed, hazard_of
from drydock.sql.psql import meta_command
from drydock.sql.text import Damaged, Refused, Text, decode

NOT_UTF8 = "the file is not UTF-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A migration and its file's bytes."""

    migration: Migration
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptReader:
    """Turns scripts into steps. `mode` says how a script that is not transaction-safe runs."""

    analyser: Analyser
    protected: frozenset[str]
    mode: Literal["file", "statement"]
    accepts_damaged: bool = False
    """Whether the tool runs a file that is not UTF-8, with U+FFFD in place of what cannot be read."""

    def steps(self, scripts: Sequence[Script], ledger_of: Callable[[Migration], Ledger]) -> tuple[ScriptStep, ...]:
        """One step per script, in order. Raises ProjectError naming file and line of what cannot be sent."""
        texts = [self._text(script) for script in scripts]
        analyses = self.analyser.analyse(texts, self.protected)
        return tuple(
            self._step(script.migration, text, analysis=_damaged(script, analysis), ledger=ledger_of(script.migration))
            for script, text, analysis in zip(scripts, texts, analyses, strict=True)
        )

    def _text(self, script: Script) -> str:
        decoded = decode(script.raw)
        match decoded:
            case Text(text=text):
                return text
            case Damaged(text=text) if self.accepts_damaged:
                return text
            case Damaged(line=line):
                raise _unfit(script.migration, line, reason=NOT_UTF8, hint="Save the file as UTF-8.")
            case Refused(reason=reason, line=line):
                raise _unfit(script.migration, line, reason=reason, hint="Remove it from the file.")
            case _:
                assert_never(decoded)

    def _step(self, migration: Migration, text: str, *, analysis: Analysis, ledger: Ledger) -> ScriptStep:
        if isinstance(analysis, Opaque) and (found := meta_command(text)) is not None:
            reason = f"{found.word} is for psql; the server does not understand it"
            raise _unfit(
                migration, found.line, reason=reason, hint="Migrations must be plain SQL: take psql's commands out."
            )
        for statement in analysis.statements if isinstance(analysis, Parsed) else ():
            if statement.kind.startswith("COPY") and statement.hazard:
                raise _unfit(
                    migration, statement.line, reason=statement.hazard, hint="Use INSERT, or COPY with a file."
                )
        course = course_of(analysis, mode=self.mode)
        return ScriptStep(migration=migration, text=text, analysis=analysis, course=course, ledger=ledger)


def course_of(analysis: Analysis, *, mode: Literal["file", "statement"]) -> ScriptCourse:
    """Atomic where nothing speaks against it; else as the tool would run it."""
    hazard = hazard_of(analysis)
    if hazard is None and mode == "statement" and (line := _needs_commit_between(analysis)) is not None:
        return Stepwise(reason=f"a new enum value can be used only after a commit (line {line})")
    if hazard is None:
        return Atomic()
    where = f" (line {hazard.line})" if hazard.line else ""
    reason = f"{hazard.reason}{where}"
    match analysis:
        case Parsed(statements=(only,)) if only.outside_block:
            return Stepwise(reason=reason)
        case Parsed() if mode == "statement":
            return Stepwise(reason=reason)
        case _:
            return Whole(reason=reason)


def _needs_commit_between(analysis: Analysis) -> int | None:
    """The line of an ALTER TYPE that other statements follow, which a tool that commits each lets use the new value."""
    statements = analysis.statements if isinstance(analysis, Parsed) else ()
    return next((statement.line for statement in statements[:-1] if statement.kind == "ALTER TYPE"), None)


def _damaged(script: Script, analysis: Analysis) -> Analysis:
    match decode(script.raw):
        case Damaged(line=line):
            return Opaque(reason=NOT_UTF8, line=line)
        case _:
            return analysis


def _unfit(migration: Migration, line: int, *, reason: str, hint: str) -> ProjectError:
    return ProjectError(f"{migration.file}, line {line}: {reason}.", hint=hint)

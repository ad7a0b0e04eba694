"""Histories in memory: what a server would answer an adapter that asks for its rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from drydock.model import Refusal
from drydock.postgres.interface import NotThere, Row, Rows
from drydock.sql.interface import Analysis

MISSING = NotThere(refusal=Refusal(sqlstate="42P01", condition="undefined_table", message="not there", names=()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """A `Reader` that answers what it was given, whatever is asked."""

    answers: tuple[Rows | NotThere, ...]

    def read(self, *queries: str) -> tuple[Rows | NotThere, ...]:
        assert len(queries) == len(self.answers)
        return self.answers


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnalyser:
    """An `Analyser` for tests in which nothing may be analysed."""

    def analyse(self, texts: Sequence[str], protected: frozenset[str]) -> tuple[Analysis, ...]:
        raise AssertionError("a status analyses nothing")


def rows(*found: Row) -> Rows:
    """An answer."""
    return Rows(rows=found)


def answering(*answers: Rows | NotThere) -> Answers:
    """A reader that gives these answers."""
    return Answers(answers=answers)

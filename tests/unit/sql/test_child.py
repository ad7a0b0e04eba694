"""The parser in its child process: what one text does to it costs the others nothing."""

import os
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest

from drydock.conversation import Conversation, Silence
from drydock.errors import NotStartedError
from drydock.process import allow_listed, converse
from drydock.sql.child import ChildAnalyser, Talk
from drydock.sql.interface import Opaque, Parsed
from drydock.sql.parser import summarise
from tests.unit.sql.closed_list import PROTECTED, ROWS

CRASHING = "SELECT " + "1+" * 50_000 + "1"


def spawn(argv: Sequence[str]) -> Conversation:
    return converse(argv, allow_listed(os.environ))


@pytest.fixture(scope="module")
def analyser() -> Iterator[ChildAnalyser]:
    with ChildAnalyser(spawn) as child:
        yield child


def test_child_says_exactly_what_the_parser_says(analyser: ChildAnalyser) -> None:
    texts = [row.sql for row in ROWS] + ["SELECT 'é';\n\u2028SELEC", "", "REINDEX INDEX CONCURRENTLY a.b"]

    found = analyser.analyse(texts, PROTECTED)

    assert found == tuple(summarise(text, PROTECTED) for text in texts)


def test_crash_costs_one_text_its_analysis_and_the_others_nothing(analyser: ChildAnalyser) -> None:
    texts = ["SELECT 1", CRASHING, "SELECT 2", CRASHING, "SELECT 3"]

    one, crashed, two, again, three = analyser.analyse(texts, frozenset())

    assert all(isinstance(found, Parsed) for found in (one, two, three))
    assert crashed == again == Opaque(reason="the SQL parser crashed on this file")


def test_text_over_8_mib_is_opaque_and_large_ones_below_are_read(analyser: ChildAnalyser) -> None:
    too_large = "SELECT '" + "x" * (9 << 20) + "'"
    too_many_bytes = "SELECT '" + "é" * (5 << 20) + "'"
    large = "SELECT '" + "x" * (7 << 20) + "'"

    first, second, third, last = analyser.analyse([too_large, too_many_bytes, large, "SELECT 1"], frozenset())

    assert first == second == Opaque(reason="the file is larger than 8 MiB, too large to analyse")
    assert isinstance(third, Parsed)
    assert isinstance(last, Parsed)


def test_full_pipes_on_both_sides_stop_nobody(analyser: ChildAnalyser) -> None:
    texts = ["SELECT 1;" * 1000] * 30

    found = analyser.analyse(texts, frozenset())

    assert {len(analysis.statements) for analysis in found if isinstance(analysis, Parsed)} == {1000}
    assert len(found) == 30


def test_no_texts_need_no_child() -> None:
    def never(argv: Sequence[str]) -> Talk:
        raise AssertionError(argv)

    assert ChildAnalyser(never).analyse([], frozenset()) == ()


def test_time_limit_costs_one_text_its_analysis() -> None:
    slow = "SELECT 1;" * 200_000

    with ChildAnalyser(spawn, time_limit=timedelta(seconds=0.5)) as analyser:
        found = analyser.analyse([slow, "SELECT 1"], frozenset())

    assert found[0] == Opaque(reason="the SQL parser took too long for this file")
    assert isinstance(found[1], Parsed)


def test_child_that_does_not_start_makes_every_text_opaque() -> None:
    def absent(_: Sequence[str]) -> Conversation:
        return converse(["/nonexistent/python"], {})

    (found, other) = ChildAnalyser(absent).analyse(["SELECT 1", "SELECT 2"], frozenset())

    assert isinstance(found, Opaque)
    assert found == other
    assert "/nonexistent/python" in found.reason


def test_child_that_ends_at_once_makes_every_text_opaque() -> None:
    def useless(_: Sequence[str]) -> Conversation:
        return converse([sys.executable, "-c", "raise SystemExit(3)"], {})

    found = ChildAnalyser(useless).analyse(["SELECT 1"], frozenset())

    assert found == (Opaque(reason="the SQL parser could not be started"),)


def test_start_raises_at_once_when_there_is_no_program() -> None:
    def absent(_: Sequence[str]) -> Conversation:
        return converse(["/nonexistent/python"], {})

    with pytest.raises(NotStartedError, match="/nonexistent/python"):
        ChildAnalyser(absent).start()


class Doomed:
    """A talk whose child says it is ready and then always dies."""

    def __init__(self) -> None:
        self._said: list[bytes | Silence] = [b"ready"]

    def send(self, line: bytes) -> None: ...

    def receive(self, within: timedelta) -> bytes | Silence:
        assert within > timedelta(0)
        return self._said.pop() if self._said else Silence.ENDED

    def close(self) -> None: ...


def test_children_are_not_started_for_ever() -> None:
    started: list[Sequence[str]] = []

    def doomed(argv: Sequence[str]) -> Talk:
        started.append(argv)
        return Doomed()

    found = ChildAnalyser(doomed).analyse(["SELECT 1"] * 100, frozenset())

    assert len(started) == 20
    assert len(found) == 100
    assert found[-1] == Opaque(reason="not analysed: the SQL parser failed on 20 files before this one")

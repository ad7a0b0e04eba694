"""Where statements begin and end, and what is said of scripts that cannot be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drydock.sql.blank import is_gap
from drydock.sql.interface import Opaque, Parsed, Statement
from drydock.sql.parser import summarise
from tests.unit.sql.closed_list import ROWS


def statements(text: str) -> tuple[Statement, ...]:
    analysis = summarise(text, frozenset())
    assert isinstance(analysis, Parsed), analysis
    return analysis.statements


def opaque(text: str) -> Opaque:
    analysis = summarise(text, frozenset())
    assert isinstance(analysis, Opaque), analysis
    return analysis


@pytest.mark.parametrize(
    ("text", "slices"),
    [
        ("SELECT 1", ["SELECT 1"]),
        (";;\n SELECT 1 ;; SELECT 2;\n;", ["SELECT 1", "SELECT 2"]),
        ("SELECT 'é;ü'; SELECT '𝄞' AS \"ß\" ; SELECT 3", ["SELECT 'é;ü'", "SELECT '𝄞' AS \"ß\"", "SELECT 3"]),
        ("SELECT 'a''; b'; SELECT E'a\\'; b'", ["SELECT 'a''; b'", "SELECT E'a\\'; b'"]),
        ("SELECT $$;$$; SELECT $x$;$$;$x$", ["SELECT $$;$$", "SELECT $x$;$$;$x$"]),
        ("/* a /* ; */ ; */ SELECT 1; -- ;\nSELECT 2", ["SELECT 1", "SELECT 2"]),
        ("SELECT 1 -- last; line", ["SELECT 1 -- last; line"]),
        ("SELECT 1 -- c\n; SELECT 2", ["SELECT 1 -- c", "SELECT 2"]),
        ("SELECT 1;\r\nSELECT 2\r\n;\r\n", ["SELECT 1", "SELECT 2"]),
        ("SELECT a\u00a0;", ["SELECT a\u00a0"]),
        (
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END; SELECT 3",
            ["CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END", "SELECT 3"],
        ),
        (
            "CREATE RULE r AS ON UPDATE TO t DO (SELECT 1; SELECT 2); SELECT 3",
            ["CREATE RULE r AS ON UPDATE TO t DO (SELECT 1; SELECT 2)", "SELECT 3"],
        ),
        ("", []),
        (" \n\t", []),
        ("-- only\n/* a /* nested */ comment */ ;", []),
    ],
)
def test_slices_are_exactly_the_statements(text: str, slices: list[str]) -> None:
    found = statements(text)

    assert [text[statement.start : statement.end] for statement in found] == slices
    assert [statement.number for statement in found] == list(range(1, len(slices) + 1))


def test_line_is_that_of_the_first_token() -> None:
    text = "-- head\r\n\r\nSELECT 1; /* é\n */ SELECT 2;\n\n-- c\nSELECT\n3"

    assert [statement.line for statement in statements(text)] == [3, 4, 7]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("SELECT 1;\nSELEC 2", 2, 'syntax error at or near "SELEC"'),
        ("SELECT 'ééééé';\n\nSELECT '𝄞' FROM\nWHERE", 4, 'syntax error at or near "WHERE"'),
        ("SELECT 1;\n/* open", 2, 'unterminated /* comment at or near "/* open"'),
        ("SELECT (", 1, "syntax error at end of input"),
        ("\\restrict abc\nSELECT 1", 1, 'syntax error at or near "\\"'),
        ("\ufeffSELECT 1", 1, 'syntax error at or near "\ufeffSELECT"'),
    ],
)
def test_syntax_error_has_its_line_and_the_parsers_words(text: str, line: int, message: str) -> None:
    found = opaque(text)

    assert (found.line, found.message) == (line, message)


def test_nul_is_never_silently_the_end() -> None:
    assert opaque("SELECT 1;\n\0 DROP TABLE t").line == 2


def test_lone_surrogate_is_opaque() -> None:
    assert opaque("SELECT '\udc80'").reason == "the file is not valid Unicode"


def test_many_parentheses_are_opaque() -> None:
    assert opaque("SELECT " + "(" * 20_000).message == 'memory exhausted at or near "("'


def test_long_sum_is_still_read() -> None:
    (statement,) = statements("SELECT " + "1+" * 500 + "1")

    assert statement.kind == "SELECT"


def test_copy_without_data_is_read_and_with_data_is_not() -> None:
    assert statements("COPY t FROM stdin;")[0].kind == "COPY"
    assert opaque("COPY t FROM stdin;\n1\ta\n\\.\n").line == 2


SEPARATORS = st.lists(
    st.sampled_from(["\n", "\r\n", " ", "\t", "\f", ";", "-- ü; 'x\n", "/* ;' /* é */ $$ */"]), max_size=4
).map("".join)
CORPUS = st.sampled_from([row.sql for row in ROWS] + ["SELECT 'é;'", "SELECT $a$ ; -- $a$", 'SELECT ";" FROM "ü"'])


@given(st.lists(st.tuples(SEPARATORS, CORPUS, SEPARATORS), max_size=12))
def test_any_mixture_is_cut_into_its_statements_and_blanks(parts: list[tuple[str, str, str]]) -> None:
    text = "".join(f"{before}{sql}\n{after};" for before, sql, after in parts)

    found = statements(text)

    assert len(found) == len(parts)
    assert all(text.startswith(sql, s.start) for s, (_, sql, _) in zip(found, parts, strict=True))
    edges = [0, *(edge for s in found for edge in (s.start, s.end)), len(text)]
    assert edges == sorted(edges)
    assert all(is_gap(text, edges[i], end=edges[i + 1]) for i in range(0, len(edges), 2))
    assert [s.line for s in found] == [text.count("\n", 0, s.start) + 1 for s in found]


@given(st.text(alphabet=st.sampled_from(list("aE'\"$;-/*\n\\()é𝄞 1")), max_size=40))
def test_any_text_is_read_to_its_last_character_or_opaque(text: str) -> None:
    analysis = summarise(text, frozenset())

    if isinstance(analysis, Parsed):
        edges = [0, *(edge for s in analysis.statements for edge in (s.start, s.end)), len(text)]
        assert edges == sorted(edges)
        assert all(is_gap(text, edges[i], end=edges[i + 1]) for i in range(0, len(edges), 2))

"""psql's own language is found where it is one, and nowhere else."""

import pytest

from drydock.sql.psql import MetaCommand, meta_command


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("--\n-- dump\n--\n\n\\restrict abc\n\nSELECT 1;", 5, "\\restrict"),
        ("SELECT 1;\n  \\i other.sql", 2, "\\i"),
        ("SELECT 'DROP TABLE t' \\gexec\n", 1, "\\gexec"),
        ("SELECT 1 \\g", 1, "\\g"),
        ("SELECT 'it''s';\n\\echo hi", 2, "\\echo"),
        ("SELECT E'it\\'s';\n\\echo hi", 2, "\\echo"),
        ("SELECT $x$ ' $x$;\n\\q", 2, "\\q"),
        ("/* a /* ' */ */\n\\q", 2, "\\q"),
        ("SELECT a$b$c;\n\\q", 2, "\\q"),
        ("COPY public.t (a, b) FROM stdin;\n1\t\\N\n\\.\n", 1, "COPY ... FROM stdin"),
        ("SELECT 1;\ncopy t from STDIN with (format csv);\n1,'\n\\.\n", 2, "COPY ... FROM stdin"),
    ],
)
def test_first_meta_command_is_named_with_its_line(text: str, line: int, word: str) -> None:
    assert meta_command(text) == MetaCommand(line=line, word=word)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SELECT '\n\\restrict'",
        'SELECT "\n\\restrict"',
        "SELECT E'\\'\n\\restrict'",
        "SELECT $$\n\\restrict\n$$",
        "SELECT $é$\n\\restrict\n$é$",
        "/*\n/* x */ \\restrict\n*/",
        "-- \\restrict",
        "SELECT 'open\n\\restrict",
        "SELECT $$ open\n\\restrict",
        "SELEC 1",
        "COPY t FROM stdin",
        "SELECT 1 \\ 2",
    ],
)
def test_backslash_inside_quotes_and_comments_is_none(text: str) -> None:
    assert meta_command(text) is None

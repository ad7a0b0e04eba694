"""How times, counts, lists and foreign texts read."""

from datetime import timedelta

import pytest

from drydock.render.wording import counted, cut, hanging, human_duration, line_of


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3, "0 ms"),
        (0, "0 ms"),
        (0.0004, "0 ms"),
        (0.012, "12 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1.0 s"),
        (3.42, "3.4 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 0 s"),
        (125, "2 min 5 s"),
        (3599.4, "59 min 59 s"),
        (3599.6, "1 h 0 min"),
        (3900, "1 h 5 min"),
        (360_000, "100 h 0 min"),
    ],
)
def test_durations_read_as_people_say_them(seconds: float, text: str) -> None:
    assert human_duration(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 oddities"), (1, "1 oddity"), (2, "2 oddities"), (1200, "1,200 oddities")]
)
def test_counts_have_the_right_form_of_the_noun(number: int, text: str) -> None:
    assert counted(number, "oddity", several="oddities") == text


def test_a_regular_noun_needs_one_form() -> None:
    assert (counted(1, "part"), counted(3, "part")) == ("1 part", "3 parts")


def test_a_list_is_cut_behind_its_limit_only() -> None:
    assert cut("abc", 3) == ("a", "b", "c")
    assert cut("abcde", 3) == ("a", "b", "c", "and 2 more")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("plain ✓ 漢字", "plain ✓ 漢字"),
        ("relation\u00a0« x »", "relation\u00a0« x »"),
        ("a\x1b[31mb", r"a\x1b[31mb"),
        ("a\nb\tc\r", r"a\nb\tc\r"),
        ("\u202e\u2028\x9b", r"\u202e\u2028\x9b"),
        ("\udc80", r"\udc80"),
        ("  ::error::x", r"  \x3a:error::x"),
        ("a::text", "a::text"),
        ("x ##[group]", r"x #\x23[group]"),
        ("###vso[x]", r"##\x23vso[x]"),
        ("## heading", "## heading"),
    ],
)
def test_foreign_text_becomes_one_harmless_line(text: str, line: str) -> None:
    assert line_of(text) == line


def test_further_lines_stand_under_the_first() -> None:
    assert hanging("Now:  ", "one\ntwo\n") == ("Now:  one", "      two")

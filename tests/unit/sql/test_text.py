"""What is refused or noted before a parser or a server sees the bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drydock.sql.text import Damaged, Refused, Text, decode


def test_utf8_comes_through_as_it_is() -> None:
    assert decode("SELECT 'é𝄞';\r\n\t\f".encode()) == Text(text="SELECT 'é𝄞';\r\n\t\f", bom=False)


def test_one_leading_byte_order_mark_is_taken_off_and_noted() -> None:
    assert decode(b"\xef\xbb\xbfSELECT 1") == Text(text="SELECT 1", bom=True)


def test_only_one_byte_order_mark_is_taken_off() -> None:
    assert decode(b"\xef\xbb\xbf\xef\xbb\xbfSELECT 1") == Text(text="\ufeffSELECT 1", bom=True)


def test_invalid_utf8_says_where_and_keeps_the_replaced_text() -> None:
    found = decode(b"SELECT 1;\nSELECT '\xe9'")

    assert found == Damaged(text="SELECT 1;\nSELECT '\ufffd'", bom=False, offset=18, line=2)


@pytest.mark.parametrize("control", [0x00, 0x01, 0x08, 0x0B, 0x0E, 0x1A, 0x1B, 0x1F])
def test_control_characters_are_refused_with_their_line(control: int) -> None:
    found = decode(b"SELECT 1;\n\n" + bytes([control]))

    assert isinstance(found, Refused)
    assert found.line == 3


def test_nul_is_refused_even_in_a_comment_of_a_damaged_file() -> None:
    found = decode(b"-- \xff \x00\nSELECT 1")

    assert isinstance(found, Refused)
    assert "NUL" in found.reason


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_utf16_is_named(encoding: str) -> None:
    found = decode("\ufeffSELECT 1".encode("utf-16-be") if encoding == "utf-16-be" else "SELECT 1".encode(encoding))

    assert found == Refused(reason="the file is UTF-16; save it as UTF-8", line=1)


@given(st.binary(max_size=200))
def test_any_bytes_have_an_answer(raw: bytes) -> None:
    found = decode(raw)

    if isinstance(found, Text):
        assert (b"\xef\xbb\xbf" if found.bom else b"") + found.text.encode() == raw

"""Which server messages are shown, and what is cut from them."""

import pytest

from drydock.postgres.refusal import safe_message


@pytest.mark.parametrize(
    ("sqlstate", "message", "shown"),
    [
        ("42601", 'syntax error at or near "SELEKT"', 'syntax error at or near "SELEKT"'),
        ("42601", "syntax error at or near \"'canary'\"", "syntax error at or near \"'...'\""),
        ("42601", "syntax error at or near \"E'canary'\"", "syntax error at or near \"'...'\""),
        (
            "42601",
            'unterminated quoted string at or near "\'canary;\n"',
            "unterminated quoted string at or near \"'...'\"",
        ),
        (
            "42601",
            'unterminated dollar-quoted string at or near "$b$ x"',
            "unterminated dollar-quoted string at or near \"'...'\"",
        ),
        ("42P01", 'relation "it\'s" does not exist', 'relation "it\'s" does not exist'),
        ("22P02", 'invalid input syntax for type integer: "canary"', None),
        ("23505", "duplicate key value", None),
        ("42601", None, None),
    ],
)
def test_no_literal_of_a_script_is_shown(sqlstate: str, message: str | None, shown: str | None) -> None:
    assert safe_message(sqlstate, message) == shown

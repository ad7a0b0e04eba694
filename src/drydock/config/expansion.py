"""`${VAR}` in the values of the configuration file, replaced from the environment.

`$$` is one dollar sign; `${VAR:-text}` stands for `text` when the variable is unset or empty. A dollar
sign before anything else stays as it is. An unset or empty variable without a default is a problem, not
an empty value.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_REFERENCE = re.compile(
    r"\$(?:(?P<dollar>\$)|\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}$]*))?\}|(?P<bad>\{))"
)

WELL_FORMED = "${NAME} or ${NAME:-default}; a dollar sign before a brace is written $$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """The text after replacement, and what kept it from being complete."""

    text: str
    undefined: tuple[str, ...]
    is_malformed: bool


def expansion_of(text: str, environ: Mapping[str, str]) -> Expansion:
    """Replace every reference in the text; replaced text is not looked at again."""
    undefined: list[str] = []

    def replacement(found: re.Match[str]) -> str:
        if found["dollar"] or found["bad"]:
            return "$"
        value = environ.get(found["name"], "") or found["default"]
        if value is None:
            undefined.append(found["name"])
        return value or ""

    replaced = _REFERENCE.sub(replacement, text)
    is_malformed = any(found["bad"] for found in _REFERENCE.finditer(text))
    return Expansion(text=replaced, undefined=tuple(dict.fromkeys(undefined)), is_malformed=is_malformed)

"""The order of names that JavaScript's `localeCompare` gives in the root locale, for ASCII and accented Latin letters.

Prisma sorts migration folders with it since 6.6, node-pg-migrate files with the same prefix. A test compares it with
Node (ICU) on thousands of random names: primary weights first, punctuation before digits before letters; then accents,
then lower case before upper, each by position.
"""

import re
import unicodedata

_ALPHABET = "_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789abcdefghijklmnopqrstuvwxyz"
_WEIGHTS = {character: weight for weight, character in enumerate(" " + _ALPHABET)}
_BEYOND = len(_WEIGHTS)

_PUNCTUATION = frozenset(" _-,;:!?.'\"()[]{}@*/\\&#%")
_TOKEN = re.compile(r"[0-9]+|[^0-9]")
_NUMBERS = _WEIGHTS["0"]

NumericKey = tuple[tuple[tuple[int, int, str], ...], tuple[str, ...], tuple[bool, ...], str]
Key = tuple[tuple[tuple[int, str], ...], tuple[str, ...], tuple[bool, ...], str]


def collation_key(name: str) -> Key:
    """A sort key. Other alphabets sort after ASCII, by code point of their lower case."""
    if name.isascii():
        letters, accents = tuple(name), ("",) * len(name)
    else:
        letters, accents = _taken_apart(name)
    primary = tuple(_primary(letter) for letter in "".join(letters).lower())
    return (primary, accents, tuple(letter.isupper() for letter in letters), name)


def numeric_key(name: str) -> NumericKey:
    """A sort key for `localeCompare` with `numeric` and `ignorePunctuation`; equals keep the order of their bytes."""
    letters, accents = _taken_apart(name)
    tokens = [token for token in _TOKEN.findall("".join(letters)) if token not in _PUNCTUATION]
    primary = tuple(_numeric_primary(token) for token in tokens)
    # A number is one element, whatever its digits, and punctuation none: they have neither accents nor a case.
    marked = zip(letters, accents, strict=True)
    marks = tuple(accent for letter, accent in marked if letter not in _PUNCTUATION and not letter.isdigit())
    return (primary, marks, tuple(token.isupper() for token in tokens), name)


def _numeric_primary(token: str) -> tuple[int, int, str]:
    if token[0].isascii() and token[0].isdigit():
        return (_NUMBERS, int(token), "")
    weight, beyond = _primary(token.lower())
    return (weight, 0, beyond)


def _taken_apart(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The letters without their accents, and the accents of each letter."""
    letters: list[str] = []
    accents: list[str] = []
    for character in unicodedata.normalize("NFD", name):
        if unicodedata.combining(character) and letters:
            accents[-1] += character
        else:
            letters.append(character)
            accents.append("")
    return tuple(letters), tuple(accents)


def _primary(character: str) -> tuple[int, str]:
    weight = _WEIGHTS.get(character, _BEYOND)
    return (weight, character if weight == _BEYOND else "")

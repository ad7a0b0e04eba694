"""The order of node-pg-migrate's files, which is another one in nearly every major version.

A numeric prefix first: up to 8 the text before the first underscore, from 9 on the leading digits; 17 digits are a UTC
date in milliseconds. Equal ones by name: up to 5 by code unit, in 6 by `localeCompare`, from 7 on by `localeCompare`
with numbers as numbers and without punctuation. Facts: its `src/migration.ts`, `src/utils/comparators.ts`.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from drydock.errors import ProjectError
from drydock.tools.collation import Key, NumericKey, collation_key, numeric_key

LATEST = 9
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = re.compile(r"[0-9]*")
_NUMBER = re.compile(r"[ \t]*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[ \t]*")
_DATE_DIGITS = 17

Place = tuple[float, str | Key | NumericKey]


def ordered(files: Sequence[str], *, major: int) -> tuple[str, ...]:
    """The files in the order of a major version. Raises ProjectError for a name that the version cannot sort."""
    by_prefix: dict[float, list[str]] = {}
    for file in files:
        by_prefix.setdefault(_prefix(file, major=major), []).append(file)
    # Names are compared only where they must be: to take one apart costs more than all the rest of a status.
    groups = (by_prefix[prefix] for prefix in sorted(by_prefix))
    ties = (sorted(group, key=lambda file: _tie(file, major=major)) if len(group) > 1 else group for group in groups)
    return tuple(file for group in ties for file in group)


def place_of(file: str, *, major: int) -> Place:
    """The sort key of a file. Raises ProjectError as `ordered`."""
    return (_prefix(file, major=major), _tie(file, major=major))


def _prefix(file: str, *, major: int) -> float:
    if major >= LATEST:
        return _leading_digits(file)
    return _before_underscore(file if major >= 7 else name_of(file))


def _tie(file: str, *, major: int) -> str | Key | NumericKey:
    if major >= 7:
        return numeric_key(file)
    return collation_key(name_of(file)) if major == 6 else file


def name_of(file: str) -> str:
    """What node-pg-migrate records of a file: its name without the last extension, as Node's `extname` sees it."""
    stem, dot, _ = file.rpartition(".")
    return stem if dot and stem.strip(".") else file


def _leading_digits(name: str) -> float:
    digits = _DIGITS.match(name)
    if digits is None or not digits[0]:
        raise ProjectError(
            f"The name of {name} has no number in front, by which node-pg-migrate sorts.",
            hint="Rename it, or keep it out with node-pg-migrate's ignore-pattern.",
        )
    return _number(digits[0], name)


def _before_underscore(name: str) -> float:
    return _number(name.split("_", 1)[0], name)


def _number(prefix: str, name: str) -> float:
    if len(prefix) == _DATE_DIGITS and prefix.isascii() and prefix.isdigit():
        return _milliseconds(prefix, name)
    return float(prefix) if _NUMBER.fullmatch(prefix) else 0.0


def _milliseconds(digits: str, name: str) -> float:
    try:
        date = datetime.strptime(digits[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        raise ProjectError(
            f"The 17 digits in front of {name} are no date, by which node-pg-migrate could sort.",
            hint="Write them as YYYYMMDDhhmmss and milliseconds, in UTC.",
        ) from None
    return (date - EPOCH) / timedelta(milliseconds=1) + int(digits[14:])

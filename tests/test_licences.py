"""Everything locked is under a licence that was looked at and allowed; one that is not, fails here by name."""

import re
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.txt", "requirements-dev.txt")

# LGPL (psycopg): used as a library of its own, unchanged, installed beside us and replaceable.
# MPL-2.0 (certifi: the certificates that requests trusts; hypothesis, pathspec): binds changes to its own files only.
ALLOWED = frozenset(
    """0BSD Apache-2.0 BSD-2-Clause BSD-3-Clause ISC LGPL-3.0-only MIT MPL-2.0 PSF-2.0 PostgreSQL Unlicense
    Zlib""".split()
)

# Before SPDX expressions, licences were named as everybody pleased.
SPELLINGS = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",  # isodate, whose text has three clauses
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "MIT license": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
LOCKED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^ ;\\]+)", re.MULTILINE)


def locked_in(file: str) -> dict[str, str]:
    return dict(LOCKED.findall((ROOT / file).read_text("utf-8")))


def licence_of(package: str) -> str:
    """Return the package's own word, best source first, as an SPDX expression where we know the spelling.

    A field that holds the whole text of a licence is passed over for the classifier.
    """
    said = metadata.metadata(package)
    classifiers = [line.rpartition(" :: ")[2] for line in said.get_all("Classifier", []) if "License ::" in line]
    fields = (said[name] for name in ("License-Expression", "License") if name in said)
    words = (text.strip() for text in (*fields, *reversed(classifiers)) if text and "\n" not in text.strip())
    word = next(words, "not stated")
    return SPELLINGS.get(word, word)


def is_allowed(expression: str) -> bool:
    """Read `A OR B` as our choice and `A AND B` as both; parentheses are not among what we have met."""
    alternatives = expression.split(" OR ")
    return any(all(part in ALLOWED for part in one.split(" AND ")) for one in alternatives)


@pytest.mark.parametrize("package", sorted(locked_in("requirements-dev.txt")))
def test_a_locked_package_has_an_allowed_licence(package: str) -> None:
    assert is_allowed(licence_of(package)), f"{package} is under: {licence_of(package)}"


def test_both_locks_agree() -> None:
    run_time, development = (locked_in(file) for file in LOCKS)

    assert run_time.items() <= development.items()


@pytest.mark.parametrize("file", LOCKS)
def test_every_locked_version_has_hashes_and_no_address(file: str) -> None:
    text = (ROOT / file).read_text("utf-8")

    requirements = [block for block in text.split("\n") if LOCKED.match(block)]
    assert len(requirements) == len(locked_in(file)) > 0
    assert all(block.endswith("\\") for block in requirements), "a version without hashes"
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host", text)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("MIT", True),
        ("Apache-2.0 OR GPL-3.0-only", True),
        ("MIT AND BSD-3-Clause", True),
        ("GPL-3.0-or-later", False),
        ("MIT AND GPL-2.0-only", False),
        ("AGPL-3.0-only", False),
        ("not stated", False),
    ],
)
def test_an_expression_is_read_as_its_authors_mean_it(expression: str, *, expected: bool) -> None:
    assert is_allowed(expression) is expected

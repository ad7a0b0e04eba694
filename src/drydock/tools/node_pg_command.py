"""How the scripts of package.json call node-pg-migrate: its options, read as its parser (yargs) reads them."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from pathlib import Path, PurePosixPath

from drydock.errors import ProjectError
from drydock.files import Project
from drydock.tools.node_project import Package, packages

Value = str | bool | tuple[str, ...]
Words = Mapping[str, Value]

PROGRAM = "node-pg-migrate"
SHORT = {"m": "migrations-dir", "t": "migrations-table", "s": "schema", "f": "config-file", "d": "database-url-var"}
TEXTS = frozenset(
    {
        *("migrations-dir", "migrations-table", "migrations-schema", "ignore-pattern", "config-file", "config-value"),
        *("lock-value", "advisory-lock-mode"),
    }
)
LISTS = frozenset({"schema"})
SWITCHES = frozenset({"create-schema", "check-order", "single-transaction", "use-glob", "decamelize"})
ENDS = frozenset({"&&", "||", ";", "|", "&"})
YES, NO = "true", "false"


def words_of(project: Project, folder: Path) -> Words:
    """The options of all scripts of the nearest package.json that calls it, together.

    Raises ProjectError where two scripts differ: which of them deploys cannot be told.
    """
    for _, package in packages(project, folder):
        calls = {name: _options(words) for name, words in _calls(package)}
        if calls:
            return _merged(calls)
    return {}


def _calls(package: Package) -> Iterator[tuple[str, Sequence[str]]]:
    scripts = package.get("scripts")
    for name, command in scripts.items() if isinstance(scripts, dict) else ():
        words = _split(str(command))
        places = [place for place, word in enumerate(words) if PurePosixPath(word).name.removesuffix(".js") == PROGRAM]
        calls = (tuple(takewhile(lambda word: word not in ENDS, words[place + 1 :])) for place in places)
        yield from ((str(name), call) for call in calls if "create" not in call)


def _split(command: str) -> list[str]:
    lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    try:
        return list(lexer)
    except ValueError:
        return []


def _merged(calls: Mapping[str, Words]) -> Words:
    merged: dict[str, Value] = {}
    said_by: dict[str, str] = {}
    for name, options in calls.items():
        for key, value in options.items():
            if merged.setdefault(key, value) != value:
                raise ProjectError(
                    f"package.json calls node-pg-migrate with different --{key}, in {said_by[key]} and in {name}.",
                    hint="Say which is meant, in a file with its settings as JSON: node_pg_migrate_config.",
                )
            said_by.setdefault(key, name)
    return merged


def _options(words: Sequence[str]) -> Words:
    options: dict[str, Value] = {}
    left = list(words)
    while left:
        key, value = _key(left.pop(0))
        if key in LISTS:
            given = (value,) if value is not None else tuple(_taken(left))
            before = options.get(key, ())
            options[key] = (*(before if isinstance(before, tuple) else ()), *given)
        elif key in TEXTS and (value is not None or left):
            options[key] = value if value is not None else left.pop(0)
        elif key.removeprefix("no-") in SWITCHES:
            if value is None and left and left[0] in (YES, NO):
                value = left.pop(0)
            options[key.removeprefix("no-")] = (value != NO) is not key.startswith("no-")
    return options


def _key(word: str) -> tuple[str, str | None]:
    """The long name of an option, and the value written with it; an empty name for what is no option."""
    name, equals, value = word.partition("=")
    written = value if equals else None
    if name.startswith("--"):
        # yargs takes --migrationsDir for --migrations-dir.
        return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name[2:]), written
    if name.startswith("-") and name[1:2] in SHORT:
        return SHORT[name[1]], written if equals else name[2:] or None
    return "", None


def _taken(left: list[str]) -> Iterator[str]:
    while left and not left[0].startswith("-"):
        yield left.pop(0)

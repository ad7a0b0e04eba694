"""YAML with positions: every key and value knows its line, and nothing is constructed.

PyYAML's nodes keep the text as it was written, so that `commit: 0123` stays what it is and a date stays text.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from drydock.config.problems import Problem

LARGEST_FILE_BYTES = 1_000_000
_PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "timestamp", "value"))
_NULL = "tag:yaml.org,2002:null"
_MERGE = "tag:yaml.org,2002:merge"
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One key of a mapping with its value, and the line (from 1) of the key."""

    key: str
    line: int
    value: yaml.Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The keys of one mapping, in order, and what is wrong with them: (line, name, expected)."""

    entries: tuple[Entry, ...]
    mistakes: tuple[tuple[int, str, str], ...] = ()


def root_of(path: Path, shown: str) -> yaml.Node | Problem | None:
    """The document in this file, None when it is empty, or why it cannot be read. `shown` names it in
    messages.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a path"
        return Problem(name="", where=shown, expected=f"a file that can be read ({reason})")
    if len(content) > LARGEST_FILE_BYTES:
        return Problem(name="", where=shown, expected="at most 1 MB of configuration")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Problem(name="", where=f"{shown}:{content[: error.start].count(10) + 1}", expected="text in UTF-8")
    return composed(text, shown)


def composed(text: str, shown: str) -> yaml.Node | Problem | None:
    """The document in this text, None when it is empty, or what is wrong with its syntax."""
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        return Problem(name="", where=f"{shown}:{line}", expected="YAML without control characters")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = _QUOTED.sub(_without_text, error.problem or error.context or "")
        return Problem(name="", where=f"{shown}:{mark.line + 1 if mark else 1}", expected=f"valid YAML ({reason})")
    except RecursionError:
        return Problem(name="", where=shown, expected="YAML with a few levels, this nests too deep")


def table_of(node: yaml.MappingNode) -> Table:
    """The mapping's keys; `<<` brings in those of other mappings, where the mapping has none of its own."""
    table = _own_keys(node)
    entries = {entry.key: entry for entry in table.entries}
    seen, waiting = {id(node)}, _merged(node)
    while waiting:
        other = waiting.pop(0)
        # An alias can lead back to a mapping that is already merged.
        if id(other) not in seen:
            seen.add(id(other))
            entries = {entry.key: entry for entry in _own_keys(other).entries} | entries
            waiting = _merged(other) + waiting
    return Table(entries=tuple(entries.values()), mistakes=table.mistakes)


def line_of(node: yaml.Node) -> int:
    """The line, from 1, on which this node begins."""
    return int(node.start_mark.line) + 1


def is_null(node: yaml.Node) -> bool:
    """Whether the value was left out, or is `null`."""
    return isinstance(node, yaml.ScalarNode) and node.tag == _NULL


def text_of(node: yaml.Node) -> str | None:
    """The text of a plain value, or None when it is a list, a mapping or has a tag of its own."""
    return str(node.value).strip() if isinstance(node, yaml.ScalarNode) and node.tag in _PLAIN_TAGS else None


def _without_text(found: re.Match[str]) -> str:
    """Quoted text of the file, which may hold a secret, left out; single characters and names of tokens
    kept.
    """
    quoted = found[1] or found[2] or ""
    return found[0] if len(quoted) <= 1 or quoted.startswith("<") else "'...'"


def _own_keys(node: yaml.MappingNode) -> Table:
    first_lines: dict[str, int] = {}
    entries: list[Entry] = []
    mistakes: list[tuple[int, str, str]] = []
    for key, value in node.value:
        line = line_of(key)
        if not isinstance(key, yaml.ScalarNode):
            mistakes.append((line, "", "a plain name before the colon"))
        elif key.tag == _MERGE:
            mistakes.extend(() if _mappings_in(value) else ((line, "<<", "a mapping, or a list of mappings"),))
        elif key.value in first_lines:
            mistakes.append((line, key.value, f"each name once; this one is also on line {first_lines[key.value]}"))
        else:
            first_lines[key.value] = line
            entries.append(Entry(key=key.value, line=line, value=value))
    return Table(entries=tuple(entries), mistakes=tuple(mistakes))


def _merged(node: yaml.MappingNode) -> list[yaml.MappingNode]:
    return [other for key, value in node.value if key.tag == _MERGE for other in _mappings_in(value)]


def _mappings_in(value: yaml.Node) -> list[yaml.MappingNode]:
    candidates = value.value if isinstance(value, yaml.SequenceNode) else [value]
    return [candidate for candidate in candidates if isinstance(candidate, yaml.MappingNode)]

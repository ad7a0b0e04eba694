"""`drydock.yml` as given values: every known key with its line, every unknown one as a problem.

Knows which names stand at which level; does not know what a value should look like, and replaces no
references.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from drydock.config import yaml_file
from drydock.config.given import FileValues, Given, Layer
from drydock.config.option import Option
from drydock.config.problems import Problem, nearest_of
from drydock.config.schema import ENVIRONMENTS, OPTIONS, SECTIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Level:
    """A mapping's place in the file: `shown` is the file's name, `prefix` is "history." within that
    section.
    """

    shown: str
    prefix: str = ""
    section: str | None = None

    def options(self) -> dict[str, Option]:
        """The options that may stand here, by their name here."""
        return {
            option.key.removeprefix(self.prefix): option
            for option in OPTIONS
            if option.key.startswith(self.prefix)
            and "." not in option.key.removeprefix(self.prefix)
            # The section is already chosen by it.
            and not (self.section is not None and option.key == "environment")
        }

    def sections(self) -> tuple[str, ...]:
        """The names here that lead to another mapping."""
        return () if self.prefix else SECTIONS if self.section is not None else (*SECTIONS, ENVIRONMENTS)

    def named(self, key: str) -> str:
        """A name here, with the way that leads to it."""
        way = "" if self.section is None else f"{ENVIRONMENTS}.{self.section}."
        return f"{way}{self.prefix}{key}"

    def at(self, line: int) -> str:
        """The place of a line, as editors and terminals make it a link."""
        return f"{self.shown}:{line}"


def read_values(path: Path, *, shown: str) -> FileValues:
    """Read the file; one that cannot be read is a problem."""
    root = yaml_file.root_of(path, shown)
    if isinstance(root, Problem):
        return FileValues(path=path, problems=(root,))
    if root is None or yaml_file.is_null(root):
        return FileValues(path=path)
    return replace(values_in(root, shown), path=path)


def values_in(root: yaml.Node, shown: str) -> FileValues:
    """Everything in the document, and every problem with its shape."""
    level = _Level(shown=shown)
    found = tuple(_mapping(root, "", level=level, line=yaml_file.line_of(root)))
    return FileValues(
        given=tuple(value for value in found if isinstance(value, Given)),
        problems=tuple(value for value in found if isinstance(value, Problem)),
        environments=_environment_names(root),
    )


def _environment_names(root: yaml.Node) -> tuple[str, ...]:
    entries = yaml_file.table_of(root).entries if isinstance(root, yaml.MappingNode) else ()
    sections = next((entry.value for entry in entries if entry.key == ENVIRONMENTS), None)
    named = yaml_file.table_of(sections).entries if isinstance(sections, yaml.MappingNode) else ()
    return tuple(entry.key for entry in named)


def _mapping(node: yaml.Node, name: str, *, level: _Level, line: int) -> Iterator[Given | Problem]:
    if yaml_file.is_null(node):
        return
    if not isinstance(node, yaml.MappingNode):
        names = ", ".join((*level.options(), *level.sections())[:6])
        yield Problem(name=name, where=level.at(line), expected=f"names with values, such as {names}")
        return
    table = yaml_file.table_of(node)
    for mistaken_line, mistaken, expected in table.mistakes:
        yield Problem(name=level.named(mistaken), where=level.at(mistaken_line), expected=expected)
    for entry in table.entries:
        yield from _entry(entry, level)


def _entry(entry: yaml_file.Entry, level: _Level) -> Iterator[Given | Problem]:
    option = level.options().get(entry.key)
    if option is not None:
        yield from _value(entry, option=option, level=level)
    elif entry.key not in level.sections():
        yield _unknown(entry, level)
    elif entry.key == ENVIRONMENTS:
        yield from _environments(entry, level)
    else:
        inner = replace(level, prefix=f"{entry.key}.")
        yield from _mapping(entry.value, level.named(entry.key), level=inner, line=entry.line)


def _environments(entry: yaml_file.Entry, level: _Level) -> Iterator[Given | Problem]:
    if yaml_file.is_null(entry.value):
        return
    if not isinstance(entry.value, yaml.MappingNode):
        expected = "the name of an environment, and its options below it"
        yield Problem(name=entry.key, where=level.at(entry.line), expected=expected)
        return
    table = yaml_file.table_of(entry.value)
    for line, name, expected in table.mistakes:
        yield Problem(name=f"{ENVIRONMENTS}.{name}", where=level.at(line), expected=expected)
    for section in table.entries:
        inner = replace(level, section=section.key)
        yield from _mapping(section.value, f"{ENVIRONMENTS}.{section.key}", level=inner, line=section.line)


def _value(entry: yaml_file.Entry, *, option: Option, level: _Level) -> Iterator[Given | Problem]:
    where = level.at(yaml_file.line_of(entry.value) if not yaml_file.is_null(entry.value) else entry.line)
    written = _written(entry.value)
    name = level.named(entry.key)
    if written is None:
        yield Problem(name=name, where=where, expected=option.kind.expected)
    elif written != "":
        layer = Layer.FILE if level.section is None else Layer.SECTION
        yield Given(option=option, written=written, name=name, where=where, layer=layer, section=level.section)


def _written(node: yaml.Node) -> str | tuple[str, ...] | None:
    if yaml_file.is_null(node):
        return ""
    if not isinstance(node, yaml.SequenceNode):
        return yaml_file.text_of(node)
    items = tuple("" if yaml_file.is_null(item) else yaml_file.text_of(item) for item in node.value)
    return tuple(item for item in items if item) if None not in items else None


def _unknown(entry: yaml_file.Entry, level: _Level) -> Problem:
    if level.section is not None and entry.key == "environment":
        expected = "no environment here; this section is for one already"
        return Problem(name=level.named(entry.key), where=level.at(entry.line), expected=expected)
    nearest = nearest_of(entry.key, (*level.options(), *level.sections()))
    elsewhere = next((option.key for option in OPTIONS if option.key.endswith(f".{entry.key}")), None)
    return Problem(
        name=level.named(entry.key),
        where=level.at(entry.line),
        expected="a known name",
        nearest=level.named(nearest) if nearest is not None else elsewhere,
    )

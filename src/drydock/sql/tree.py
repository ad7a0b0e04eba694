"""Small readings of the parser's protobuf nodes, shared by the modules that judge them.

Nodes are typed `Node`, which is `Any`: the message classes are made at run time, from the parser's schema.
"""

import re
from collections.abc import Iterable
from typing import Any

Node = Any

# The words that the server's quote_ident() quotes because a bare table name cannot be one of them (manual,
# appendix C, PostgreSQL 18: reserved, with and without "can be function or type").
_RESERVED_WORDS = """
    all analyse analyze and any array as asc asymmetric authorization binary both case cast check
    collate collation column concurrently constraint create cross current_catalog current_date
    current_role current_schema current_time current_timestamp current_user default deferrable desc
    distinct do else end except false fetch for foreign freeze from full grant group having ilike in
    initially inner intersect into is isnull join lateral leading left like limit localtime
    localtimestamp natural not notnull null offset on only or order outer overlaps placing primary
    references returning right select session_user similar some symmetric system_user table tablesample
    then to trailing true union unique user using variadic verbose when where window with
"""
_RESERVED = frozenset(_RESERVED_WORDS.split())
_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*")
_OFF = ("false", "off", "0", "none")


def inner(node: Node) -> Node:
    """Take a node out of its wrapper: the wrapper has one field set, named after the node's type."""
    return getattr(node, node.WhichOneof("node"))


def is_a(node: Node, name: str) -> bool:
    """Say whether a wrapper holds the node type `name`, e.g. `func_call`."""
    return bool(node.WhichOneof("node") == name)


def word(node: Node, field: str) -> str:
    """Name of an enumeration's value, e.g. `OBJECT_TABLE`."""
    value = getattr(node, field)
    return str(node.DESCRIPTOR.fields_by_name[field].enum_type.values_by_number[value].name)


def strings(nodes: Iterable[Node]) -> tuple[str, ...]:
    """Take the names out of a list of String nodes, as in a qualified name; what is no String is left out."""
    return tuple(node.string.sval for node in nodes if is_a(node, "string"))


def texts_of(argument: Node) -> tuple[str, ...]:
    """Take the strings out of an option's argument: one string, or a list of them."""
    return strings(argument.list.items) if is_a(argument, "list") else strings((argument,))


def option(options: Iterable[Node], name: str) -> Node | None:
    """Find an option of a parenthesised list by its name; the last one counts."""
    found = [node.def_elem for node in options if node.def_elem.defname.lower() == name]
    return found[-1] if found else None


def is_on(options: Iterable[Node], name: str, *, default: bool) -> bool:
    """Read a boolean option; without a value it means on."""
    found = option(options, name)
    if found is None:
        return default
    return _written(found.arg).lower() not in _OFF if found.HasField("arg") else True


def _written(argument: Node) -> str:
    if is_a(argument, "boolean"):
        return "true" if argument.boolean.boolval else "false"
    if is_a(argument, "integer"):
        return str(argument.integer.ival)
    return next(iter(texts_of(argument)), "")


def quoted(*parts: str) -> str:
    """Write a qualified name so that SQL reads it back; empty parts are left out."""
    return ".".join(_quoted(part) for part in parts if part)


def _quoted(name: str) -> str:
    if _PLAIN.fullmatch(name) and name not in _RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'

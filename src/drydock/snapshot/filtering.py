"""Which statements of a dump are run, and which are left out before any server sees them.

Decided by the statement's own words, never by the comment in front of it. What reaches out of the database (another
server, a program, a file, the cluster) does not run on a copy.
"""

import re
from dataclasses import dataclass
from typing import Literal

from drydock.model import Skipped
from drydock.snapshot.names import NAME, shown
from drydock.snapshot.pieces import Statement

Care = Literal["none", "event trigger", "server", "foreign table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The statement is run; what it creates needs care at once, in the same transaction."""

    care: Care
    name: str
    """Of what needs care, as SQL needs it."""


@dataclass(frozen=True, slots=True)
class Leave:
    """The statement is not run; None when nobody misses it."""

    skipped: Skipped | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    pattern: re.Pattern[str]
    kind: str
    reason: str


def _rule(pattern: str, kind: str, *, reason: str) -> _Rule:
    return _Rule(pattern=re.compile(pattern, re.IGNORECASE | re.DOTALL), kind=kind, reason=reason)


_MADE = "(?:CREATE|ALTER|DROP|COMMENT ON)"
_IF = "(?:IF (?:NOT )?EXISTS )?"
_RULES = (
    _rule(rf"{_MADE} SUBSCRIPTION {_IF}(?P<name>{NAME})", "subscription", reason="a copy must not follow a publisher"),
    _rule(
        rf"{_MADE} USER MAPPING {_IF}FOR (?P<name>{NAME}) SERVER (?P<on>{NAME})",
        "user mapping",
        reason="passwords for other servers are not restored",
    ),
    _rule(rf"COPY\b ?(?P<name>(?:{NAME})?)", "copy", reason="COPY may not read or write files and programs"),
    _rule(rf"{_MADE} DATABASE {_IF}(?P<name>{NAME})", "database", reason="the copy is a database already"),
    _rule(rf"{_MADE} TABLESPACE {_IF}(?P<name>{NAME})", "tablespace", reason="all is in the default tablespace"),
    _rule(
        rf"SET default_tablespace (?:=|TO) (?P<name>{NAME})", "tablespace", reason="all is in the default tablespace"
    ),
    _rule(rf"{_MADE} (?:ROLE|USER|GROUP) {_IF}(?P<name>{NAME})", "role", reason="roles are not taken from a dump"),
    _rule(r"ALTER SYSTEM\b(?P<name>)", "setting", reason="the server's settings are not taken from a dump"),
    _rule(r"LOAD ''(?P<name>)", "library", reason="libraries are not loaded by a dump"),
    _rule(rf"IMPORT FOREIGN SCHEMA (?P<name>{NAME})", "foreign schema", reason="other servers are not asked"),
    _rule(rf"ALTER SERVER (?P<name>{NAME}) .*OPTIONS\b", "foreign server", reason="its options stay led nowhere"),
)
_UNMISSED = re.compile(
    r"(?:CREATE|DROP|COMMENT ON) DATABASE\b|ALTER DATABASE \S+ OWNER TO\b|ALTER EVENT TRIGGER \S+ ENABLE\b"
    r"|(?:DROP|COMMENT ON) (?:SUBSCRIPTION|USER MAPPING|TABLESPACE|ROLE|USER|GROUP)\b"
    rf"|ALTER SUBSCRIPTION {NAME} OWNER\b",
    re.IGNORECASE,
)
_EVENT_TRIGGER = re.compile(rf"CREATE EVENT TRIGGER (?P<name>{NAME})", re.IGNORECASE)
_SERVER = re.compile(rf"CREATE SERVER {_IF}(?P<name>{NAME})", re.IGNORECASE)
_FOREIGN_TABLE = re.compile(rf"CREATE FOREIGN TABLE {_IF}(?P<name>{NAME})", re.IGNORECASE)
_CARES: tuple[tuple[re.Pattern[str], Care], ...] = (
    (_EVENT_TRIGGER, "event trigger"),
    (_SERVER, "server"),
    (_FOREIGN_TABLE, "foreign table"),
)


def course_of(statement: Statement) -> Run | Leave:
    """Whether a statement runs."""
    if _UNMISSED.match(statement.outline):
        return Leave(None)
    for rule in _RULES:
        if found := rule.pattern.match(statement.outline):
            return Leave(Skipped(kind=rule.kind, name=_name(found), reason=rule.reason))
    for pattern, care in _CARES:
        if found := pattern.match(statement.outline):
            return Run(care=care, name=found["name"])
    return Run(care="none", name="")


def _name(found: re.Match[str]) -> str:
    groups = found.groupdict()
    on = f" on {shown(groups['on'])}" if groups.get("on") else ""
    return shown(groups["name"]) + on

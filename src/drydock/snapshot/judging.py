"""What a refused statement of a dump means: nothing, something missing that may be, or the end of the restore."""

import re
from dataclasses import dataclass

from drydock.model import Refusal, Skipped
from drydock.snapshot.names import NAME, created_relation, shown
from drydock.snapshot.pieces import Entry, Statement

# Out of room or memory, the server going down, the connection gone, a cancelled statement: never the dump's fault.
_CIRCUMSTANCES = ("53", "57", "08006", "58030")
_NOT_THERE = frozenset({"42P01", "42704", "42883", "3F000", "42703"})
_DEPENDENT = _NOT_THERE | {"42P16", "42809", "42804", "42846", "42P13", "42725", "42P17", "42P18", "55000"}
_ELSEWHERE = ("08", "HV", "2F", "38", "28")
_ALTERED = {"CREATE SCHEMA": "42P06", "CREATE EXTENSION": "42710", "CREATE LANGUAGE": "42710"}
# pg_dump --clean begins with dropping all, and with empty views where views depend on each other.
_FROM_A_CLEAN = re.compile(
    rf"DROP\b|ALTER .* DROP (?:CONSTRAINT|DEFAULT|NOT NULL|IDENTITY)\b|CREATE OR REPLACE VIEW {NAME} AS SELECT NULL::",
    re.IGNORECASE,
)
_OF_NO_OBJECT = frozenset(
    {
        "ACL",
        "COMMENT",
        "DEFAULT ACL",
        "SECURITY LABEL",
        "SEQUENCE SET",
        "SEQUENCE OWNED BY",
        "TABLE ATTACH",
        "STATISTICS DATA",
    }
)
_OF_A_TABLE = frozenset({"CHECK CONSTRAINT", "CONSTRAINT", "FK CONSTRAINT", "POLICY", "RULE", "TRIGGER"})
"""pg_dump names these `table name`, where everybody else writes `table.name`."""
_SAID = "the server says {}"


@dataclass(frozen=True, slots=True)
class Harmless:
    """Nothing is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Something is missing that may be missing; `skipped` is None where it is named already."""

    skipped: Skipped | None
    is_cause: bool
    """Whether other parts of the dump may hang on it."""


@dataclass(frozen=True, slots=True)
class Fatal:
    """The copy would not be what the dump says."""


Meaning = Harmless | Missing | Fatal


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pardon:
    """A statement whose failure is no more than something missing."""

    pattern: re.Pattern[str]
    kind: str
    """Empty where nobody misses it."""
    sqlstates: tuple[str, ...]
    """Classes or whole codes; none means any."""
    is_cause: bool


def _pardon(pattern: str, kind: str, *, sqlstates: tuple[str, ...] = (), is_cause: bool = False) -> _Pardon:
    return _Pardon(pattern=re.compile(pattern, re.IGNORECASE), kind=kind, sqlstates=sqlstates, is_cause=is_cause)


_PARDONS = (
    _pardon(r"SET (?:SESSION AUTHORIZATION|ROLE)(?P<name>)", "role", sqlstates=("42704", "22023", "42501")),
    _pardon(
        rf"SET (?:SESSION |LOCAL )?(?P<name>{NAME})", "setting", sqlstates=("42704", "22023", "42501", "0A", "55P02")
    ),
    _pardon(rf"CREATE EXTENSION (?:IF NOT EXISTS )?(?P<name>{NAME})", "extension", is_cause=True),
    _pardon(rf"(?:COMMENT ON|ALTER) EXTENSION (?P<name>{NAME})", "", sqlstates=("42",)),
    _pardon(
        rf"CREATE (?:OR REPLACE )?(?:TRUSTED )?(?:PROCEDURAL )?LANGUAGE (?P<name>{NAME})", "language", is_cause=True
    ),
    _pardon(r"SECURITY LABEL\b(?P<name>)", "security label"),
    _pardon(rf"(?:CREATE|ALTER|COMMENT ON) PUBLICATION (?P<name>{NAME})", "publication"),
    _pardon(
        rf"(?:CREATE|ALTER|COMMENT ON) EVENT TRIGGER (?P<name>{NAME})", "event trigger", sqlstates=("42501", "42704")
    ),
    _pardon(rf"CREATE (?:OR REPLACE )?FUNCTION (?P<name>{NAME})", "function", sqlstates=("58P01",), is_cause=True),
    _pardon(rf"REFRESH MATERIALIZED VIEW (?P<name>{NAME})", "rows of a materialized view", sqlstates=_ELSEWHERE),
    _pardon(rf"CREATE FOREIGN DATA WRAPPER (?P<name>{NAME})", "foreign data wrapper", is_cause=True),
)
_RIGHTS = re.compile(
    r"ALTER DEFAULT PRIVILEGES\b|GRANT\b|REVOKE\b|ALTER .* OWNER TO\b|COMMENT ON (?:SCHEMA|DATABASE)\b", re.IGNORECASE
)


def meaning_of(statement: Statement, refusal: Refusal, *, has_cause: bool, is_owner: bool) -> Meaning:
    """Judge a refusal. `has_cause`: something is missing already. `is_owner`: we may do all that the dump asks for."""
    if refusal.sqlstate.startswith(_CIRCUMSTANCES):
        return Fatal()
    if _is_harmless(statement, refusal):
        return Harmless()
    for pardon in _PARDONS:
        found = pardon.pattern.match(statement.outline)
        if found and (not pardon.sqlstates or refusal.sqlstate.startswith(pardon.sqlstates)):
            return _missing(pardon, found, reason=_SAID.format(refusal))
    if statement.entry.kind == "STATISTICS DATA":
        return Missing(skipped=Skipped(kind="statistics", name="all", reason=_SAID.format(refusal)), is_cause=False)
    if not is_owner and refusal.sqlstate == "42501" and _RIGHTS.match(statement.outline):
        return Missing(skipped=Skipped(kind="privileges", name="some", reason=_SAID.format(refusal)), is_cause=False)
    if has_cause and refusal.sqlstate in _DEPENDENT:
        return Missing(skipped=_dependent(statement, refusal), is_cause=True)
    return Fatal()


def _is_harmless(statement: Statement, refusal: Refusal) -> bool:
    if refusal.sqlstate in _NOT_THERE and not statement.entry.kind and _FROM_A_CLEAN.match(statement.outline):
        return True
    words = statement.outline.upper()
    return any(words.startswith(start) and refusal.sqlstate == code for start, code in _ALTERED.items())


def _missing(pardon: _Pardon, found: re.Match[str], *, reason: str) -> Missing:
    skipped = Skipped(kind=pardon.kind, name=shown(found["name"]), reason=reason) if pardon.kind else None
    return Missing(skipped=skipped, is_cause=pardon.is_cause)


def _dependent(statement: Statement, refusal: Refusal) -> Skipped | None:
    """What hangs on something missing; nothing to name where only a comment or a privilege does."""
    entry = statement.entry
    relation = created_relation(statement.outline)
    if entry.kind in _OF_NO_OBJECT or (
        relation is None and statement.outline.upper().startswith("ALTER") and not _adds(statement)
    ):
        return None
    return Skipped(
        kind=(entry.kind or "statement").lower(),
        name=shown(relation) if relation else _name(entry) or statement.outline[:60],
        reason=f"it needs something that was skipped: {refusal}",
        relations=(relation,) if relation else (),
    )


def _name(entry: Entry) -> str:
    own = entry.name.replace(" ", ".", 1) if entry.kind in _OF_A_TABLE else entry.name
    return ".".join(filter(None, (entry.schema, own)))


def _adds(statement: Statement) -> bool:
    return " ADD " in statement.outline.upper() or " ATTACH " in statement.outline.upper()

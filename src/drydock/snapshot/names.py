"""Names as they stand in the outline of a statement."""

import re

from drydock.sql.interface import Name

IDENTIFIER = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)'
NAME = rf"{IDENTIFIER}(?:\.{IDENTIFIER})*"
_ROLES = rf"{IDENTIFIER}(?: ?, ?{IDENTIFIER})*"
_PARTS = re.compile(IDENTIFIER)
_SINGLE_ROLE = re.compile(rf"\b(?:OWNER TO|FOR ROLE|FOR USER|AUTHORIZATION|GRANTED BY) ({_ROLES})", re.IGNORECASE)
_GRANTEES = re.compile(rf"(?:GRANT|REVOKE)\b.*\b(?:TO|FROM) (?:GROUP )?({_ROLES})", re.IGNORECASE)
_POLICY_ROLES = re.compile(rf"(?:CREATE|ALTER) POLICY\b.*? TO ({_ROLES})", re.IGNORECASE)
_NOBODY = frozenset({"public", "current_user", "current_role", "session_user"})
_RELATION = re.compile(
    r"CREATE (?:UNLOGGED |FOREIGN |MATERIALIZED |OR REPLACE |RECURSIVE )*(?:TABLE|VIEW|SEQUENCE) "
    rf"(?:IF NOT EXISTS )?({NAME})",
    re.IGNORECASE,
)


def unquoted(identifier: str) -> str:
    """The name that an identifier means."""
    return identifier[1:-1].replace('""', '"') if identifier.startswith('"') else identifier.lower()


def parts_of(name: str) -> tuple[str, ...]:
    """The names that a qualified name is made of."""
    return tuple(unquoted(part) for part in _PARTS.findall(name))


def name_of(name: str) -> Name | None:
    """Schema and name, of what is written with both."""
    match parts_of(name):
        case (schema, bare):
            return schema, bare
        case _:
            return None


def shown(name: str) -> str:
    """A qualified name for people, without quotes."""
    return ".".join(parts_of(name))


def roles_in(outline: str) -> tuple[str, ...]:
    """The roles that a statement names as owner, grantee or grantor, or that its policy is for."""
    found = [*_SINGLE_ROLE.findall(outline)]
    found += [match[1] for pattern in (_GRANTEES, _POLICY_ROLES) if (match := pattern.search(outline))]
    names = dict.fromkeys(unquoted(part) for group in found for part in _PARTS.findall(group))
    return tuple(name for name in names if name not in _NOBODY)


def created_relation(outline: str) -> str | None:
    """The table, view or sequence that the statement creates, as SQL needs it."""
    found = _RELATION.match(outline)
    return found[1] if found else None

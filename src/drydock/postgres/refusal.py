"""From a server error to a `Refusal`: class, names and place, without row values.

A server's DETAIL, HINT and most MESSAGEs quote rows or literals. What is kept: the SQLSTATE, the condition's name, the
names of schema, table, column, constraint and type (fields s t c n d, manual section 55.8), and the MESSAGE only in
classes that speak of names and syntax: 42, 0A, 25 and 55.
"""

import re

from psycopg import errors
from psycopg.pq import DiagnosticField
from psycopg.pq.abc import PGresult

from drydock.model import Refusal
from drydock.model.outcome import SAFE_CLASSES

NAMED = (
    ("schema", DiagnosticField.SCHEMA_NAME),
    ("table", DiagnosticField.TABLE_NAME),
    ("column", DiagnosticField.COLUMN_NAME),
    ("constraint", DiagnosticField.CONSTRAINT_NAME),
    ("type", DiagnosticField.DATATYPE_NAME),
)
SYNTAX_ERROR = "42601"
# `at or near "'...` shows the literal, and all of the script behind one that is not closed.
_LITERAL = re.compile(r"(?:[A-Za-z&]{0,2}'|\$\w*\$).*", re.DOTALL)
LOST = "08006"
RAISED_BY = "exec_stmt_raise"
OTHER_LANGUAGES = ("plpy", "plperl", "pltcl", "Util.", "SPI.", "plv8")
"""Source files of PL/Python, PL/Perl, PL/Tcl and PL/v8, whose scripts raise errors of any class."""


def refusal_of(result: PGresult) -> Refusal:
    """The refusal that this error result carries."""
    sqlstate = _field(result, DiagnosticField.SQLSTATE) or LOST
    named = ((word, _field(result, field)) for word, field in NAMED)
    return Refusal(
        sqlstate=sqlstate,
        condition=condition_of(sqlstate),
        message=None if _is_a_scripts_own(result) else safe_message(sqlstate, _message(result)),
        names=tuple(f"{word} {name}" for word, name in named if name),
    )


def position_of(result: PGresult) -> int | None:
    """Where in the message the error is, in characters from 1; only parse and name errors have one."""
    position = _field(result, DiagnosticField.STATEMENT_POSITION)
    return int(position) if position else None


def condition_of(sqlstate: str) -> str:
    """The condition's name of appendix A, or `unknown condition`."""
    try:
        name = errors.lookup(sqlstate).__name__
    except KeyError:
        return "unknown condition"
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in name).lstrip("_")


def safe_message(sqlstate: str, message: str | None) -> str | None:
    """The message where its class carries no row values, else None; a literal that it quotes from the script is cut."""
    if not message or sqlstate[:2] not in SAFE_CLASSES:
        return None
    return _LITERAL.sub("'...'\"", message) if sqlstate == SYNTAX_ERROR else message


def _message(result: PGresult) -> str | None:
    return _field(result, DiagnosticField.MESSAGE_PRIMARY)


def _is_a_scripts_own(result: PGresult) -> bool:
    # RAISE may choose any SQLSTATE, and says whatever the script says.
    function = _field(result, DiagnosticField.SOURCE_FUNCTION) or ""
    file = _field(result, DiagnosticField.SOURCE_FILE) or ""
    # What is refused inside EXECUTE may be named by a row: GRANT ... TO the address that format('%I') put there.
    is_dynamic = "EXECUTE" in (_field(result, DiagnosticField.CONTEXT) or "")
    return is_dynamic or function == RAISED_BY or file.startswith(OTHER_LANGUAGES)


def _field(result: PGresult, field: DiagnosticField) -> str | None:
    value = result.error_field(field)
    return value.decode("utf-8", "replace") if value else None


LOST_CONNECTION = Refusal(
    sqlstate=LOST, condition=condition_of(LOST), message="the connection to the server was lost", names=()
)
UNCOMMITTED = Refusal(
    sqlstate="25000",
    condition="invalid_transaction_state",
    message="the script opens a transaction (BEGIN) and never commits it; everything since BEGIN was rolled back",
    names=(),
)

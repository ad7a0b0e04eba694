"""The closed list: statements that must not share one message with the bookkeeping of their migration.

One message is one transaction only as long as nothing in it ends the transaction, refuses to run in one, or
takes away what the bookkeeping needs: its role, its table, a writable transaction, text read as written.
In doubt a statement is a hazard: the careful path is slower, never wrong.
"""

import re
from collections.abc import Callable

from drydock.sql.kinds import kind_of
from drydock.sql.outside import runs_outside_block
from drydock.sql.relations import Relation, changed_by, schemas_changed_by
from drydock.sql.tree import Node, is_a, option, strings, texts_of, word

# ON COMMIT DROP of a temporary table is no COMMIT; nothing else may follow the word like this.
_ENDS_IN_TEXT = re.compile(r"\b(?:commit|rollback)\b(?!\s+(?:drop|delete|preserve)\b)", re.IGNORECASE)
_SET_CONFIG = re.compile(r"\bset_config\b", re.IGNORECASE)

# default_transaction_read_only and search_path are not here: measured harmless to guarded bookkeeping.
_SETTINGS = {
    "role": "the bookkeeping would run as another role",
    "session_authorization": "the bookkeeping would run as another user",
    "transaction_read_only": "the bookkeeping may find the transaction read-only",
    "transaction_isolation": "it changes the transaction that the bookkeeping shares",
    "transaction_deferrable": "it changes the transaction that the bookkeeping shares",
    "session_replication_role": "triggers and foreign keys may be switched off for the bookkeeping",
    "standard_conforming_strings": "text after it may be read differently",
    "client_encoding": "text after it may be read differently",
}


def hazard_of_statement(name: str, node: Node, *, source: str, protected: frozenset[str]) -> str | None:
    """Say why the statement cannot share a message with the bookkeeping; None when it can.

    `name` is the node's field in the parser's `Node`, `source` the exact slice of the script.
    """
    if name == "transaction_stmt":
        return f"{kind_of(name, node)} controls the transaction itself"
    if runs_outside_block(name, node):
        return f"{kind_of(name, node)} cannot run inside a transaction block"
    rule = _RULES.get(name)
    return (rule(node, source) if rule else None) or _of_protected(name, node, protected=protected)


def _call(_: Node, __: str) -> str:
    return "CALL may commit: a procedure can end the transaction"


def _do(node: Node, _: str) -> str | None:
    return "DO contains COMMIT or ROLLBACK" if _ends(option(node.args, "as")) else None


def _function(node: Node, _: str) -> str | None:
    if not _ends(option(node.options, "as")):
        return None
    return f"the text of this {kind_of('create_function_stmt', node)} contains COMMIT or ROLLBACK"


def _ends(body: Node | None) -> bool:
    return body is not None and any(_ENDS_IN_TEXT.search(text) for text in texts_of(body.arg))


def _set(node: Node, _: str) -> str | None:
    kind = kind_of("variable_set_stmt", node)
    if kind == "RESET ALL":
        return "RESET ALL also resets settings that the bookkeeping relies on"
    if word(node, "kind") == "VAR_SET_MULTI":
        return f"{kind} changes the mode of transactions"
    name = node.name.lower()
    return f"{kind} {name}: {_SETTINGS[name]}" if name in _SETTINGS else None


def _select(node: Node, source: str) -> str | None:
    """Every set_config() in the text must be a target of the SELECT itself, with a harmless constant name."""
    mentions = len(_SET_CONFIG.findall(source))
    if mentions == 0:
        return None
    names = [_setting_of(target.res_target.val) for target in node.target_list]
    known = [name for name in names if name is not None]
    for name in known:
        if name in _SETTINGS:
            return f"set_config() of {name}: {_SETTINGS[name]}"
    return None if mentions == len(known) else "set_config() of a setting that cannot be told from the text"


def _setting_of(value: Node) -> str | None:
    """Name the setting of a set_config('name', ...) call; None for any other expression."""
    if not is_a(value, "func_call") or strings(value.func_call.funcname)[-1:] != ("set_config",):
        return None
    first = value.func_call.args[0] if value.func_call.args else None
    if first is None or not is_a(first, "a_const") or not first.a_const.HasField("sval"):
        return None
    return str(first.a_const.sval.sval).lower()


def _copy(node: Node, _: str) -> str | None:
    return None if node.filename else "COPY to or from the client needs data that a script cannot carry"


def _drop_owned(_: Node, __: str) -> str:
    return "DROP OWNED may drop the bookkeeping"


_RULES: dict[str, Callable[[Node, str], str | None]] = {
    "call_stmt": _call,
    "do_stmt": _do,
    "create_function_stmt": _function,
    "variable_set_stmt": _set,
    "select_stmt": _select,
    "copy_stmt": _copy,
    "drop_owned_stmt": _drop_owned,
}


def _of_protected(name: str, node: Node, *, protected: frozenset[str]) -> str | None:
    for schema in schemas_changed_by(name, node):
        if schema in protected:
            return f"{kind_of(name, node)} {schema}: the bookkeeping lives in this schema"
    for relation in changed_by(name, node):
        if _is_protected(relation, protected):
            return f"{kind_of(name, node)} on {relation}: this is the bookkeeping's own table"
    return None


def _is_protected(relation: Relation, protected: frozenset[str]) -> bool:
    """Match `name` in any schema, and `schema.name` where the schema is that one or not written."""
    if relation.name in protected:
        return True
    wanted = (entry.rpartition(".") for entry in protected if "." in entry)
    return any(name == relation.name and relation.schema in ("", schema) for schema, _, name in wanted)

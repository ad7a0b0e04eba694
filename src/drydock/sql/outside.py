"""Statements that the server refuses inside a transaction block (25001): calls of PreventInTransactionBlock.

The list is closed: those of PostgreSQL 14 to 18. What only the catalog can tell (REINDEX or CLUSTER of a
partitioned table) is missing; such a statement fails loudly and changes nothing.
"""

from collections.abc import Callable

from drydock.sql.kinds import is_reindex_concurrently
from drydock.sql.tree import Node, is_on, option, word

_WIDE = frozenset(("REINDEX_OBJECT_SCHEMA", "REINDEX_OBJECT_DATABASE", "REINDEX_OBJECT_SYSTEM"))
_PREPARED = frozenset(("TRANS_STMT_COMMIT_PREPARED", "TRANS_STMT_ROLLBACK_PREPARED"))
_PUBLICATIONS = frozenset(f"ALTER_SUBSCRIPTION_{verb}_PUBLICATION" for verb in ("SET", "ADD", "DROP"))
_SLOT_OPTIONS = ("failover", "two_phase")


def runs_outside_block(name: str, node: Node) -> bool:
    """Say whether the statement must be a message of its own; `name` is its field in the parser's `Node`."""
    test = _OUTSIDE.get(name)
    return test is not None and test(node)


def _always(_: Node) -> bool:
    return True


def _detaches_concurrently(node: Node) -> bool:
    commands = (command.alter_table_cmd for command in node.cmds)
    return any(
        word(command, "subtype") == "AT_DetachPartition" and getattr(command, "def").partition_cmd.concurrent
        for command in commands
    )


def _makes_slot(node: Node) -> bool:
    """A subscription makes its slot on the publisher unless told not to connect, or not to make one."""
    connects = is_on(node.options, "connect", default=True)
    return is_on(node.options, "create_slot", default=connects)


def _touches_publisher(node: Node) -> bool:
    kind = word(node, "kind")
    if kind == "ALTER_SUBSCRIPTION_OPTIONS":
        return any(option(node.options, name) is not None for name in _SLOT_OPTIONS)
    if kind in _PUBLICATIONS:
        return is_on(node.options, "refresh", default=True)
    return kind == "ALTER_SUBSCRIPTION_REFRESH"


_OUTSIDE: dict[str, Callable[[Node], bool]] = {
    "vacuum_stmt": lambda node: bool(node.is_vacuumcmd),
    "index_stmt": lambda node: bool(node.concurrent),
    "drop_stmt": lambda node: bool(node.concurrent),
    "reindex_stmt": lambda node: is_reindex_concurrently(node) or word(node, "kind") in _WIDE,
    "alter_table_stmt": _detaches_concurrently,
    "cluster_stmt": lambda node: not node.HasField("relation"),
    "createdb_stmt": _always,
    "dropdb_stmt": _always,
    "create_table_space_stmt": _always,
    "drop_table_space_stmt": _always,
    "alter_system_stmt": _always,
    "alter_database_stmt": lambda node: option(node.options, "tablespace") is not None,
    "discard_stmt": lambda node: word(node, "target") == "DISCARD_ALL",
    "create_subscription_stmt": _makes_slot,
    "alter_subscription_stmt": _touches_publisher,
    "drop_subscription_stmt": _always,
    "transaction_stmt": lambda node: word(node, "kind") in _PREPARED,
}

"""Whose rows a statement may meet: the text's half of what decides which rows a rehearsal can do without.

A closed list, and the other way round than elsewhere: what is not on it, or not understood, may meet all rows. Every
relation that a statement names counts, wherever in it. What the names lead to (foreign keys, triggers, partitions, the
functions behind a view) only a catalog can tell.
"""

from collections.abc import Callable, Iterator

from drydock.sql.interface import Name, Needs
from drydock.sql.kinds import kind_of
from drydock.sql.relations import changed_by
from drydock.sql.tree import Node, is_a, strings, word

MOST_NODES = 200_000
"""Larger trees are not walked: it takes a microsecond a node."""

# Nothing of a table's rows is read, whatever they name.
_ROWLESS_WORDS = """
    alter_default_privileges_stmt alter_enum_stmt alter_function_stmt alter_owner_stmt alter_role_set_stmt
    alter_role_stmt comment_stmt composite_type_stmt constraints_set_stmt create_enum_stmt create_function_stmt
    create_role_stmt drop_role_stmt grant_role_stmt grant_stmt listen_stmt notify_stmt transaction_stmt unlisten_stmt
    variable_set_stmt variable_show_stmt
"""
# All that they meet is what they name and what hangs on that.
_NAMING_WORDS = """
    alter_object_schema_stmt alter_policy_stmt alter_seq_stmt alter_table_stmt cluster_stmt create_domain_stmt
    create_policy_stmt create_schema_stmt create_seq_stmt create_stats_stmt create_stmt create_table_as_stmt
    create_trig_stmt delete_stmt drop_stmt index_stmt insert_stmt lock_stmt merge_stmt refresh_mat_view_stmt
    reindex_stmt rename_stmt rule_stmt select_stmt truncate_stmt update_stmt vacuum_stmt view_stmt
"""
_ROWLESS = frozenset(_ROWLESS_WORDS.split())
_NAMING = frozenset(_NAMING_WORDS.split())
_WRITES = frozenset(("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"))
_RELATIONS = frozenset(f"OBJECT_{kind}" for kind in ("TABLE", "INDEX", "VIEW", "MATVIEW", "SEQUENCE"))
_PARTS = frozenset(f"OBJECT_{kind}" for kind in ("COLUMN", "TABCONSTRAINT", "TRIGGER", "RULE", "POLICY"))
_TYPES = frozenset(f"OBJECT_{kind}" for kind in ("TYPE", "DOMAIN", "SCHEMA"))
_DROPPABLE = _RELATIONS | _PARTS | _TYPES | {"OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_STATISTIC_EXT"}
# Sub-commands that look at no other table's rows than their own; a foreign key that one adds names the other table.
_OWN_WORDS = """
    AddColumn AddColumnToView ColumnDefault DropNotNull SetNotNull SetStatistics SetOptions ResetOptions SetStorage
    SetCompression AddConstraint ValidateConstraint AddIndexConstraint ChangeOwner ClusterOn DropCluster SetRelOptions
    ResetRelOptions EnableTrig EnableAlwaysTrig EnableReplicaTrig DisableTrig EnableTrigAll DisableTrigAll
    EnableTrigUser DisableTrigUser EnableRule DisableRule ReplicaIdentity EnableRowSecurity DisableRowSecurity
    ForceRowSecurity NoForceRowSecurity AddIdentity SetIdentity DropIdentity DropColumn DropConstraint
"""
_OWN = frozenset(f"AT_{kind}" for kind in _OWN_WORDS.split())
_JOINS_TREE = frozenset(("AT_AttachPartition", "AT_AddInherit"))
_SYSTEM = frozenset(("pg_catalog", "information_schema", "pg_toast"))


def needs_of(name: str, node: Node) -> Needs:
    """Whose rows the statement may meet; `name` is its field in the parser's `Node`."""
    if name in _ROWLESS:
        return Needs(makes=strings(node.funcname)[-1:] if name == "create_function_stmt" else ())
    if name not in _NAMING or not _TELLABLE.get(name, _always)(node):
        return Needs(untold=f"{kind_of(name, node)} may meet any rows")
    found = _Found()
    if not found.all_in(node):
        return Needs(untold=f"this {kind_of(name, node)} is too long to be looked through")
    named = tuple(dict.fromkeys((*found.named, *((each.schema, each.name) for each in changed_by(name, node)))))
    if any(schema in _SYSTEM or relation.startswith("pg_") for schema, relation in named):
        return Needs(untold="it asks for what the server knows of itself")
    return Needs(
        rows=named,
        keys=named if _KEYS.get(name, _never)(node) else (),
        writes=named if name == "truncate_stmt" else tuple(dict.fromkeys(found.written)),
        calls=tuple(dict.fromkeys(found.called)),
        columns=tuple(dict.fromkeys(found.columns)),
        moves=_MOVES.get(name, _never)(node) or (found.refers and name == "alter_table_stmt"),
        arms=name in ("create_trig_stmt", "rule_stmt"),
    )


class _Found:
    """What is named anywhere in a tree."""

    def __init__(self) -> None:
        self.named: list[Name] = []
        self.written: list[Name] = []
        self.called: list[str] = []
        self.columns: list[str] = []
        self.refers = False
        """Whether a foreign key is made."""

    def all_in(self, root: Node) -> bool:
        """Walk through; whether the end was reached. Without recursion: trees may be tens of thousands deep."""
        left, rest = MOST_NODES, [root]
        while rest and left:
            node, left = rest.pop(), left - 1
            self._take(node)
            for field, value in node.ListFields():
                if field.message_type is not None:
                    rest.extend((value,) if hasattr(value, "ListFields") else value)
        return not rest

    def _take(self, node: Node) -> None:
        kind = node.DESCRIPTOR.name
        if kind == "RangeVar":
            self.named.append(_named(node))
        elif kind in _WRITES:
            self.written.append(_named(node.relation))
        elif kind == "FuncCall":
            self.called.extend(strings(node.funcname)[-1:])
        elif kind == "ColumnRef":
            self.columns.extend(strings(node.fields))
        elif kind == "A_Indirection":
            self.columns.extend(strings(node.indirection))
        elif kind == "Constraint":
            self.refers = self.refers or node.HasField("pktable")


def _named(var: Node) -> Name:
    return var.schemaname, var.relname


def _always(_: Node) -> bool:
    return True


def _never(_: Node) -> bool:
    return False


def _commands(node: Node) -> Iterator[str]:
    return (word(wrapper.alter_table_cmd, "subtype") for wrapper in node.cmds)


# Where a kind of statement is understood in some of its forms only.
_TELLABLE: dict[str, Callable[[Node], bool]] = {
    "alter_object_schema_stmt": lambda node: word(node, "object_type") in _RELATIONS | _TYPES,
    "alter_table_stmt": lambda node: word(node, "objtype") in _RELATIONS,
    "cluster_stmt": lambda node: bool(node.HasField("relation")),
    "create_schema_stmt": lambda node: not node.schema_elts,
    "drop_stmt": lambda node: word(node, "remove_type") in _DROPPABLE,
    "reindex_stmt": lambda node: word(node, "kind") in ("REINDEX_OBJECT_INDEX", "REINDEX_OBJECT_TABLE"),
    "rename_stmt": lambda node: word(node, "rename_type") in _RELATIONS | _PARTS | _TYPES,
    "vacuum_stmt": lambda node: bool(node.rels),
}
# What checks the rows that refer to a table's.
_KEYS: dict[str, Callable[[Node], bool]] = {
    "alter_table_stmt": lambda node: not _OWN.issuperset(_commands(node)),
    "drop_stmt": _always,
}
_MOVES: dict[str, Callable[[Node], bool]] = {
    "alter_object_schema_stmt": _always,
    "alter_table_stmt": lambda node: not _JOINS_TREE.isdisjoint(_commands(node)),
    # Defaults, checks and triggers of the other table become the new one's.
    "create_stmt": lambda node: (
        bool(node.inh_relations) or any(is_a(each, "table_like_clause") for each in node.table_elts)
    ),
    "rename_stmt": _always,
    "rule_stmt": _always,
    "view_stmt": _always,
}

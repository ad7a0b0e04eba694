"""Which relations a statement names: what it would change, what it locks, what it creates."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from drydock.sql.kinds import is_reindex_concurrently
from drydock.sql.tree import Node, inner, is_a, quoted, strings, word


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A relation's name as the catalog has it; the schema is empty when it is not written."""

    schema: str
    name: str

    def __str__(self) -> str:
        """Quoted as SQL needs it."""
        return quoted(self.schema, self.name)


# Sub-commands that take only SHARE UPDATE EXCLUSIVE, which blocks neither reads nor writes.
_WEAK_WORDS = """
    AT_SetStatistics AT_SetOptions AT_ResetOptions AT_ValidateConstraint AT_ClusterOn AT_DropCluster
    AT_SetRelOptions AT_ResetRelOptions AT_AttachPartition
"""
_WEAK = frozenset(_WEAK_WORDS.split())
_RELATION_WORDS = "OBJECT_TABLE OBJECT_VIEW OBJECT_MATVIEW OBJECT_INDEX OBJECT_SEQUENCE OBJECT_FOREIGN_TABLE"
_RELATION_KINDS = frozenset(_RELATION_WORDS.split())
_PART_KINDS = frozenset(("OBJECT_TRIGGER", "OBJECT_RULE", "OBJECT_POLICY"))


def changed_by(name: str, node: Node) -> tuple[Relation, ...]:
    """Relations that it creates, drops, alters, renames, empties, or hangs an index, rule or trigger on."""
    finder = _CHANGED.get(name)
    return tuple(finder(node)) if finder else ()


def created_by(name: str, node: Node) -> tuple[Relation, ...]:
    """Relations that are certainly new after it; none where IF NOT EXISTS or OR REPLACE is written."""
    if name not in _CREATES or getattr(node, "if_not_exists", False) or getattr(node, "replace", False):
        return ()
    return changed_by(name, node)


def locked_by(name: str, node: Node) -> tuple[Relation, ...]:
    """Relations named in it that it locks against writers or readers. Best effort: no catalog here."""
    if name in _LOCKED:
        return tuple(dict.fromkeys(_LOCKED[name](node)))
    return () if name in _CREATES else changed_by(name, node)


def schemas_changed_by(name: str, node: Node) -> tuple[str, ...]:
    """Schemas that the statement drops, renames or gives away."""
    if name == "drop_stmt" and word(node, "remove_type") == "OBJECT_SCHEMA":
        return strings(node.objects)
    if name == "rename_stmt" and word(node, "rename_type") == "OBJECT_SCHEMA":
        return (node.subname, node.newname)
    if name == "alter_owner_stmt" and word(node, "object_type") == "OBJECT_SCHEMA":
        return strings((node.object,))
    return ()


def _relation(var: Node) -> Relation:
    return Relation(schema=var.schemaname, name=var.relname)


def _qualified(parts: tuple[str, ...]) -> Relation:
    return Relation(schema=parts[-2] if len(parts) > 1 else "", name=parts[-1])


def _field(name: str) -> Callable[[Node], Iterator[Relation]]:
    """Read the relation in the field `name`, if it is set."""

    def found(node: Node) -> Iterator[Relation]:
        if node.HasField(name):
            yield _relation(getattr(node, name))

    return found


def _list(node: Node) -> Iterator[Relation]:
    return (_relation(item.range_var) for item in node.relations)


def _dropped(node: Node) -> Iterator[Relation]:
    """DROP TABLE and its like name relations; DROP TRIGGER, RULE, POLICY name the relation, then the part."""
    kind = word(node, "remove_type")
    names = (strings(item.list.items) for item in node.objects if is_a(item, "list"))
    if kind in _RELATION_KINDS:
        yield from (_qualified(parts) for parts in names)
    elif kind in _PART_KINDS:
        yield from (_qualified(parts[:-1]) for parts in names if len(parts) > 1)


def _renamed(node: Node) -> Iterator[Relation]:
    """Both names: renaming another table to a protected name is as bad as renaming the protected one."""
    for relation in _field("relation")(node):
        yield relation
        if word(node, "rename_type") in _RELATION_KINDS:
            yield Relation(schema=relation.schema, name=node.newname)


def _moved(node: Node) -> Iterator[Relation]:
    for relation in _field("relation")(node):
        yield relation
        yield Relation(schema=node.newschema, name=relation.name)


def _in_schema(node: Node) -> Iterator[Relation]:
    """Relations of CREATE SCHEMA ... CREATE TABLE ...; the schema is the one that is made."""
    for element in node.schema_elts:
        for relation in changed_by(element.WhichOneof("node"), inner(element)):
            yield Relation(schema=relation.schema or node.schemaname, name=relation.name)


def _constraints(node: Node) -> Iterator[Node]:
    """Constraints of a column definition, or the constraint itself."""
    if is_a(node, "constraint"):
        yield node.constraint
    elif is_a(node, "column_def"):
        yield from (item.constraint for item in node.column_def.constraints)


def _referenced(node: Node) -> Iterator[Relation]:
    return (_relation(found.pktable) for found in _constraints(node) if found.HasField("pktable"))


def _locked_by_create(node: Node) -> Iterator[Relation]:
    """Even a new table locks those it references, and the parent it becomes a partition of."""
    for element in node.table_elts:
        yield from _referenced(element)
    if node.HasField("partbound"):
        yield from (_relation(parent.range_var) for parent in node.inh_relations)


def _locked_by_alter(node: Node) -> Iterator[Relation]:
    commands = [command.alter_table_cmd for command in node.cmds]
    if word(node, "objtype") != "OBJECT_TYPE" and not all(_is_weak(command) for command in commands):
        yield _relation(node.relation)
    for command in commands:
        definition = getattr(command, "def")
        if not command.HasField("def"):
            continue
        yield from _referenced(definition)
        if is_a(definition, "partition_cmd") and definition.partition_cmd.HasField("name"):
            yield _relation(definition.partition_cmd.name)


def _is_weak(command: Node) -> bool:
    subtype = word(command, "subtype")
    detaches = subtype == "AT_DetachPartition" and getattr(command, "def").partition_cmd.concurrent
    return subtype in _WEAK or detaches


def _locked_by_rename(node: Node) -> Iterator[Relation]:
    """ALTER INDEX ... RENAME blocks nobody; ALTER TABLE ... RENAME of an index blocks its table."""
    return iter(()) if word(node, "rename_type") == "OBJECT_INDEX" else _field("relation")(node)


def _locked_unless_concurrent(node: Node) -> Iterator[Relation]:
    return iter(()) if node.concurrent else _field("relation")(node)


def _locked_by_reindex(node: Node) -> Iterator[Relation]:
    return iter(()) if is_reindex_concurrently(node) else _field("relation")(node)


def _locked_by_drop(node: Node) -> Iterator[Relation]:
    return iter(()) if node.concurrent else _dropped(node)


def _locked_by_view(node: Node) -> Iterator[Relation]:
    return _field("view")(node) if node.replace else iter(())


def _locked_by_vacuum(node: Node) -> Iterator[Relation]:
    """Only VACUUM FULL blocks anyone."""
    if any(item.def_elem.defname == "full" for item in node.options):
        yield from (_relation(item.vacuum_relation.relation) for item in node.rels)


_CHANGED: dict[str, Callable[[Node], Iterator[Relation]]] = {
    "create_stmt": _field("relation"),
    "create_foreign_table_stmt": lambda node: _field("relation")(node.base_stmt),
    "create_table_as_stmt": lambda node: _field("rel")(node.into),
    "select_stmt": lambda node: _field("rel")(node.into_clause),
    "create_schema_stmt": _in_schema,
    "create_seq_stmt": _field("sequence"),
    "view_stmt": _field("view"),
    "alter_table_stmt": _field("relation"),
    "alter_seq_stmt": _field("sequence"),
    "alter_object_schema_stmt": _moved,
    "rename_stmt": _renamed,
    "drop_stmt": _dropped,
    "truncate_stmt": _list,
    "index_stmt": _field("relation"),
    "rule_stmt": _field("relation"),
    "create_trig_stmt": _field("relation"),
    "create_policy_stmt": _field("table"),
    "alter_policy_stmt": _field("table"),
}

_CREATES_WORDS = """
    create_stmt create_foreign_table_stmt create_table_as_stmt select_stmt create_schema_stmt create_seq_stmt
    view_stmt
"""
_CREATES = frozenset(_CREATES_WORDS.split())

_LOCKED: dict[str, Callable[[Node], Iterator[Relation]]] = {
    "create_stmt": _locked_by_create,
    "alter_table_stmt": _locked_by_alter,
    "alter_object_schema_stmt": _field("relation"),
    "rename_stmt": _locked_by_rename,
    "drop_stmt": _locked_by_drop,
    "index_stmt": _locked_unless_concurrent,
    "reindex_stmt": _locked_by_reindex,
    "view_stmt": _locked_by_view,
    "vacuum_stmt": _locked_by_vacuum,
    "lock_stmt": _list,
    "cluster_stmt": _field("relation"),
    "refresh_mat_view_stmt": _field("relation"),
}

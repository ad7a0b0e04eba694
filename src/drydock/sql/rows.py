"""Whether a statement's success depends on rows that are there already, and on whose.

Without rows such a statement proves nothing: a unique index on an empty table is always unique. Best effort, and in
doubt dependent: to say too often that something is not proven is dull, to say it too rarely is a lie.
"""

from collections.abc import Callable, Iterator

from drydock.sql.relations import Relation
from drydock.sql.tree import Node, is_a, word

SOMEWHERE = Relation(schema="", name="*")
"""Stands for relations that cannot be named: what a function or a block reads."""

_VALIDATES = frozenset(("AT_SetNotNull", "AT_ValidateConstraint", "AT_AlterColumnType", "AT_AttachPartition"))
_VALIDATES |= {"AT_AddIndexConstraint", "AT_SetExpression", "AT_AddIndex", "AT_AlterConstraint"}
_CHECKED = frozenset(("CONSTR_CHECK", "CONSTR_UNIQUE", "CONSTR_PRIMARY", "CONSTR_EXCLUSION", "CONSTR_FOREIGN"))
_ALWAYS = frozenset(("do_stmt", "call_stmt", "execute_stmt", "merge_stmt", "refresh_mat_view_stmt", "copy_stmt"))
_DOMAIN_CHECKS = frozenset(("C", "V", "O"))
_PLAIN_METHODS = frozenset(("btree", "hash", "brin", ""))


def reads_of(name: str, node: Node) -> tuple[Relation, ...]:
    """Relations whose rows decide whether it succeeds; `SOMEWHERE` among them when not all can be named."""
    if name in _ALWAYS:
        return (SOMEWHERE,)
    finder = _READS.get(name)
    return tuple(dict.fromkeys(finder(node))) if finder else ()


def _named(var: Node) -> Relation:
    return Relation(schema=var.schemaname, name=var.relname)


def _altered(node: Node) -> Iterator[Relation]:
    for command in (wrapper.alter_table_cmd for wrapper in node.cmds):
        if _validates(command):
            yield _named(node.relation)
        definition = getattr(command, "def")
        if word(command, "subtype") == "AT_AttachPartition":
            yield _named(definition.partition_cmd.name)


def _validates(command: Node) -> bool:
    subtype, definition = word(command, "subtype"), getattr(command, "def")
    if subtype == "AT_AddConstraint":
        return _is_checked(definition.constraint)
    if subtype == "AT_AddColumn":
        return _needs_rows_filled(definition.column_def)
    return subtype in _VALIDATES


def _is_checked(constraint: Node) -> bool:
    kind = word(constraint, "contype")
    return (kind in _CHECKED or kind == "CONSTR_NOTNULL") and not constraint.skip_validation


def _needs_rows_filled(column: Node) -> bool:
    """NOT NULL without a default fails on the first row; a check, a key or an expression may."""
    kinds = {word(item.constraint, "contype") for item in column.constraints}
    is_filled = bool(kinds & {"CONSTR_DEFAULT", "CONSTR_IDENTITY", "CONSTR_GENERATED"})
    serial = column.type_name.names and column.type_name.names[-1].string.sval.endswith("serial")
    bare = bool(kinds & {"CONSTR_NOTNULL", "CONSTR_PRIMARY"}) and not is_filled and not serial
    return bare or bool(kinds & {"CONSTR_CHECK", "CONSTR_UNIQUE", "CONSTR_PRIMARY", "CONSTR_GENERATED"})


def _indexed(node: Node) -> Iterator[Relation]:
    # A plain index takes whatever is in the column; a unique one does not, and an expression is computed for each row.
    has_expressions = any(item.index_elem.HasField("expr") for item in node.index_params)
    is_odd = node.access_method not in _PLAIN_METHODS
    if node.unique or has_expressions or node.HasField("where_clause") or is_odd:
        yield _named(node.relation)


def _written(node: Node) -> Iterator[Relation]:
    yield _named(node.relation)
    if node.DESCRIPTOR.name != "InsertStmt":
        return
    select = node.select_stmt
    if is_a(select, "select_stmt") and not select.select_stmt.values_lists:
        yield SOMEWHERE


def _selected(node: Node) -> Iterator[Relation]:
    """A bare function call may do anything; a query over tables may meet a value it cannot cast."""
    if node.from_clause or any(is_a(target.res_target.val, "func_call") for target in node.target_list):
        yield SOMEWHERE


def _computed(node: Node) -> Iterator[Relation]:
    if not node.into.skip_data:
        yield SOMEWHERE


def _domain(node: Node) -> Iterator[Relation]:
    definition = getattr(node, "def")
    skips = is_a(definition, "constraint") and definition.constraint.skip_validation if definition else False
    if node.subtype in _DOMAIN_CHECKS and not skips:
        yield SOMEWHERE


def _partition(node: Node) -> Iterator[Relation]:
    """A new partition is checked against the rows of the default one."""
    if node.HasField("partbound"):
        yield from (_named(parent.range_var) for parent in node.inh_relations)


_READS: dict[str, Callable[[Node], Iterator[Relation]]] = {
    "alter_table_stmt": _altered,
    "alter_domain_stmt": _domain,
    "index_stmt": _indexed,
    "insert_stmt": _written,
    "update_stmt": _written,
    "delete_stmt": _written,
    "select_stmt": _selected,
    "create_table_as_stmt": _computed,
    "create_stmt": _partition,
}

"""The command words of a statement: like the server's command tag, and more precise where it matters here."""

from collections.abc import Callable

from drydock.sql.tree import Node, is_on, word

# Names of nodes whose words are not the node's name with blanks ("create_policy_stmt" is CREATE POLICY).
_WORDS = {
    "alter_database_refresh_coll_stmt": "ALTER DATABASE",
    "alter_database_set_stmt": "ALTER DATABASE",
    "alter_enum_stmt": "ALTER TYPE",
    "alter_event_trig_stmt": "ALTER EVENT TRIGGER",
    "alter_extension_contents_stmt": "ALTER EXTENSION",
    "alter_fdw_stmt": "ALTER FOREIGN DATA WRAPPER",
    "alter_foreign_server_stmt": "ALTER SERVER",
    "alter_op_family_stmt": "ALTER OPERATOR FAMILY",
    "alter_role_set_stmt": "ALTER ROLE",
    "alter_seq_stmt": "ALTER SEQUENCE",
    "alter_stats_stmt": "ALTER STATISTICS",
    "alter_table_space_options_stmt": "ALTER TABLESPACE",
    "alter_tsconfiguration_stmt": "ALTER TEXT SEARCH CONFIGURATION",
    "alter_tsdictionary_stmt": "ALTER TEXT SEARCH DICTIONARY",
    "check_point_stmt": "CHECKPOINT",
    "close_portal_stmt": "CLOSE",
    "composite_type_stmt": "CREATE TYPE",
    "constraints_set_stmt": "SET CONSTRAINTS",
    "create_am_stmt": "CREATE ACCESS METHOD",
    "create_enum_stmt": "CREATE TYPE",
    "create_event_trig_stmt": "CREATE EVENT TRIGGER",
    "create_fdw_stmt": "CREATE FOREIGN DATA WRAPPER",
    "create_foreign_server_stmt": "CREATE SERVER",
    "create_op_class_stmt": "CREATE OPERATOR CLASS",
    "create_op_family_stmt": "CREATE OPERATOR FAMILY",
    "create_plang_stmt": "CREATE LANGUAGE",
    "create_range_stmt": "CREATE TYPE",
    "create_seq_stmt": "CREATE SEQUENCE",
    "create_stats_stmt": "CREATE STATISTICS",
    "create_stmt": "CREATE TABLE",
    "create_table_space_stmt": "CREATE TABLESPACE",
    "create_trig_stmt": "CREATE TRIGGER",
    "createdb_stmt": "CREATE DATABASE",
    "drop_table_space_stmt": "DROP TABLESPACE",
    "dropdb_stmt": "DROP DATABASE",
    "lock_stmt": "LOCK TABLE",
    "refresh_mat_view_stmt": "REFRESH MATERIALIZED VIEW",
    "rule_stmt": "CREATE RULE",
    "sec_label_stmt": "SECURITY LABEL",
    "truncate_stmt": "TRUNCATE TABLE",
    "variable_show_stmt": "SHOW",
    "view_stmt": "CREATE VIEW",
}

_OBJECTS = {
    "OBJECT_ATTRIBUTE": "TYPE",
    "OBJECT_DOMCONSTRAINT": "DOMAIN",
    "OBJECT_FDW": "FOREIGN DATA WRAPPER",
    "OBJECT_FOREIGN_SERVER": "SERVER",
    "OBJECT_MATVIEW": "MATERIALIZED VIEW",
    "OBJECT_OPCLASS": "OPERATOR CLASS",
    "OBJECT_OPFAMILY": "OPERATOR FAMILY",
    "OBJECT_STATISTIC_EXT": "STATISTICS",
    "OBJECT_TABCONSTRAINT": "TABLE",
    "OBJECT_TSCONFIGURATION": "TEXT SEARCH CONFIGURATION",
    "OBJECT_TSDICTIONARY": "TEXT SEARCH DICTIONARY",
    "OBJECT_TSPARSER": "TEXT SEARCH PARSER",
    "OBJECT_TSTEMPLATE": "TEXT SEARCH TEMPLATE",
}

_TRANSACTION = {
    "TRANS_STMT_START": "START TRANSACTION",
    "TRANS_STMT_ROLLBACK_TO": "ROLLBACK TO SAVEPOINT",
    "TRANS_STMT_PREPARE": "PREPARE TRANSACTION",
}

_TYPED = {
    "alter_table_stmt": ("ALTER", "objtype"),
    "alter_function_stmt": ("ALTER", "objtype"),
    "alter_object_depends_stmt": ("ALTER", "object_type"),
    "alter_object_schema_stmt": ("ALTER", "object_type"),
    "alter_owner_stmt": ("ALTER", "object_type"),
    "alter_table_move_all_stmt": ("ALTER", "objtype"),
    "define_stmt": ("CREATE", "kind"),
    "drop_stmt": ("DROP", "remove_type"),
}


def kind_of(name: str, node: Node) -> str:
    """Name the command of a statement node; `name` is its field in the parser's `Node` message."""
    if name in _TYPED:
        verb, field = _TYPED[name]
        return f"{verb} {_object(word(node, field))}" + _concurrently(name, node)
    special = _SPECIAL.get(name)
    if special is not None:
        return special(node)
    return _WORDS.get(name) or name.removesuffix("_stmt").replace("_", " ").upper()


def is_reindex_concurrently(node: Node) -> bool:
    """Say whether a REINDEX runs concurrently, in either spelling."""
    return is_on(node.params, "concurrently", default=False)


def _object(name: str) -> str:
    return _OBJECTS.get(name) or name.removeprefix("OBJECT_").replace("_", " ")


def _concurrently(name: str, node: Node) -> str:
    return " CONCURRENTLY" if name == "drop_stmt" and node.concurrent else ""


def _transaction(node: Node) -> str:
    kind = word(node, "kind")
    return _TRANSACTION.get(kind) or kind.removeprefix("TRANS_STMT_").replace("_", " ")


def _rename(node: Node) -> str:
    subject = word(node, "rename_type")
    return f"ALTER {_object(word(node, 'relation_type') if subject == 'OBJECT_COLUMN' else subject)}"


def _create_as(node: Node) -> str:
    return "CREATE MATERIALIZED VIEW" if word(node, "objtype") == "OBJECT_MATVIEW" else "CREATE TABLE AS"


def _set(node: Node) -> str:
    kind = word(node, "kind")
    if kind == "VAR_SET_MULTI":
        return f"SET {node.name}"
    return "RESET ALL" if kind == "VAR_RESET_ALL" else "RESET" if kind == "VAR_RESET" else "SET"


def _select(node: Node) -> str:
    return "SELECT INTO" if node.HasField("into_clause") else "SELECT"


_SPECIAL: dict[str, Callable[[Node], str]] = {
    "transaction_stmt": _transaction,
    "rename_stmt": _rename,
    "create_table_as_stmt": _create_as,
    "variable_set_stmt": _set,
    "select_stmt": _select,
    "index_stmt": lambda node: "CREATE INDEX" + " CONCURRENTLY" * node.concurrent,
    "reindex_stmt": lambda node: "REINDEX" + " CONCURRENTLY" * is_reindex_concurrently(node),
    "create_function_stmt": lambda node: "CREATE PROCEDURE" if node.is_procedure else "CREATE FUNCTION",
    "vacuum_stmt": lambda node: "VACUUM" if node.is_vacuumcmd else "ANALYZE",
    "grant_stmt": lambda node: "GRANT" if node.is_grant else "REVOKE",
    "grant_role_stmt": lambda node: "GRANT" if node.is_grant else "REVOKE",
    "discard_stmt": lambda node: word(node, "target").replace("_", " "),
    "fetch_stmt": lambda node: "MOVE" if node.ismove else "FETCH",
}

"""Statements that reach beyond their database: into the server's machine, into other servers, or over the whole server.

A rehearsal runs what a pull request brings, before anybody has read it. What could leave the scratch is named first.
"""

import re
from collections.abc import Callable

from drydock.sql.tree import Node, option, texts_of, word

_FUNCTIONS = re.compile(
    r"\b(dblink\w*|pg_read_(?:binary_)?file|pg_ls_dir|pg_stat_file|lo_import|lo_export|pg_execute_server_program"
    r"|pg_write_file|pg_file_write|http_(?:get|post|put|delete|head|patch)|net\.http_\w+)\s*\(",
    re.IGNORECASE,
)
_WORDS = re.compile(r"\b(from|to)\s+program\b", re.IGNORECASE)
_REACHING_EXTENSIONS = frozenset("dblink postgres_fdw file_fdw http pg_net plpython3u plperlu plsh".split())
_TRUSTED = frozenset(("sql", "plpgsql", "internal", "plperl", "pltcl", "plv8", ""))
_CLUSTER_WORDS = """
    create_role_stmt alter_role_stmt alter_role_set_stmt drop_role_stmt grant_role_stmt
    createdb_stmt dropdb_stmt alter_database_stmt create_table_space_stmt drop_table_space_stmt
    alter_table_space_options_stmt alter_system_stmt
"""
_CLUSTER = frozenset(_CLUSTER_WORDS.split())


def reach_of(name: str, node: Node, *, source: str) -> str | None:
    """What the statement reaches outside its server; None when nothing is seen. `source` is its exact text."""
    rule = _RULES.get(name)
    found = rule(node) if rule else None
    if found is None and name in ("do_stmt", "create_function_stmt") and _WORDS.search(source):
        found = "COPY PROGRAM in its body runs a program on the server's machine"
    if found is None and (call := _FUNCTIONS.search(source)):
        found = f"{call.group(1).lower()}() reaches files or other servers"
    return found


def is_cluster_wide(name: str, node: Node) -> bool:
    """Whether it changes what all databases of the server share: roles, databases, tablespaces, settings."""
    renames = name == "rename_stmt" and word(node, "rename_type") in ("OBJECT_ROLE", "OBJECT_DATABASE")
    return name in _CLUSTER or renames


def _copy(node: Node) -> str | None:
    if node.is_program:
        return "COPY PROGRAM runs a program on the server's machine"
    return "COPY with a file reads or writes the server's files" if node.filename else None


def _extension(node: Node) -> str | None:
    return f"extension {node.extname} reaches other servers" if node.extname in _REACHING_EXTENSIONS else None


def _function(node: Node) -> str | None:
    found = option(node.options, "language")
    language = next(iter(texts_of(found.arg)), "").lower() if found else ""
    return None if language in _TRUSTED else f"language {language} runs with the rights of the server's own user"


def _server(_: Node) -> str:
    return "a foreign server leads to another server"


def _subscription(_: Node) -> str:
    return "a subscription connects to another server"


def _do(node: Node) -> str | None:
    found = option(node.args, "language")
    language = next(iter(texts_of(found.arg)), "").lower() if found else ""
    return None if language in _TRUSTED else f"language {language} runs with the rights of the server's own user"


def _schema_import(node: Node) -> str:
    return f"IMPORT FOREIGN SCHEMA asks the server {node.server_name}"


def _load(_: Node) -> str:
    return "LOAD loads a library into the server"


_RULES: dict[str, Callable[[Node], str | None]] = {
    "copy_stmt": _copy,
    "create_extension_stmt": _extension,
    "create_function_stmt": _function,
    "do_stmt": _do,
    "create_foreign_server_stmt": _server,
    "create_subscription_stmt": _subscription,
    "alter_subscription_stmt": _subscription,
    "import_foreign_schema_stmt": _schema_import,
    "load_stmt": _load,
}

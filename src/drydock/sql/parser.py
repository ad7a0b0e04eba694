"""PostgreSQL's own parser over one script: the only importer of postgast (libpg_query, the grammar of 18).

Deep input can crash the process (measured: a sum of 50,000 terms ends in SIGSEGV), so outside of tests this
runs in the child process of `worker`.
"""

from collections.abc import Iterator, Sequence

import postgast
from google.protobuf.message import DecodeError

from drydock.sql.blank import first_token, is_gap
from drydock.sql.hazards import hazard_of_statement
from drydock.sql.interface import Analysis, IndexBuild, Opaque, Parsed, Statement
from drydock.sql.kinds import is_reindex_concurrently, kind_of
from drydock.sql.needs import needs_of
from drydock.sql.outside import runs_outside_block
from drydock.sql.reach import is_cluster_wide, reach_of
from drydock.sql.relations import Relation, created_by, locked_by
from drydock.sql.rows import reads_of
from drydock.sql.text import line_of
from drydock.sql.tree import Node, inner, word

try:
    # Without it protobuf refuses trees more than 100 levels deep, which a sum of 50 terms already reaches.
    from google._upb._message import SetAllowOversizeProtos
except ImportError:  # protobuf without its C extension: such trees stay unread, and their scripts opaque
    pass
else:
    SetAllowOversizeProtos(True)

GRAMMAR = 18
"""Major version of PostgreSQL whose grammar the parser carries."""

_BLANKS = " \t\n\r\f\v"  # the server's; a no-break space is part of a name
_ENDS = frozenset(("TRANS_STMT_COMMIT", "TRANS_STMT_ROLLBACK", "TRANS_STMT_PREPARE"))
_OPENS = frozenset(("TRANS_STMT_BEGIN", "TRANS_STMT_START"))


def summarise(text: str, protected: frozenset[str]) -> Analysis:
    """Read a whole script; what cannot be read, or not read to its last character, is `Opaque`."""
    if (cut := text.find("\0")) >= 0:
        return Opaque(reason="the file contains a NUL character", line=line_of(text, cut))
    try:
        tree = postgast.parse(text)
    except postgast.PgQueryError as error:
        return _refused(text, error)
    except UnicodeEncodeError:
        return Opaque(reason="the file is not valid Unicode")
    except DecodeError:
        return Opaque(reason="the SQL parser cannot hand over so deep a tree")
    slices = _slices(text, tree.stmts)
    if not _is_complete(text, slices):
        return Opaque(reason="the SQL parser left out a part of this file")
    return Parsed(statements=tuple(_statements(text, tree.stmts, slices=slices, protected=protected)))


def _refused(text: str, error: postgast.PgQueryError) -> Opaque:
    # postgast's documentation says bytes; measured: characters, from 1, and 0 for unknown.
    line = line_of(text, error.cursorpos - 1) if error.cursorpos > 0 else None
    return Opaque(reason="the SQL parser could not read this file", line=line, message=error.message)


def _slices(text: str, raw: Sequence[Node]) -> tuple[tuple[int, int], ...]:
    """Character offsets of each statement. The parser's are bytes; a length of 0 means to the end."""
    if text.isascii():
        spans = [(s.stmt_location, s.stmt_location + s.stmt_len if s.stmt_len else len(text)) for s in raw]
    else:
        spans = list(_in_characters(text, raw))
    starts = [first_token(text, start) for start, _ in spans]
    written = [text[start:end].rstrip(_BLANKS) for start, (_, end) in zip(starts, spans, strict=True)]
    return tuple((start, start + len(slice_)) for start, slice_ in zip(starts, written, strict=True))


def _in_characters(text: str, raw: Sequence[Node]) -> Iterator[tuple[int, int]]:
    """Convert while walking once through the bytes: statements come in order and do not overlap."""
    encoded = text.encode()
    byte = character = 0
    for statement in raw:
        character += len(encoded[byte : statement.stmt_location].decode())
        byte = statement.stmt_location + statement.stmt_len if statement.stmt_len else len(encoded)
        start, character = character, character + len(encoded[statement.stmt_location : byte].decode())
        yield start, character


def _is_complete(text: str, slices: Sequence[tuple[int, int]]) -> bool:
    """Check that nothing but blanks, comments and semicolons is outside the slices."""
    starts = [*(start for start, _ in slices), len(text)]
    ends = [0, *(end for _, end in slices)]
    return all(is_gap(text, end, end=start) for end, start in zip(ends, starts, strict=True))


def _statements(
    text: str, raw: Sequence[Node], *, slices: Sequence[tuple[int, int]], protected: frozenset[str]
) -> Iterator[Statement]:
    created = set[Relation]()
    line, counted = 1, 0
    for number, (wrapper, (start, end)) in enumerate(zip(raw, slices, strict=True), start=1):
        line, counted = line + text.count("\n", counted, start), start
        name, node = wrapper.stmt.WhichOneof("node"), inner(wrapper.stmt)
        transaction = word(node, "kind") if name == "transaction_stmt" else ""
        chains = transaction in _ENDS and node.chain
        yield Statement(
            number=number,
            start=start,
            end=end,
            line=line,
            kind=kind_of(name, node),
            hazard=hazard_of_statement(name, node, source=text[start:end], protected=protected),
            ends_transaction=transaction in _ENDS,
            opens_transaction=transaction in _OPENS or chains,
            outside_block=runs_outside_block(name, node),
            index=_index_build(name, node),
            strong_locks=tuple(str(found) for found in locked_by(name, node) if found not in created),
            reads=tuple(str(found) for found in reads_of(name, node) if found not in created),
            creates=tuple(map(str, created_by(name, node))),
            reach=reach_of(name, node, source=text[start:end]),
            is_cluster_wide=is_cluster_wide(name, node),
            needs=needs_of(name, node),
        )
        created.update(created_by(name, node))


def _index_build(name: str, node: Node) -> IndexBuild | None:
    if name == "index_stmt" and node.concurrent:
        table = node.relation
        return IndexBuild(name=node.idxname or None, schema=table.schemaname or None, table=table.relname)
    if name == "reindex_stmt" and is_reindex_concurrently(node):
        return _rebuild(node)
    return None


def _rebuild(node: Node) -> IndexBuild:
    kind, subject, schema = word(node, "kind"), node.relation.relname, node.relation.schemaname or None
    match kind:
        case "REINDEX_OBJECT_INDEX":
            return IndexBuild(name=subject, schema=schema, table=None)
        case "REINDEX_OBJECT_TABLE":
            return IndexBuild(name=None, schema=schema, table=subject)
        case "REINDEX_OBJECT_SCHEMA":
            return IndexBuild(name=None, schema=node.name, table=None)
        case _:
            return IndexBuild(name=None, schema=None, table=None)

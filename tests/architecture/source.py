"""The source tree as values: modules, what they import, and which outside names they use."""

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "drydock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One file of the package. `place` is its path below the package: `sql/parser.py`."""

    name: str
    place: str
    text: str
    tree: ast.Module

    def complaint(self, line: int, what: str) -> str:
        """Say where, so that an editor can jump there, and what."""
        return f"src/{PACKAGE}/{self.place}:{line}: {what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One imported module of the package."""

    importer: Module
    imported: Module
    line: int


Modules = tuple[Module, ...]
Rule = Callable[[Modules], Iterable[str]]


def modules_below(package: Path) -> Modules:
    """Read every module of the package whose directory is `package`."""
    return tuple(_module(package, path) for path in sorted(package.rglob("*.py")))


def imports_within(modules: Modules) -> Iterator[Import]:
    """Yield what the package imports of itself. `from drydock.sql import parser` means the module `parser`."""
    by_name = {module.name: module for module in modules}
    for module in modules:
        for node, names in _import_statements(module.tree):
            for name in names:
                target = by_name.get(name) or by_name.get(name.rpartition(".")[0])
                if target is not None:
                    yield Import(importer=module, imported=target, line=node.lineno)


def outside_names(module: Module) -> Iterator[tuple[int, str]]:
    """Yield line and full name of everything imported, and of every dotted use of it: `os.environ`.

    A builtin that is used by its bare name is yielded as `builtins.NAME`.
    """
    known = _names_in_scope(module.tree)
    for statement, names in _import_statements(module.tree):
        for imported in names:
            yield statement.lineno, imported
    for node in ast.walk(module.tree):
        match node:
            case ast.Attribute():
                full = _dotted(node, known)
                if full is not None:
                    yield node.lineno, full
            case ast.Name(id=name, ctx=ast.Load()) if name not in known:
                yield node.lineno, f"builtins.{name}"
            case _:
                pass


def functions_of(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function and method, nested ones too."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _module(package: Path, path: Path) -> Module:
    place = path.relative_to(package)
    parts = place.with_suffix("").parts
    words = parts[:-1] if parts[-1] == "__init__" else parts
    text = path.read_text("utf-8")
    name = ".".join((PACKAGE, *words))
    return Module(name=name, place=place.as_posix(), text=text, tree=ast.parse(text, str(path)))


def _import_statements(tree: ast.AST) -> Iterator[tuple[ast.Import | ast.ImportFrom, list[str]]]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield node, [alias.name for alias in names]
            case ast.ImportFrom(module=module, names=names):
                yield node, [f"{module}.{alias.name}" for alias in names]
            case _:
                pass


def _names_in_scope(tree: ast.AST) -> dict[str, str]:
    """Map the names that imports bind to what they stand for. Scopes are not told apart."""
    known: dict[str, str] = {}
    for node, names in _import_statements(tree):
        for alias, full in zip(node.names, names, strict=True):
            is_plain = isinstance(node, ast.Import) and alias.asname is None
            short = alias.name.partition(".")[0] if is_plain else alias.asname or alias.name
            known[short] = short if is_plain else full
    return known


def _dotted(node: ast.expr, known: dict[str, str]) -> str | None:
    match node:
        case ast.Name(id=name):
            return known.get(name)
        case ast.Attribute(value=value, attr=attribute):
            before = _dotted(value, known)
            return None if before is None else f"{before}.{attribute}"
        case _:
            return None

"""How large a thing may grow, what it must say of itself, and how values are made."""

import ast
from collections.abc import Iterator

from tests.architecture.source import Module, Modules, functions_of

MODULE_LINES = 300
FUNCTION_LINES = 40
PARAMETERS = 5
POSITIONAL = 2
NESTING = 3
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "core", "manager", "handler"}
FORBIDDEN_NAMES |= {"data", "info", "misc", "shared"}
SOFT = {"list", "dict", "set", "bytearray", "List", "Dict", "Set", "defaultdict", "deque", "OrderedDict"}
SOFT |= {"Counter", "MutableMapping", "MutableSequence", "MutableSet"}
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules_are_short(modules: Modules) -> Iterator[str]:
    """Count every line."""
    for module in modules:
        lines = len(module.text.splitlines())
        if lines > MODULE_LINES:
            yield module.complaint(1, f"{lines} lines, over {MODULE_LINES}: a module is missing")


def functions_are_short(modules: Modules) -> Iterator[str]:
    """Count from `def` to the end, without the docstring."""
    for module in modules:
        for function in functions_of(module):
            lines = (function.end_lineno or 0) - function.lineno + 1 - _docstring_lines(function)
            if lines > FUNCTION_LINES:
                yield module.complaint(function.lineno, f"`{function.name}`: {lines} lines, over {FUNCTION_LINES}")


def parameters_are_few(modules: Modules) -> Iterator[str]:
    """At most five. `self` does not count."""
    for module in modules:
        for function in functions_of(module):
            count = _positional(function) + len(function.args.kwonlyargs)
            if count > PARAMETERS:
                yield module.complaint(
                    function.lineno, f"`{function.name}`: {count} parameters, over {PARAMETERS}: a value is missing"
                )


def later_parameters_have_names(modules: Modules) -> Iterator[str]:
    """From the third parameter on, a call says which is which. Special methods are called by the language."""
    for module in modules:
        for function in functions_of(module):
            if _positional(function) > POSITIONAL and not function.name.startswith("__"):
                yield module.complaint(function.lineno, f"`{function.name}`: keyword-only from the third parameter on")


def nesting_is_shallow(modules: Modules) -> Iterator[str]:
    """Count blocks within blocks; `elif` is no deeper than its `if`."""
    for module in modules:
        for function in functions_of(module):
            depth = max((_depth(node) for node in function.body), default=0)
            if depth > NESTING:
                yield module.complaint(function.lineno, f"`{function.name}`: nested {depth} deep, over {NESTING}")


def public_names_explain_themselves(modules: Modules) -> Iterator[str]:
    """Every module, and every class, function and method whose name does not begin with an underscore."""
    for module in modules:
        if ast.get_docstring(module.tree) is None:
            yield module.complaint(1, "the module has no docstring")
        yield from _unexplained(module, module.tree.body)


def names_say_something(modules: Modules) -> Iterator[str]:
    """A module called `utils` says nothing of what is in it."""
    for module in modules:
        bad = FORBIDDEN_NAMES & set(module.place.removesuffix(".py").split("/"))
        if bad:
            yield module.complaint(1, f"a module is not called `{'`, `'.join(sorted(bad))}`: say what it is for")


def values_are_immutable(modules: Modules) -> Iterator[str]:
    """A dataclass is frozen, with slots, and holds nothing that can change."""
    for module in modules:
        for node in ast.walk(module.tree):
            options = _dataclass_options(node) if isinstance(node, ast.ClassDef) else None
            if isinstance(node, ast.ClassDef) and options is not None:
                for option in sorted(_wanted_options(node) - options):
                    yield module.complaint(node.lineno, f"dataclass `{node.name}` without {option}=True")
                yield from _soft_fields(module, node)


def _docstring_lines(function: Function) -> int:
    first = function.body[0]
    is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    if not is_text or ast.get_docstring(function) is None:
        return 0
    return (first.end_lineno or first.lineno) - first.lineno + 1


def _positional(function: Function) -> int:
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    return len(names) - (1 if names[:1] in (["self"], ["cls"]) else 0)


def _depth(node: ast.AST) -> int:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return 0
    if isinstance(node, ast.If) and len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
        branches = [1 + max(map(_depth, node.body), default=0), _depth(node.orelse[0])]
        return max(branches)
    below = max(map(_depth, ast.iter_child_nodes(node)), default=0)
    return below + 1 if isinstance(node, BLOCKS) else below


def _unexplained(module: Module, body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if node.name.startswith("_"):
            continue
        if ast.get_docstring(node) is None and not _is_variant(node):
            yield module.complaint(node.lineno, f"`{node.name}` has no docstring")
        if isinstance(node, ast.ClassDef):
            yield from _unexplained(module, node.body)


def _is_variant(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """An overload or a property's setter is explained where its name is first."""
    return any(ast.unparse(decorator).endswith(("overload", ".setter")) for decorator in node.decorator_list)


def _dataclass_options(node: ast.ClassDef) -> set[str | None] | None:
    for decorator in node.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        name = ast.unparse(call.func if call else decorator)
        if name.rpartition(".")[2] == "dataclass":
            keywords = call.keywords if call else []
            return {word.arg for word in keywords if ast.unparse(word.value) == "True"}
    return None


def _wanted_options(node: ast.ClassDef) -> set[str]:
    """One field needs no name in a call."""
    fields = sum(isinstance(statement, ast.AnnAssign) for statement in node.body)
    return {"frozen", "slots", "kw_only"} if fields > 1 else {"frozen", "slots"}


def _soft_fields(module: Module, node: ast.ClassDef) -> Iterator[str]:
    for statement in node.body:
        if not isinstance(statement, ast.AnnAssign):
            continue
        names = {ast.unparse(part).rpartition(".")[2] for part in ast.walk(statement.annotation) if _is_name(part)}
        for soft in sorted(names & SOFT):
            field = ast.unparse(statement.target)
            yield module.complaint(statement.lineno, f"`{node.name}.{field}` can change: it is a {soft}")


def _is_name(node: ast.AST) -> bool:
    return isinstance(node, ast.Name | ast.Attribute)

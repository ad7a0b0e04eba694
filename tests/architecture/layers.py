"""Which module may import which. Arrows point downward only.

cli
 +- wiring ------------------> concrete adapters: tools/* scratch/* notify/* postgres/* sql/*
     +- the story: deploy and the other commands
         +- the stages: plan rehearse apply seed report render/*
             +- the doors: */interface.py, config/*, process, files, interruption, ...
                 +- the words: model, errors, redact, sql/interface
"""

from collections.abc import Iterable, Iterator
from enum import IntEnum

from tests.architecture.source import Import, Module, Modules, imports_within


class Layer(IntEnum):
    """From the ground up. ADAPTER stands beside the stages: only wiring looks at it."""

    WORDS = 0
    DOORS = 1
    ADAPTER = 2
    STAGE = 3
    STORY = 4
    WIRING = 5
    CLI = 6


WORDS = {
    "__init__.py",
    "errors.py",
    "redact.py",
    "sql/interface.py",
    "config/__init__.py",
    "config/problems.py",
}
DOORS = {
    "process.py",
    "command.py",
    "conversation.py",
    "files.py",
    "interruption.py",
    "digest.py",
    "http.py",
    "marked.py",
}
# Pure functions over text, which more than one adapter needs: no effect, no state.
DOORS |= {"sql/text.py", "sql/blank.py", "sql/psql.py", "postgres/literals.py"}
STAGES = {"plan", "proof", "rehearse", "apply", "seed", "report", "gate", "render"}
ADAPTERS = {"tools", "scratch", "snapshot", "notify", "postgres", "sql"}
TOP = {
    "wiring": Layer.WIRING,
    "staging": Layer.WIRING,
    "toolkit": Layer.WIRING,
    "parts": Layer.WIRING,
    "demo": Layer.WIRING,
    "cli": Layer.CLI,
    "__main__": Layer.CLI,
}

BELOW = {
    Layer.WORDS: {Layer.WORDS},
    Layer.DOORS: {Layer.WORDS, Layer.DOORS},
    Layer.ADAPTER: {Layer.WORDS, Layer.DOORS},
    Layer.STAGE: {Layer.WORDS, Layer.DOORS, Layer.STAGE},
    Layer.STORY: {Layer.WORDS, Layer.DOORS, Layer.STAGE, Layer.STORY},
    Layer.WIRING: set(Layer) - {Layer.CLI},
    Layer.CLI: set(Layer) - {Layer.ADAPTER},
}


def layer_of(module: Module) -> Layer:
    """Tell a module's layer by its place; what has no other is part of the story."""
    first = module.place.removesuffix(".py").split("/")[0]
    if module.place in WORDS or first == "model":
        return Layer.WORDS
    if module.place in DOORS or module.place.endswith("/interface.py") or first == "config":
        return Layer.DOORS
    if first in ADAPTERS:
        return Layer.ADAPTER
    return Layer.STAGE if first in STAGES else TOP.get(first, Layer.STORY)


def imports_point_downward(modules: Modules) -> Iterator[str]:
    """A stage knows interfaces, never an implementation; an adapter knows no other adapter and no stage."""
    for edge in imports_within(modules):
        importer, imported = layer_of(edge.importer), layer_of(edge.imported)
        if imported not in BELOW[importer] and not _is_same_adapter(edge):
            yield edge.importer.complaint(
                edge.line,
                f"{importer.name} may not import {imported.name} ({edge.imported.name}); it may import "
                + ", ".join(sorted(layer.name for layer in BELOW[importer])),
            )


def imports_make_no_cycle(modules: Modules) -> Iterator[str]:
    """Each cycle is told once, by the path round it."""
    graph: dict[str, set[str]] = {module.name: set() for module in modules}
    for edge in imports_within(modules):
        if edge.importer is not edge.imported:
            graph[edge.importer.name].add(edge.imported.name)
    done: set[str] = set()
    for name in sorted(graph):
        cycle = _cycle_from(name, graph, done, ())
        if cycle:
            yield "import cycle: " + " -> ".join(cycle)


def _is_same_adapter(edge: Import) -> bool:
    if layer_of(edge.importer) is not Layer.ADAPTER or layer_of(edge.imported) is not Layer.ADAPTER:
        return False
    return edge.importer.place.split("/")[0] == edge.imported.place.split("/")[0]


def _cycle_from(name: str, graph: dict[str, set[str]], done: set[str], path: tuple[str, ...]) -> tuple[str, ...]:
    if name in path:
        return (*path[path.index(name) :], name)
    if name in done:
        return ()
    found: Iterable[tuple[str, ...]] = (
        _cycle_from(following, graph, done, (*path, name)) for following in sorted(graph[name])
    )
    cycle = next((cycle for cycle in found if cycle), ())
    done.add(name)
    return cycle

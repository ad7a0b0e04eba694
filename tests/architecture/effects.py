"""Each kind of effect has one place; and imports stand at the top, where they can be seen."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from tests.architecture.source import Module, Modules, outside_names


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Names that reach the outside world, and the files or folders (`render/`) that may use them.

    A name covers everything below it: `psycopg` covers `psycopg.sql`.
    """

    what: str
    names: tuple[str, ...]
    homes: tuple[str, ...]


EFFECTS = (
    Effect(
        what="the environment is read",
        names=("os.environ", "os.environb", "os.getenv", "os.getenvb", "os.putenv", "os.unsetenv"),
        homes=("config/sources.py",),
    ),
    Effect(
        what="processes are started",
        names=(
            *("subprocess", "multiprocessing", "pty", "concurrent.futures.ProcessPoolExecutor"),
            *("os.fork", "os.forkpty", "os.system", "os.popen", "os.posix_spawn", "os.posix_spawnp"),
            *(f"os.spawn{how}" for how in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")),
        ),
        homes=("process.py",),
    ),
    Effect(
        what="the process becomes another program",
        names=tuple(f"os.exec{how}" for how in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")),
        homes=("passthrough.py",),
    ),
    Effect(what="the driver is used", names=("psycopg", "psycopg_pool"), homes=("postgres/",)),
    Effect(what="the parser is called", names=("postgast",), homes=("sql/parser.py",)),
    Effect(what="the parser's messages are read", names=("google",), homes=("sql/parser.py", "sql/hazards.py")),
    Effect(
        what="the process is ended",
        names=("sys.exit", "os.abort", "builtins.exit", "builtins.quit", "builtins.SystemExit"),
        homes=("__main__.py", "scratch/watchdog.py"),
    ),
    Effect(what="the process is ended at once", names=("os._exit",), homes=("__main__.py", "interruption.py")),
    Effect(
        what="text is printed",
        names=("builtins.print", "sys.stdout", "sys.stderr", "sys.__stdout__", "sys.__stderr__"),
        homes=("cli.py", "render/", "sql/worker.py", "__main__.py"),
    ),
    Effect(
        what="HTTP is spoken",
        names=("requests", "urllib3", "urllib.request", "http.client", "httpx"),
        homes=("http.py",),
    ),
    Effect(
        what="sockets are opened",
        names=("socket", "socketserver", "asyncio", "ssl"),
        homes=("postgres/", "scratch/"),
    ),
    Effect(
        what="files are touched",
        names=("builtins.open", "io.open", "os.open", "os.scandir", "os.walk", "os.remove", "shutil", "glob"),
        homes=("files.py", "scratch/", "snapshot/"),
    ),
    Effect(
        what="temporary files are made", names=("tempfile",), homes=("files.py", "process.py", "scratch/", "snapshot/")
    ),
    Effect(
        what="signals are taken",
        names=("signal.signal", "signal.set_wakeup_fd"),
        homes=("interruption.py", "scratch/watchdog.py"),
    ),
)
# Methods of pathlib.Path that read or change the disk and whose names nothing else here has.
PATH_METHODS = frozenset(
    """chmod glob iterdir lchmod mkdir read_bytes read_text readlink rglob rmdir symlink_to touch unlink
    write_bytes write_text""".split()
)
PATH_HOMES = ("files.py", "config/sources.py", "config/config_file.py", "scratch/", "snapshot/")
LAZY_HOMES = (
    "wiring.py",
    "toolkit.py",
    "messaging.py",
    "cli.py",
    "config/config_file.py",
    "sql/worker.py",
    "sql/parser.py",
)


def effects_have_one_place(modules: Modules) -> Iterator[str]:
    """The environment, processes, the driver, the parser, printing, exits: each in its own room."""
    for module in modules:
        for line, name in sorted(set(outside_names(module))):
            for effect in EFFECTS:
                if _covers(effect.names, name) and not _is_home(module, effect.homes):
                    where = " or ".join(effect.homes)
                    yield module.complaint(line, f"`{name}`: only in {where} {effect.what}")


def paths_are_touched_in_one_place(modules: Modules) -> Iterator[str]:
    """A Path is a value; anybody may ask whether it is there, `files.py` reads, lists and writes."""
    for module in modules:
        for node in ast.walk(module.tree):
            match node:
                case ast.Call(func=ast.Attribute(value=owner, attr=method)) if method in PATH_METHODS:
                    if not _is_home(module, PATH_HOMES) and not _is_files_module(owner):
                        where = " or ".join(PATH_HOMES)
                        yield module.complaint(node.lineno, f"`.{method}()`: only in {where} files are touched")


def imports_stand_at_the_top(modules: Modules) -> Iterator[str]:
    """Loading on use has few places, so that a cycle cannot hide in a function."""
    for module in modules:
        if _is_home(module, LAZY_HOMES):
            continue
        for function in ast.walk(module.tree):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
                for node in ast.walk(function):
                    if isinstance(node, ast.Import | ast.ImportFrom):
                        yield module.complaint(node.lineno, f"import inside `{getattr(function, 'name', 'lambda')}`")


def types_are_imported_for_real(modules: Modules) -> Iterator[str]:
    """TYPE_CHECKING hides a cycle; a shared value or interface is missing below."""
    for module in modules:
        for line, name in sorted(set(outside_names(module))):
            if name == "typing.TYPE_CHECKING":
                yield module.complaint(line, "TYPE_CHECKING: move what both sides need to a lower layer")


def _covers(names: tuple[str, ...], name: str) -> bool:
    return any(name == known or name.startswith(f"{known}.") for known in names)


def _is_home(module: Module, homes: tuple[str, ...]) -> bool:
    return any(module.place.startswith(home) if home.endswith("/") else module.place == home for home in homes)


def _is_files_module(owner: ast.expr) -> bool:
    """`files.exists(...)` asks the module whose place it is."""
    return isinstance(owner, ast.Name) and owner.id == "files"

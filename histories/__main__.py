"""`python -m histories DIR`: run every history in DIR by Drydock and by its reference, and print a table.

Exit 0: all the same. Exit 1: something differs. Exit 2: nothing found, or a history that could not be run
here.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from textwrap import indent

from bench.databases import ADMIN
from bench.server import running_server
from histories.compare import Compared, NotRun, Server, compared
from histories.history import History, Layout, histories_in
from histories.reference import KnexReference, Messages, PrismaReference, RunError
from tests.oracles.prisma_cli import PrismaCli
from tests.oracles.prisma_install import OracleUnavailableError, installed

HEADER = ("history", "layout", "files", "reference", "objects", "result")
WIDTHS = (26, 15, 6, 10, 8, 8)


def main(arguments: Sequence[str]) -> int:
    """Run the command line and return the exit code."""
    options = _parser().parse_args(arguments)
    histories = histories_in(options.directory)
    if not histories:
        _say(f"{options.directory}: no folder here holds prisma/migrations, a knexfile or numbered SQL files")
        return 2
    prisma = None if options.messages else _prisma(options.oracles)
    with _server(options.server) as server:
        if options.reference_only:
            return _reference_only(histories, server, prisma)
        _print_row(HEADER)
        results = [_told(compared(history, server, _reference(history, prisma))) for history in histories]
    return 1 if 1 in results else max(results)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="histories", description=__doc__)
    parser.add_argument("directory", type=Path, metavar="DIR", help="holds one folder per fetched project")
    parser.add_argument("--server", metavar="URL", help="a superuser's address; default: start a server")
    parser.add_argument("--messages", action="store_true", help="do not ask the real Prisma CLI")
    parser.add_argument("--reference-only", action="store_true", help="do not run Drydock")
    default = os.environ.get("DRYDOCK_ORACLES") or Path.home() / ".cache" / "drydock-oracles"
    parser.add_argument("--oracles", type=Path, default=default, help="where the real tools are installed")
    return parser


def _prisma(cache: Path) -> PrismaReference | None:
    try:
        return PrismaReference(PrismaCli(folder=installed(cache)))
    except OracleUnavailableError as error:
        _say(f"Without the real Prisma CLI, one message per file instead: {error}")
        return None


def _reference(history: History, prisma: PrismaReference | None) -> Messages | PrismaReference | KnexReference:
    if history.layout is Layout.KNEX:
        return KnexReference()
    return prisma if prisma is not None and history.layout is Layout.PRISMA else Messages()


@contextmanager
def _server(url: str | None) -> Iterator[Server]:
    if url is not None:
        yield Server(url=url)
        return
    with running_server() as databases:
        yield Server(url=f"postgresql://{ADMIN}@127.0.0.1:{databases.port}/postgres")


def _told(result: Compared | NotRun) -> int:
    """Print one history's row, and its differences; return its exit code."""
    history = result.history
    first = (history.name, history.layout.value, str(len(history.scripts)))
    match result:
        case NotRun(reason=reason):
            _print_row((*first, "-", "-", "not run"))
            _say(indent(reason, "    "))
            return 2
        case Compared(differences=()):
            _print_row((*first, result.reference, str(result.objects), "same"))
            return 0
        case Compared(differences=lines):
            _print_row((*first, result.reference, str(result.objects), f"{len(lines)} differ"))
            for line in lines:
                _say(indent(line, "    "))
            return 1


def _reference_only(histories: tuple[History, ...], server: Server, prisma: PrismaReference | None) -> int:
    """Run the references alone: tells whether the histories are fit to be compared with."""
    worst = 0
    for history in histories:
        reference = _reference(history, prisma)
        try:
            with server.database("drydock_history_reference") as url:
                reference.run(history, url)
            said = "runs to its end"
        except RunError as error:
            said, worst = str(error), 2
        _print_row((history.name, history.layout.value, str(len(history.scripts)), reference.name, "-", said))
    return worst


def _print_row(cells: tuple[str, ...]) -> None:
    _say("  ".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True)))


def _say(line: str) -> None:
    sys.stdout.write(f"{line.rstrip()}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

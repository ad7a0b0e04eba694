"""`python -m bench`, from the root of the repository."""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.contenders import Contender, drydock, peers
from bench.databases import Databases
from bench.errors import BenchError
from bench.installation import Installation, installed_peers
from bench.judgement import Contest
from bench.machine import this_machine
from bench.measure import Arena, measure
from bench.results import Results, markdown, write_results
from bench.server import running_server
from bench.workloads import WORKLOADS, Workload

HERE = Path(__file__).parent
PROGRAM = HERE.parent / ".venv" / "bin" / "drydock"
ROUNDS = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the bench; 0 when it was run, whatever the figures, and 2 when it could not be."""
    chosen = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is stopped
    try:
        installation = installed_peers(os.environ)
        with running_server(chosen.postgres_bin) as databases:
            results = _results(chosen, installation, databases)
    except BenchError as error:
        _say(f"bench: {error}")
        return 2
    write_results(results, chosen.output)
    print(markdown(results))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    ids = [one.id for one in WORKLOADS]
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="rounds that count (default: %(default)s)")
    parser.add_argument("--only", action="append", choices=ids, help="a workload; may be repeated")
    parser.add_argument("--output", type=Path, default=HERE, help="folder for the results (default: bench)")
    parser.add_argument("--program", type=Path, default=PROGRAM, help="Drydock (default: .venv/bin/drydock)")
    parser.add_argument("--postgres-bin", type=Path, help="folder of initdb and postgres (default: newest)")
    return parser


def _results(chosen: argparse.Namespace, installation: Installation, databases: Databases) -> Results:
    ours = drydock(chosen.program, _version(chosen.program))
    workloads = [one for one in WORKLOADS if not chosen.only or one.id in chosen.only]
    machine = this_machine(databases, delay_seconds=max(one.delay_seconds for one in WORKLOADS))
    with tempfile.TemporaryDirectory(prefix="drydock-bench-projects-") as directory:
        arena = Arena(databases=databases, directory=Path(directory), say=_say)
        everybody = (*ours, *peers(installation))
        contests = tuple(_contest(one, everybody, arena=arena, rounds=chosen.rounds) for one in workloads)
    return Results(
        date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        rounds=chosen.rounds,
        machine=machine,
        node=installation.node_version(),
        contests=contests,
    )


def _contest(workload: Workload, everybody: Sequence[Contender], *, arena: Arena, rounds: int) -> Contest:
    _say(workload.title)
    contenders = [one for one in everybody if one.is_ours or one.name in workload.peers]
    return Contest(workload=workload, measurements=measure(workload, contenders, arena=arena, rounds=rounds))


def _version(program: Path) -> str:
    try:
        done = subprocess.run([program, "--version"], check=False, capture_output=True, text=True)
    except OSError:
        return "(missing)"
    return (done.stdout.split() or ["(unknown)"])[-1]


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

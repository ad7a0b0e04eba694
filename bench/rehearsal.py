"""`python -m bench.rehearsal`: restore a dump and rehearse on it, cold, against what one would do by hand.

By hand: `pg_restore` in a single stream into a fresh database of a server with default settings, then the migration
tool's own CLI. Ours: `drydock check --snapshot`, whole process, from nothing to a report. In turn, round after round.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.contenders import Contender, peers
from bench.corpus import Migration
from bench.databases import Databases
from bench.installation import installed_peers
from bench.layouts import prisma
from bench.process import Usage, clean_environment, timed
from bench.server import running_server

HERE = Path(__file__).parent
PROGRAM = HERE.parent / ".venv" / "bin" / "drydock"
BINARIES = Path("/usr/lib/postgresql/15/bin")
TABLES = 20
BYTES_A_ROW = 190
"""Of a row with its share of three indexes; measured."""
ALREADY = 1
MIGRATIONS = (
    Migration(
        number=1,
        name="tables",
        sql="".join(
            f"CREATE TABLE bench_{n} (id bigserial PRIMARY KEY, customer int, note text,"
            " placed timestamptz, cents int);\n"
            f"CREATE INDEX bench_{n}_customer ON bench_{n} (customer);\n"
            f"CREATE INDEX bench_{n}_placed ON bench_{n} (placed);\n"
            for n in range(TABLES)
        ),
    ),
    Migration(number=2, name="state", sql="ALTER TABLE bench_0 ADD COLUMN state text NOT NULL DEFAULT 'open';\n"),
    Migration(number=3, name="large_cents", sql="ALTER TABLE bench_1 ALTER COLUMN cents TYPE bigint;\n"),
    Migration(number=4, name="notes", sql="CREATE INDEX bench_2_note ON bench_2 (note);\n"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The source database, its dump, and a project with pending migrations."""

    databases: Databases
    dump: Path
    project: Path
    home: Path


def main() -> int:
    """Run it and print a table; write it to REHEARSAL.md with --write."""
    parser = argparse.ArgumentParser(prog="python -m bench.rehearsal", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1000, help="of the source database (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="write REHEARSAL.md")
    chosen = parser.parse_args()
    tool = next(peer for peer in peers(installed_peers(os.environ)) if peer.name == "Prisma")
    with running_server(BINARIES) as databases, tempfile.TemporaryDirectory(prefix="drydock-bench-") as folder:
        scene = _prepared(databases, Path(folder), tool=tool, megabytes=chosen.megabytes)
        ours, theirs = _measured(scene, tool, rounds=chosen.rounds)
    text = _told(ours, theirs, megabytes=chosen.megabytes)
    print(text)
    if chosen.write:
        (HERE / "REHEARSAL.md").write_text(text, encoding="utf-8")
    return 0


def _prepared(databases: Databases, folder: Path, *, tool: Contender, megabytes: int) -> Scene:
    project = folder / "project"
    project.mkdir()
    tool.layout(project, MIGRATIONS[:ALREADY])
    scene = Scene(databases=databases, dump=folder / "source.dump", project=project, home=folder)
    databases.fresh_database("source")
    _deploy(scene, "--rehearse", "none")
    rows = megabytes * 1_000_000 // (TABLES * BYTES_A_ROW)
    for number in range(TABLES):
        databases.run_script(
            "source",
            f"INSERT INTO bench_{number} (customer, note, placed, cents) SELECT n % 1000, md5(n::text), "
            f"timestamptz '2024-01-01' + n * interval '1 second', n % 9000 FROM generate_series(1, {rows}) AS n",
        )
    subprocess.run(
        [str(BINARIES / "pg_dump"), "--format=custom", f"--file={scene.dump}", databases.url("source")], check=True
    )
    prisma(project, MIGRATIONS)
    databases.checkpoint()
    return scene


def _measured(scene: Scene, tool: Contender, *, rounds: int) -> tuple[list[Usage], list[float]]:
    ours: list[Usage] = []
    theirs: list[float] = []
    for _ in range(rounds):
        ours.append(_ours(scene))
        theirs.append(_by_hand(scene, tool))
    return ours, theirs


def _ours(scene: Scene) -> Usage:
    scene.databases.checkpoint()
    return timed(
        (str(PROGRAM), "check", "--snapshot", str(scene.dump)),
        directory=scene.project,
        environment={**clean_environment(scene.home), "DATABASE_URL": scene.databases.url("source")},
    )


def _by_hand(scene: Scene, tool: Contender) -> float:
    scene.databases.fresh_database("by_hand")
    scene.databases.checkpoint()
    url = scene.databases.url("by_hand")
    began = time.perf_counter()
    subprocess.run([str(BINARIES / "pg_restore"), "--no-owner", f"--dbname={url}", str(scene.dump)], check=True)
    environment = {**clean_environment(scene.home), **tool.settings, "DATABASE_URL": url}
    timed(tool.command, directory=scene.project, environment=environment)
    seconds = time.perf_counter() - began
    scene.databases.drop("by_hand")
    return seconds


def _deploy(scene: Scene, *options: str) -> None:
    environment = {**clean_environment(scene.home), "DATABASE_URL": scene.databases.url("source")}
    timed((str(PROGRAM), "deploy", *options), directory=scene.project, environment=environment)


def _told(ours: list[Usage], theirs: list[float], *, megabytes: int) -> str:
    mine, other = median(one.seconds for one in ours), median(theirs)
    memory = max(one.peak_memory_bytes for one in ours) / 1_000_000
    return (
        "# Restore and rehearse, cold\n\nWritten by `python -m bench.rehearsal --write`; do not edit.\n\n"
        f"{megabytes} MB in {TABLES} tables with three indexes each, a custom dump, {len(ours)} rounds in turn, "
        f"{os.cpu_count()} cores, PostgreSQL 15.\n\n"
        "| way | median s | min - max s | ratio | to reach |\n| --- | --- | --- | --- | --- |\n"
        f"| Drydock: `check --snapshot` | {mine:.1f} | {_spread([one.seconds for one in ours])} | {mine / other:.2f} | "
        "<= 0.80 |\n"
        f"| `pg_restore`, default server, then Prisma's CLI | {other:.1f} | {_spread(theirs)} | 1.00 | - |\n\n"
        f"Peak memory of our largest process, servers apart: {memory:.0f} MB (to reach: <= 150 MB).\n"
    )


def _spread(values: list[float]) -> str:
    return f"{min(values):.1f} - {max(values):.1f}"


if __name__ == "__main__":
    sys.exit(main())

"""`python -m bench.rehearsal`: restore a dump and rehearse on it, cold, against what one would do by hand.

By hand: `pg_restore` in a single stream into a fresh database of a server with default settings, then the migration
tool's own CLI. Ours: `drydock check --snapshot`, whole process, from nothing to a report. In turn, round after round.
Three cases: pending migrations that reach 3 of 20 equal tables, those that reach one, and the first with every row
restored as it is by hand.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
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
TABLES_MADE = Migration(
    number=1,
    name="tables",
    sql="".join(
        f"CREATE TABLE bench_{n} (id bigserial PRIMARY KEY, customer int, note text,"
        " placed timestamptz, cents int);\n"
        f"CREATE INDEX bench_{n}_customer ON bench_{n} (customer);\n"
        f"CREATE INDEX bench_{n}_placed ON bench_{n} (placed);\n"
        for n in range(TABLES)
    ),
)
OF_THREE = (
    Migration(number=2, name="state", sql="ALTER TABLE bench_0 ADD COLUMN state text NOT NULL DEFAULT 'open';\n"),
    Migration(number=3, name="large_cents", sql="ALTER TABLE bench_1 ALTER COLUMN cents TYPE bigint;\n"),
    Migration(number=4, name="notes", sql="CREATE INDEX bench_2_note ON bench_2 (note);\n"),
)
OF_ONE = (
    Migration(number=2, name="state", sql="ALTER TABLE bench_0 ADD COLUMN state text NOT NULL DEFAULT 'open';\n"),
    Migration(number=3, name="notes", sql="CREATE INDEX bench_0_note ON bench_0 (note);\n"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is pending, and what is asked of us."""

    title: str
    pending: tuple[Migration, ...]
    options: tuple[str, ...] = ()
    to_reach: str


CASES = (
    Case(title="reach 15 % of the rows", pending=OF_THREE, to_reach="<= 0.80"),
    Case(title="reach 5 % of the rows", pending=OF_ONE, to_reach="<= 0.15"),
    Case(title="reach 15 %, `snapshot_rows: all`", pending=OF_THREE, options=("--snapshot-rows", "all"), to_reach="-"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The source database, its dump, and a project for each case."""

    databases: Databases
    dump: Path
    projects: Mapping[str, Path]
    """By the case's title."""
    home: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The rounds of one case."""

    case: Case
    ours: tuple[Usage, ...]
    theirs: tuple[float, ...]


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
        load = os.getloadavg()[1]
        measured = _measured(scene, tool, rounds=chosen.rounds)
    text = _told(measured, megabytes=chosen.megabytes, loads=(load, os.getloadavg()[1]))
    print(text)
    if chosen.write:
        (HERE / "REHEARSAL.md").write_text(text, encoding="utf-8")
    return 0


def _prepared(databases: Databases, folder: Path, *, tool: Contender, megabytes: int) -> Scene:
    projects = {case.title: folder / f"project-{number}" for number, case in enumerate(CASES)}
    scene = Scene(databases=databases, dump=folder / "source.dump", projects=projects, home=folder)
    for project in projects.values():
        project.mkdir()
        tool.layout(project, (TABLES_MADE,))
    databases.fresh_database("source")
    _deploy(scene, next(iter(projects.values())))
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
    for case in CASES:
        prisma(projects[case.title], (TABLES_MADE, *case.pending))
    databases.checkpoint()
    return scene


def _measured(scene: Scene, tool: Contender, *, rounds: int) -> tuple[Measured, ...]:
    """Case by case within a round, so that whatever else the machine does meets all of them."""
    found = [
        (case, _ours(scene, case), _by_hand(scene, tool, project=scene.projects[case.title]))
        for _ in range(rounds)
        for case in CASES
    ]
    return tuple(
        Measured(
            case=case,
            ours=tuple(ours for of, ours, _ in found if of is case),
            theirs=tuple(theirs for of, _, theirs in found if of is case),
        )
        for case in CASES
    )


def _ours(scene: Scene, case: Case) -> Usage:
    scene.databases.checkpoint()
    return timed(
        (str(PROGRAM), "check", "--snapshot", str(scene.dump), *case.options),
        directory=scene.projects[case.title],
        environment={**clean_environment(scene.home), "DATABASE_URL": scene.databases.url("source")},
    )


def _by_hand(scene: Scene, tool: Contender, *, project: Path) -> float:
    scene.databases.fresh_database("by_hand")
    scene.databases.checkpoint()
    url = scene.databases.url("by_hand")
    began = time.perf_counter()
    subprocess.run([str(BINARIES / "pg_restore"), "--no-owner", f"--dbname={url}", str(scene.dump)], check=True)
    environment = {**clean_environment(scene.home), **tool.settings, "DATABASE_URL": url}
    timed(tool.command, directory=project, environment=environment)
    seconds = time.perf_counter() - began
    scene.databases.drop("by_hand")
    return seconds


def _deploy(scene: Scene, project: Path) -> None:
    environment = {**clean_environment(scene.home), "DATABASE_URL": scene.databases.url("source")}
    timed((str(PROGRAM), "deploy", "--rehearse", "none"), directory=project, environment=environment)


def _told(measured: Sequence[Measured], *, megabytes: int, loads: tuple[float, float]) -> str:
    memory = max(one.peak_memory_bytes for each in measured for one in each.ours) / 1_000_000
    return (
        "# Restore and rehearse, cold\n\nWritten by `python -m bench.rehearsal --write`; do not edit.\n\n"
        f"{megabytes} MB in {TABLES} equal tables with three indexes each and no foreign keys, a custom dump, "
        f"{len(measured[0].ours)} rounds in turn, {os.cpu_count()} cores, PostgreSQL 15. By hand: `pg_restore` into a "
        "default server, then Prisma's CLI; it always restores all rows. Medians.\n\n"
        f"Load average of the machine before and behind: {loads[0]:.1f}, {loads[1]:.1f}; above the number of cores, "
        "other work took part of them, and only the ratios mean something. What is the same at any size (a server of "
        "our own, the structure, which is built twice, the report) shows most in the second case.\n\n"
        "| pending migrations | Drydock, s | min - max | by hand, s | min - max | ratio | to reach |\n"
        "| --- | --- | --- | --- | --- | --- | --- |\n"
        + "".join(map(_row, measured))
        + f"\nPeak memory of our largest process, servers apart: {memory:.0f} MB (to reach: <= 150 MB).\n"
    )


def _row(measured: Measured) -> str:
    seconds = [one.seconds for one in measured.ours]
    mine, other = median(seconds), median(measured.theirs)
    return (
        f"| {measured.case.title} | {mine:.1f} | {_spread(seconds)} | {other:.1f} | {_spread(measured.theirs)} "
        f"| {mine / other:.2f} | {measured.case.to_reach} |\n"
    )


def _spread(values: Sequence[float]) -> str:
    return f"{min(values):.1f} - {max(values):.1f}"


if __name__ == "__main__":
    sys.exit(main())

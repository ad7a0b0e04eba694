"""`RESULTS.md` and `results.json`: everything that was measured, as text. Pure, but for `write_results`."""

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.judgement import Contest, Standing, best_of, standings
from bench.machine import Machine
from bench.measure import Measured, Measurement, NotMeasured
from bench.workloads import Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """One run of the bench."""

    date: str
    rounds: int
    machine: Machine
    node: str
    contests: tuple[Contest, ...]


def write_results(results: Results, directory: Path) -> None:
    """Write both files into `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "RESULTS.md").write_text(markdown(results), encoding="utf-8")
    (directory / "results.json").write_text(raw(results), encoding="utf-8")


def raw(results: Results) -> str:
    """Every sample, as JSON."""
    content = {
        "date": results.date,
        "rounds": results.rounds,
        "machine": {**dataclasses.asdict(results.machine), "node": results.node},
        "workloads": {
            contest.workload.id: [_as_json(one) for one in contest.measurements] for contest in results.contests
        },
    }
    return json.dumps(content, indent=1) + "\n"


def markdown(results: Results) -> str:
    """The page that people read: figures first, then a table for each workload, then how it was done."""
    judged = [standing for contest in results.contests for standing in standings(contest)]
    parts = [
        "# Results of `make bench`",
        f"Written by the bench on {results.date}; do not edit. What the words mean: [README.md](README.md).",
        "## Figures to reach",
        _table(_FIGURE_HEAD, [_figure_row(standing) for standing in judged]),
        *(_section(contest) for contest in results.contests),
        "## Machine and method",
        _method(results),
    ]
    return "\n\n".join(parts) + "\n"


_FIGURE_HEAD = ("workload", "ours", "found", "best peer", "to reach", "reached")

_HEAD = (
    "tool",
    "median s",
    "min - max s",
    "ours / it",
    "round trips",
    "connections",
    "KB up",
    "KB down",
    "commits",
    "CPU s",
    "peak MB",
)


def _figure_row(standing: Standing) -> tuple[str, ...]:
    return (
        standing.workload.title,
        standing.contender.name,
        standing.found,
        standing.compared_with,
        standing.to_reach,
        standing.reached.value,
    )


def _section(contest: Contest) -> str:
    everybody = contest.measurements
    ours = best_of(everybody, [one.contender.name for one in everybody if one.contender.is_ours])
    table = _table(_HEAD, [_row(one, ours) for one in everybody if isinstance(one, Measured)])
    missing = [_excuse(one) for one in everybody if isinstance(one, NotMeasured)]
    return "\n\n".join([f"## {contest.workload.title}", _note(contest.workload), table, *missing])


def _note(workload: Workload) -> str:
    if workload.delay_seconds:
        milliseconds = 1000 * workload.delay_seconds
        return f"Through a proxy, {milliseconds:.0f} ms each way; traffic counted in the same runs."
    return "Timed without a proxy; traffic counted in the warm-up, through a proxy without delay."


def _row(one: Measured, ours: Measured | None) -> tuple[str, ...]:
    times = [sample.usage.seconds for sample in one.samples]
    return (
        f"{one.contender.name} {one.contender.version}",
        f"{one.seconds:.3f}",
        f"{min(times):.3f} - {max(times):.3f}",
        f"{ours.seconds / one.seconds:.2f}" if ours else "-",
        str(one.traffic.round_trips),
        str(one.traffic.connects),
        f"{one.traffic.bytes_up / 1000:.1f}",
        f"{one.traffic.bytes_down / 1000:.1f}",
        str(one.commits),
        f"{median(each.usage.cpu_seconds for each in one.samples):.2f}",
        f"{median(each.usage.peak_memory_bytes for each in one.samples) / 1e6:.0f}",
    )


def _excuse(one: NotMeasured) -> str:
    reason = " ".join(one.reason.split()).replace("|", "/")
    return f"{one.contender.name}: not measured. {reason}"


def _method(results: Results) -> str:
    machine = results.machine
    return f"""\
- {machine.processor}, {machine.cores} cores, {machine.memory_gib} GiB; {machine.system}.
- PostgreSQL {machine.postgres}, default settings, fsync on, on the same machine.
- Node {results.node}; Python {machine.python}.
- A one-row commit takes {machine.probe_commit_milliseconds} ms here, a `SELECT 1` through the slow proxy
  {machine.probe_round_trip_milliseconds} ms. Load average at the start: {machine.load}.
- {results.rounds} rounds, tools in turn, one warm-up not counted; a fresh database (where something is
  pending) and a CHECKPOINT before every run. Times are of the whole process, start to exit.
- Every run's tables, columns, indexes, constraints, views and row counts equal those of plain SQL, or it does
  not count.
- Prisma runs its own engine as WebAssembly; the native engine is not on npm and was not measured."""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _as_json(one: Measurement) -> dict[str, object]:
    tool = {"tool": one.contender.name, "version": one.contender.version}
    match one:
        case NotMeasured():
            return {**tool, "not_measured": one.reason}
        case Measured():
            warm_up, *samples = (dataclasses.asdict(sample) for sample in (one.warm_up, *one.samples))
            return {**tool, "median_seconds": one.seconds, "warm_up": warm_up, "samples": samples}

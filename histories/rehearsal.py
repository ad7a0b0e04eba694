"""The same history through rehearsals: the second half on the target's schema, the last quarter on a snapshot."""

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from histories import ours
from histories.history import History
from histories.reference import last_lines
from histories.staged import Stages, bring, staged

SNAPSHOT = "half.dump"
RESULT = "result.json"
NOT_EMPTY = "drydock_not_empty"
PROOFS = {"target-schema": ("proven", "not_proven", "inconclusive"), "snapshot": ("proven",)}
"""What may be said of a history that runs to its end: without rows not everything can be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one rehearsal said; no differences means that all is as it should be."""

    source: str
    said: str
    """For people: how many migrations it proved, and how far."""
    differences: tuple[str, ...]


def on_target_schema(history: History, url: str) -> Told:
    """Deploy half of it as it is to the empty database at `url`, then the rest after a rehearsal.

    Meanwhile the target is not empty: on a copy without its rows not everything is proven.
    """
    stages = Stages.of(history)
    with tempfile.TemporaryDirectory(prefix="drydock-history-") as folder:
        project = staged(history, Path(folder))
        first = _deployed(bring(history, project, stages.snapshot), url)
        rest = bring(history, project, len(history.scripts))
        with psycopg.connect(url, autocommit=True) as session:
            session.execute(f"CREATE TABLE {NOT_EMPTY} AS SELECT 1 AS row")
            told = _told(rest, url, ("target-schema",), before=first)
            session.execute(f"DROP TABLE {NOT_EMPTY}")
        return told


def on_snapshot(history: History, url: str) -> Told:
    """Deploy half of it, take a snapshot, deploy a quarter more, then the rest after a rehearsal on that snapshot."""
    stages = Stages.of(history)
    with tempfile.TemporaryDirectory(prefix="drydock-history-") as folder:
        project = staged(history, Path(folder))
        found = _deployed(bring(history, project, stages.snapshot), url)
        took = ours.drydock(project, url, "snapshot", SNAPSHOT)
        if took.exit_code != 0:
            found += (f"drydock snapshot exited {took.exit_code}:\n{last_lines(took)}",)
        found += _deployed(bring(history, project, stages.target), url)
        rest = bring(history, project, len(history.scripts))
        return _told(rest, url, ("snapshot", "--snapshot", SNAPSHOT), before=found)


def _deployed(project: History, url: str) -> tuple[str, ...]:
    ran = ours.deploy(project, url) if project.scripts else None
    return () if ran is None or ran.exit_code == 0 else (f"a first deploy exited {ran.exit_code}:\n{last_lines(ran)}",)


def _told(project: History, url: str, on: tuple[str, ...], *, before: tuple[str, ...]) -> Told:
    if before:
        return Told(source=on[0], said="not reached", differences=before)
    ran = ours.drydock(project, url, "deploy", "--rehearse", *on, "--report-json", RESULT)
    if ran.exit_code != 0:
        failed = f"drydock deploy --rehearse {on[0]} exited {ran.exit_code}:\n{last_lines(ran)}"
        return Told(source=on[0], said="failed", differences=(failed,))
    rehearsal = json.loads((project.project / RESULT).read_text("utf-8"))["rehearsal"]
    return Told(source=on[0], said=_summary(rehearsal), differences=tuple(_surprises(project, rehearsal, on[0])))


def _summary(rehearsal: dict[str, Any]) -> str:
    proofs = Counter(step["proof"].replace("_", " ") for step in rehearsal["steps"])
    words = [f"{count} {proof}" for proof, count in sorted(proofs.items())]
    if rehearsal["caught_up"]:
        words.append(f"{len(rehearsal['caught_up'])} caught up")
    return f"{', '.join(words)}; copied in {rehearsal['load_ms']} ms, run in {rehearsal['duration_ms']} ms"


def _surprises(project: History, rehearsal: dict[str, Any], source: str) -> Iterator[str]:
    stages = Stages.of(project)
    begun = stages.target if source == "snapshot" else stages.snapshot
    pending, caught_up = len(project.scripts) - begun, begun - stages.snapshot
    if len(rehearsal["steps"]) != pending:
        yield f"{source}: {len(rehearsal['steps'])} of {pending} pending migrations were rehearsed"
    if len(rehearsal["caught_up"]) != caught_up:
        yield f"{source}: {len(rehearsal['caught_up'])} of {caught_up} migrations were caught up"
    expected = PROOFS[source]
    for step in rehearsal["steps"]:
        if step["proof"] not in expected:
            yield f"{source}: {step['name']} is {step['proof']}: {step['reason']}"
    for name in ("drift", "skipped"):
        yield from (f"{source}: {name} {one}" for one in rehearsal[name])

"""`drydock demo`: the README's first command, on a machine without any PostgreSQL of its own."""

import json
from pathlib import Path

from tests.fixtures.program import run

NO_POSTGRES_ON_PATH = "/usr/bin:/bin"


def test_demo_tells_its_story_and_leaves_nothing_behind(tmp_path: Path) -> None:
    place = tmp_path / "tmp"
    place.mkdir()
    for folder in (place, *place.parents[:-2]):
        folder.chmod(folder.stat().st_mode | 0o055)

    ran = run("demo", cwd=tmp_path, env={"PATH": NO_POSTGRES_ON_PATH, "TMPDIR": str(place)}, seconds=110)

    assert ran.exit_code == 0, ran.said
    parts = (
        "is taken, rows and all",
        "23505 unique violation",
        "4 migrations pending",
        "4 migrations applied",
        "Nothing pending",
    )
    said = [ran.stdout.index(part) for part in parts]
    assert said == sorted(said)
    reports = tmp_path / "drydock-demo-report"
    report = json.loads((reports / "deploy" / "report.json").read_text("utf-8"))
    assert {step["proof"] for step in report["rehearsal"]["steps"]} == {"proven"}
    assert report["seed"]["outcome"] == "seeded", (report["seed"], ran.said)
    told = [(reports / name / "report.md").read_text("utf-8").split("\n")[0] for name in ("check", "deploy")]
    assert told[0].startswith("### ❌ REHEARSAL FAILED (staging): ")
    assert told[1] == "### ✅ APPLIED (staging): 4 migrations applied"
    assert list(place.iterdir()) == []

"""`drydock demo`: the README's first command, on a machine without any PostgreSQL of its own."""

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
    said = [ran.stdout.index(part) for part in ("3 migrations pending", "3 migrations applied", "Nothing pending")]
    assert said == sorted(said)
    assert list(place.iterdir()) == []

"""What the image adds to its base, as a registry would store it."""

import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.containers.engine import Engine

QUICK = "4"
"""The level of gzip; registries get 9, which is smaller."""
WEIGH = Path(__file__).parents[2] / "docker" / "weigh.py"
TITLE = {
    "podman": 'LABEL org.opencontainers.image.title="Drydock"',
    "docker": "LABEL org.opencontainers.image.title=Drydock",
}


def weighed(archive: Path) -> str:
    with archive.open("rb") as file:
        command = [sys.executable, str(WEIGH), "drydock:test", QUICK]
        done = subprocess.run(command, stdin=file, capture_output=True, timeout=300, check=True)
    return done.stdout.decode()


@pytest.mark.parametrize("title", TITLE.values(), ids=TITLE)
def test_only_layers_above_the_base_count(tmp_path: Path, title: str) -> None:
    archive = tmp_path / "image.tar"
    history = [{"created_by": "base"}, {"created_by": title, "empty_layer": True}, {"created_by": "COPY ours"}]
    files = {
        "manifest.json": json.dumps([{"Config": "config.json", "Layers": ["base.tar", "ours.tar"]}]).encode(),
        "config.json": json.dumps({"history": history}).encode(),
        "base.tar": b"b" * 50,
        "ours.tar": bytes(3_000_000),
    }
    with tarfile.open(archive, "w") as image:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            image.addfile(entry, io.BytesIO(content))

    said = weighed(archive).splitlines()

    assert [line.split("MB")[1].strip() for line in said] == ["COPY ours", "over the base, gzip -4"]


@pytest.mark.parametrize(("size", "most"), [("slim", 50.0), ("full", 150.0)])
def test_the_image_is_small(
    engine: Engine, request: pytest.FixtureRequest, tmp_path: Path, *, size: str, most: float
) -> None:
    archive = tmp_path / "image.tar"
    engine.must("save", "--output", archive, request.getfixturevalue(size), seconds=300)

    total = weighed(archive).splitlines()[-1]

    assert 10 < float(total.split()[1]) <= most, total

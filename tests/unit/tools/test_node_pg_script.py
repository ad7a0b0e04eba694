"""Where the up part of a file begins and ends, held to the JavaScript that node-pg-migrate runs."""

import json
import random
import shutil
import subprocess

import pytest

from drydock.tools.convention import Unfit, Up
from drydock.tools.node_pg_script import up_of

ITS_OWN = """
const marker = (word) => new RegExp(`^\\\\s*--[\\\\s-]*${word}\\\\s+migration`, "im");
const up_of = (content) => {
  const up = content.search(marker("up")), down = content.search(marker("down"));
  return up >= 0 ? content.slice(up, down < up ? undefined : down) : content;
};
const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(texts.map(up_of)));
"""
PIECES = (
    *("--", "-- ", "- ", "up", "UP", "Down", "down", " migration", "\tMigration", "migrations", "\n", "\r\n", "\r"),
    *("\u2028", "\u00a0", "\v", ";", "SELECT 1", "$$", "'", "\ufeff", " ", "/*"),
)


def up_parts(texts: list[str]) -> list[str]:
    """What node-pg-migrate takes of each."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node to compare with")
    given = json.dumps(texts).encode()
    done = subprocess.run([node, "-e", ITS_OWN], input=given, capture_output=True, check=True, timeout=60)
    parts: list[str] = json.loads(done.stdout)
    return parts


def test_up_part_of_random_texts_is_the_tools_own() -> None:
    choose = random.Random(20240301)  # noqa: S311 - the same texts in every run
    texts = ["".join(choose.choices(PIECES, k=choose.randint(1, 14))) for _ in range(6000)]
    shown = [(text, up_of(text)) for text in texts]

    theirs = up_parts(texts)

    differ = [
        (text, found, part)
        for (text, found), part in zip(shown, theirs, strict=True)
        if isinstance(found, Up) and found.text.lstrip("\n") != part.lstrip("\n")
    ]
    assert differ == []
    refused = [text for text, found in shown if isinstance(found, Unfit)]
    assert refused, "texts with nothing but a down marker are among them"
    assert all(part == text for text, part in zip(texts, theirs, strict=True) if text in refused)


def test_lines_of_the_up_part_stay_where_they_are() -> None:
    text = "-- one\n-- two\n-- Up Migration\nSELECT 4;\n-- Down Migration\nSELECT 6;\n"

    found = up_of(text)

    assert isinstance(found, Up)
    assert found.text.split("\n")[3] == "SELECT 4;"
    assert "SELECT 6" not in found.text

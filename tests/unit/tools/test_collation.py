"""The order of Prisma's folders and node-pg-migrate's files, held to the JavaScript that they run."""

import json
import random
import shutil
import string
import subprocess

import pytest

from drydock.tools.collation import collation_key, numeric_key

SORT = """
const names = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(names.sort((a, b) => a.localeCompare(b, undefined, OPTIONS))));
"""
NUMERIC = '{usage: "sort", numeric: true, sensitivity: "variant", ignorePunctuation: true}'

ASCII = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "/")
LIKELY = string.digits + "_-" + "abAB"
ACCENTED = "aAeEéÉoOöÖzZñ_0"


def sorted_by_node(names: list[str], options: str = "{}") -> list[str]:
    """The names in the order of `localeCompare` in the root locale."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node to compare with")
    environment = {"LC_ALL": "C", "LANG": "C"}
    done = subprocess.run(
        [node, "-e", SORT.replace("OPTIONS", options)],
        input=json.dumps(names).encode(),
        capture_output=True,
        env=environment,
        check=True,
        timeout=60,
    )
    ordered: list[str] = json.loads(done.stdout)
    return ordered


@pytest.mark.parametrize("alphabet", [ASCII, LIKELY, ACCENTED])
def test_random_names_sort_as_node_sorts_them(alphabet: str) -> None:
    choose = random.Random(20240101)  # noqa: S311 - the same names in every run
    names = {"".join(choose.choices(alphabet, k=choose.randint(1, 9))) for _ in range(4000)}
    shuffled = choose.sample(sorted(names), len(names))

    assert sorted(shuffled, key=collation_key) == sorted_by_node(shuffled)


@pytest.mark.parametrize("alphabet", [ASCII, LIKELY, ACCENTED])
def test_random_names_sort_by_number_as_node_sorts_them(alphabet: str) -> None:
    choose = random.Random(20240102)  # noqa: S311 - the same names in every run
    names = sorted({"".join(choose.choices(alphabet, k=choose.randint(1, 9))) for _ in range(4000)})

    assert sorted(choose.sample(names, len(names)), key=numeric_key) == sorted_by_node(names, NUMERIC)


def test_observed_order_of_prisma() -> None:
    day = "20240101"
    observed = f"_u -h .hid 10_x {day} {day}_a {day}_b {day}_B {day}_é {day}_f {day}-c {day}0 9_x a_y A_z".split()

    assert sorted(observed, key=collation_key) == observed

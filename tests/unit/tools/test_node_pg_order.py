"""The order of files in each major version of node-pg-migrate, as it was observed, and what it cannot sort."""

import pytest

from drydock.errors import ProjectError
from drydock.tools.node_pg_order import name_of, ordered, place_of

SET = "1_b 1_B 1_a10 1_a9 1-c 01_z 1 20240101000000000_utc 1704067199999_ms 20240101000000_knexlike".split()
LAST = "1704067199999_ms 20240101000000000_utc 20240101000000_knexlike".split()
OBSERVED = {
    9: "1_a9 1_a10 1_b 1_B 1-c 1 01_z".split(),
    8: "1-c 1 1_a9 1_a10 1_b 1_B 01_z".split(),
    7: "1-c 1 1_a9 1_a10 1_b 1_B 01_z".split(),
    6: "1-c 01_z 1 1_a10 1_a9 1_b 1_B".split(),
    5: "1-c 01_z 1 1_B 1_a10 1_a9 1_b".split(),
}


@pytest.mark.parametrize("major", OBSERVED)
def test_observed_order(major: int) -> None:
    files = [f"{name}.sql" for name in SET]

    found = ordered(files, major=major)

    assert [name_of(file) for file in found] == [*OBSERVED[major], *LAST]
    assert list(found) == sorted(files, key=lambda file: place_of(file, major=major))


@pytest.mark.parametrize("file", ["README.md", "_1.sql", "a1.sql", "20241301000000000_x.sql"])
def test_what_version_9_cannot_sort_is_named(file: str) -> None:
    with pytest.raises(ProjectError, match=file.split(".", maxsplit=1)[0]):
        ordered([file], major=9)


@pytest.mark.parametrize(
    ("file", "name"),
    [("1_a.sql", "1_a"), ("1_a.up.sql", "1_a.up"), ("1_a", "1_a"), (".x", ".x"), ("1.", "1"), ("1_a.d.ts", "1_a.d")],
)
def test_name_is_the_file_without_its_last_extension(file: str, name: str) -> None:
    assert name_of(file) == name

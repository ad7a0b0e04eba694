"""The configuration of a throwaway server."""

from pathlib import Path

import pytest

from drydock.scratch.settings import Machine, configuration, filling, memory_bytes

GIB = 1 << 30


@pytest.mark.parametrize(
    ("memory", "spare", "expected"),
    [
        (256 << 20, 100 << 20, ("32MB", "16MB", "64MB")),
        (4 * GIB, 8 * GIB, ("512MB", "256MB", "2048MB")),
        (512 * GIB, 900 * GIB, ("1024MB", "1024MB", "8192MB")),
        (0, -5, ("16MB", "16MB", "64MB")),
    ],
)
def test_sizes_follow_the_machine_within_limits(memory: int, spare: int, expected: tuple[str, str, str]) -> None:
    found = filling(Machine(memory_bytes=memory, spare_bytes=spare))

    assert (found["shared_buffers"], found["maintenance_work_mem"], found["max_wal_size"]) == expected


def test_container_limit_is_the_memory(tmp_path: Path) -> None:
    limit, none = tmp_path / "memory.max", tmp_path / "unlimited"
    limit.write_text("268435456\n")
    none.write_text("max\n")

    assert memory_bytes((limit, none)) == 256 << 20
    assert memory_bytes((none, tmp_path / "nowhere")) > 256 << 20


def test_quotes_and_backslashes_survive() -> None:
    assert configuration({"a": r"it's \ here"}) == "a = 'it''s \\\\ here'\n"

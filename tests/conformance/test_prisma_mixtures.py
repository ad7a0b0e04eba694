"""Any mixture of rows and files: our view of it is what the real Prisma acts by."""

import random
import re
from dataclasses import dataclass

import pytest

from tests.conformance.prisma_scene import PrismaScene, assert_prisma_says, copy_of
from tests.fixtures.database import TestDatabase

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

EXAMPLES = 12
NAMES = ("20240101_a", "20240101_B", "20240101-c", "202401010", "9_x", "A_z", "_u")
FINISHED, ROLLED_BACK = "2024-02-02 10:11:12.345+00", "2024-02-03 10:11:12.345+00"
FAILED = re.compile(r"The `(.+?)` migration started at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """Rows (name, finished, rolled back), and the text of each file."""

    rows: tuple[tuple[str, bool, bool], ...]
    files: tuple[tuple[str, str], ...]

    @property
    def prisma_status_is_truthful(self) -> bool:
        """Its known gaps: it takes a row that was rolled back for a row, and hides failures behind pending ones."""
        on_disk = {name for name, _ in self.files}
        return all(name in on_disk and not rolled_back for name, _, rolled_back in self.rows)


def mixture(seed: int) -> Mixture:
    """The mixture of this number. Every second one has no failed row, so that Prisma goes on; some have no rows that
    were rolled back.
    """
    chance = random.Random(seed)  # noqa: S311 - the same mixture in every run
    states = [(True, False), (True, False), (True, True), (False, True), (False, False)]
    allowed = states if seed % 2 else states[:4]
    allowed = [state for state in allowed if seed % 3 or not state[1]]
    rows = [(name, *chance.choice(allowed)) for name in NAMES for _ in range(chance.choice((0, 1, 1, 2)))]
    on_disk = NAMES if seed % 3 == 0 else chance.sample(NAMES, chance.randint(3, len(NAMES)))
    chance.shuffle(rows)
    return Mixture(rows=tuple(rows), files=tuple((name, f"SELECT {len(name)};\n") for name in on_disk))


@pytest.mark.parametrize("seed", range(EXAMPLES))
def test_pending_and_failed_are_the_same_for_both(scene: PrismaScene, maintenance: TestDatabase, seed: int) -> None:
    made = mixture(seed)
    scene.create_history()
    for number, (name, finished, rolled_back) in enumerate(made.rows):
        scene.record(
            name,
            started_at=f"2024-01-01 00:00:{number:02}+00",
            finished_at=FINISHED if finished else None,
            rolled_back_at=ROLLED_BACK if rolled_back else None,
        )
    scene.project(dict(made.files))

    status = scene.result("status")
    pending = [migration["name"] for migration in status["pending"]]
    failed = sorted({problem["name"] for problem in status["problems"] if problem["kind"] == "failed_row"})
    if made.prisma_status_is_truthful:
        assert (scene.prisma_status().exit_code == 0) is (status["verdict"]["exit_code"] == 0), made
    with copy_of(scene.database, maintenance) as copy:
        ours = scene.on(copy).deploy()
        after_ours = scene.on(copy).history()
    theirs = scene.prisma_deploy()

    if failed:
        assert_prisma_says(theirs, 1, "P3009")
        assert sorted(set(FAILED.findall(theirs.stdout + theirs.stderr))) == failed, made
        assert (status["verdict"]["exit_code"], ours.exit_code) == (12, 12), ours.said
    else:
        assert (theirs.exit_code, ours.exit_code) == (0, 0), made
        assert [row[0] for row in scene.history()[len(made.rows) :]] == pending, made
    assert after_ours == scene.history(), made

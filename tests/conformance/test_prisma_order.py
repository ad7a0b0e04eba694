"""Which folders are migrations, and in which order the real Prisma runs them. (Names by the thousand: `unit/tools`.)"""

import pytest

from tests.conformance.prisma_scene import PrismaScene
from tests.fixtures.database import TestDatabase

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

FOLDERS = (
    "_u -h .hid 10_x 20240101 20240101_a 20240101_b 20240101_B 20240101_f 20240101_é 20240101-c 202401010 9_x a_y A_z "
    "20240101_ab 20240101_a_b 20240101_a-b 20240101_a.b 20240101_Ab 20240101+x 20240101~x 20240101(1) 20240101@x"
).split()


def test_the_same_folders_are_migrations_in_the_same_order(scene: PrismaScene, second_database: TestDatabase) -> None:
    scene.project(dict.fromkeys(FOLDERS, "SELECT 1;\n"))
    migrations = scene.root / "prisma" / "migrations"
    scene.write("elsewhere/20240505_linked/migration.sql", "SELECT 1 / 0;\n")
    (migrations / "20240505_linked").symlink_to(scene.root / "elsewhere" / "20240505_linked")
    scene.write("prisma/migrations/20240606_file.sql", "SELECT 1 / 0;\n")
    scene.write("prisma/migrations/9_x/nested/migration.sql", "SELECT 1 / 0;\n")
    scene.write("prisma/migrations/9_x/down.sql", "SELECT 1 / 0;\n")
    prisma = scene.on(second_database)

    ours, theirs = scene.deploy(), prisma.prisma_deploy()

    assert (ours.exit_code, theirs.exit_code) == (0, 0), ours.said + theirs.stderr
    assert scene.names() == prisma.names()
    assert set(scene.names()) == set(FOLDERS)

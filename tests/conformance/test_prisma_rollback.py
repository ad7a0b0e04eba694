"""Prisma knows no rollback: of what we undo, it thinks as of what was never applied, and applies it again."""

import pytest

from tests.conformance.prisma_scene import (
    PrismaScene,
    assert_prisma_finds_nothing_pending,
    assert_prisma_says,
)
from tests.end_to_end.scenes import assert_says

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

ONE, TWO = "20240101000000_users", "20240102000000_posts"


def undone(scene: PrismaScene) -> None:
    """Two migrations, deployed by Prisma; the second is rolled back by us."""
    scene.project({ONE: "CREATE TABLE users (id integer);", TWO: "CREATE TABLE posts (id integer);"})
    (scene.root / "prisma" / "migrations" / TWO / "down.sql").write_text("DROP TABLE posts;", "utf-8")
    assert scene.prisma_deploy().exit_code == 0
    marked = scene.run("init", "--target", "--environment", "staging")
    assert_says(marked, 0, "marked as staging")
    assert_says(
        scene.run("rollback", "--steps", "1", "--environment", "staging", "--rehearse", "none"), 0, "rolled back"
    )


def test_prisma_finds_pending_what_we_undid_and_applies_it_again(scene: PrismaScene) -> None:
    undone(scene)
    assert scene.names() == [ONE]

    status, again = scene.prisma_status(), scene.prisma_deploy()

    assert_prisma_says(status, 1, TWO)
    assert_prisma_says(again, 0, "All migrations have been successfully applied.")
    assert scene.names() == [ONE, TWO]
    assert "posts" in scene.database.tables()


def test_prisma_finds_nothing_to_do_after_we_have_applied_again_what_we_undid(scene: PrismaScene) -> None:
    undone(scene)

    ours = scene.deploy()

    assert_says(ours, 0, "1 migration applied")
    assert_prisma_finds_nothing_pending(scene.prisma_deploy())
    assert_prisma_says(scene.prisma_status(), 0, "Database schema is up to date!")

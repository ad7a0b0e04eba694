"""A pull request without any database: the base's migrations are replayed, and the new ones rehearsed on the result."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.end_to_end.faults import assert_said, result_in
from tests.fixtures.program import Ran, run
from tests.fixtures.projects import prisma_project

SECONDS = 110.0
USERS = {"1_users": "CREATE TABLE users (id int PRIMARY KEY, email text);"}
ON_BASE = ("--rehearse", "history", "--report-json", "result.json")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository whose branch main has one migration."""
    prisma_project(tmp_path, USERS)
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    committed(tmp_path, "The base")
    git(tmp_path, "checkout", "--quiet", "-b", "change")
    return tmp_path


def git(root: Path, *arguments: str) -> None:
    """Run git there, as somebody."""
    who = {f"GIT_{role}_{what}": "a@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    subprocess.run(["git", *arguments], cwd=root, env={**os.environ, **who}, check=True, capture_output=True)


def committed(root: Path, message: str) -> None:
    """Commit all that is there."""
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", message)


def checked(root: Path, *options: str, env: Mapping[str, str] | None = None) -> Ran:
    """Check it as a pull request's job does, with no database named."""
    return run("check", *ON_BASE, *options, cwd=root, env=env or {}, seconds=SECONDS)


@pytest.mark.slow
@pytest.mark.parametrize("named", [("--base", "main"), ()], ids=["option", "CI"])
def test_new_migrations_are_rehearsed_on_what_the_base_makes(checkout: Path, named: tuple[str, ...]) -> None:
    prisma_project(checkout, {**USERS, "2_posts": "ALTER TABLE users ADD COLUMN posts int;"})
    prisma_project(checkout, {"3_unique": "CREATE UNIQUE INDEX users_email ON users (email);"})
    git(checkout, "update-ref", "refs/remotes/origin/main", "main")

    ran = checked(checkout, *named, env={} if named else {"GITHUB_BASE_REF": "main"})

    assert_said(ran, 0, "2 migrations pending", "+ column public.users.posts", "a replay of", "no rows in users")
    steps = result_in(checkout)["rehearsal"]["steps"]
    assert [(step["name"], step["proof"]) for step in steps] == [("2_posts", "proven"), ("3_unique", "not_proven")]


@pytest.mark.slow
def test_migration_that_fails_on_the_base_is_found(checkout: Path) -> None:
    prisma_project(checkout, {**USERS, "2_posts": "ALTER TABLE nowhere ADD COLUMN posts int;"})

    ran = checked(checkout, "--base", "main")

    assert_said(ran, 5, "2_posts", "42P01", "2_posts/migration.sql:1")


@pytest.mark.slow
def test_migration_of_the_base_that_was_edited_is_said(checkout: Path) -> None:
    prisma_project(checkout, {"1_users": "CREATE TABLE users (id bigint PRIMARY KEY, email text);"})

    ran = checked(checkout, "--base", "main", "--history-edited", "stop")

    assert_said(ran, 12, "1_users")


@pytest.mark.slow
def test_without_a_base_every_migration_is_new(tmp_path: Path) -> None:
    prisma_project(tmp_path, {**USERS, "2_posts": "ALTER TABLE users ADD COLUMN posts int;"})

    ran = checked(tmp_path)

    assert_said(ran, 0, "2 migrations pending", "No base is named")


@pytest.mark.slow
def test_base_without_any_migrations_is_an_empty_database(checkout: Path) -> None:
    git(checkout, "checkout", "--quiet", "--orphan", "bare")
    git(checkout, "rm", "-r", "--quiet", "--cached", ".")
    (checkout / "README").write_text("nothing yet")
    git(checkout, "add", "README")
    git(checkout, "commit", "--quiet", "--message", "nothing")

    ran = checked(checkout, "--base", "bare")

    assert_said(ran, 0, "1 migration pending", "bare")


@pytest.mark.slow
def test_base_whose_migrations_fail_is_told_as_such(checkout: Path) -> None:
    prisma_project(checkout, {**USERS, "2_posts": "ALTER TABLE nowhere ADD COLUMN posts int;"})
    committed(checkout, "broken")
    prisma_project(checkout, {"3_likes": "CREATE TABLE likes (id int);"})

    ran = checked(checkout, "--base", "change")

    assert_said(ran, 11, "The base change cannot be replayed", "2_posts", "42P01")


@pytest.mark.parametrize("base", ["origin/elsewhere", "v1..v2"])
def test_base_that_is_not_in_the_checkout_says_how_to_fetch_it(checkout: Path, base: str) -> None:
    ran = checked(checkout, "--base", base)

    assert_said(ran, 11, f"The base {base} is not in this checkout", "fetch-depth: 0")


def test_deploy_without_a_database_is_refused_all_the_same(checkout: Path) -> None:
    ran = run("deploy", "--rehearse", "history", cwd=checkout, env={})

    assert_said(ran, 2, "database_url")

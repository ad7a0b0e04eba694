"""The environment mark: written once into a new database, absent in every copy of it."""

import subprocess
from pathlib import Path

from tests.end_to_end.scenes import UNTOUCHED, Scene, assert_says
from tests.fixtures.database import TestDatabase
from tests.fixtures.projects import flat_project

USERS = "CREATE TABLE users (name text);\n"
MARK = "SELECT environment FROM drydock.identity"


def project_of(scene: Scene) -> None:
    """A flat folder with one migration and a seed for staging."""
    flat_project(scene.root, {"1_users.sql": USERS})
    scene.write("drydock.yml", "seed:\n  files: [seed.sql]\n")
    scene.write("seed.sql", "INSERT INTO users VALUES ('Ada');")


def copied(binaries: Path, source: TestDatabase, copy: TestDatabase) -> None:
    """Restore a dump of the one into the other."""
    dump = subprocess.run([binaries / "pg_dump", source.url], capture_output=True, check=True, timeout=60).stdout
    command = [f"{binaries}/psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", copy.url]
    subprocess.run(command, input=dump, capture_output=True, check=True, timeout=60)


def at(database: TestDatabase) -> dict[str, str]:
    """The environment that leads to this database."""
    return {"DATABASE_URL": database.url}


def test_restored_dump_of_a_marked_production_is_unmarked(
    scene: Scene, second_database: TestDatabase, postgres_binaries: Path
) -> None:
    project_of(scene)
    assert_says(scene.deploy("--environment", "production"), 0, "1 migration applied")
    copied(postgres_binaries, scene.database, second_database)
    flat_project(scene.root, {"2_more.sql": "SELECT 2;"})

    ran = scene.deploy("--environment", "staging", env=at(second_database))

    assert_says(ran, 0, "1 migration applied", "not marked (a mark for production came in a dump)", "Seed: none")
    assert second_database.value("SELECT count(*) FROM users") == 0
    assert second_database.value(MARK) == "production"


def test_copy_of_a_staging_is_not_seeded_before_it_is_marked_itself(
    scene: Scene, second_database: TestDatabase, postgres_binaries: Path
) -> None:
    project_of(scene)
    assert scene.deploy("--environment", "production").exit_code == 0
    copied(postgres_binaries, scene.database, second_database)
    copy = at(second_database)

    marked = scene.run("init", "--target", "--environment", "staging", env=copy)
    flat_project(scene.root, {"2_more.sql": "SELECT 2;"})
    ran = scene.deploy("--environment", "staging", env=copy)

    assert_says(marked, 0, "is marked as staging")
    assert_says(ran, 0, "marked staging", "Seed: 1 part ran")
    assert second_database.value("SELECT count(*) FROM users") == 1
    assert (scene.database.value(MARK), scene.database.value("SELECT count(*) FROM users")) == ("production", 0)


def test_init_marks_a_database_and_only_that(scene: Scene) -> None:
    project_of(scene)
    scene.database.execute("CREATE TABLE older ()")

    ran = scene.run("init", "--target", "--environment", "staging")

    assert_says(ran, 0, scene.database.name, "is marked as staging")
    assert scene.database.tables("drydock") == {"identity"}
    assert scene.database.tables() == {"older"}
    assert_says(scene.deploy("--environment", "staging"), 0, "marked staging", "Seed: 1 part ran")


def test_other_mark_is_only_replaced_by_name(scene: Scene) -> None:
    project_of(scene)
    assert scene.run("init", "--target", "--environment", "production").exit_code == 0
    to_staging = ("init", "--target", "--environment", "staging")

    refused = scene.run(*to_staging)
    wrong = scene.run(*to_staging, "--replace", "qa")
    unchanged = scene.database.value(MARK)
    replaced = scene.run(*to_staging, "--replace", "production")

    assert_says(refused, 12, "marked as production, not staging", "--replace production", UNTOUCHED)
    assert_says(wrong, 12, "marked as production, not staging", UNTOUCHED)
    assert unchanged == "production"
    assert_says(replaced, 0, "is marked as staging")
    assert scene.database.value(MARK) == "staging"


def test_mark_without_an_environment_is_refused(scene: Scene) -> None:
    project_of(scene)

    assert_says(scene.run("init", "--target"), 2, "--environment", UNTOUCHED)
    assert scene.is_untouched()


def test_mark_stays_when_it_is_made_twice(scene: Scene) -> None:
    project_of(scene)

    assert scene.run("init", "--target", "--environment", "staging").exit_code == 0
    assert_says(scene.run("init", "--target", "--environment", "staging"), 0, "is marked as staging")

    assert scene.database.rows(MARK) == [("staging",)]


def test_role_that_may_not_mark_is_told_what_to_grant(scene: Scene) -> None:
    project_of(scene)
    role = scene.database.role("stranger")

    ran = scene.run("init", "--target", "--environment", "staging", env={"DATABASE_URL": role.url})

    assert_says(ran, 2, "mark cannot be written", role.user, "Grant CREATE on database", UNTOUCHED)
    assert scene.is_untouched()


def test_database_that_was_new_only_before_a_failed_deploy_is_not_called_new_again(scene: Scene) -> None:
    flat_project(scene.root, {"1_users.sql": USERS, "2_bad.sql": "SELECT 1/0;"})
    assert scene.deploy("--environment", "staging").exit_code == 6
    assert scene.database.rows(MARK) == [("staging",)]
    flat_project(scene.root, {"2_bad.sql": "SELECT 1;"})

    ran = scene.deploy("--environment", "production")

    assert_says(ran, 0, "1 migration applied", "marked staging")
    assert scene.database.rows(MARK) == [("staging",)]

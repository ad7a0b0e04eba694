"""Seeding: only where the configuration and the database's own mark agree, and never by chance."""

import json

import pytest

from tests.end_to_end.scenes import UNTOUCHED, Scene, assert_says
from tests.fixtures.projects import add_prisma_migration, flat_project, prisma_project

USERS = "CREATE TABLE users (name text);\n"
STAGING = ("--environment", "staging")
SEED = "INSERT INTO users VALUES ('Ada');\n"


def project_with(scene: Scene, seed: str) -> None:
    """A flat folder with one migration, and this seed section for staging."""
    flat_project(scene.root, {"1_users.sql": USERS})
    scene.write("drydock.yml", f"seed:\n  {seed}\n")
    scene.write("seeds/a.sql", SEED)


def names(scene: Scene) -> list[str]:
    """Whom the seeds have put there."""
    return [name for (name,) in scene.database.rows("SELECT name FROM users ORDER BY name")]


# --- the gate --------------------------------------------------------------------------------------------------


def test_fresh_database_is_marked_and_seeded(scene: Scene) -> None:
    project_with(scene, "files: [seeds/*.sql]")

    ran = scene.deploy(*STAGING)

    assert_says(ran, 0, "1 migration applied", "Seeding: seeds/a.sql", "Seed: 1 part ran")
    assert scene.database.value("SELECT environment FROM drydock.identity") == "staging"
    assert names(scene) == ["Ada"]


def test_unmarked_database_with_tables_is_neither_seeded_nor_marked(scene: Scene) -> None:
    project_with(scene, "files: [seeds/*.sql]")
    scene.database.execute("CREATE TABLE older ()")

    ran = scene.deploy(*STAGING)

    assert_says(ran, 0, "1 migration applied", "Seed: none", "not marked as staging", "drydock init --target")
    assert names(scene) == []
    assert "identity" not in scene.database.tables("drydock")


@pytest.mark.parametrize("environment", ["production", "", "qa"])
def test_other_environments_are_never_seeded(scene: Scene, environment: str) -> None:
    project_with(scene, "files: [seeds/*.sql]")

    ran = scene.deploy(*(("--environment", environment) if environment else ()))

    assert_says(ran, 0, "1 migration applied", "Seed: none", environment or "production rules")
    assert names(scene) == []


def test_production_among_the_environments_to_seed_is_refused(scene: Scene) -> None:
    project_with(scene, "environments: [staging, production]")

    assert_says(scene.deploy(*STAGING), 2, "drydock.yml:2", "production", UNTOUCHED)
    assert scene.is_untouched()


def test_configuration_that_says_staging_about_a_marked_production_seeds_nothing(scene: Scene) -> None:
    project_with(scene, "files: [seeds/*.sql]")
    assert scene.deploy("--environment", "production").exit_code == 0
    flat_project(scene.root, {"2_more.sql": "SELECT 2;"})

    ran = scene.deploy(*STAGING)

    assert_says(ran, 0, "1 migration applied", "Seed: none", "marked as production, not staging")
    assert names(scene) == []


def test_nothing_applied_is_nothing_seeded(scene: Scene) -> None:
    project_with(scene, "files: [seeds/*.sql]")
    assert scene.deploy(*STAGING).exit_code == 0

    ran = scene.deploy(*STAGING)

    assert_says(ran, 0, "Nothing pending", "Seed: none, nothing was applied", UNTOUCHED)
    assert names(scene) == ["Ada"]


def test_failed_migration_is_followed_by_no_seed(scene: Scene) -> None:
    project_with(scene, "files: [seeds/*.sql]")
    flat_project(scene.root, {"2_bad.sql": "SELECT 1/0;"})

    ran = scene.deploy(*STAGING)

    assert_says(ran, 6, "2_bad.sql", "Seed: none, not every migration was applied")
    assert names(scene) == []


# --- the kinds of seed -----------------------------------------------------------------------------------------


def test_sql_seeds_run_in_the_order_of_the_list(scene: Scene) -> None:
    project_with(scene, 'files: ["seeds/z.sql", "seeds/[ab].sql"]')
    scene.write("seeds/z.sql", "CREATE TABLE log AS SELECT 'z' AS said;")
    scene.write("seeds/a.sql", "INSERT INTO log VALUES ('a');")
    scene.write("seeds/b.sql", "INSERT INTO log VALUES ('b'); -- the end")

    assert_says(scene.deploy(*STAGING), 0, "Seed: 3 parts ran")

    assert [said for (said,) in scene.database.rows("SELECT said FROM log")] == ["z", "a", "b"]


def test_seed_file_outside_the_project_is_found(scene: Scene) -> None:
    outside = scene.root.parent / "seed [1].sql"
    outside.write_text(SEED, "utf-8")
    project_with(scene, f"files: ['{outside}']")

    assert_says(scene.deploy(*STAGING), 0, "Seed: 1 part ran")

    assert names(scene) == ["Ada"]


@pytest.mark.parametrize("pattern", ["seeds/none*.sql", "/nowhere/*.sql", "seeds/**.sql", "seeds"])
def test_seed_that_is_not_there_is_told_before_anything_is_applied(scene: Scene, pattern: str) -> None:
    project_with(scene, f"files: ['{pattern}']")

    assert_says(scene.deploy(*STAGING), 2, pattern, UNTOUCHED)
    assert scene.is_untouched()


@pytest.mark.parametrize(("content", "words"), [(b";\nSELECT '\x00';", "NUL"), (b";\n-- caf\xe9", "not UTF-8")])
def test_seed_that_cannot_be_sent_is_told_before_anything_is_applied(scene: Scene, content: bytes, words: str) -> None:
    project_with(scene, "files: [seeds/*.sql]")
    scene.write("seeds/a.sql", content)

    assert_says(scene.deploy(*STAGING), 2, "seeds/a.sql, line 2", words, UNTOUCHED)
    assert scene.is_untouched()


def test_seed_that_never_commits_is_a_failed_seed(scene: Scene) -> None:
    project_with(scene, "files: [seeds/*.sql]")
    scene.write("seeds/a.sql", f"BEGIN;\n{SEED}")

    ran = scene.deploy(*STAGING)

    assert names(scene) == []
    assert_says(ran, 10, "seeds/a.sql", "BEGIN")


def test_failure_of_an_sql_seed_names_the_line(scene: Scene) -> None:
    project_with(scene, "files: [seeds/*.sql]")
    scene.write("seeds/a.sql", f"{SEED}\nINSERT INTO nowhere VALUES (1);\n")

    assert_says(scene.deploy(*STAGING), 10, "seeds/a.sql:3")


def test_check_of_a_fresh_database_says_that_it_will_be_seeded(scene: Scene) -> None:
    project_with(scene, "files: [seeds/*.sql]")

    assert_says(scene.run("check", "--rehearse", "none", *STAGING), 0, "Seed: 1 part to run")


def test_report_of_a_fresh_database_names_the_mark_that_was_made(scene: Scene) -> None:
    project_with(scene, "files: [seeds/*.sql]")

    assert_says(scene.deploy(*STAGING), 0, "marked staging")


def test_command_gets_the_address_and_its_output_is_fenced(scene: Scene) -> None:
    script = 'echo "::error::owned"; printf "##vso[task.complete]\\\\r\\\\033[2J\\\\n"; test -n "$DATABASE_URL"'
    project_with(scene, f"command: '{script}'")

    ran = scene.process("deploy", "--rehearse", "none", *STAGING)

    assert_says(ran, 0, "    | ", "error::owned", "Seed: 1 part ran")
    assert [line for line in ran.stdout.splitlines() if line.startswith(("::", "##"))] == []
    assert "##vso[" not in ran.stdout
    assert "\x1b" not in ran.stdout


def test_prisma_seed_of_package_json_runs_without_a_shell(scene: Scene) -> None:
    prisma_project(scene.root, {"1_users": USERS})
    scene.write("package.json", json.dumps({"prisma": {"seed": "sh seed.sh $HOME 'a b'"}}))
    scene.write("seed.sh", 'echo "got:$#:$1:$2:"\n')
    scene.write("drydock.yml", "seed:\n  tool: true\n")

    ran = scene.deploy(*STAGING)

    assert_says(ran, 0, "    | got:3:$HOME:'a:", "Seed: 1 part ran")


def test_prisma_project_without_a_seed_is_told_where_it_was_looked_for(scene: Scene) -> None:
    prisma_project(scene.root, {"1_users": USERS})
    scene.write("prisma.config.ts", "export default { migrations: { seed: 'tsx seed.ts' } }")
    scene.write("drydock.yml", "seed:\n  tool: true\n")

    assert_says(scene.deploy(*STAGING), 0, "1 migration applied", "Seed: none", "package.json", "seed.command")


# --- a seed that fails -----------------------------------------------------------------------------------------


def test_failed_sql_seed_leaves_nothing_and_the_next_deploy_runs_it_again(scene: Scene) -> None:
    project_with(scene, "files: [seeds/*.sql]")
    scene.write("seeds/a.sql", SEED + "INSERT INTO users SELECT ('canary' || 1/0);\n")

    failed = scene.deploy(*STAGING)
    left = names(scene)
    still = scene.run("status", *STAGING)
    scene.write("seeds/a.sql", SEED)
    again = scene.run("deploy", *STAGING)
    after = scene.deploy(*STAGING)

    assert_says(failed, 10, "the seed failed in seeds/a.sql", "22012", "the next deploy runs it again", "is applied")
    assert left == []
    assert "canary" not in failed.said
    assert_says(still, 0, "Seed: 1 part to run")
    assert_says(again, 0, "Nothing pending", "Seed: 1 part ran")
    assert_says(after, 0, "Seed: none, nothing was applied")
    assert names(scene) == ["Ada"]
    assert (scene.flat_names(), scene.database.value("SELECT count(*) FROM drydock.deploys")) == (["1_users.sql"], 2)


def test_failed_command_is_told_with_its_exit_status_and_without_its_text(scene: Scene) -> None:
    project_with(scene, "command: 'echo row-canary; exit 3 # s3cret'")

    failed = scene.deploy(*STAGING, "--report-json", "result.json")
    again = scene.deploy(*STAGING)

    assert_says(failed, 10, "the seed failed in seed.command", "exit status 3", "    | row-canary")
    assert_says(again, 10, "seed.command")
    assert "canary" not in (scene.root / "result.json").read_text("utf-8")
    assert "s3cret" not in failed.said


def test_program_of_a_seed_that_is_not_there_is_named(scene: Scene) -> None:
    prisma_project(scene.root, {"1_users": USERS})
    scene.write("package.json", json.dumps({"prisma": {"seed": "no-such-program seed.ts"}}))
    scene.write("drydock.yml", "seed:\n  tool: true\n")

    assert_says(scene.deploy(*STAGING), 10, "the seed failed in prisma's own seed", "no-such-program cannot be started")


def test_pending_migration_after_a_failed_seed_runs_both(scene: Scene) -> None:
    prisma_project(scene.root, {"1_users": USERS})
    scene.write("drydock.yml", "seed:\n  files: [seed.sql]\n")
    scene.write("seed.sql", "SELECT 1/0;")
    assert scene.deploy(*STAGING).exit_code == 10
    scene.write("seed.sql", SEED)
    add_prisma_migration(scene.root, "2_more", "SELECT 2;")

    assert_says(scene.deploy(*STAGING), 0, "1 migration applied", "Seed: 1 part ran")

    assert names(scene) == ["Ada"]

"""What the history of Knex may look like when a deploy meets it, how it is repaired, and the seeds."""

import signal

import pytest

from tests.end_to_end.knex_scene import KnexScene
from tests.end_to_end.scenes import UNREHEARSED, UNTOUCHED, assert_says, assert_silent_about
from tests.fixtures.program import started
from tests.oracles.knex_cli import creates, does

pytestmark = pytest.mark.oracle

USERS, BOATS, PIERS = "20240101_users.js", "20240102_boats.js", "20240103_piers.js"


def deployed(scene: KnexScene, *names: str) -> None:
    """A project with these migrations, all of them applied by Drydock."""
    scene.project({name: creates(name.partition("_")[2].removesuffix(".js")) for name in names})
    assert_says(scene.deploy(), 0)


def test_file_that_is_gone_stops_what_is_pending_as_in_knex(knexed: KnexScene) -> None:
    deployed(knexed, USERS, BOATS)
    (knexed.root / "migrations" / USERS).unlink()
    up_to_date = knexed.deploy()
    knexed.project({PIERS: creates("piers")})

    ours, theirs = knexed.deploy(), knexed.knex("migrate:latest")

    assert_says(up_to_date, 0, "Nothing pending", f"{USERS} is applied on the target but missing on disk")
    assert_says(ours, 12, "the tool refuses to run anything", USERS, UNTOUCHED)
    assert "The migration directory is corrupt" in theirs.stderr
    assert knexed.names() == [USERS, BOATS]


def test_file_that_was_compiled_is_recognised_and_can_be_recorded_anew(knexed: KnexScene) -> None:
    deployed(knexed, USERS)
    knexed.database.execute("UPDATE knex_migrations SET name = '20240101_users.ts'")

    stopped = knexed.deploy()
    taken_out = knexed.run("resolve", "20240101_users.ts", "--rolled-back")
    put_in = knexed.run("resolve", USERS, "--applied")

    assert_says(stopped, 12, f"20240101_users.ts (on disk: {USERS})", "drydock resolve 20240101_users.ts --rolled-back")
    assert_says(taken_out, 0, "recorded no more")
    assert_says(put_in, 0, f"Migration {USERS} is marked as applied")
    assert_says(knexed.deploy(), 0, "Nothing pending")
    assert "Already up to date" in knexed.knex("migrate:latest").stdout


def test_missing_file_is_put_up_with_where_the_knexfile_says_so(knexed: KnexScene) -> None:
    deployed(knexed, USERS, BOATS)
    (knexed.root / "migrations" / USERS).unlink()
    knexfile = (
        "module.exports = { client: 'pg', connection: process.env.DATABASE_URL, "
        "migrations: { disableMigrationsListValidation: true } };"
    )
    knexed.project({PIERS: creates("piers")}, knexfile=knexfile)

    assert_says(knexed.deploy(), 0, "1 migration applied", "missing on disk")


def test_older_checkout_changes_nothing_and_is_no_mistake(knexed: KnexScene) -> None:
    deployed(knexed, USERS, BOATS)
    rows = knexed.history()
    (knexed.root / "migrations" / BOATS).unlink()

    ran = knexed.deploy()

    assert_says(ran, 0, "Nothing pending", UNTOUCHED)
    assert BOATS not in ran.said
    assert knexed.history() == rows


def test_older_pending_migration_is_applied_with_a_warning(knexed: KnexScene) -> None:
    deployed(knexed, USERS, PIERS)
    knexed.project({BOATS: creates("boats")})

    stopped = knexed.deploy("--history-out-of-order", "stop")
    ran = knexed.deploy()

    assert_says(stopped, 12, f"{BOATS} is pending, though {PIERS}", UNTOUCHED)
    assert_says(ran, 0, f"{BOATS} is pending, though {PIERS}")
    assert knexed.names() == [USERS, PIERS, BOATS]


def test_lock_that_a_killed_run_left_is_told_and_can_be_released(knexed: KnexScene) -> None:
    deployed(knexed, USERS)
    knexed.database.execute("UPDATE knex_migrations_lock SET is_locked = 1")
    knexed.project({BOATS: creates("boats")})

    stopped, theirs = knexed.deploy(), knexed.knex("migrate:latest")
    resolved = knexed.run("resolve", BOATS, "--rolled-back")
    ran = knexed.deploy()

    assert_says(stopped, 12, "lock in public.knex_migrations_lock is taken", "a run without a transaction was killed")
    assert "already locked" in theirs.stderr
    assert_says(resolved, 0, BOATS)
    assert_says(ran, 0, "1 migration applied")


def test_lock_of_a_run_that_goes_on_names_its_session(knexed: KnexScene) -> None:
    deployed(knexed, USERS)
    knexed.database.execute("UPDATE knex_migrations_lock SET is_locked = 1")
    knexed.project({BOATS: creates("boats")})

    with knexed.database.connect(autocommit=False) as session:
        session.execute("SET application_name = 'someone deploys'; SELECT * FROM knex_migrations")
        ran = knexed.deploy()

    assert_says(ran, 12, "at work on it: pid", "someone deploys", "Run again when that run has ended")


def test_two_rows_in_the_lock_table_keep_knex_out_and_are_mended(knexed: KnexScene) -> None:
    deployed(knexed, USERS)
    knexed.database.execute("INSERT INTO knex_migrations_lock (is_locked) VALUES (0)")
    knexed.project({BOATS: creates("boats")})

    assert_says(knexed.deploy(), 12, "knex_migrations_lock")
    assert_says(knexed.run("resolve", BOATS, "--rolled-back"), 0)

    assert_says(knexed.deploy(), 0, "1 migration applied")


def test_run_that_is_killed_leaves_what_knex_leaves(knexed: KnexScene) -> None:
    up = "await knex.raw('CREATE TABLE half ()'); console.log('made it'); await knex.raw('SELECT pg_sleep(60)');"
    knexed.project({USERS: creates("users"), BOATS: does(up)})

    with started(*UNREHEARSED, cwd=knexed.root, env=knexed.environment()) as running:
        running.wait_for("made it")
        running.kill()
    knexed.database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%%pg_sleep(60)%%' AND pid <> "
        "pg_backend_pid()"
    )
    knexed.project({BOATS: creates("boats")})
    ran = knexed.deploy()

    assert_says(ran, 0, "1 migration applied")
    assert (knexed.made(), knexed.names()) == ({"users", "boats"}, [USERS, BOATS])


@pytest.mark.parametrize(
    ("name", "mark", "words"),
    [
        ("nowhere.js", "--applied", "no migration nowhere.js"),
        (USERS, "--applied", "applied already"),
        (BOATS, "--rolled-back", "not recorded as applied"),
    ],
)
def test_resolve_that_has_nothing_to_repair_changes_nothing(
    knexed: KnexScene, name: str, mark: str, words: str
) -> None:
    deployed(knexed, USERS)
    knexed.project({BOATS: creates("boats")})
    rows = knexed.history()

    assert_says(knexed.run("resolve", name, mark), 12, words, UNTOUCHED)

    assert knexed.history() == rows


def test_migration_marked_as_applied_is_not_run(knexed: KnexScene) -> None:
    knexed.project({USERS: creates("users"), BOATS: creates("boats")})
    knexed.database.execute("CREATE TABLE users ()")

    resolved, ran = knexed.run("resolve", USERS, "--applied"), knexed.deploy()

    assert_says(resolved, 0, f"Migration {USERS} is marked as applied")
    assert_says(ran, 0, "1 migration applied")
    assert [row[1:3] for row in knexed.history()] == [(USERS, 1), (BOATS, 2)]


def test_seeds_are_run_by_the_knex_of_the_project(knexed: KnexScene) -> None:
    knexed.project({USERS: creates("users")})
    knexed.write("seeds/1_users.js", "exports.seed = (knex) => knex('users').insert({ id: 7 });")
    env = {"DRYDOCK_ENVIRONMENT": "staging", "DRYDOCK_SEED_TOOL": "true"}

    ran = knexed.deploy(env=env)

    assert_says(ran, 0, "1 migration applied", "1 seed files were run")
    assert knexed.database.rows("SELECT id FROM users") == [(7,)]
    assert_silent_about(ran, [knexed.database.password, "\x1e"])


def test_seed_that_fails_is_told_without_its_values(knexed: KnexScene) -> None:
    knexed.project({USERS: creates("users")})
    rows = "[{ id: 4711 }, { id: 4711 }]"
    knexed.write("seeds/1_users.js", f"exports.seed = (knex) => knex('users').insert({rows});")
    env = {"DRYDOCK_ENVIRONMENT": "staging", "DRYDOCK_SEED_TOOL": "true"}

    ran = knexed.deploy(env=env)

    assert_says(ran, 10, "1 migration applied, but the seed failed", "23505")
    assert_silent_about(ran, ["4711"])


def test_ten_pods_at_once_make_one_deploy(knexed: KnexScene) -> None:
    knexed.project({USERS: does("await knex.raw('SELECT pg_sleep(1)'); await knex.raw('CREATE TABLE once ()');")})
    env = knexed.environment()

    with (
        started(*UNREHEARSED, cwd=knexed.root, env=env) as one,
        started(*UNREHEARSED, cwd=knexed.root, env=env) as other,
    ):
        ends = [one.finished(), other.finished()]

    assert [ran.exit_code for ran in ends] == [0, 0], "\n".join(ran.said for ran in ends)
    assert knexed.names() == [USERS]


def test_signal_between_start_and_first_migration_leaves_the_target_as_it_was(knexed: KnexScene) -> None:
    knexfile = (
        "const until = Date.now() + 3000; console.error('reading'); "
        "if (process.env.PGPORT !== '1') while (Date.now() < until);"
        "module.exports = { client: 'pg', connection: process.env.DATABASE_URL };"
    )
    knexed.project({USERS: creates("users")}, knexfile=knexfile)

    with started(*UNREHEARSED, cwd=knexed.root, env=knexed.environment()) as running:
        running.wait_for("| reading")
        running.signal(signal.SIGTERM)
        ran = running.finished()

    assert_says(ran, 143, "Stopped between two migrations: interrupted by signal 15")
    assert (knexed.made(), knexed.names()) == (set(), [])


def test_result_for_programs_says_how_each_was_run_and_what_stands_in_the_way(knexed: KnexScene) -> None:
    alone = does("await knex.raw('CREATE INDEX CONCURRENTLY alone ON users (id)');", config="{ transaction: false }")
    knexed.project({USERS: creates("users"), BOATS: alone})

    deployed = knexed.result(*UNREHEARSED)
    (knexed.root / "migrations" / USERS).unlink()
    knexed.project({PIERS: creates("piers")})
    knexed.database.execute("UPDATE knex_migrations_lock SET is_locked = 1")
    held = knexed.result(*UNREHEARSED)

    assert [(step["path"], step["reason"]) for step in deployed["steps"]] == [
        ("tool", None),
        ("tool", "the migration opts out of a transaction"),
    ]
    assert [(problem["kind"], problem["reaction"]) for problem in held["problems"]] == [
        ("locked", "stop"),
        ("corrupt", "stop"),
    ]

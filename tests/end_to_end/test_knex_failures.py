"""Knex migrations that go wrong in every way that code can: what is said, what the objects and the history are then."""

import signal
import time

import pytest

from tests.end_to_end.knex_scene import KnexScene
from tests.end_to_end.scenes import UNREHEARSED, assert_says, assert_silent_about
from tests.fixtures.program import Running, started
from tests.oracles.knex_cli import creates, does

pytestmark = pytest.mark.oracle

FIRST, BAD, LAST = "1_first.js", "2_bad.js", "3_last.js"
OPTS_OUT = "{ transaction: false }"
MADE = "await knex.schema.createTable('half', (table) => table.increments());"
ROLLED_BACK = "no object and no history row of this migration is on the target"
HALF = "what it did before it ended may be in effect, and it is not recorded"


def lay_out(scene: KnexScene, up: str, *, config: str = "") -> None:
    scene.project({FIRST: creates("first"), BAD: does(up, config=config), LAST: creates("last")})


@pytest.mark.parametrize(
    ("up", "says"),
    [
        (
            "throw new TypeError('of its own');",
            ("error TypeError", f"migrations/{BAD}:1", "    | TypeError: of its own"),
        ),
        ("throw null;", ("error TypeError",)),
        ("process.exit(0);", ("the program ended in its midst with exit status 0",)),
        ("process.kill(process.pid, 'SIGKILL'); await new Promise(() => {});", ("ended in its midst with signal 9",)),
        ("setTimeout(() => { throw new RangeError(); }); await new Promise(() => {});", ("error RangeError",)),
        ("Promise.reject(new RangeError()); await new Promise(() => {});", ("error RangeError",)),
        ("await knex.raw('SELECT nothing_like_it');", ('42703 column "nothing_like_it" does not exist',)),
        ("await knex.raw('DO $$BEGIN RAISE EXCEPTION $a$bob@example.org$a$; END$$');", ("P0001 raise exception",)),
        ("await knex.raw('SELECT pg_terminate_backend(pg_backend_pid())');", ("connection to the server was lost",)),
        ("process.stdout.write('without an end'); throw new Error();", ("    | without an end\n", "error Error")),
        ("require('fs').writeSync(1, 'past us'); throw new Error();", ("    | past us\n", "error Error")),
    ],
)
def test_migration_in_a_transaction_leaves_nothing(knexed: KnexScene, up: str, says: tuple[str, ...]) -> None:
    lay_out(knexed, f"{MADE} {up}")

    ran = knexed.deploy()

    assert_says(ran, 9 if "was lost" in says[0] else 6, f"Migration {BAD} failed", *says, ROLLED_BACK)
    assert (knexed.made(), knexed.names(), knexed.lock()) == ({"first"}, [FIRST], [(1, 0)])
    assert_silent_about(ran, ["bob@example.org"])


@pytest.mark.parametrize("up", ["throw new Error();", "process.exit(3);", "await knex.raw('SELECT nothing_like_it');"])
def test_migration_that_opts_out_of_a_transaction_is_half_done(knexed: KnexScene, up: str) -> None:
    lay_out(knexed, f"{MADE} {up}", config=OPTS_OUT)

    ran = knexed.deploy()

    assert_says(ran, 7, f"Migration {BAD} failed", HALF)
    assert (knexed.made(), knexed.names(), knexed.lock()) == ({"first", "half"}, [FIRST], [(1, 0)])


def test_values_and_passwords_do_not_leave(knexed: KnexScene) -> None:
    up = (
        "console.log(process.env.DATABASE_URL); console.error(new URL(process.env.DATABASE_URL).password);"
        "await knex.schema.createTable('people', (table) => table.string('email').unique());"
        "await knex('people').insert([{ email: 'bob@example.org' }, { email: 'bob@example.org' }]);"
    )
    lay_out(knexed, up)

    ran = knexed.deploy()

    assert_says(ran, 6, "23505 unique violation", "constraint people_email_unique", f"migrations/{BAD}:1", "    | ***")
    assert_silent_about(ran, [knexed.database.password, "bob@example.org"])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("exports.up = async () => {", "SyntaxError"),
        ("throw new TypeError();", "TypeError"),
        ("exports.up = async () => {};", "it must export both up and down"),
        ("require('nothing-like-it');", "MODULE_NOT_FOUND"),
    ],
)
def test_migration_that_cannot_be_loaded_keeps_all_from_being_run(knexed: KnexScene, text: str, says: str) -> None:
    knexed.project({FIRST: creates("first"), BAD: text})

    ran = knexed.deploy()

    assert_says(ran, 2, f"Migration {BAD} cannot be loaded", says, "The target was not touched.")
    assert (knexed.made(), knexed.names()) == (set(), [])


def test_statement_that_takes_too_long_is_ended(knexed: KnexScene) -> None:
    lay_out(knexed, f"{MADE} await knex.raw('SELECT pg_sleep(60)');")

    ran = knexed.deploy("--statement-timeout", "300ms")

    assert_says(ran, 6, "57014 query canceled", ROLLED_BACK)
    assert (knexed.made(), knexed.names()) == ({"first"}, [FIRST])


@pytest.mark.parametrize(
    "waits",
    [
        "await knex.raw('SELECT pg_sleep(60)');",
        "await new Promise(() => setTimeout(() => {}, 60000));",
        "const until = Date.now() + 60000; while (Date.now() < until);",
        "await knex.raw('SELECT pg_sleep(60)').catch(() => new Promise(() => setTimeout(() => {}, 60000)));",
    ],
    ids=["in a statement", "in a promise", "in a loop", "in a statement whose cancel it swallows"],
)
def test_signal_ends_a_migration_within_seconds(knexed: KnexScene, waits: str) -> None:
    lay_out(knexed, f"{MADE} console.log('made it'); {waits}")

    with started(*UNREHEARSED, cwd=knexed.root, env=knexed.environment()) as running:
        seconds = signalled_at(running, "made it")
        ran = running.finished()

    assert_says(ran, 143, f"Interrupted by signal 15 during {BAD}", ROLLED_BACK)
    assert time.monotonic() - seconds < 7
    assert (knexed.made(), knexed.names(), knexed.lock()) == ({"first"}, [FIRST], [(1, 0)])


def test_signal_in_a_migration_outside_of_a_transaction_tells_what_is_half_done(knexed: KnexScene) -> None:
    lay_out(knexed, f"{MADE} console.log('made it'); await knex.raw('SELECT pg_sleep(60)');", config=OPTS_OUT)

    with started(*UNREHEARSED, cwd=knexed.root, env=knexed.environment()) as running:
        signalled_at(running, "made it")
        ran = running.finished()

    assert_says(ran, 7, f"Interrupted by signal 15 during {BAD}", HALF)
    assert (knexed.made(), knexed.names(), knexed.lock()) == ({"first", "half"}, [FIRST], [(1, 0)])


def test_lock_that_traffic_holds_is_given_way_to_and_tried_again(knexed: KnexScene) -> None:
    lay_out(knexed, "await knex.raw('LOCK TABLE held');")
    knexed.database.execute("CREATE TABLE held ()")

    with knexed.database.connect(autocommit=False) as session:
        session.execute("LOCK TABLE held")
        with started(*UNREHEARSED, "--lock-timeout", "300ms", cwd=knexed.root, env=knexed.environment()) as running:
            running.wait_for("gave way to other sessions (lock not available, behind pid")
            session.rollback()
            ran = running.finished()

    assert_says(ran, 0, "3 migrations applied", "attempt 2")
    assert [row[1:3] for row in knexed.history()] == [(FIRST, 1), (BAD, 1), (LAST, 1)]


def test_lock_that_is_not_let_go_ends_clean_and_names_who_holds_it(knexed: KnexScene) -> None:
    lay_out(knexed, f"{MADE} await knex.raw('LOCK TABLE held');")
    knexed.database.execute("CREATE TABLE held ()")

    with knexed.database.connect(autocommit=False) as session:
        session.execute("SET application_name = 'a long report'; LOCK TABLE held")
        ran = knexed.deploy("--lock-timeout", "300ms", "--retries", "1", "--retry-pause-min", "1ms")

    assert_says(ran, 8, "55P03", "attempt 2", "in the way: pid", "a long report", ROLLED_BACK)
    assert (knexed.made(), knexed.names()) == ({"first", "held"}, [FIRST])


def test_lock_is_not_waited_for_again_outside_of_a_transaction(knexed: KnexScene) -> None:
    lay_out(knexed, f"{MADE} await knex.raw('ALTER TABLE held ADD a int');", config=OPTS_OUT)
    knexed.database.execute("CREATE TABLE held ()")

    with knexed.database.connect(autocommit=False) as session:
        session.execute("LOCK TABLE held")
        ran = knexed.deploy("--lock-timeout", "300ms")

    assert_says(ran, 7, "55P03", HALF)
    assert "attempt 2" not in ran.said


def signalled_at(running: Running, words: str) -> float:
    """Send SIGTERM once the run has said these words; when."""
    running.wait_for(words)
    running.signal(signal.SIGTERM)
    return time.monotonic()

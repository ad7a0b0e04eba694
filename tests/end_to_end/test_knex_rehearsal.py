"""Knex migrations on a copy: the same program as on the target, and nothing of it ever reaches the target."""

import re

import pytest

from tests.end_to_end.knex_scene import KnexScene
from tests.end_to_end.scenes import UNTOUCHED, assert_says, assert_silent_about
from tests.fixtures.database import TestDatabase
from tests.oracles.knex_cli import KNEXFILE, creates, does

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

USERS = "20240101_users.js"
OWN_CLIENT = """
const Client = require('knex/lib/dialects/postgres/index.js');
class Own extends Client {{
  constructor(config) {{ super({{ ...config, connection: '{url}' }}); }}
}}
module.exports = {{ client: Own, connection: process.env.DATABASE_URL }};
"""
DOTENV = """
require('dotenv').config({ override: true });
module.exports = { client: 'pg', connection: process.env.DATABASE_URL };
"""
STRICT_TLS = """
module.exports = {
  client: 'pg', connection: { connectionString: process.env.DATABASE_URL, ssl: { rejectUnauthorized: true } },
};
"""


@pytest.mark.parametrize(
    ("knexfile", "env_file"),
    [
        (KNEXFILE, ""),
        ("module.exports = {{ client: 'pg', connection: '{url}' }};", ""),
        ("module.exports = {{ client: 'pg', connection: async () => ({{ connectionString: '{url}' }}) }};", ""),
        ("module.exports = async () => ({{ development: {{ client: 'pg', connection: '{url}' }} }});", ""),
        (DOTENV, "DATABASE_URL={url}\nPGHOST={host}\n"),
        (STRICT_TLS, ""),
    ],
    ids=["plain", "hard-coded", "function", "async and by environment", ".env that overrides", "strict TLS"],
)
def test_whatever_the_knexfile_says_the_copy_is_what_it_runs_on(
    knexed: KnexScene, knexfile: str, env_file: str
) -> None:
    url, host = knexed.database.url, knexed.database.host
    is_template = "{{" in knexfile
    text = knexfile.format(url=url) if is_template else knexfile
    knexed.project({USERS: creates("users")}, knexfile=text)
    knexed.write(".env", env_file.format(url=url, host=host))

    checked = knexed.run("check")
    untouched = knexed.is_untouched()
    deployed = knexed.run("deploy")

    assert_says(checked, 0, "Rehearsal: 1 migration", "+ table public.users", UNTOUCHED)
    assert untouched
    assert_says(deployed, 0, "1 migration applied")
    assert knexed.names() == [USERS]


def test_client_that_leads_to_the_target_is_stopped_before_anything_runs(knexed: KnexScene) -> None:
    knexfile = OWN_CLIENT.format(url=knexed.database.url)
    knexed.project({USERS: creates("users")}, knexfile=knexfile)

    ran = knexed.run("deploy")

    place = f"{knexed.database.host}:{knexed.database.port}"
    assert_says(ran, 11, f"would reach {place}, beyond the copy", UNTOUCHED)
    assert knexed.made() == set()


def test_client_that_leads_elsewhere_is_stopped_on_the_target_too(
    knexed: KnexScene, second_database: TestDatabase
) -> None:
    knexed.project({USERS: creates("users")}, knexfile=OWN_CLIENT.format(url=second_database.url))

    ran = knexed.deploy()

    assert_says(ran, 2, "knexfile.js leads to another database than the one it was given", UNTOUCHED)
    assert (knexed.made(), second_database.tables()) == (set(), set())


@pytest.mark.parametrize(
    "reaching",
    [
        "await new (require('pg').Client)('{url}').connect();",
        "await fetch('http://{place}/').catch((error) => {{ throw error; }});",
        "await require('events').once(require('net').connect({port}, '{host}'), 'connect');",
    ],
    ids=["by the driver", "by http", "by a socket"],
)
def test_migration_that_reaches_beyond_the_copy_is_kept_from_it(knexed: KnexScene, reaching: str) -> None:
    database = knexed.database
    place = f"{database.host}:{database.port}"
    up = reaching.format(url=database.url, place=place, host=database.host, port=database.port)
    knexed.project({USERS: does(up)})

    ran = knexed.run("check")

    assert_says(ran, 11, f"would reach {place}, beyond the copy", UNTOUCHED)
    assert knexed.is_untouched()


def test_environment_of_a_rehearsal_holds_no_trace_of_the_target(knexed: KnexScene) -> None:
    knexed.project({USERS: does("console.log(JSON.stringify(process.env));")})
    url, password = knexed.database.url, knexed.database.password
    also = {"MY_URL": url, "DB_PASS": password, "NODE_CONFIG": f'{{"db": "{password}"}}', "APP_MODE": "trial"}

    ran = knexed.run("check", env=also)

    (said,) = [line for line in ran.stdout.splitlines() if line.startswith("    | {")]
    assert '"APP_MODE":"trial"' in said
    assert "NODE_CONFIG" in said
    assert f":{knexed.database.port}/" not in said
    assert said.count("***") == len(re.findall(r"postgresql://[^:]+:\*\*\*@", said))


def test_migration_that_fails_fails_on_the_copy_first(knexed: KnexScene) -> None:
    knexed.project({USERS: creates("users"), "20240102_bad.js": does("await knex.raw('SELECT * FROM nowhere');")})

    ran = knexed.run("deploy")

    assert_says(ran, 5, 'relation "nowhere" does not exist', "migrations/20240102_bad.js:1", UNTOUCHED)
    assert knexed.is_untouched()


def test_history_with_rows_is_gone_on_with_on_the_copy(knexed: KnexScene) -> None:
    knexed.project({USERS: creates("users"), "20240102_boats.js": creates("boats")})
    assert_says(knexed.deploy(), 0)
    knexed.project({"20240103_piers.js": creates("piers")})

    ran = knexed.run("deploy")

    assert_says(ran, 0, "Rehearsal: 1 migration", "+ table public.piers", "1 migration applied")
    assert [row[:3] for row in knexed.history()] == [
        (1, USERS, 1),
        (2, "20240102_boats.js", 1),
        (3, "20240103_piers.js", 2),
    ]


def test_address_of_the_target_reaches_the_apply_only(knexed: KnexScene) -> None:
    knexed.project({USERS: does("console.log('port', new URL(process.env.DATABASE_URL).port);")})

    ran = knexed.run("deploy")

    rehearsed, _, applied = ran.stdout.partition("Applying to the target:")
    assert_says(ran, 0)
    assert f"| port {knexed.database.port}\n" not in rehearsed
    assert f"| port {knexed.database.port}\n" in applied
    assert_silent_about(ran, [knexed.database.password])

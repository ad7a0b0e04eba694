"""Knex on a server that speaks TLS: as strict as the address says, else as the knexfile says."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.end_to_end.knex_scene import KnexScene
from tests.end_to_end.scenes import UNREHEARSED, assert_says
from tests.fixtures.database import TestDatabase, fresh_database
from tests.fixtures.postgres import server_from
from tests.oracles.knex_cli import KNEXFILE, creates

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

USERS = "20240101_users.js"
STRICT = """
module.exports = {
  client: 'pg', connection: { connectionString: process.env.DATABASE_URL, ssl: { rejectUnauthorized: true } },
};
"""
IS_ENCRYPTED = (
    "exports.up = async (knex) => {\n"
    "  const { rows } = await knex.raw('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');\n"
    "  console.log('encrypted', rows[0].ssl);\n"
    "};\nexports.down = async () => {};\n"
)


@pytest.fixture(scope="module")
def secured(postgres_binaries: Path) -> Iterator[tuple[TestDatabase, Path]]:
    """A server of its own that lets in by TLS only over TCP, and its certificate."""
    kept, database = server_from(postgres_binaries)
    data = kept.home.path / "data"
    try:
        words = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
        made = ["-keyout", str(data / "server.key"), "-out", str(data / "server.crt")]
        names = ["-addext", "subjectAltName=DNS:localhost"]
        subprocess.run([*words.split(), *made, *names], check=True, capture_output=True)
        for name in ("server.key", "server.crt"):
            (data / name).chmod(0o600)
            kept.home.account.own(data / name)
        rules = (data / "pg_hba.conf").read_text("utf-8")
        (data / "pg_hba.conf").write_text(f"hostssl all all all scram-sha-256\nhostnossl all all all reject\n{rules}")
        for statement in ("ALTER SYSTEM SET ssl = on", "SELECT pg_reload_conf()"):
            database.execute(statement)
        authority = kept.home.path / "ca.crt"
        authority.write_bytes((data / "server.crt").read_bytes())
        yield replace(database, host="localhost"), authority
    finally:
        kept.end()


@pytest.mark.parametrize(
    ("options", "knexfile", "says"),
    [
        ("", KNEXFILE, "encrypted true"),
        ("sslmode=require", KNEXFILE, "encrypted true"),
        ("sslmode=require", STRICT, "encrypted true"),
        ("sslmode=verify-ca&sslrootcert={ca}", STRICT, "encrypted true"),
        ("sslmode=verify-full&sslrootcert={ca}", KNEXFILE, "encrypted true"),
        ("", STRICT, "DEPTH_ZERO_SELF_SIGNED_CERT"),
    ],
)
def test_connection_is_as_strict_as_was_said(
    knexed: KnexScene, secured: tuple[TestDatabase, Path], options: str, knexfile: str, says: str
) -> None:
    server, authority = secured
    knexed.project({USERS: IS_ENCRYPTED}, knexfile=knexfile)

    with fresh_database(server) as database:
        url = f"{database.url}?{options.format(ca=authority)}"
        ran = knexed.run(*UNREHEARSED, env={"DATABASE_URL": url})

    assert_says(ran, 0 if says == "encrypted true" else 2, says)


def test_copy_is_used_whatever_the_knexfile_demands(knexed: KnexScene, secured: tuple[TestDatabase, Path]) -> None:
    server, authority = secured
    knexed.project({USERS: creates("users")}, knexfile=STRICT)

    with fresh_database(server) as database:
        url = f"{database.url}?sslmode=verify-full&sslrootcert={authority}"
        ran = knexed.run("deploy", env={"DATABASE_URL": url})

        assert_says(ran, 0, "Rehearsal: 1 migration", "1 migration applied")
        assert "users" in database.tables()


def test_seeds_are_encrypted_too(knexed: KnexScene, secured: tuple[TestDatabase, Path]) -> None:
    server, _ = secured
    knexed.project({USERS: creates("users")})
    knexed.write("seeds/1_users.js", "exports.seed = (knex) => knex('users').insert({ id: 7 });")

    with fresh_database(server) as database:
        env = {"DATABASE_URL": database.url, "DRYDOCK_ENVIRONMENT": "staging", "DRYDOCK_SEED_TOOL": "true"}
        ran = knexed.run(*UNREHEARSED, env=env)

    assert_says(ran, 0, "1 seed files were run")

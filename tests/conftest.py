"""The list of fixture modules; each of them is one subject."""

pytest_plugins = [
    "tests.fixtures.postgres",
    "tests.fixtures.scratch",
    "tests.fixtures.majors",
    "tests.fixtures.proxy",
    "tests.fixtures.pgbouncer",
    "tests.fixtures.oracles",
    "tests.fixtures.golden",
    "tests.fixtures.snapshots",
    "tests.fixtures.http_server",
    "tests.fixtures.rooms",
    "tests.fixtures.github_api",
    "tests.fixtures.hook_server",
]

"""An address as the environment variables that libpq reads: how a child connects without its arguments telling."""

from collections.abc import Mapping

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo

from drydock.errors import UsageError
from drydock.postgres.address import address_of
from drydock.redact import Secret


def libpq_environment(address: Secret) -> Mapping[str, str]:
    """PGHOST, PGUSER, PGPASSWORD and so on, so that a child reaches the database as we do.

    Options without a variable of their own (keepalives, sslpassword) are dropped. What the address leaves open is
    taken from our own PG* variables and service file. The values are secret. Raises UsageError when libpq cannot read
    the address.
    """
    try:
        given = conninfo_to_dict(address_of(address).dsn.reveal())
    except psycopg.ProgrammingError:
        raise UsageError(
            "The database address cannot be read by libpq.",
            hint="Use postgresql://user:password@host:5432/database; percent-encode special characters.",
        ) from None
    found: dict[str, str] = {}
    for option in Conninfo.get_defaults():
        default = option.val if option.val != option.compiled else None
        value = given.get(option.keyword.decode(), default.decode() if default else None)
        # PGCLIENTENCODING would decide what a dump is written in.
        if option.envvar and value and option.keyword != b"client_encoding":
            found[option.envvar.decode()] = str(value)
    return found

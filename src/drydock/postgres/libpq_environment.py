"""An address as libpq's environment variables: so it reaches pg_dump without standing in its arguments."""

import psycopg
from psycopg.conninfo import conninfo_to_dict

from drydock.errors import RehearsalError
from drydock.postgres.address import address_of
from drydock.redact import Secret

# libpq 18, manual section 32.15; options without a variable (keepalives and their like) are left out.
VARIABLES = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "dbname": "PGDATABASE",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "passfile": "PGPASSFILE",
    "service": "PGSERVICE",
    "channel_binding": "PGCHANNELBINDING",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "sslmode": "PGSSLMODE",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcrl": "PGSSLCRL",
    "sslsni": "PGSSLSNI",
    "gssencmode": "PGGSSENCMODE",
    "krbsrvname": "PGKRBSRVNAME",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}


def libpq_environment(address: Secret) -> dict[str, str]:
    """The variables; the password is among them. Raises RehearsalError when libpq cannot read the address."""
    try:
        parts = conninfo_to_dict(address_of(address).dsn.reveal())
    except psycopg.ProgrammingError:
        raise RehearsalError("The database address cannot be read by libpq.") from None
    return {VARIABLES[name]: str(value) for name, value in parts.items() if name in VARIABLES and value is not None}

"""Databases on the scratch's server: created, leased, dropped; and the proof that it is not the target's server."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import psycopg

from drydock.command import Command, module_argv
from drydock.errors import RehearsalError
from drydock.postgres import databases
from drydock.postgres.elsewhere import elsewhere
from drydock.postgres.interface import NewDatabase
from drydock.postgres.literals import literal
from drydock.postgres.standin import StandIn, connected, refusals, session_on
from drydock.process import allow_listed
from drydock.redact import Secret

LIMIT = timedelta(minutes=2)
FOR_LIBPQ = ("PG", "HOME")
"""How the names begin of the variables that libpq reads; HOME leads it to passwords and certificates."""

NO_IDLE_END = """SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings
 WHERE name = 'idle_session_timeout'"""


class ServerAdministration:
    """See `Administration`."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Hand in our environment: a child that drops a database sees the allow-listed part and libpq's."""
        self._environ = environ

    def major(self, address: Secret) -> int:
        """See `Administration.major`."""
        with session_on(address, doing="The scratch cannot be reached") as session:
            return session.info.server_version // 10000

    def set_password(self, address: Secret, password: Secret) -> None:
        """See `Administration.set_password`."""
        with session_on(address, doing="The password on the scratch server cannot be set") as session:
            # The server gets only the verifier, so the password itself can be in no log.
            user = session.info.user.encode()
            verifier = session.pgconn.encrypt_password(password.reveal().encode(), user, b"scram-sha-256")
            session.execute(f"ALTER ROLE CURRENT_USER PASSWORD {literal(verifier.decode())}".encode())

    def create(self, address: Secret, wanted: NewDatabase) -> tuple[str, ...]:
        """See `Administration.create`."""
        with session_on(address, doing=_creating(wanted)) as session:
            databases.give_way(session, wanted.name)
            return databases.create_database(session, wanted)

    @contextmanager
    def leased(self, address: Secret, wanted: NewDatabase) -> Iterator[tuple[str, ...]]:
        """See `Administration.leased`."""
        with refusals(address, doing=_creating(wanted)):
            lease = connected(address)
        with closing(lease):
            try:
                with refusals(address, doing=_creating(wanted)):
                    # An owner whose idle session the server ends would look like one that is gone.
                    lease.execute(NO_IDLE_END.encode())
                    databases.take_lease(lease, wanted.name)
                    notes = databases.create_database(lease, wanted)
                yield notes
            except BaseException:
                with suppress(RehearsalError):
                    self._drop(address, wanted.name)
                raise
            self._drop(address, wanted.name)

    def drop_abandoned(self, address: Secret, prefix: str) -> tuple[str, ...]:
        """See `Administration.drop_abandoned`."""
        with session_on(address, doing="The scratch server cannot be used") as session:
            names = databases.unused(session, prefix)
            return tuple(name for name in names if _drop_ownerless(session, name, inside=address))

    def dropping(self, address: Secret, name: str) -> Command:
        """See `Administration.dropping`."""
        for_libpq = {key: value for key, value in self._environ.items() if key.startswith(FOR_LIBPQ)}
        return Command(
            argv=module_argv("drydock.postgres.dropping"),
            environment=allow_listed(self._environ, for_libpq),
            directory=Path("/"),
            time_limit=LIMIT,
            stdin=json.dumps({"address": address.reveal(), "name": name}).encode(),
        )

    def elsewhere(
        self, address: Secret, *, database: str | None = None, user: str | None = None, password: Secret | None = None
    ) -> Secret:
        """See `Administration.elsewhere`."""
        return elsewhere(address, database=database, user=user, password=password)

    def require_apart(self, address: Secret, nonce: int) -> None:
        """See `Administration.require_apart`."""
        with session_on(address, doing="The scratch cannot be shown to be apart from the target") as session:
            if databases.holders(session, nonce):
                raise RehearsalError(
                    "The scratch server is the target's own server.",
                    hint="Name another server as scratch, or use scratch `embedded`.",
                )

    def _drop(self, address: Secret, name: str) -> None:
        with session_on(address, doing=f"The scratch database {name} cannot be dropped") as session:
            databases.drop_database(session, name, inside=elsewhere(address, database=name))


def _creating(wanted: NewDatabase) -> str:
    return f"The scratch database {wanted.name} cannot be created"


def _drop_ownerless(session: StandIn, name: str, *, inside: Secret) -> bool:
    if databases.holders(session, databases.lease_of(name)):
        return False
    # Another user's, or somebody else is dropping it at this moment.
    with suppress(psycopg.Error, RehearsalError):
        databases.drop_database(session, name, inside=elsewhere(inside, database=name))
        return True
    return False

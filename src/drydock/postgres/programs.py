"""With which environment a program of the migration tool is run on a database, and how little of it on a copy."""

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from drydock.command import Command
from drydock.model import CommandStep
from drydock.postgres.endpoint import Endpoint
from drydock.postgres.front import Front
from drydock.process import Runner

FOREVER = timedelta(days=3650)
"""A migration takes as long as it takes; `statement_timeout` and a signal end it."""
LOOPBACK = ("localhost", "127.0.0.1", "::1")
"""Every machine's own names: they stand in NO_PROXY and the like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Direct:
    """The database itself."""

    endpoint: Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """How programs are run on one database."""

    run: Runner
    environ: Mapping[str, str]
    copy_of: Endpoint | None
    """The target, where the database is a copy of it: nothing in the program's environment leads there then."""

    def door(self, endpoint: Endpoint) -> AbstractContextManager[Front | Direct]:
        """What a program is to connect to, to get to `endpoint`: on a copy, the copy's front.

        A copy that is reached by TLS has none: its bytes are not ours to pass on.
        """
        return Front(endpoint) if self.are_sealed and endpoint.tls is None else nullcontext(Direct(endpoint=endpoint))

    @property
    def are_sealed(self) -> bool:
        """Whether a program may reach nothing but its database."""
        return self.copy_of is not None

    def command(self, step: CommandStep, endpoint: Endpoint, *, order: bytes) -> Command:
        """The step's program on the database at `endpoint`; the address is in its environment only."""
        kept = without_postgres(self.environ)
        around = disarmed(kept, self.copy_of, copy=endpoint) if self.copy_of else kept
        return Command(
            argv=step.argv,
            environment={**around, **endpoint.environment},
            directory=step.directory,
            time_limit=FOREVER,
            stdin=order,
        )


def without_postgres(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without libpq's variables and without our own options."""
    return {name: value for name, value in environ.items() if not name.startswith(("PG", "DRYDOCK_"))}


def disarmed(environ: Mapping[str, str], target: Endpoint, *, copy: Endpoint) -> dict[str, str]:
    """The environment with every trace of the target replaced by the copy's, so that what wants a value finds one.

    Addresses of any Postgres become the copy's. The target's password and host are replaced wherever they stand, as in
    a variable that holds a whole configuration.
    """
    password = target.password.reveal() if target.password else ""
    instead = copy.password.reveal() if copy.password else ""
    words = {
        **({password: instead, quote(password, safe=""): instead} if password else {}),
        **({target.host: copy.host} if target.host not in LOOPBACK else {}),
    }
    places = {target.url.reveal(): copy.url.reveal(), f"{target.host}:{target.port}": f"{copy.host}:{copy.port}"}
    found: dict[str, str] = {}
    for name, value in environ.items():
        is_address = value.startswith(("postgres://", "postgresql://"))
        found[name] = copy.url.reveal() if is_address else _without(value, places, words=words)
    return found


def _without(value: str, places: Mapping[str, str], *, words: Mapping[str, str]) -> str:
    for place, instead in places.items():
        value = value.replace(place, instead)
    for word, instead in words.items():
        # Not within a path or a longer name: a password may be `postgres`, and PATH hold /usr/lib/postgresql.
        pieces = re.split(rf"(?<![\w./-]){re.escape(word)}(?![\w./-])", value)
        value = instead.join(pieces)
    return value

"""What a program of the migration tool finds around it: its environment, and what it can reach of the database."""

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from urllib.parse import quote

from drydock.postgres.endpoint import Endpoint
from drydock.postgres.front import Front
from drydock.process import Runner
from drydock.redact import Secret

LOOPBACK = ("localhost", "127.0.0.1", "::1")
"""Every machine's own names: they stand in NO_PROXY and the like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Direct:
    """The way to a database by its own address."""

    endpoint: Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class OnTarget:
    """On the target a program finds the user's own environment, as it would without us."""

    run: Runner
    environ: Mapping[str, str]
    address: Secret
    """The target's, as the user wrote it."""

    def door(self, endpoint: Endpoint) -> AbstractContextManager[Direct]:
        """The target itself."""
        return nullcontext(Direct(endpoint=endpoint))

    def environment(self, endpoint: Endpoint) -> Mapping[str, str]:
        """What the program gets; the address is in it."""
        kept = {name: value for name, value in self.environ.items() if not _is_ours(name)}
        return {**kept, "DATABASE_URL": self.address.reveal(), **endpoint.for_programs}


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCopy:
    """On a copy nothing leads to the target, and nothing but the copy can be reached."""

    run: Runner
    environ: Mapping[str, str]
    target: Endpoint

    def door(self, endpoint: Endpoint) -> AbstractContextManager[Front | Direct]:
        """The copy's front. A copy that is reached by TLS has none: its bytes are not ours to pass on."""
        return Front(endpoint) if endpoint.tls is None else nullcontext(Direct(endpoint=endpoint))

    def environment(self, endpoint: Endpoint) -> Mapping[str, str]:
        """What the program gets; the copy's address is in it wherever the target's was."""
        return {**disarmed(self.environ, self.target, copy=endpoint), **endpoint.for_programs}


Surroundings = OnTarget | OnCopy


def _is_ours(name: str) -> bool:
    return name.startswith("DRYDOCK_")


def disarmed(environ: Mapping[str, str], target: Endpoint, *, copy: Endpoint) -> dict[str, str]:
    """The environment with every trace of the target replaced by the copy's, so that what wants a value finds one.

    Addresses of any Postgres become the copy's, libpq's variables too. The target's password and host are replaced
    wherever they stand, as in a variable that holds a whole configuration.
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
        if _is_ours(name) or name.startswith("PG"):
            continue
        is_address = value.startswith(("postgres://", "postgresql://"))
        found[name] = copy.url.reveal() if is_address else _without(value, places, words=words)
    return {**found, **copy.environment}


def _without(value: str, places: Mapping[str, str], *, words: Mapping[str, str]) -> str:
    for place, instead in places.items():
        value = value.replace(place, instead)
    for word, instead in words.items():
        # Not within a path or a longer name: a password may be `postgres`, and PATH hold /usr/lib/postgresql.
        pieces = re.split(rf"(?<![\w./-]){re.escape(word)}(?![\w./-])", value)
        value = instead.join(pieces)
    return value

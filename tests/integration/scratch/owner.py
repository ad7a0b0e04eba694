"""A process that has a scratch: told by JSON on its command line, to be ended by a test in every way.

It says `ready` before anything is made, then the scratch's directory and address.
"""

import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from drydock.postgres.administration import ServerAdministration
from drydock.redact import Secret
from drydock.scratch.account import server_account
from drydock.scratch.binaries import Search, wheel_folder
from drydock.scratch.embedded import EmbeddedProvider
from drydock.scratch.given import GivenProvider, Grant
from drydock.scratch.interface import ScratchProvider, usual_likeness
from drydock.scratch.premises import Premises

ENVIRON = {"PATH": "/usr/bin:/bin"}
SHOP = replace(usual_likeness("shop"), collate="C", ctype="C", checksums=True)


def provider(said: dict[str, Any]) -> ScratchProvider:
    """What the test wants of us."""
    premises = Premises(
        search=Search(environ=ENVIRON, wheel=wheel_folder()),
        places=tuple(Path(place) for place in said["places"]),
        caches=tuple(Path(cache) for cache in said["caches"]),
        account=server_account(),
        ready_made=Path(said["ready_made"]) if said.get("ready_made") else None,
    )
    administration = ServerAdministration(ENVIRON)
    if said.get("given"):
        grant = Grant(address=Secret(said["given"]), disposable=False)
        return GivenProvider(grant, premises, administration=administration, apart=any_server)
    return EmbeddedProvider(premises, administration)


def any_server(address: Secret) -> None:
    """Take every server for another one than the target's."""


def say(line: str) -> None:
    """Tell the test."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(said: dict[str, Any]) -> None:
    """Have a scratch until the standard input ends, or for a minute."""
    made = provider(said)
    say("ready")
    with made.provide(SHOP, needed_bytes=0) as scratch:
        say(str(scratch.directory))
        say(scratch.address.reveal())
        if said.get("settle"):
            scratch.settle()
            say("settled")
        else:
            time.sleep(60)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))

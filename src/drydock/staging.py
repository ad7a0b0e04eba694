"""The parts of a rehearsal, from the configuration and the open target: `wiring.py`'s other half, loaded on use."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import partial

from drydock.config.settings import Config
from drydock.files import Project
from drydock.model import Status
from drydock.postgres.address import Address
from drydock.postgres.administration import ServerAdministration
from drydock.postgres.catalog import read_catalog
from drydock.postgres.connect import Connector
from drydock.postgres.interface import Engagement
from drydock.postgres.libpq_environment import libpq_environment
from drydock.postgres.likeness import read_likeness
from drydock.postgres.roles import Roles, read_roles, recreate
from drydock.postgres.rows import copy_rows, freshen
from drydock.postgres.target import TargetDatabase
from drydock.postgres.witness import witness
from drydock.redact import Secret
from drydock.rehearse import Deployer, Rehearsing, Trial
from drydock.scratch.binaries import client_programs
from drydock.scratch.embedded import EmbeddedProvider
from drydock.scratch.interface import Scratch
from drydock.scratch.premises import premises_of
from drydock.snapshot.archive import Client
from drydock.snapshot.interface import Source
from drydock.snapshot.snapshot_file import SnapshotFile
from drydock.snapshot.target_schema import TargetSchemaSource
from drydock.tools.interface import MigrationTool


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the run has open already."""

    config: Config
    environ: Mapping[str, str]
    tool: MigrationTool
    target: TargetDatabase
    connector: Connector
    engage: Callable[[TargetDatabase, Connector, Status], AbstractContextManager[Engagement]]


def rehearsing_of(parts: Parts, status: Status) -> Rehearsing:
    """The parts of a rehearsal on an embedded scratch.

    Asks the target what it is like. Raises RehearsalError.
    """
    likeness = read_likeness(parts.target)
    roles = read_roles(parts.target, parts.target.facts.user)
    premises = premises_of(parts.environ, current=parts.config.directory)
    client = Client(
        programs=lambda: client_programs(premises.search, major=likeness.major),
        environment_of=libpq_environment,
        environ=parts.environ,
        stopped=lambda: parts.connector.stop.signal_number is not None,
    )
    administration = ServerAdministration(parts.environ)
    return Rehearsing(
        tool=parts.tool,
        likeness=likeness,
        provider=EmbeddedProvider(premises, administration),
        source=_source(parts, status, client=client, database=likeness.database),
        require_apart=lambda scratch: _require_apart(parts.connector, administration, scratch=scratch),
        deployer=partial(_deployer, roles),
        open_trial=partial(_trial, parts),
        catalog=partial(read_catalog, excluding=("drydock", str(status.history))),
        limits=parts.config.limits,
        stop=parts.connector.stop,
        say=parts.connector.say,
    )


def _source(parts: Parts, status: Status, *, client: Client, database: str) -> Source:
    path = parts.config.snapshot
    if parts.config.rehearse == "snapshot" and path is not None:
        shown = Project(root=parts.config.directory).shown(path).as_posix()
        return SnapshotFile(path, client, shown=shown, freshen=freshen)
    address = parts.connector.address.dsn
    return TargetSchemaSource(
        address,
        client,
        name=database,
        history=status.history,
        copy_history=lambda scratch: copy_rows(address, scratch, tables=(status.history,)),
    )


def _require_apart(connector: Connector, administration: ServerAdministration, *, scratch: Secret) -> None:
    with witness(connector.open) as nonce:
        administration.require_apart(scratch, nonce)


def _deployer(roles: Roles, scratch: Scratch) -> Deployer:
    password = Secret(secrets.token_urlsafe(24))
    notes = recreate(scratch.address, roles, password=password)
    if libpq_environment(scratch.address)["PGUSER"] == roles.deployer:
        return Deployer(address=scratch.address, notes=notes)
    return Deployer(address=scratch.address_as(roles.deployer, password), notes=notes)


@contextmanager
def _trial(parts: Parts, address: Secret) -> Iterator[Trial]:
    connector = replace(parts.connector, address=Address(dsn=address, schema=None))
    database = TargetDatabase(connector, setup=parts.tool.setup)
    try:
        yield Trial(database=database, engage=lambda status: parts.engage(database, connector, status))
    finally:
        database.close()

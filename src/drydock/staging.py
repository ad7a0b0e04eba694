"""The parts of a rehearsal, from the configuration and the open target: `wiring.py`'s other half, loaded on use."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from os import cpu_count as cores
from pathlib import Path

from drydock.http import fetch
from drydock.model import Status, Table
from drydock.parts import Parts
from drydock.postgres.address import Address
from drydock.postgres.administration import ServerAdministration
from drydock.postgres.catalog import read_catalog
from drydock.postgres.connect import Connector
from drydock.postgres.extensions import members_of
from drydock.postgres.freshen import freshen
from drydock.postgres.libpq_environment import libpq_environment
from drydock.postgres.likeness import read_likeness
from drydock.postgres.looks import looks
from drydock.postgres.restore import open_filling
from drydock.postgres.roles import Roles, recreate, roles_of
from drydock.postgres.row_sums import column_sums
from drydock.postgres.rows import copy_rows
from drydock.postgres.target import TargetDatabase
from drydock.postgres.witness import witness
from drydock.process import allow_listed, run
from drydock.redact import Secret
from drydock.rehearsing import Deployer, Rehearsing, Trial
from drydock.render.wording import human_size
from drydock.scratch.binaries import client_programs
from drydock.scratch.clone import CloneProvider
from drydock.scratch.embedded import EmbeddedProvider
from drydock.scratch.given import GivenProvider, Grant
from drydock.scratch.interface import Likeness, Programs, Scratch, ScratchProvider
from drydock.scratch.premises import Premises, premises_of
from drydock.snapshot import taking
from drydock.snapshot.as_it_is import AsItIs, Nothing
from drydock.snapshot.downloads import Downloading
from drydock.snapshot.dumping import Dumper
from drydock.snapshot.interface import SnapshotOrder, Source
from drydock.snapshot.restore import restore
from drydock.snapshot.restoring import MOST_WORKERS, Means
from drydock.snapshot.source import SnapshotSource, Wanted
from drydock.snapshot.target_schema import Dumped, TargetSchemaSource


def rehearsing_of(parts: Parts, status: Status) -> Rehearsing:
    """The parts of a rehearsal as configured.

    Asks the target what it is like. Raises RehearsalError.
    """
    likeness = read_likeness(parts.target)
    roles = roles_of(parts.target)
    stopped = partial(_is_stopped, parts.connector)
    premises = replace(premises_of(parts.environ, current=parts.config.directory), stopped=stopped)
    administration = ServerAdministration(parts.environ)
    return Rehearsing(
        tool=parts.tool,
        likeness=likeness,
        provider=_provider(parts, premises, administration=administration),
        source=_source(
            parts, status, likeness=likeness, programs=client_programs(premises.search, major=likeness.major)
        ),
        require_apart=partial(_require_apart, parts.connector, administration=administration),
        deployer=partial(_deployer, roles),
        open_trial=partial(_trial, parts),
        catalog=partial(read_catalog, excluding=("drydock", str(status.history))),
        target_catalog=lambda: read_catalog(parts.connector.address.dsn, excluding=("drydock", str(status.history))),
        members=partial(members_of, parts.target),
        sums=column_sums,
        freshen=partial(freshen, stopped=stopped),
        looks=looks,
        limits=parts.config.limits,
        limit=parts.config.rehearsal.limit,
        stop=parts.connector.stop,
        say=parts.connector.say,
    )


def _provider(parts: Parts, premises: Premises, *, administration: ServerAdministration) -> ScratchProvider:
    settings = parts.config.rehearsal
    apart = partial(_require_apart, parts.connector, administration=administration)
    if settings.scratch == "embedded" or settings.scratch_url is None:
        return EmbeddedProvider(premises, administration)
    if settings.scratch == "clone":
        return CloneProvider(settings.scratch_url, premises, administration=administration, apart=apart)
    grant = Grant(address=settings.scratch_url, disposable=settings.scratch_disposable)
    return GivenProvider(grant, premises, administration=administration, apart=apart)


def _source(parts: Parts, status: Status, *, likeness: Likeness, programs: Programs) -> Source:
    means = Means(
        programs=programs,
        environment=allow_listed(parts.environ, {"LC_ALL": "C"}),
        open_filling=open_filling,
        say=parts.connector.say,
        stopped=partial(_is_stopped, parts.connector),
        workers=min(cores() or 1, MOST_WORKERS),
    )
    settings = parts.config.rehearsal
    if settings.scratch == "clone":
        return AsItIs()
    if settings.on == "history" and not settings.on_stand_in:
        return Nothing()
    if settings.on == "snapshot" and settings.snapshot is not None:
        return SnapshotSource(_wanted(parts, settings.snapshot, means=means, history=status.history), means)
    address = parts.connector.address.dsn
    return TargetSchemaSource(
        Dumped(
            likeness=likeness,
            server_version=parts.target.describe().server_version,
            kept=(status.history,),
            kind="history" if settings.on_stand_in else "target-schema",
        ),
        dumper=dumper_of(parts, programs),
        restore=restore,
        means=means,
        copy_kept=lambda scratch: copy_rows(address, scratch, tables=(status.history,)),
    )


def dumper_of(parts: Parts, programs: Programs) -> Dumper:
    """Runs pg_dump on the target; its address goes through the environment."""
    return Dumper(
        programs=programs,
        environment=allow_listed(parts.environ, {**libpq_environment(parts.connector.address.dsn), "LC_ALL": "C"}),
        reader=parts.target,
        run=run,
        stopped=partial(_is_stopped, parts.connector),
        scrub=parts.scrub,
    )


def _is_stopped(connector: Connector) -> bool:
    return connector.stop.signal_number is not None


def _wanted(parts: Parts, location: Secret, *, means: Means, history: Table) -> Wanted:
    cache = parts.environ.get("XDG_CACHE_HOME") or f"{parts.environ.get('HOME') or '/tmp'}/.cache"  # noqa: S108
    return Wanted(
        location=location,
        root=parts.config.directory,
        sha256=parts.config.rehearsal.snapshot_sha256,
        only_needed_of=None if parts.config.rehearsal.snapshot_rows == "all" else history,
        downloading=Downloading(
            fetch=fetch, directory=Path(cache) / "drydock" / "snapshots", say=means.say, stopped=means.stopped
        ),
    )


def _require_apart(connector: Connector, scratch: Secret, *, administration: ServerAdministration) -> None:
    with witness(connector.open) as nonce:
        administration.require_apart(scratch, nonce)


def _deployer(roles: Roles, scratch: Scratch) -> Deployer:
    if not scratch.takes_roles:
        user = libpq_environment(scratch.address).get("PGUSER", "")
        unlike = f"It rehearsed as {user}, not as the deploy role {roles.deploying}: this scratch takes no roles."
        return Deployer(address=scratch.address, notes=(unlike,) if user != roles.deploying else ())
    password = Secret(secrets.token_urlsafe(24))
    notes = recreate(roles, scratch.address, password=password)
    if libpq_environment(scratch.address)["PGUSER"] == roles.deploying:
        return Deployer(address=scratch.address, notes=notes)
    return Deployer(address=scratch.address_as(roles.deploying, password), notes=notes)


@contextmanager
def _trial(parts: Parts, address: Secret) -> Iterator[Trial]:
    connector = replace(parts.connector, address=Address(dsn=address, schema=None))
    database = TargetDatabase(connector, setup=parts.tool.setup)
    try:
        yield Trial(database=database, engage=lambda status: parts.engage(database, status))
    finally:
        database.close()


def snapshot_of(parts: Parts, order: SnapshotOrder, *, status: Status) -> str:
    """Take the snapshot that was ordered; what was taken, in a sentence. Raises RehearsalError."""
    likeness = read_likeness(parts.target)
    premises = premises_of(parts.environ, current=parts.config.directory)
    programs = client_programs(premises.search, major=likeness.major)
    jobs = min(cores() or 1, MOST_WORKERS) if order.is_directory else 1
    wanted = taking.Wanted(
        path=parts.config.directory / order.path,
        form="directory" if order.is_directory else "custom",
        with_rows=order.with_rows,
        jobs=jobs,
        overwrite=order.overwrite,
    )
    subject = taking.Subject(
        database=likeness.database,
        server_version=parts.target.describe().server_version,
        history=tuple(applied.name for applied in status.applied),
    )
    taken = taking.take_snapshot(wanted, subject, dumper=dumper_of(parts, programs))
    left_out = "".join(f"; without {one.kind} {one.name}, which {one.reason}" for one in taken.skipped)
    rows = "rows and all" if taken.has_rows else "without rows"
    return f"Snapshot {order.path} of {taken.database} is taken, {rows}: {human_size(taken.size_bytes)}{left_out}."

"""From an empty private directory to a running server: programs that the account can run, a cluster, a start."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from drydock.errors import RehearsalError
from drydock.redact import Secret
from drydock.scratch.binaries import Installation, copy_installation
from drydock.scratch.cluster import copy_ready_made, initialise, is_ready_made, keep_ready_made, ready_made
from drydock.scratch.ending import CLUSTER
from drydock.scratch.execution import ServerPrograms
from drydock.scratch.premises import Premises
from drydock.scratch.server import Server
from drydock.scratch.stores import entry_name, runnable_copy
from drydock.scratch.watch import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Startup:
    """What a server is made of: an installation, and a directory that is ours and the account's."""

    premises: Premises
    installation: Installation
    directory: Path
    watch: Watch

    def programs(self) -> ServerPrograms:
        """The installation's programs, or a copy that the account can run. Raises RehearsalError."""
        programs = ServerPrograms(
            binaries=self.installation.binaries,
            directory=self.directory,
            account=self.premises.account,
            environ=self.premises.environ,
            stopped=self.premises.stopped,
        )
        if self.premises.account.user is None or programs.can_run():
            return programs
        # Installed in a place that only root may enter, such as root's home.
        kept = runnable_copy(self.installation, self.premises.programs, account=self.premises.account, watch=self.watch)
        return programs.at(kept or self._copied())

    def start(self, server: Server, programs: ServerPrograms, *, settings: Mapping[str, str]) -> Secret:
        """Make the cluster and start its server; the superuser's password. Raises RehearsalError."""
        failed: RehearsalError | None = None
        place = self._ready_made()
        if place is not None:
            try:
                password = copy_ready_made(place, programs)
                server.start(settings)
                return password
            except (OSError, RehearsalError) as error:
                if self.premises.stopped():
                    raise
                # Kept while the power failed, or of another build.
                failed = RehearsalError(f"The ready-made cluster {place} cannot be used: {error}")
                server.end()
                self._discard()
        try:
            password = initialise(programs, self.installation)
        except RehearsalError:
            if failed is not None:
                raise failed from None
            raise
        self._keep(password)
        server.start(settings)
        return password

    def _copied(self) -> Path:
        try:
            return copy_installation(self.installation, self.directory / "postgresql")
        except OSError:
            raise RehearsalError(
                f"The account that the server runs as cannot run {self.installation}, and copying it failed.",
                hint="Install PostgreSQL where every user may run it, or run Drydock as an ordinary user.",
            ) from None

    def _ready_made(self) -> Path | None:
        baked = ready_made(self.premises.ready_made, self.installation)
        if baked is not None:
            return baked
        name = entry_name(self.installation)
        kept = (store.folder / name for store in self.premises.clusters if store.has(name))
        return next((place for place in kept if is_ready_made(place, self.installation)), None)

    def _keep(self, password: Secret) -> None:
        def fill(place: Path) -> None:
            keep_ready_made(self.directory, place, password=password)

        for store in self.premises.clusters:
            if store.keep(entry_name(self.installation), fill, watch=self.watch):
                store.prune(entry_name(self.installation))
                return

    def _discard(self) -> None:
        shutil.rmtree(self.directory / CLUSTER, ignore_errors=True)
        for store in self.premises.clusters:
            store.discard(entry_name(self.installation))

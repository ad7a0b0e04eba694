"""What the machine offers to a throwaway server, gathered before anything is made."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from drydock.scratch.account import Account, server_account
from drydock.scratch.binaries import Search, wheel_folder
from drydock.scratch.claim import sweep
from drydock.scratch.cluster import BAKED
from drydock.scratch.place import Free, free_bytes, places_of
from drydock.scratch.stores import CLUSTERS, PROGRAMS, Store, caches_of, stores_in
from drydock.scratch.watch import Watch, watched


@dataclass(frozen=True, slots=True, kw_only=True)
class Premises:
    """See the module docstring; `premises_of` fills it in."""

    search: Search
    places: tuple[Path, ...]
    """Where a throwaway directory may be, the best first."""
    caches: tuple[Path, ...]
    """Where something may be kept from run to run."""
    account: Account
    ready_made: Path | None = None
    """A read-only folder of clusters, named by version or major."""
    free: Free = free_bytes

    @property
    def environ(self) -> Mapping[str, str]:
        """Our environment, of which children see the allow-listed part."""
        return self.search.environ

    @property
    def clusters(self) -> tuple[Store, ...]:
        """Where ready-made clusters are kept."""
        return stores_in(self.caches, CLUSTERS)

    @property
    def programs(self) -> tuple[Store, ...]:
        """Where copies of programs are kept."""
        return stores_in(self.caches, PROGRAMS)

    @contextmanager
    def opened(self) -> Iterator[Watch]:
        """Remove what earlier runs left, and have a watchdog as long as the scope lasts."""
        stores = (*self.clusters, *self.programs)
        sweep((*self.places, *(store.folder for store in stores)), self.account)
        with watched(self.environ) as watch:
            yield watch


def premises_of(
    environ: Mapping[str, str],
    *,
    current: Path,
    binaries: Path | None = None,
    directory: Path | None = None,
    ready_made: Path | None = BAKED,
) -> Premises:
    """Of this machine. `current` is the last place to try; the rest is what the user or the image configured."""
    return Premises(
        search=Search(environ=environ, configured=binaries, wheel=wheel_folder()),
        places=places_of(environ, first=directory, last=current),
        caches=caches_of(environ),
        account=server_account(),
        ready_made=ready_made,
    )

"""What is kept from run to run: ready-made clusters, and programs copied to where the server's account may run them.

An entry appears whole or not at all, so any number of processes may make it at once.
"""

import hashlib
import os
import shutil
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from drydock.scratch.account import Account
from drydock.scratch.binaries import Installation, copied_in, copy_installation
from drydock.scratch.claim import claimed
from drydock.scratch.watch import Watch

CLUSTERS = "clusters"
PROGRAMS = "programs"
OF_ROOT = Path("/var/cache/drydock")
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def caches_of(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The user's cache; for root also one that other accounts may enter."""
    home = environ.get("HOME")
    cache = environ.get("XDG_CACHE_HOME") or (home and f"{home}/.cache")
    own = (Path(cache) / "drydock",) if cache and Path(cache).is_absolute() else ()
    return (*own, OF_ROOT) if os.geteuid() == 0 else own


def entry_name(installation: Installation) -> str:
    """What an entry for this installation is called: programs of the same version may be built differently."""
    digest = hashlib.sha256(str(installation.binaries).encode()).hexdigest()
    return f"{installation.version}-{digest[:12]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """One folder of entries in one cache."""

    folder: Path

    def has(self, name: str) -> bool:
        """Whether the entry is there, and nobody else could have put it there."""
        with suppress(OSError):
            return (self.folder / name).is_dir() and _is_ours(self.folder) and _is_ours(self.folder / name)
        return False

    def keep(self, name: str, fill: Callable[[Path], None], *, watch: Watch) -> bool:
        """Make an entry by filling a new path; whether it is there afterwards. A full disk is no error."""
        with suppress(OSError, shutil.Error):
            if _opened(self.folder):
                with claimed(self.folder, watch) as workshop:
                    fill(workshop / name)
                    (workshop / name).chmod(0o755)
                    (workshop / name).rename(self.folder / name)
        return self.has(name)

    def prune(self, name: str) -> None:
        """Remove the entries of the same programs in other versions: they were upgraded since."""
        digest = name.rpartition("-")[2]
        for entry in self.folder.glob(f"*-{digest}"):
            if entry.name != name:
                self.discard(entry.name)

    def discard(self, name: str) -> None:
        """Remove an entry that is of no use."""
        shutil.rmtree(self.folder / name, ignore_errors=True)


def stores_in(caches: tuple[Path, ...], kind: str) -> tuple[Store, ...]:
    """The stores of one kind, in the order of the caches."""
    return tuple(Store(folder=cache / kind) for cache in caches)


def runnable_copy(
    installation: Installation, stores: tuple[Store, ...], *, account: Account, watch: Watch
) -> Path | None:
    """The `bin` directory of a kept copy that the account can reach, made if need be; None when there can be none."""
    name = entry_name(installation)

    def fill(path: Path) -> None:
        copy_installation(installation, path)

    for store in stores:
        if store.has(name) or store.keep(name, fill, watch=watch):
            copied = copied_in(installation, store.folder / name)
            if account.may_enter(copied):
                return copied
    return None


def _opened(folder: Path) -> bool:
    """Make the folder, below something of ours or of the system: root has no business in another user's home."""
    above = next(path for path in (folder, *folder.parents) if path.exists())
    if above.stat().st_uid not in (os.geteuid(), 0):
        return False
    for path in reversed([path for path in (folder, *folder.parents) if not path.exists()]):
        path.mkdir(exist_ok=True)
        path.chmod(0o755)
    return _is_ours(folder)


def _is_ours(path: Path) -> bool:
    found = path.stat()
    return found.st_uid == os.geteuid() and not found.st_mode & _OTHERS_WRITE

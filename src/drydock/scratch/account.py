"""Whom throwaway servers run as: PostgreSQL refuses root, so root steps down to somebody else."""

import os
import pwd
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

OTHERS = ("postgres", "nobody")
NOBODY = 65534


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Ourselves (None), or somebody else when we are root."""

    user: int | None = None
    group: int | None = None

    def give(self, path: Path) -> None:
        """Make it the owner of a file or directory."""
        if self.user is not None:
            os.chown(path, self.user, self.group if self.group is not None else -1)

    def may_enter(self, directory: Path) -> bool:
        """Whether it can reach what is inside: the search right on the directory and on all above it."""
        if self.user is None:
            return os.access(directory, os.X_OK)
        return all(self._may_search(folder) for folder in (directory, *directory.parents))

    def owns(self, path: Path) -> bool:
        """Whether the path is ours or that account's."""
        return path.lstat().st_uid in (os.geteuid(), self.user)

    def _may_search(self, folder: Path) -> bool:
        found = folder.stat()
        if found.st_uid == self.user:
            return bool(found.st_mode & stat.S_IXUSR)
        if found.st_gid == self.group:
            return bool(found.st_mode & stat.S_IXGRP)
        return bool(found.st_mode & stat.S_IXOTH)


def server_account() -> Account:
    """Whom servers run as on this machine."""
    if os.geteuid() != 0:
        return Account()
    for name in OTHERS:
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(user=entry.pw_uid, group=entry.pw_gid)
    return Account(user=NOBODY, group=NOBODY)

"""What to say when a restore fills the disk: where the scratch is, how much fits there, what to give it."""

import shutil
from itertools import takewhile
from pathlib import Path

from drydock.scratch.interface import Scratch

_MB = 1_000_000


def more_room_for(scratch: Scratch) -> str:
    """A hint. Of somebody else's server nothing is known."""
    free = scratch.room_bytes()
    if free is None:
        return "Give the scratch more room, or use a smaller snapshot."
    disk = _mount_of(scratch.directory)
    total = shutil.disk_usage(disk).total
    return (
        f"The scratch is on {disk}, which has room for {total // _MB} MB in all, of which {free // _MB} MB are left, "
        "and more is needed. Name a larger place in TMPDIR, or give the container one: "
        f"--tmpfs /tmp:size={2 * total >> 20}m, or a volume; or use a smaller snapshot."
    )


def _mount_of(path: Path) -> Path:
    device = path.stat().st_dev
    return [path, *takewhile(lambda folder: folder.stat().st_dev == device, path.parents)][-1]

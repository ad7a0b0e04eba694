"""Ready-made clusters for an image: `python -m drydock.scratch.baking` as root, when the image is built.

The image's users then need no initdb, no entry in /etc/passwd and no cache. Anybody may read the result, which holds
nothing: the password in it is replaced as soon as a copy is up, on a socket that only its owner can reach.
"""

import os
from pathlib import Path

from drydock.scratch.binaries import installations
from drydock.scratch.cluster import BAKED, initialise, is_ready_made, keep_ready_made
from drydock.scratch.place import MARGIN_BYTES, Wish, claimed_in
from drydock.scratch.premises import Premises, premises_of
from drydock.scratch.startup import Startup


def bake(folder: Path, premises: Premises) -> tuple[Path, ...]:
    """Make a ready-made cluster of every installation that has none in the folder; all of them, by version.

    Raises RehearsalError when initdb fails, OSError when the folder cannot be written.
    """
    wish = Wish(needed_bytes=MARGIN_BYTES, account=premises.account, free=premises.free)
    baked = []
    for installation in installations(premises.search):
        place = folder / installation.version
        if not is_ready_made(place, installation):
            with premises.opened() as watch, claimed_in(premises.places, wish, watch=watch) as directory:
                startup = Startup(premises=premises, installation=installation, directory=directory, watch=watch)
                password = initialise(startup.programs(), installation)
                keep_ready_made(directory, place, password=password)
        baked.append(place)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return tuple(baked)


if __name__ == "__main__":
    bake(BAKED, premises_of({"PATH": os.defpath}, current=Path.cwd()))

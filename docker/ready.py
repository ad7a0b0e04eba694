"""The last step of a build: everything is loaded once, so that byte code is there; clusters are made ready."""

import os
import pkgutil
from importlib import import_module
from pathlib import Path

import drydock
from drydock.scratch.baking import bake
from drydock.scratch.cluster import BAKED
from drydock.scratch.premises import premises_of

for module in pkgutil.walk_packages(drydock.__path__, "drydock."):
    import_module(module.name)
print(*bake(BAKED, premises_of({"PATH": os.defpath}, current=Path("/tmp"))), sep="\n")

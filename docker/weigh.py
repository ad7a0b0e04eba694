"""What our layers add to the base image, compressed as for a registry: `ENGINE save IMAGE | python3 weigh.py NAME`.

A second argument is gzip's level: a lower one is faster, and says a little more than the truth.
"""

import gzip
import json
import re
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

LEVEL = "9"
OURS = re.compile(r'image\.title="?Drydock')
GZIPPED = b"\x1f\x8b"
BLOCK = 1 << 20


class _Counter:
    """Counts what is written to it."""

    def __init__(self) -> None:
        self.size = 0

    def write(self, block: bytes) -> int:
        self.size += len(block)
        return len(block)


def our_layers(image: tarfile.TarFile) -> Iterator[tuple[str, str]]:
    """The name in the archive of each of our layers, and the instruction that made it."""
    (manifest,) = _json(image, "manifest.json")
    history = _json(image, manifest["Config"])["history"]
    with_layer = [step for step in history if not step.get("empty_layer")]
    first = next(number for number, step in enumerate(history) if OURS.search(step.get("created_by", "")))
    ours = {id(step) for step in history[first:]}
    for layer, step in zip(manifest["Layers"], with_layer, strict=True):
        if id(step) in ours:
            yield layer, step["created_by"]


def compressed_size(layer: IO[bytes], level: int) -> int:
    """The bytes of a layer after gzip of this level."""
    plain = gzip.GzipFile(fileobj=layer) if layer.read(2) == GZIPPED else layer
    layer.seek(0)
    counter = _Counter()
    with gzip.GzipFile(fileobj=counter, mode="wb", compresslevel=level, mtime=0) as packed:  # type: ignore[call-overload]
        while block := plain.read(BLOCK):
            packed.write(block)
    return counter.size


def _json(image: tarfile.TarFile, name: str) -> Any:
    return json.load(_member(image, name))


def _member(image: tarfile.TarFile, name: str) -> IO[bytes]:
    found = image.extractfile(name)
    if found is None:
        raise SystemExit(f"{name} is no file in this image")
    return found


def main() -> None:
    """Read the image from standard input and print a line for each layer and one for all."""
    name, level = [*sys.argv[1:], LEVEL][:2]
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "image.tar"
        with archive.open("wb") as file:
            while block := sys.stdin.buffer.read(BLOCK):
                file.write(block)
        with tarfile.open(archive) as image:
            sizes = {
                layer: (compressed_size(_member(image, layer), int(level)), step) for layer, step in our_layers(image)
            }
    for size, step in sizes.values():
        print(f"  {size / 1e6:7.1f} MB  {' '.join(step.split())[:100]}")
    print(f"{name}: {sum(size for size, _ in sizes.values()) / 1e6:.1f} MB over the base, gzip -{level}")


if __name__ == "__main__":
    main()

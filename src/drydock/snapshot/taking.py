"""`drydock snapshot`: a dump at a place of the user's, whole or not there, and beside it what it is."""

import hashlib
import json
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from drydock.errors import RehearsalError
from drydock.model import Skipped
from drydock.snapshot.dumping import Dumper, Order, dump
from drydock.snapshot.readable import what_may_be_read

TIME_LIMIT = timedelta(days=1)
SCHEMA = "drydock/snapshot/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the user asked for."""

    path: Path
    form: Literal["custom", "directory"] = "custom"
    with_rows: bool = True
    jobs: int = 1
    overwrite: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The database, and where its migrations stand."""

    database: str
    server_version: str
    history: tuple[str, ...]
    """Names of the applied migrations."""

    @property
    def major(self) -> int:
        """15 of `15.3`."""
        return int(self.server_version.split(".")[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotTaken:
    """A snapshot on the disk; all of it but `path` is also in `PATH.json`."""

    path: Path
    form: Literal["custom", "directory"]
    has_rows: bool
    sha256: str
    """Of the file; of a directory, of the lines `HASH  NAME` of its files, sorted, as `sha256sum *` writes them."""
    size_bytes: int
    taken_at: str
    """UTC, when the dump was begun: it holds nothing that was committed later than moments after."""
    server_version: str
    database: str
    history: tuple[str, ...]
    skipped: tuple[Skipped, ...]


def take_snapshot(wanted: Wanted, subject: Subject, *, dumper: Dumper) -> SnapshotTaken:
    """Dump the database to `wanted.path` and describe it in `PATH.json`; both appear when all is well, or not at all.

    Drydock's own schema is part of it. Raises RehearsalError when something is there already and may not be replaced,
    when nothing can be written there, and as `dump` does.
    """
    _require_place(wanted)
    readable = what_may_be_read(dumper.reader, with_rows=wanted.with_rows)
    taken_at = datetime.now(UTC).isoformat(timespec="seconds")
    with _temporary(wanted.path) as part:
        order = Order(
            form=wanted.form,
            with_rows=wanted.with_rows,
            leaving_out=readable,
            with_ours=True,
            jobs=wanted.jobs,
        )
        dump(replace(order, time_limit=TIME_LIMIT, durable=True), part, dumper=dumper, server_major=subject.major)
        sha256, size_bytes = digest_of(part)
        taken = SnapshotTaken(
            path=wanted.path,
            form=wanted.form,
            has_rows=wanted.with_rows,
            sha256=sha256,
            size_bytes=size_bytes,
            taken_at=taken_at,
            server_version=subject.server_version,
            database=subject.database,
            history=subject.history,
            skipped=readable.skipped,
        )
        _publish(part, taken)
    return taken


def description_of(path: Path) -> Path:
    """Where the description of a snapshot is: `shop.dump.json` beside `shop.dump`."""
    return path.with_name(f"{path.name}.json")


def digest_of(path: Path) -> tuple[str, int]:
    """SHA-256, as `SnapshotTaken.sha256` says, and size in bytes, of a dump in a file or a directory."""
    if path.is_file():
        return _sha256(path), path.stat().st_size
    files = sorted(found for found in path.iterdir() if found.is_file())
    lines = "".join(f"{_sha256(file)}  {file.name}\n" for file in files)
    return hashlib.sha256(lines.encode()).hexdigest(), sum(file.stat().st_size for file in files)


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _require_place(wanted: Wanted) -> None:
    if wanted.path.exists() and not wanted.overwrite:
        raise RehearsalError(f"{wanted.path} is there already.", hint="Name another path, or ask to overwrite it.")
    if wanted.path.is_dir() and not (wanted.path / "toc.dat").is_file() and any(wanted.path.iterdir()):
        raise RehearsalError(f"{wanted.path} is a directory and no dump.", hint="Name another path.")
    try:
        wanted.path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_write(wanted.path, error) from None


@contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    """A name beside `path`, of which nothing is left afterwards."""
    part = path.absolute().with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        yield part
    except OSError as error:
        raise _cannot_write(path, error) from None
    finally:
        _remove(part)
        description_of(part).unlink(missing_ok=True)


def _publish(part: Path, taken: SnapshotTaken) -> None:
    """Swap in the dump, then its description: a description never stands beside another dump than its own."""
    told = {name: value for name, value in asdict(taken).items() if name not in ("path", "skipped")}
    described = {"schema": SCHEMA, **told, "skipped": [asdict(one) for one in taken.skipped]}
    description_of(part).write_text(json.dumps(described, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    description_of(taken.path).unlink(missing_ok=True)
    if taken.path.is_dir() or part.is_dir():
        _remove(taken.path)
    part.replace(taken.path)
    description_of(part).replace(description_of(taken.path))


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _cannot_write(path: Path, error: OSError) -> RehearsalError:
    return RehearsalError(
        f"{path} cannot be written: {error.strerror or error}.", hint="Name a place that may be written and has room."
    )

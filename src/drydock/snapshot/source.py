"""The source `snapshot`: a file or directory that pg_dump wrote, here or behind an https address."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from drydock.errors import RehearsalError
from drydock.model import Loaded, Origin, Table
from drydock.redact import Secret
from drydock.scratch.interface import Scratch
from drydock.snapshot.archive import Archive
from drydock.snapshot.custom import require_whole
from drydock.snapshot.downloads import Downloading, download, shown_url
from drydock.snapshot.dumps import look_at
from drydock.snapshot.heading import major_of, readable_archive
from drydock.snapshot.interface import AskNeeds
from drydock.snapshot.opening import HINT
from drydock.snapshot.restore import restore
from drydock.snapshot.restoring import Choosing, Dump, Means

BLOCK = 1 << 20
COMPRESSED = 6
"""How much larger a database is than its compressed dump: rows compress about 4 times, and indexes come on top."""
LOOSE = 2
"""The same for an uncompressed one: row headers, free space and indexes."""
PACKED_PLAIN = 8
"""Text inside gzip or zstd compresses better than what pg_dump compresses table by table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which snapshot."""

    location: Secret
    """A path, relative to `root`, or an https URL."""
    root: Path
    sha256: str | None
    """What the file must have, in hex."""
    downloading: Downloading
    only_needed_of: Table | None = None
    """The tool's history, where only the rows that the steps may meet are wanted; None wants all."""


class SnapshotSource:
    """See `Source` in interface.py."""

    def __init__(self, wanted: Wanted, means: Means) -> None:
        """Look at nothing yet."""
        self._wanted, self._means = wanted, means
        self._dump: Dump | None = None
        self._sha256: str | None = None

    def prepare(self) -> None:
        """See `Source`."""
        location = self._wanted.location.reveal()
        if "://" in location:
            shown = shown_url(self._wanted.location)
            path = download(self._wanted.location, self._wanted.downloading)
        else:
            shown, path = location, self._wanted.root / location
        dump = look_at(path, shown)
        self._sha256 = self._checked(dump)
        self._require_readable(dump)
        self._dump = dump

    @property
    def major(self) -> int:
        """See `Source`."""
        return major_of(self._prepared.heading.server_version)

    @property
    def needed_bytes(self) -> int:
        """See `Source`. An archive inside gzip or zstd is unpacked beside the data, which is counted too."""
        return needed_by(self._prepared)

    def load(self, scratch: Scratch, needs: AskNeeds) -> Loaded:
        """See `Source`."""
        dump = self._prepared
        history = self._wanted.only_needed_of
        choosing = None if history is None else Choosing(kept=(history,), needs=needs)
        restored = restore(dump, scratch, means=self._means, choosing=choosing)
        origin = Origin(
            kind="snapshot",
            name=dump.shown,
            has_rows=restored.has_rows,
            server_version=dump.heading.server_version,
            taken_at=dump.heading.taken_at,
            size_bytes=dump.size_bytes,
            sha256=self._sha256,
        )
        return Loaded(origin=origin, skipped=restored.skipped, left_out=restored.left_out, notes=restored.notes)

    @property
    def _prepared(self) -> Dump:
        assert self._dump is not None, "prepare() comes first"
        return self._dump

    def _checked(self, dump: Dump) -> str | None:
        """The checksum of a dump in one file, held against the wanted one; not taken for its own sake."""
        if not self._wanted.sha256:
            return None
        if dump.form == "directory":
            raise RehearsalError(
                f"{dump.shown} is a directory, which has no checksum.", hint="Leave the checksum out, or name a file."
            )
        found = _digest(dump.path, self._means)
        if self._wanted.sha256.strip().lower() != found:
            if "://" in self._wanted.location.reveal():
                # What was kept is wrong, and would be found unchanged the next time.
                dump.path.unlink(missing_ok=True)
            raise RehearsalError(
                f"{dump.shown} does not have the checksum that it should have: its SHA-256 is {found}.", hint=HINT
            )
        return found

    def _require_readable(self, dump: Dump) -> None:
        version, programs = dump.heading.archive_version, self._means.programs
        if version is None:
            return
        newest = readable_archive(programs.major)
        if version > newest:
            by = f"pg_dump {dump.heading.dumped_by}" if dump.heading.dumped_by else "a newer pg_dump"
            raise RehearsalError(
                f"{dump.shown} was written by {by} as archive version {version[0]}.{version[1]};"
                f" pg_restore {programs.major} reads up to {newest[0]}.{newest[1]}.",
                hint="Install the newer PostgreSQL client programs, or take the snapshot with older ones.",
            )
        require_whole(dump)
        if dump.wrapping == "none":
            Archive(dump=dump, means=self._means, directory=Path("/")).content()


def needed_by(dump: Dump) -> int:
    """An estimate of the disk that a dump takes, restored."""
    is_plain = dump.form == "plain"
    if dump.wrapping != "none":
        return dump.size_bytes * (PACKED_PLAIN if is_plain else PACKED_PLAIN + LOOSE)
    return dump.size_bytes * (COMPRESSED if dump.heading.is_compressed else LOOSE)


def _digest(path: Path, means: Means) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
            if means.stopped():
                raise RehearsalError("The restore was stopped.")
    return digest.hexdigest()

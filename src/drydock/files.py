"""The project's files: the one place that lists and reads them, and writes the report where the user asked for it."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from drydock.errors import ProjectError

_RECORDABLE = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """The directory that a run works in; paths in messages are relative to it where possible."""

    root: Path

    def shown(self, path: Path) -> Path:
        """The path as a message shows it."""
        try:
            return path.relative_to(self.root)
        except ValueError:
            return path

    def folder(self, path: Path) -> Path:
        """The folder itself; raises ProjectError when it is not there."""
        if not path.is_dir():
            what = "is a file, not a folder" if path.exists() else "does not exist"
            raise ProjectError(
                f"The migrations folder {self.shown(path)} {what}.",
                hint="Set `migrations` to the folder, or run Drydock in the project's directory.",
            )
        return path

    def subfolders(self, path: Path) -> tuple[str, ...]:
        """Names of the real directories in a folder, unsorted; symbolic links are left out. Raises ProjectError."""
        with _reading(self.shown(path)), os.scandir(self.folder(path)) as entries:
            return self._recordable(path, [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)])

    def files(self, path: Path) -> tuple[str, ...]:
        """Names of the files in a folder, links followed, unsorted. Raises ProjectError."""
        with _reading(self.shown(path)), os.scandir(self.folder(path)) as entries:
            return self._recordable(path, [entry.name for entry in entries if entry.is_file()])

    def _recordable(self, folder: Path, names: list[str]) -> tuple[str, ...]:
        # The database holds only UTF-8; a line end or an escape sequence in a name would write into logs.
        for name in names:
            if not _RECORDABLE.fullmatch(name):
                shown = name.encode("unicode_escape").decode()
                raise ProjectError(
                    f"The name of {self.shown(folder)}/{shown} is not UTF-8, or holds control characters.",
                    hint="Rename it.",
                )
        return tuple(names)

    def read(self, path: Path) -> bytes:
        """A file's bytes; raises ProjectError when it cannot be read."""
        with _reading(self.shown(path)):
            return path.read_bytes()

    def read_if_there(self, path: Path) -> bytes | None:
        """A file's bytes, or None when there is no such file."""
        return self.read(path) if path.is_file() else None

    def matching(self, pattern: str) -> tuple[Path, ...]:
        """The files that a pattern names, sorted; a plain path names itself. Raises ProjectError for none."""
        plain = self.root / pattern
        if plain.is_file():
            return (plain,)
        try:
            # An absolute pattern is matched from the root of the file system, where pathlib knows no such thing.
            start = Path(self.root, pattern).anchor if Path(pattern).is_absolute() else self.root
            found = tuple(sorted(path for path in Path(start).glob(pattern.lstrip("/")) if path.is_file()))
        except (ValueError, OSError):
            found = ()
        if not found:
            raise ProjectError(
                f"No file matches {pattern}.", hint="Correct the path, relative to the directory of the run."
            )
        return found


@contextmanager
def _reading(shown: Path) -> Iterator[None]:
    """Turns what the system says about a file or folder into a ProjectError."""
    try:
        yield
    except OSError as error:
        raise ProjectError(
            f"{shown} cannot be read: {error.strerror or error}.",
            hint="Restore it, or make it readable for the user that runs Drydock.",
        ) from None


def write(path: Path, text: str) -> str | None:
    """Write a file whole, making its folder; why not, or None."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        return f"{path} could not be written: {error.strerror or error}"
    return None


def append(path: Path, text: str) -> str | None:
    """Write behind what a file holds already; why not, or None. What is not Unicode becomes a question mark."""
    try:
        with path.open("ab") as stream:
            stream.write(text.encode(errors="replace"))
    except OSError as error:
        return f"{path} could not be written: {error.strerror or error}"
    return None


def overwrite(path: Path, text: str) -> str | None:
    """Replace what is in a file that is there and makes no new one; why not, or None."""
    try:
        with path.open("r+b") as stream:
            stream.write(text.encode(errors="replace"))
            stream.truncate()
    except OSError as error:
        return f"{path} could not be written: {error.strerror or error}"
    return None


def is_writable_file(path: Path) -> bool:
    """Whether a file is there, and may be written."""
    return path.is_file() and os.access(path, os.W_OK)


def size_bytes(path: Path) -> int:
    """How long a file is; 0 when it is not there."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def read_at_most(path: Path, limit_bytes: int) -> bytes | None:
    """A small file whole; None when it cannot be read, or is larger."""
    try:
        with path.open("rb") as stream:
            content = stream.read(limit_bytes + 1)
    except OSError:
        return None
    return content if len(content) <= limit_bytes else None


def make_folder(path: Path) -> Path:
    """Make a folder in a private place, and answer with it."""
    path.mkdir(mode=0o700)
    return path

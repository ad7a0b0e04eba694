"""Finds `drydock.yml`. The YAML reader is loaded only when there is a file to read."""

from pathlib import Path

from drydock.config.given import FileValues
from drydock.config.problems import Problem

FILE_NAME = "drydock.yml"


def file_values(path: Path, *, shown: str, must_exist: bool) -> FileValues:
    """Read the file; a missing one is a problem only when it `must_exist`."""
    if not must_exist and _is_absent(path):
        return _without_file(path)
    from drydock.config.file_values import read_values

    return read_values(path, shown=shown)


def _is_absent(path: Path) -> bool:
    try:
        path.lstat()
    except FileNotFoundError:
        return True
    except OSError:
        # Something is there, or may be: reading it says what is wrong.
        return False
    return False


def _without_file(path: Path) -> FileValues:
    other = path.with_suffix(".yaml")
    if not other.exists():
        return FileValues()
    expected = f"the name {FILE_NAME}; a file of this name is not read"
    return FileValues(problems=(Problem(name="", where=other.name, expected=expected),))

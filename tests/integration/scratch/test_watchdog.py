"""Nothing is left of a throwaway server: no process, no directory, however its owner ended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[3] / "src"
OWNER = """
import os, sys, time
from pathlib import Path
from drydock.postgres.administration import ServerAdministration
from drydock.scratch.embedded import EmbeddedProvider
from drydock.scratch.interface import Likeness
from drydock.scratch.premises import premises_of
likeness = Likeness(
    major=0, database="shop", encoding="UTF8", collate="C", ctype="C",
    wal_level="replica", full_page_writes=True, checksums=False,
)
provider = EmbeddedProvider(premises_of(os.environ, current=Path.cwd()), ServerAdministration(os.environ))
with provider.provide(likeness, needed_bytes=0) as scratch:
    print(scratch.directory.parent, flush=True)
    time.sleep(60)
"""


def started(folder: Path) -> "subprocess.Popen[str]":
    """An owner whose throwaway directories are in `folder`."""
    folder.chmod(0o755)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE), "TMPDIR": str(folder)}
    return subprocess.Popen([sys.executable, "-c", OWNER], env=environment, stdout=subprocess.PIPE, text=True)


def servers_in(folder: Path) -> list[str]:
    """The command lines of processes that name the folder."""
    lines = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                lines.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:
                continue
    return [line for line in lines if str(folder) in line]


def eventually(is_true: Callable[[], bool], seconds: float = 30.0) -> bool:
    """Whether it becomes true within the time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_true():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that another user may enter: the server does not run as root."""
    folder = tmp_path_factory.mktemp("scratch")
    for parent in (folder, *folder.parents[:-2]):
        parent.chmod(parent.stat().st_mode | 0o055)
    return folder


def test_running_server_is_gone_after_its_owner_was_killed(place: Path) -> None:
    owner = started(place)
    assert owner.stdout is not None
    directory = Path(owner.stdout.readline().strip())
    assert directory.is_dir()

    os.kill(owner.pid, signal.SIGKILL)
    owner.communicate()

    assert eventually(lambda: not list(place.iterdir()) and not servers_in(place))


@pytest.mark.parametrize("pause", [0.1, 0.5, 1.0, 1.8])
def test_nothing_is_left_whenever_the_owner_is_killed(place: Path, pause: float) -> None:
    owner = started(place)
    assert eventually(lambda: bool(list(place.iterdir())) or owner.poll() is not None)
    time.sleep(pause)

    os.kill(owner.pid, signal.SIGKILL)
    owner.communicate()

    assert eventually(lambda: not list(place.iterdir()) and not servers_in(place)), servers_in(place)

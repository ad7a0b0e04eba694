"""Starting an owner of a scratch (`owner.py`) and looking at what it leaves."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.fixtures.rooms import PACKAGES, python_for

OWNER = Path(__file__).with_name("owner.py")
SOURCE = Path(__file__).parents[3] / "src"
WATCHDOG = "drydock.scratch.watchdog"


def started(user: int | None = None, **said: Any) -> "subprocess.Popen[str]":
    """An owner with these wishes, as soon as it is about to make its scratch."""
    wishes = {name: _text(value) for name, value in said.items()}
    python, packages = (sys.executable, "") if user is None else (python_for(user), PACKAGES)
    whom: dict[str, Any] = {} if user is None else {"user": user, "group": user, "extra_groups": ()}
    owner: subprocess.Popen[str] = subprocess.Popen(
        [python, "-W", "error", str(OWNER), json.dumps(wishes)],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{SOURCE}:{packages}", "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",
        **whom,
    )
    assert line_of(owner) == "ready", owner.communicate()
    return owner


def line_of(owner: "subprocess.Popen[str]") -> str:
    """The next line that the owner says."""
    assert owner.stdout is not None
    return owner.stdout.readline().strip()


def ended(owner: "subprocess.Popen[str]", number: signal.Signals) -> int:
    """Send it a signal and wait for its end; its exit code."""
    owner.send_signal(number)
    owner.communicate()
    return owner.returncode


def watchdogs_of(owner: "subprocess.Popen[str]") -> list[int]:
    """Pids of the owner's watchdogs."""
    return [pid for pid in _children_of(owner.pid) if WATCHDOG in _command_of(pid)]


def _children_of(parent: int) -> list[int]:
    children = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(words[1]) == parent:
            children.append(int(entry.name))
    return children


def _command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def kill(pid: int) -> None:
    """SIGKILL, and wait until it is gone or a zombie."""
    os.kill(pid, signal.SIGKILL)


def _text(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    return [str(one) for one in value] if isinstance(value, tuple) else value

"""Runs a command of a real tool, as a process with little environment and a time limit."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

COMMAND_SECONDS = 300
INHERITED = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What one command of a tool answered."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def said(self) -> str:
        """Everything it printed."""
        return self.stdout + self.stderr


def ran(command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> Ran:
    """Run it to its end."""
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**inherited, **env},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=COMMAND_SECONDS,
        check=False,
    )
    return Ran(exit_code=done.returncode, stdout=done.stdout, stderr=done.stderr)

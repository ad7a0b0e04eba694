"""The platforms' own validators, which are development dependencies: no network, no account."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def complaints(program: str, *arguments: str | Path) -> str:
    """What a validator says against the files; nothing when it is content."""
    found = shutil.which(program, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert found is not None, f"{program} is a development dependency that is not installed: make setup"
    done = subprocess.run(
        [found, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr or f"exit code {done.returncode}"

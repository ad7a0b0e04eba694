"""Run one command as a user's shell would, and measure it from outside."""

import os
import resource
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bench.errors import RunFailedError

LIMIT_SECONDS = 300
LAST_WORDS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What one process took, from start to exit; `cpu_seconds` with its children's, user and system."""

    seconds: float
    cpu_seconds: float
    peak_memory_bytes: int


def timed(command: tuple[str, ...], *, directory: Path, environment: Mapping[str, str]) -> Usage:
    """Run `command` to its end.

    Raises RunFailedError when the program is missing, fails, or takes longer than LIMIT_SECONDS.
    """
    with tempfile.TemporaryFile() as output:
        began = time.perf_counter()
        process = _started(command, output, directory=directory, environment=environment)
        resources = _resources_at_end(process)
        seconds = time.perf_counter() - began
        if process.returncode:
            raise RunFailedError(f"exit {process.returncode} after {seconds:.1f} s", _last_words(output))
    return Usage(
        seconds=seconds,
        cpu_seconds=resources.ru_utime + resources.ru_stime,
        peak_memory_bytes=resources.ru_maxrss * 1024,
    )


def _started(
    command: tuple[str, ...], output: IO[bytes], *, directory: Path, environment: Mapping[str, str]
) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            command,
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise RunFailedError("the program is not there", command[0]) from error


def _resources_at_end(process: "subprocess.Popen[bytes]") -> resource.struct_rusage:
    """Wait for the end, by wait4, because it tells what this very process took."""
    watch = threading.Timer(LIMIT_SECONDS, os.killpg, (process.pid, signal.SIGKILL))
    watch.start()
    try:
        _, status, resources = os.wait4(process.pid, 0)
    except BaseException:  # the bench itself was interrupted
        os.killpg(process.pid, signal.SIGKILL)
        raise
    finally:
        watch.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    return resources


def _last_words(output: IO[bytes]) -> str:
    output.seek(0)
    return output.read().decode(errors="replace").strip()[-LAST_WORDS:]


def clean_environment(home: Path) -> Mapping[str, str]:
    """The environment every tool starts from: nothing of ours leaks in, such as a CI's variables."""
    path = os.pathsep.join(dict.fromkeys(str(Path(found).parent) for found in _programs()))
    return {
        "PATH": f"{path}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "NO_COLOR": "1",
    }


def _programs() -> list[str]:
    return [found for program in ("node", "sh") if (found := shutil.which(program))]

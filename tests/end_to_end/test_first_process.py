"""`entrypoint.py` as CI systems start it: Drydock's own arguments, or another program's."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from drydock import __version__
from tests.fixtures.program import SOURCE

ENTRYPOINT = SOURCE.parent / "entrypoint.py"


def first_process(*arguments: str, cwd: Path, path: str = os.defpath) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ENTRYPOINT), *arguments],
        cwd=cwd,
        env={"PATH": path, "PYTHONPATH": str(SOURCE), "LC_ALL": "C.UTF-8", "with-hyphen": "kept"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (("sh", "-c", "echo hi"), "hi\n", 0),
        (("/bin/sh", "-c", "echo by path; exit 3"), "by path\n", 3),
        (("sh", "-c", 'echo "$#" "$1"', "name", "--version"), "1 --version\n", 0),
        (("cat",), "", 0),
        (("env", "-u", "PATH", "printenv", "with-hyphen"), "kept\n", 0),
        (("--version",), f"drydock {__version__}\n", 0),
    ],
)
def test_a_program_runs_with_all_its_arguments(
    tmp_path: Path, arguments: tuple[str, ...], said: str, code: int
) -> None:
    ran = first_process(*arguments, cwd=tmp_path)

    assert (ran.stdout, ran.stderr, ran.returncode) == (said, "", code)


def test_the_program_takes_the_place_of_this_process(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, str(ENTRYPOINT), "sh", "-c", "echo $$; exec cat"],
        cwd=tmp_path,
        env={"PATH": os.defpath, "PYTHONPATH": str(SOURCE)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        ended = process.wait(timeout=20)

    assert int(said) == process.pid
    assert ended == -signal.SIGTERM, "the signal must find the program's own handling of it"


def test_the_program_gets_signals_as_they_were(tmp_path: Path) -> None:
    # Python ignores SIGPIPE; with that inherited, `yes` would complain instead of ending.
    ran = first_process("sh", "-c", "yes | head -n 1", cwd=tmp_path)

    assert (ran.stdout, ran.stderr) == ("y\n", "")


@pytest.mark.parametrize("first", ["deplyo", "./not-there", "/", ""])
def test_what_is_no_program_is_a_wrong_command(tmp_path: Path, first: str) -> None:
    ran = first_process(first, "--x", cwd=tmp_path)

    assert ran.returncode == 2
    assert f"There is no command {first}." in ran.stderr


def test_our_own_commands_go_before_programs_of_the_same_name(tmp_path: Path) -> None:
    program = tmp_path / "status"
    program.write_text("#!/bin/sh\necho somebody else\n", "utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)

    ran = first_process("status", cwd=tmp_path, path=f"{tmp_path}:{os.defpath}")

    assert "somebody else" not in ran.stdout
    assert ran.returncode == 2
    assert "database_url" in ran.stderr

"""Commands that end well, badly, late, or not at all."""

import io
import os
import sys
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from drydock.command import Command
from drydock.errors import NotStartedError
from drydock.process import allow_listed, run, stream

LONG = timedelta(seconds=60)


def python(
    program: str,
    *,
    limit: timedelta = LONG,
    stdin: bytes | None = None,
    environment: Mapping[str, str] | None = None,
    directory: Path = Path("/"),
) -> Command:
    return Command(
        argv=(sys.executable, "-I", "-c", program),
        environment=environment or {},
        directory=directory,
        time_limit=limit,
        stdin=stdin,
    )


def test_non_zero_exit_is_a_result() -> None:
    done = run(python("import sys; print('out é'); print('err', file=sys.stderr); sys.exit(7)"))

    assert (done.exit_code, done.stdout, done.stderr) == (7, "out é\n", "err\n")
    assert not done.timed_out
    assert not done.stopped


def test_environment_is_exactly_what_was_handed_in(tmp_path: Path) -> None:
    program = "import os; print(sorted(k for k in os.environ if k != 'LC_CTYPE'), os.getcwd())"

    done = run(python(program, environment={"A": "1"}, directory=tmp_path))

    assert done.stdout == f"['A'] {tmp_path}\n"


def test_allow_list_never_lets_an_address_through() -> None:
    environ = {
        "PATH": "/bin",
        "LC_ALL": "C",
        "TZ": "UTC",
        "DATABASE_URL": "x",
        "PGPASSWORD": "y",
        "HOME": "/",
    }

    assert allow_listed(environ) == {"PATH": "/bin", "LC_ALL": "C", "TZ": "UTC"}
    assert allow_listed({}, {"DATABASE_URL": "x"}) == {"DATABASE_URL": "x"}


def test_chatty_command_with_much_stdin_never_blocks() -> None:
    program = (
        "import sys\nfor i in range(20000):\n print('o' * 50); print('e' * 50, file=sys.stderr)\n"
        "print(len(sys.stdin.buffer.read()))"
    )

    done = run(python(program, stdin=b"x" * 3_000_000))

    assert done.stdout.endswith("\n3000000\n")
    assert len(done.stderr) == 20_000 * 51


def test_command_that_does_not_read_its_stdin_is_no_error() -> None:
    assert run(python("pass", stdin=b"x" * 3_000_000)).exit_code == 0


def test_lines_arrive_whole_and_the_last_one_without_newline_too() -> None:
    heard: list[str] = []

    run(python("import sys; sys.stdout.buffer.write(b'a\\r\\n\\nb\\xff')"), heard.append)

    assert heard == ["a", "", "b\ufffd"]


def test_lines_arrive_while_the_command_runs() -> None:
    heard: list[str] = []
    program = "import time; print('begun', flush=True); time.sleep(60)"

    done = run(python(program), heard.append, stopped=lambda: bool(heard))

    assert heard == ["begun"]
    assert done.stopped
    assert done.exit_code == -15


def test_time_limit_ends_the_command() -> None:
    done = run(python("import time; time.sleep(60)", limit=timedelta(seconds=0.3)))

    assert done.timed_out
    assert done.exit_code == -15


def test_time_limit_ends_the_commands_own_children(tmp_path: Path) -> None:
    noted = tmp_path / "pid"
    program = (
        "import pathlib, subprocess, sys, time\n"
        "p = subprocess.Popen([sys.executable, '-I', '-c', "
        "'import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(60)'],"
        " stdout=subprocess.PIPE)\n"
        f"p.stdout.readline(); pathlib.Path({str(noted)!r}).write_text(str(p.pid))\n"
        "print('begun', flush=True); time.sleep(60)"
    )
    heard: list[str] = []

    run(python(program), heard.append, stopped=lambda: bool(heard))

    assert has_ended(int(noted.read_text()))


def test_command_that_ignores_sigterm_is_killed() -> None:
    program = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    heard: list[str] = []

    done = run(python(program), heard.append, stopped=lambda: bool(heard))

    assert done.exit_code == -9


def test_what_a_command_left_running_does_not_keep_us() -> None:
    program = "import subprocess, sys; subprocess.Popen([sys.executable, '-I', '-c', 'import time; time.sleep(8)'])"
    begun = time.monotonic()

    done = run(python(program))

    assert done.exit_code == 0
    assert time.monotonic() - begun < 7


def test_stream_gives_more_than_a_pipe_holds_and_how_it_ended() -> None:
    program = "import sys; sys.stdout.write('x' * 300000); sys.stderr.write('e' * 100000); sys.exit(3)"

    with stream(python(program), stopped=lambda: False) as said:
        read = io.BufferedReader(said).read()
        done = said.outcome()

    assert (len(read), done.exit_code, set(done.stderr)) == (300000, 3, {"e"})


def test_stream_ends_once_it_is_stopped() -> None:
    begun = time.monotonic()
    with stream(python("import time; time.sleep(60)"), stopped=lambda: time.monotonic() > begun + 0.3) as said:
        assert io.BufferedReader(said).read() == b""
        done = said.outcome()

    assert done.stopped
    assert time.monotonic() - begun < 20


def test_stream_that_is_not_read_to_its_end_leaves_nothing_running() -> None:
    with stream(python("import sys\nwhile True: sys.stdout.write('x' * 1000)"), stopped=lambda: False) as said:
        assert said.read(10) == b"x" * 10
        done = said.outcome()

    assert done.exit_code != 0


@pytest.mark.parametrize("argv", [("/nonexistent/program",), ("/",)])
def test_program_that_cannot_be_started_is_named(argv: tuple[str, ...]) -> None:
    command = Command(argv=argv, environment={}, directory=Path("/"), time_limit=LONG)

    with pytest.raises(NotStartedError, match=argv[0]):
        run(command)


def test_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotStartedError, match="absent"):
        run(python("pass", directory=tmp_path / "absent"))


def has_ended(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return True
    return False

"""A container engine: podman, or docker where its daemon answers. Every command has a time limit.

Debian's podman is told to get along with a machine that lets nobody raise limits and has no systemd. Where a stray
cgroup2 mount stands beside cgroup1, crun refuses to work; each command then runs in a mount namespace without it.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from tests.fixtures.program import Ran

LIMIT = 240.0
STRAY_MOUNT = Path("/sys/fs/cgroup/unified")
WITHOUT_IT = ("unshare", "-m", "sh", "-c", f'umount -l {STRAY_MOUNT}; exec "$@"', "sh")
CONFIGURATION = """[containers]
default_ulimits=["nofile=1024:1024","nproc=1024:1024"]
[engine]
cgroup_manager="cgroupfs"
events_logger="file"
"""
PROGRAMS = ("podman", "crun", "debootstrap", "rsync")
PACKAGES = (
    "podman buildah crun netavark aardvark-dns catatonit fuse-overlayfs debootstrap iptables rsync uidmap".split()
)


class EngineUnavailableError(Exception):
    """Why no container can be run here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Commands of one engine."""

    program: str
    environment: Mapping[str, str]
    wrapping: tuple[str, ...] = ()
    """What stands before every command."""

    @property
    def is_podman(self) -> bool:
        """Or docker."""
        return self.program == "podman"

    def run(self, *arguments: str | Path, seconds: float = LIMIT) -> Ran:
        """Run `podman ARGUMENTS` to its end, well or badly; after `seconds` the test fails."""
        started = time.monotonic()
        quiet = ("--log-level=error",) if self.is_podman else ()
        words = [*self.wrapping, self.program, *quiet, *map(str, arguments)]
        try:
            done = subprocess.run(
                words,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            said = b"".join(part for part in (error.stdout, error.stderr) if part).decode("utf-8", "replace")
            raise AssertionError(f"{' '.join(words)} did not end within {seconds} s; it said:\n{said}") from None
        took = time.monotonic() - started
        return Ran(exit_code=done.returncode, stdout=done.stdout, stderr=done.stderr, seconds=took)

    def must(self, *arguments: str | Path, seconds: float = LIMIT) -> str:
        """What a command says that has to succeed."""
        ran = self.run(*arguments, seconds=seconds)
        assert ran.exit_code == 0, f"{arguments}: exit code {ran.exit_code}:\n{ran.said[-4000:]}"
        return ran.stdout.strip()

    def read_only(self) -> tuple[str, ...]:
        """Options for a root that cannot be written; podman would add its own places to write to."""
        return ("--read-only", "--read-only-tmpfs=false") if self.is_podman else ("--read-only",)

    @contextmanager
    def started(self, *arguments: str | Path) -> Iterator[str]:
        """The name of a container that `run --detach ARGUMENTS` starts; gone with the scope."""
        name = f"drydock-test-{uuid4().hex[:12]}"
        try:
            self.must("run", "--detach", "--name", name, *arguments)
            yield name
        finally:
            self.run("rm", "--force", "--time", "0", name) if self.is_podman else self.run("rm", "--force", name)


def engine_in(folder: Path, *, install: bool) -> Engine:
    """An engine that answers; `folder` takes its configuration. `install` allows to install one.

    Raises EngineUnavailableError.
    """
    if install and not all(map(shutil.which, PROGRAMS)) and not _docker_answers():
        _install()
    if shutil.which("podman") is not None:
        return _podman(folder)
    if _docker_answers():
        return Engine(program="docker", environment=os.environ)
    raise EngineUnavailableError("neither podman nor a docker daemon (install Debian's package podman)")


def _podman(folder: Path) -> Engine:
    configuration = folder / "containers.conf"
    configuration.write_text(CONFIGURATION, "utf-8")
    return Engine(
        program="podman",
        environment={**os.environ, "CONTAINERS_CONF": str(configuration)},
        wrapping=WITHOUT_IT if STRAY_MOUNT.is_mount() and os.geteuid() == 0 else (),
    )


def require_running(engine: Engine, image: str) -> None:
    """Raise EngineUnavailableError when a container of an image cannot be run, as without the right to namespaces."""
    try:
        ran = engine.run("run", "--rm", "--network", "host", image, "true", seconds=60)
    except AssertionError as error:
        raise EngineUnavailableError(str(error)) from None
    if ran.exit_code != 0:
        raise EngineUnavailableError(f"containers cannot be run here: {ran.said.strip()[-500:]}")


def _docker_answers() -> bool:
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "info"], capture_output=True, timeout=30, check=False).returncode == 0


def _install() -> None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise EngineUnavailableError("no podman, and only root on Debian can install it (apt-get install podman)")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (("update", "-qq"), ("install", "-y", "-qq", "--no-install-recommends", *PACKAGES)):
        done = subprocess.run(
            ["apt-get", *words], env=environment, capture_output=True, text=True, timeout=600, check=False
        )
        if done.returncode != 0:
            raise EngineUnavailableError(f"apt-get {words[0]} failed: {done.stderr.strip()[-500:]}")

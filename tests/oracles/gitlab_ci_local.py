"""gitlab-ci-local: runs the jobs of a .gitlab-ci.yml in containers, as GitLab's Docker executor does."""

import fcntl
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.containers.engine import Engine
from tests.fixtures.program import Ran
from tests.oracles.npm import OracleUnavailableError, Recipe, installed

SOURCE = Path(__file__).parent / "gitlab"
JOB_SECONDS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class GitlabCiLocal:
    """Where it is installed, with the Node that it needs."""

    folder: Path
    engine: Engine
    helper: str
    """An image with a shell, in which it copies files."""

    def run(self, project: Path, job: str, variables: Mapping[str, str]) -> Ran:
        """Run one job of a project, which is a git repository with a remote; nothing of it is left."""
        with (self.folder / "running.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            before = self._volumes()
            try:
                return self._run(project, job, variables)
            finally:
                # It does not wait for its own clearing away. A volume takes the containers with it that use it.
                for volume in self._volumes() - before:
                    self.engine.run("volume", "rm", "--force", volume)

    def _volumes(self) -> set[str]:
        return set(self.engine.must("volume", "ls", "--quiet", "--filter", "name=gcl-").split())

    def _run(self, project: Path, job: str, variables: Mapping[str, str]) -> Ran:
        program = self.folder / "node_modules/gitlab-ci-local/dist/index.js"
        given = (word for name, value in variables.items() for word in ("--variable", f"{name}={value}"))
        options = ("--container-executable", "podman", "--helper-image", self.helper, "--pull-policy", "if-not-present")
        done = subprocess.run(
            [*self.engine.wrapping, str(self._node()), str(program), job, *options, "--network", "host", *given],
            cwd=project,
            env={**self.engine.environment, "HOME": str(project.parent)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=JOB_SECONDS,
            check=False,
        )
        return Ran(exit_code=done.returncode, stdout=done.stdout, stderr=done.stderr, seconds=0)

    def _node(self) -> Path:
        return next(self.folder.glob("node_modules/node-linux-*/bin/node"))


def install(cache: Path) -> Path:
    """A folder in `cache` with the pinned version. Raises OracleUnavailableError."""
    for program in ("rsync", "git"):
        if shutil.which(program) is None:
            raise OracleUnavailableError(f"`{program}` is not on the PATH; gitlab-ci-local needs it")
    return installed(cache, Recipe(name="gitlab", source=SOURCE))

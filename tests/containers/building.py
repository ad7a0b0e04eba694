"""`make image`: docker/build.sh, with an engine that answers and a base image that can be had here."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.containers.base_image import base_image
from tests.containers.engine import EngineUnavailableError, engine_in

SCRIPT = Path(__file__).parents[2] / "docker" / "build.sh"
BUILD_SECONDS = 3600


def main() -> int:
    """Build both sizes; what is set in the environment goes before what is found. The script's exit code."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            engine = engine_in(Path(folder), install=False)
            base = os.environ.get("BASE") or base_image(engine)
        except EngineUnavailableError as error:
            sys.stderr.write(f"The image cannot be built: {error}\n")
            return 2
        found = {"ENGINE": engine.program, "BASE": base, "BUILD_OPTIONS": "--network host" if engine.is_podman else ""}
        command = [*engine.wrapping, "sh", str(SCRIPT)]
        return subprocess.run(
            command, env={**found, **engine.environment}, timeout=BUILD_SECONDS, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main())

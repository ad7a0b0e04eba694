"""The base image of the Dockerfile: the real one where it can be had, else one made of Debian's packages.

The made one holds the same release of Debian with Debian's own Python. It differs in where Python lies, in no way that
the Dockerfile depends on. It also trusts whom this machine trusts, and knows where this machine gets packages from.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.containers.engine import Engine, EngineUnavailableError

DOCKERFILE = Path(__file__).parents[2] / "Dockerfile"
MADE = "localhost/drydock-test-base:trixie"
SUITE = "trixie"
PACKAGES = "ca-certificates,netbase,tzdata,python3,python3-venv,python3-pip"
SOURCES = (Path("/etc/apt/sources.list"), Path("/etc/apt/sources.list.d/debian.sources"))
TRUSTED = Path("/etc/ssl/certs/ca-certificates.crt")
PULL_SECONDS = 120.0
MAKE_SECONDS = 600.0


def base_image(engine: Engine) -> str:
    """The name of a base image that is there. Raises EngineUnavailableError."""
    real = real_name()
    for name in (real, MADE):
        if engine.run("image", "inspect", name).exit_code == 0:
            return name
    if engine.run("pull", "--quiet", real, seconds=PULL_SECONDS).exit_code == 0:
        return real
    _make(engine)
    return MADE


def real_name() -> str:
    """The base image that the Dockerfile names."""
    found = re.search(r"^ARG BASE=(\S+)$", DOCKERFILE.read_text("utf-8"), re.MULTILINE)
    assert found is not None
    return found[1]


def _make(engine: Engine) -> None:
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        raise EngineUnavailableError("no registry answers, and only root with debootstrap can make a base image")
    with tempfile.TemporaryDirectory(prefix="drydock-base-") as folder:
        root = Path(folder) / "root"
        _debootstrap(root)
        (root / "usr/local/bin/python").symlink_to("/usr/bin/python3")
        for marker in root.glob("usr/lib/python3*/EXTERNALLY-MANAGED"):
            marker.unlink()
        _trust_as_here(root)
        archive = Path(folder) / "root.tar"
        subprocess.run(["tar", "-C", root, "-cf", archive, "."], timeout=MAKE_SECONDS, check=True)
        engine.must("import", "--change", "CMD python3", archive, MADE, seconds=MAKE_SECONDS)


def _debootstrap(root: Path) -> None:
    command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, str(root), _mirror()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=MAKE_SECONDS, check=False)
    if done.returncode != 0:
        raise EngineUnavailableError(f"debootstrap failed: {(done.stdout + done.stderr).strip()[-500:]}")


def _mirror() -> str:
    """Where this machine gets Debian's packages from."""
    for file in SOURCES:
        text = file.read_text("utf-8") if file.is_file() else ""
        found = re.search(r"^(?:URIs:|deb)\s+(?:\[.*\]\s+)?(https?://\S+/debian/?)(?:\s|$)", text, re.MULTILINE)
        if found is not None:
            return found[1]
    raise EngineUnavailableError("no mirror of Debian among this machine's apt sources")


def _trust_as_here(root: Path) -> None:
    """Certificates, apt's settings for fetching, pip's index: packages are fetched in there as they are here."""
    if TRUSTED.is_file():
        shutil.copyfile(TRUSTED, root / TRUSTED.relative_to("/"))
    fetching = subprocess.run(
        ["apt-config", "dump", "Acquire"], capture_output=True, text=True, timeout=30, check=True
    ).stdout
    (root / "etc/apt/apt.conf.d/99-as-here").write_text(fetching, "utf-8")
    index = subprocess.run(
        [sys.executable, "-m", "pip", "config", "get", "global.index-url"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    ).stdout.strip()
    lines = ["[global]", f"cert = {TRUSTED}", *([f"index-url = {index}"] if index else [])]
    (root / "etc/pip.conf").write_text("\n".join(lines) + "\n", "utf-8")

"""GitHub's own description of its API, trimmed to what we call; fetched from npm once, kept beside the oracles."""

import base64
import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.oracles.npm import OracleUnavailableError

PACKAGE = "@octokit/openapi@23.0.2"
SHA512 = "pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg=="
MEMBER = "package/generated/api.github.com.json"
NPM_SECONDS = 100
PATHS = (
    "/repos/{owner}/{repo}/issues/{issue_number}/comments",
    "/repos/{owner}/{repo}/issues/comments/{comment_id}",
    "/repos/{owner}/{repo}/commits/{commit_sha}/pulls",
    "/user",
)


def description(cache: Path) -> dict[str, Any]:
    """The trimmed document. Raises OracleUnavailableError."""
    kept = cache / f"github-openapi-{hashlib.sha256(repr((PACKAGE, PATHS)).encode()).hexdigest()[:12]}.json"
    if not kept.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            whole = json.loads(_fetched(Path(folder)))
            beside = Path(folder) / "trimmed.json"
            beside.write_text(json.dumps(trimmed(whole)), "utf-8")
            beside.rename(kept)
    document: dict[str, Any] = json.loads(kept.read_text("utf-8"))
    return document


def trimmed(whole: Mapping[str, Any]) -> dict[str, Any]:
    """The paths that we call, and every part that they name."""
    paths = {path: whole["paths"][path] for path in PATHS}
    components: dict[str, dict[str, Any]] = {}
    waiting = list(_references(paths))
    while waiting:
        kind, _, name = waiting.pop().removeprefix("#/components/").partition("/")
        if name not in components.setdefault(kind, {}):
            components[kind][name] = whole["components"][kind][name]
            waiting += _references(components[kind][name])
    return {key: whole[key] for key in ("openapi", "info", "servers")} | {"paths": paths, "components": components}


def _references(part: object) -> Iterator[str]:
    match part:
        case {"$ref": str(reference)}:
            yield reference
        case dict():
            for inner in part.values():
                yield from _references(inner)
        case list():
            for inner in part:
                yield from _references(inner)
        case _:
            return


def _fetched(folder: Path) -> bytes:
    if shutil.which("npm") is None:
        raise OracleUnavailableError("`npm` is not on the PATH; GitHub's description comes from there")
    command = ["npm", "pack", PACKAGE, "--pack-destination", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=NPM_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise OracleUnavailableError(f"`{' '.join(command)}` took longer than {NPM_SECONDS} s") from error
    archives = list(folder.glob("*.tgz"))
    if done.returncode or not archives:
        raise OracleUnavailableError(f"`{' '.join(command)}` ended with {done.returncode}: {done.stderr[-500:]}")
    if base64.b64encode(hashlib.sha512(archives[0].read_bytes()).digest()).decode() != SHA512:
        raise OracleUnavailableError(f"{PACKAGE} is not the package that was pinned")
    with tarfile.open(archives[0]) as archive:
        member = archive.extractfile(MEMBER)
        assert member is not None
        return member.read()

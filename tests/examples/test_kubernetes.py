"""The Kubernetes manifests: valid, restricted, and in step with our exit codes and options."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from drydock.config.schema import flags
from drydock.errors import ExitCode
from tests.examples.validators import ROOT, complaints

TEMPORARY = "/tmp"  # noqa: S108 - in the container
FOLDER = ROOT / "examples/kubernetes"
MANIFESTS = sorted(FOLDER.glob("*.yaml"))
MAY_BE_TRIED_AGAIN = {ExitCode.LOCK, ExitCode.UNREACHABLE, ExitCode.INTERRUPTED, ExitCode.TERMINATED}
RESTRICTED = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}


def documents(manifest: Path) -> Iterator[dict[str, Any]]:
    """The objects in a file."""
    yield from yaml.safe_load_all(manifest.read_text("utf-8"))


def pods(manifest: Path) -> list[dict[str, Any]]:
    """What the pods of a file are made of."""
    return [document["spec"]["template"]["spec"] for document in documents(manifest)]


def containers(pod: dict[str, Any]) -> list[dict[str, Any]]:
    """All containers of a pod."""
    return [*pod.get("initContainers", []), *pod["containers"]]


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda file: file.name)
def test_kubernetes_takes_the_manifest(manifest: Path) -> None:
    assert complaints("kubernetes-validate", "--strict", "--quiet", manifest) == ""


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda file: file.name)
def test_a_pod_is_restricted(manifest: Path) -> None:
    for pod in pods(manifest):
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] > 0, "the image has no user of its own"
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert all(container["securityContext"] == RESTRICTED for container in containers(pod))


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda file: file.name)
def test_our_container_says_its_last_words_and_takes_only_options_that_exist(manifest: Path) -> None:
    known = {flag.name for flag in flags()}

    ours = [container for pod in pods(manifest) for container in containers(pod) if container["name"] == "schema"]

    assert ours
    for container in ours:
        assert container["terminationMessagePolicy"] == "FallbackToLogsOnError"
        assert {word for word in container["args"] if word.startswith("--")} <= known


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda file: file.name)
def test_a_deploy_has_a_place_to_rehearse(manifest: Path) -> None:
    for pod in pods(manifest):
        empty = {volume["name"] for volume in pod.get("volumes", []) if "emptyDir" in volume}
        for container in containers(pod):
            if "deploy" in container.get("args", []):
                assert {TEMPORARY} == {one["mountPath"] for one in container["volumeMounts"] if one["name"] in empty}


def test_a_job_ends_at_once_with_each_code_that_trying_again_does_not_help() -> None:
    job = next(document for document in documents(FOLDER / "wait-with-job.yaml") if document["kind"] == "Job")
    (rule,) = [rule for rule in job["spec"]["podFailurePolicy"]["rules"] if rule["action"] == "FailJob"]

    never_of_a_deploy = {ExitCode.DONE, ExitCode.PENDING}
    assert set(rule["onExitCodes"]["values"]) == set(ExitCode) - MAY_BE_TRIED_AGAIN - never_of_a_deploy

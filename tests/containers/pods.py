"""Pods of the examples' manifests, run by `podman play kube` on this machine's own network."""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml

from tests.containers.engine import Engine
from tests.fixtures.program import Ran

EXAMPLES = Path(__file__).parents[2] / "examples" / "kubernetes"
RUNNING = ["sleep", "600"]


def pod_of(manifest: str, images: Mapping[str, str]) -> dict[str, Any]:
    """The pod of the Deployment of an example, with other images, and an app that only runs.

    Podman starts init containers again as it does others, and removes those that have ended: it is told not to.
    """
    documents = yaml.safe_load_all((EXAMPLES / manifest).read_text("utf-8"))
    template = next(document for document in documents if document["kind"] == "Deployment")["spec"]["template"]
    spec = {**template["spec"], "hostNetwork": True, "restartPolicy": "Never"}
    for container in (*spec["initContainers"], *spec["containers"]):
        container["image"] = images[container["name"]]
        container["imagePullPolicy"] = "Never"
    spec["containers"][0]["command"] = RUNNING
    annotations = {"io.podman.annotations.init.container.type": "always"}
    metadata = {"name": f"drydock-test-{uuid4().hex[:8]}", "labels": {"app": "shop"}, "annotations": annotations}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


@contextmanager
def played(engine: Engine, pod: dict[str, Any], folder: Path) -> Iterator[tuple[str, Ran]]:
    """The name of the pod and what `play kube` said; the pod is gone with the scope."""
    name = str(pod["metadata"]["name"])
    file = folder / "pod.yaml"
    file.write_text(yaml.safe_dump(pod), "utf-8")
    try:
        yield name, engine.run("play", "kube", file, seconds=180)
    finally:
        engine.run("pod", "rm", "--force", "--time", "0", name)
        for volume in pod["spec"]["volumes"]:
            engine.run("volume", "rm", "--force", volume.get("secret", {}).get("secretName", volume["name"]))


@contextmanager
def secret(
    engine: Engine, name: str, values: Mapping[str, str], *, folder: Path, as_files: bool = False
) -> Iterator[None]:
    """A secret as Kubernetes would hold it, gone with the scope."""
    file = folder / "secret"
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    # Podman 4.3 wants keys for a variable, and for a file the same below `data` as it is.
    file.write_text(json.dumps({"data": dict(values)} if as_files else encoded), "utf-8")
    engine.must("secret", "create", name, file)
    try:
        yield
    finally:
        engine.run("secret", "rm", name)
        file.unlink()

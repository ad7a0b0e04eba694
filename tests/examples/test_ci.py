"""GitLab, Jenkins, and the release workflow."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from drydock.command_line import COMMANDS
from drydock.config.schema import flags
from drydock.errors import ExitCode
from tests.examples.validators import ROOT, complaints

GITLAB = ROOT / "examples/gitlab/.gitlab-ci.yml"
JENKINS = ROOT / "examples/jenkins/Jenkinsfile"
RELEASE = ROOT / ".github/workflows/release.yml"
RENEWAL = ROOT / ".github/dependabot.yml"
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


@pytest.fixture(scope="module")
def gitlab() -> dict[str, Any]:
    """The jobs of the GitLab example."""
    jobs: dict[str, Any] = yaml.safe_load(GITLAB.read_text("utf-8"))
    return jobs


def test_gitlab_reads_its_example() -> None:
    assert complaints("check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", GITLAB) == ""


def test_gitlab_runs_one_deploy_at_a_time_and_never_cuts_it_off(gitlab: dict[str, Any]) -> None:
    deploy = gitlab["deploy-schema"]

    assert deploy["resource_group"]
    assert deploy["interruptible"] is False
    assert deploy["environment"] == {"name": "production", "action": "start"}


def test_gitlab_tries_again_only_what_may_be_tried_again(gitlab: dict[str, Any]) -> None:
    deploy = gitlab["deploy-schema"]

    assert deploy["retry"]["exit_codes"] == [ExitCode.LOCK, ExitCode.UNREACHABLE]
    assert deploy["allow_failure"]["exit_codes"] == [ExitCode.SEED_FAILED]


@pytest.mark.parametrize("file", [GITLAB, JENKINS], ids=lambda file: file.name)
def test_every_command_of_an_example_is_ours(file: Path) -> None:
    known = {flag.name for flag in flags()}

    commands = list(commands_in(file))

    assert commands
    for command, *options in commands:
        assert command in COMMANDS
        assert {option for option in options if option.startswith("--")} <= known


def commands_in(file: Path) -> Iterator[list[str]]:
    """The arguments of each `drydock` in a file."""
    for line in re.findall(r"drydock ((?:[a-z]+|--)[^'\n]*)", file.read_text("utf-8")):
        if not line.startswith("ended"):
            yield shlex.split(line)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.name)
@pytest.mark.parametrize(
    "validator",
    [
        ("actionlint", "-no-color"),
        ("zizmor", "--offline", "--persona", "pedantic", "--no-progress"),
        ("check-jsonschema", "--builtin-schema", "vendor.github-workflows"),
    ],
    ids=lambda words: words[0],
)
def test_a_workflow_of_ours_is_sound(workflow: Path, validator: tuple[str, ...]) -> None:
    assert complaints(*validator, workflow) == ""


@pytest.mark.parametrize(
    "validator",
    [("zizmor", "--offline", "--no-progress"), ("check-jsonschema", "--builtin-schema", "vendor.dependabot")],
)
def test_what_is_pinned_is_renewed(validator: tuple[str, ...]) -> None:
    assert complaints(*validator, RENEWAL) == ""
    renewed = {update["package-ecosystem"] for update in yaml.safe_load(RENEWAL.read_text("utf-8"))["updates"]}
    assert renewed == {"docker", "github-actions"}


def test_a_release_names_the_version_beside_each_pinned_action() -> None:
    uses = re.findall(r"uses: (\S+)(.*)$", RELEASE.read_text("utf-8"), re.MULTILINE)

    assert len(uses) > 5
    for action, comment in uses:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action)
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action


def test_a_release_is_for_both_platforms_with_its_contents_its_origin_and_a_signature() -> None:
    workflow = yaml.safe_load(RELEASE.read_text("utf-8"))
    job = workflow["jobs"]["image"]
    pushed = next(step["with"] for step in job["steps"] if step.get("id") == "push")

    assert workflow["permissions"] == {}
    assert pushed["platforms"] == "linux/amd64,linux/arm64"
    assert (pushed["provenance"], pushed["sbom"], pushed["push"]) == ("mode=max", True, True)
    assert {entry["size"] for entry in job["strategy"]["matrix"]["include"]} == {"slim", "full"}
    assert job["steps"][-1]["run"].startswith("cosign sign")
    assert "outputs.digest" in job["steps"][-1]["env"]["IMAGE"]

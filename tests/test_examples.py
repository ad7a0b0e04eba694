"""action.yml, and every workflow that we show: right by the validators of their platform, and by our own code."""

import json
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from drydock.command_line import COMMANDS
from drydock.config.action import action_text
from drydock.config.schema import CONFIG_FILE, OPTIONS
from drydock.config.sources import ACTION_ONLY_INPUTS
from drydock.initialise import WORKFLOW
from drydock.render.outputs import OUTPUTS

ROOT = Path(__file__).parents[1]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
EXAMPLES = sorted((ROOT / "examples" / "github").glob("*.yml"))
OURS = "OWNER/drydock@"
FEATHER_COLORS = {"white", "black", "yellow", "blue", "green", "orange", "red", "purple", "gray-dark"}
LONGEST_DESCRIPTION = 125

each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)


def unfit(kind: str, file: str) -> str:
    """What GitHub's own schema has against a file; nothing when it is right."""
    return complaints(sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.github-{kind}", file)


def complaints(*command: str) -> str:
    """What a validator says against a file; nothing when it is right."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr if done.returncode else ""


def jobs_in(example: Path) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Each job with its steps."""
    for job in yaml.safe_load(example.read_text("utf-8"))["jobs"].values():
        yield job, job["steps"]


def test_action_is_the_generated_one() -> None:
    assert (ROOT / "action.yml").read_text("utf-8") == action_text(COMMANDS, OUTPUTS), "run `make schemas`"


def test_every_input_is_one_that_the_program_reads_and_every_option_is_an_input() -> None:
    own = {name.removeprefix("INPUT_").lower() for name in ACTION_ONLY_INPUTS}

    assert ACTION["inputs"].keys() == {option.dest for option in (CONFIG_FILE, *OPTIONS)} | own


def test_no_input_can_only_be_set_by_the_runner() -> None:
    assert all(name.replace("_", "").isalnum() and name == name.lower() for name in ACTION["inputs"])


def test_only_the_token_has_a_default_and_every_other_default_is_told() -> None:
    defaults = {name: given["default"] for name, given in ACTION["inputs"].items() if "default" in given}

    assert defaults == {"github_token": "${{ github.token }}"}
    for option in OPTIONS:
        assert option.default_text in ACTION["inputs"][option.dest]["description"]


def test_every_output_is_declared() -> None:
    assert ACTION["outputs"].keys() == OUTPUTS.keys()


def test_the_marketplace_can_show_it() -> None:
    assert ACTION["branding"]["color"] in FEATHER_COLORS
    assert len(ACTION["description"]) <= LONGEST_DESCRIPTION
    assert ACTION["runs"] == {"using": "docker", "image": "Dockerfile"}


def test_githubs_schema_takes_the_action() -> None:
    assert not unfit("actions", "action.yml")


@each_example
def test_githubs_schema_and_actionlint_take_the_workflow(example: Path) -> None:
    actionlint = str(Path(sysconfig.get_path("scripts")) / "actionlint")

    assert not unfit("workflows", str(example))
    assert not complaints(actionlint, "-shellcheck=", "-pyflakes=", str(example))


@each_example
def test_a_workflow_uses_only_what_the_action_has(example: Path) -> None:
    for _, steps in jobs_in(example):
        ours = [step for step in steps if step.get("uses", "").startswith(OURS)]
        for step in ours:
            assert step.get("with", {}).keys() <= ACTION["inputs"].keys()
        for step in ours:
            name = step.get("id", "nothing")
            used = json.dumps(steps).split(f"steps.{name}.outputs.")[1:]
            assert {text.split(" ")[0].split("=")[0].strip() for text in used} <= OUTPUTS.keys()


@each_example
def test_a_workflow_is_safe_to_copy(example: Path) -> None:
    text = example.read_text("utf-8")
    workflow = yaml.safe_load(text)

    assert "pull_request_target" not in text
    assert set(workflow["permissions"]) <= {"contents", "pull-requests"}
    for job, steps in jobs_in(example):
        assert job["timeout-minutes"]
        for step in steps:
            assert "${{" not in step.get("run", ""), "a value of the event in a shell"
            if "checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False


def test_a_check_that_forks_can_start_has_no_secret() -> None:
    assert "secrets." not in (ROOT / "examples/github/check.yml").read_text("utf-8")


def test_the_workflow_that_init_writes_is_an_example() -> None:
    assert (ROOT / "examples/github/deploy-with-pip.yml").read_text("utf-8").endswith(WORKFLOW)

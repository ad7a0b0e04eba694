"""`action.yml` from the options: what a workflow may write under `with:`. `make schemas` publishes it.

Defaults stay out of the file, and are told in the descriptions: a default there would arrive as if the user had typed
it, and would beat `drydock.yml`. The job's own token is the exception: only the file can hand it over.
"""

from collections.abc import Mapping
from typing import Any

import yaml

from drydock.config.schema import CONFIG_FILE, OPTIONS

HEAD = "# Made from the code by `make schemas`; a test holds it equal.\n"
ABOUT = {
    "name": "Drydock: deploy Postgres schema changes",
    "description": "Rehearses pending migrations on a copy, applies them while traffic flows, tells the truth.",
    "author": "The Drydock authors",
    "branding": {"icon": "anchor", "color": "blue"},
}


def action_text(commands: Mapping[str, str], outputs: Mapping[str, str]) -> str:
    """The whole file; `commands` and `outputs` are names with what they mean."""
    action = {
        **ABOUT,
        "inputs": {**_command_inputs(commands), **_option_inputs()},
        "outputs": {name: {"description": meaning} for name, meaning in outputs.items()},
        "runs": {"using": "docker", "image": "Dockerfile"},
    }
    return HEAD + yaml.safe_dump(action, sort_keys=False, width=118, allow_unicode=True)


def _command_inputs(commands: Mapping[str, str]) -> Mapping[str, Any]:
    listed = "; ".join(f"{name}: {meaning.removesuffix(' (the default)')}" for name, meaning in commands.items())
    return {
        "command": {"description": f"What to do. {listed}. Default: deploy.", "required": False},
        "arguments": {
            "description": "Arguments of the command itself, as in a shell: NAME --applied.",
            "required": False,
        },
    }


def _option_inputs() -> Mapping[str, Any]:
    inputs: dict[str, Any] = {
        option.dest: {"description": f"{option.help} Default: {option.default_text}.", "required": False}
        for option in (CONFIG_FILE, *OPTIONS)
    }
    inputs["github_token"]["default"] = "${{ github.token }}"
    return inputs

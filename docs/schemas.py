"""Writes the published JSON Schemas and action.yml from the code: `make schemas`. A test holds them equal to it."""

from pathlib import Path

from drydock.command_line import COMMANDS
from drydock.config import action, json_schema
from drydock.render import result_schema
from drydock.render.outputs import OUTPUTS

HERE = Path(__file__).parent

if __name__ == "__main__":
    (HERE / "drydock.schema.json").write_text(json_schema.schema_text(), encoding="utf-8")
    (HERE / "result.schema.json").write_text(result_schema.schema_text(), encoding="utf-8")
    (HERE.parent / "action.yml").write_text(action.action_text(COMMANDS, OUTPUTS), encoding="utf-8")

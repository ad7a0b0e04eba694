"""Writes the published JSON Schemas from the code: `make schemas`. A test holds the files equal to it."""

from pathlib import Path

from drydock.config import json_schema
from drydock.render import result_schema

HERE = Path(__file__).parent

if __name__ == "__main__":
    (HERE / "drydock.schema.json").write_text(json_schema.schema_text(), encoding="utf-8")
    (HERE / "result.schema.json").write_text(result_schema.schema_text(), encoding="utf-8")

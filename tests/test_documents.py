"""README and schemas say what the code does."""

import json
import re
from pathlib import Path

import pytest

from drydock.command_line import COMMANDS
from drydock.config.json_schema import json_schema
from drydock.config.table import options_table
from drydock.errors import ExitCode
from drydock.initialise import WORKFLOW
from drydock.render.result_schema import result_schema

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
RETRY = {ExitCode.LOCK, ExitCode.UNREACHABLE, ExitCode.INTERRUPTED, ExitCode.TERMINATED}


def test_readme_lists_every_option_with_its_default() -> None:
    assert options_table() in README, "renew the table under 'Options' from drydock.config.table.options_table()"


def test_readme_lists_every_exit_code_once_and_says_whether_to_retry() -> None:
    rows = re.findall(r"^\| ([0-9, ]+) \| [^|]+ \| (yes|no|-) \|$", README, re.MULTILINE)

    said = {int(code): retry for codes, retry in rows for code in codes.split(", ")}

    assert set(said) == {int(code) for code in ExitCode}
    assert {code for code, retry in said.items() if retry == "yes"} == {int(code) for code in RETRY}


def test_readme_names_every_command() -> None:
    named = set(re.findall(r"^\| `drydock ([a-z]+)", README, re.MULTILINE))

    assert named == set(COMMANDS)


def test_readme_shows_the_workflow_that_init_writes() -> None:
    assert f"```yaml\n{WORKFLOW}```" in README


@pytest.mark.parametrize("target", ["demo", "test"])
def test_the_two_commands_of_readme_are_in_the_makefile(target: str) -> None:
    assert f"make {target} " in README
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def test_the_published_schema_of_the_configuration_is_the_generated_one() -> None:
    assert json.loads((ROOT / "docs/drydock.schema.json").read_text(encoding="utf-8")) == json_schema()


def test_the_published_schema_of_the_result_is_the_generated_one() -> None:
    assert json.loads((ROOT / "docs/result.schema.json").read_text(encoding="utf-8")) == result_schema()


def test_every_link_in_the_documents_leads_somewhere() -> None:
    documents = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "tests/README.md")]

    broken = [
        f"{document.name}: {link}"
        for document in documents
        for link in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8"))
        if not (document.parent / link).exists()
    ]

    assert broken == []


def test_architecture_names_only_modules_that_exist() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")

    names = set(re.findall(r"`((?:[a-z_]+/)*[a-z_]+\.py)", text))
    known = {str(path.relative_to(ROOT / "src/drydock")) for path in (ROOT / "src/drydock").rglob("*.py")}
    files = {Path(name).name for name in known}

    assert {name for name in names - known if Path(name).name not in files | {"test_architecture.py"}} == set()

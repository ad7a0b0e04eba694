"""The layers, one place for each effect, no cycles, small pieces: read from the source, not wished.

Each rule is also run on a planted violation of its own, and on the same tree without it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture import effects, form, layers
from tests.architecture.source import PACKAGE, Modules, Rule, modules_below

SOURCE = Path(__file__).parents[1] / "src" / PACKAGE

RULES: Mapping[str, Rule] = {
    rule.__name__: rule
    for rule in (
        layers.imports_point_downward,
        layers.imports_make_no_cycle,
        effects.effects_have_one_place,
        effects.paths_are_touched_in_one_place,
        effects.imports_stand_at_the_top,
        effects.types_are_imported_for_real,
        form.modules_are_short,
        form.functions_are_short,
        form.parameters_are_few,
        form.later_parameters_have_names,
        form.nesting_is_shallow,
        form.public_names_explain_themselves,
        form.names_say_something,
        form.values_are_immutable,
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A file that breaks one rule, and a part of what must be said of it."""

    rule: str
    place: str
    text: str
    says: str


IMPORTED = {
    "__init__.py": '"""The package."""\n',
    "model.py": '"""Words."""\n',
    "deploy.py": '"""The story."""\n',
    "cli.py": '"""The top."""\nimport drydock.wiring\n',
    "wiring.py": '"""Adapters."""\nimport drydock.tools.prisma\nimport drydock.postgres.session\n',
    "tools/interface.py": '"""A door."""\nfrom drydock import model\n',
    "tools/prisma.py": '"""An adapter."""\nfrom drydock.tools.interface import model\n',
    "postgres/session.py": '"""An adapter."""\nimport psycopg\n',
}


def planted(rule: str, place: str, text: str, *, says: str) -> Planted:
    return Planted(rule=rule, place=place, text=text, says=says)


def effect(place: str, text: str, *, says: str) -> Planted:
    return planted("effects_have_one_place", place, text, says=says)


def dataclass_with(options: str, field: str, *, says: str) -> Planted:
    text = f"import dataclasses\n@dataclasses.dataclass({options})\nclass A:\n    {field}\n"
    return planted("values_are_immutable", "plan.py", text, says=says)


ALL = "frozen=True, slots=True, kw_only=True"
DOWN = "imports_point_downward"
NESTED = "def f(a):\n if a:\n  for b in a:\n   with b:\n    while b:\n     pass\n"

VIOLATIONS = (
    planted(DOWN, "plan.py", "import drydock.tools.prisma", says="STAGE may not import ADAPTER"),
    planted(DOWN, "plan.py", "from drydock import deploy", says="STAGE may not import STORY"),
    planted(DOWN, "deploy.py", "import drydock.wiring", says="STORY may not import WIRING"),
    planted(DOWN, "deploy.py", "from drydock.postgres import session", says="STORY may not import ADAPTER"),
    planted(DOWN, "tools/knex.py", "import drydock.postgres.session", says="ADAPTER may not import ADAPTER"),
    planted(DOWN, "tools/knex.py", "from drydock import deploy", says="ADAPTER may not import STORY"),
    planted(DOWN, "errors.py", "import drydock.tools.interface", says="WORDS may not import DOORS"),
    planted(DOWN, "config/parse.py", "from drydock.tools import prisma", says="DOORS may not import ADAPTER"),
    planted(DOWN, "wiring.py", "from drydock.cli import main", says="WIRING may not import CLI"),
    planted("imports_make_no_cycle", "model.py", "import drydock.tools.interface", says="drydock.model ->"),
    effect("deploy.py", "import os\nX = os.environ['A']", says="`os.environ`"),
    effect("deploy.py", "from os import getenv as g", says="`os.getenv`"),
    effect("tools/knex.py", "import subprocess as s", says="`subprocess`"),
    effect("process.py", "import os\nos.execv('a', ['a'])", says="`os.execv`"),
    effect("deploy.py", "from psycopg import sql", says="`psycopg.sql`: only in postgres/"),
    effect("sql/kinds.py", "import postgast", says="`postgast`"),
    effect("sql/kinds.py", "from google.protobuf import message", says="`google.protobuf.message`"),
    effect("cli.py", "import sys\nsys.exit(1)", says="`sys.exit`"),
    effect("cli.py", "raise SystemExit(1)", says="`builtins.SystemExit`"),
    effect("deploy.py", "print('hello')", says="`builtins.print`"),
    effect("deploy.py", "import sys\nsys.stderr.write('hello')", says="`sys.stderr.write`"),
    effect("notify/slack.py", "import requests", says="`requests`"),
    effect("deploy.py", "import socket", says="`socket`"),
    effect("plan.py", "open('a')", says="`builtins.open`"),
    effect("plan.py", "import signal\nsignal.signal(1, None)", says="`signal.signal`"),
    planted("paths_are_touched_in_one_place", "plan.py", "X.read_text()", says="`.read_text()`"),
    planted("imports_stand_at_the_top", "plan.py", "def f():\n    import os", says="import inside `f`"),
    planted("types_are_imported_for_real", "plan.py", "from typing import TYPE_CHECKING", says="lower layer"),
    planted("modules_are_short", "plan.py", "\n" * 301, says="over 300"),
    planted("functions_are_short", "plan.py", "def f():\n" + "    pass\n" * 40, says="41 lines, over 40"),
    planted("parameters_are_few", "plan.py", "def f(*, a, b, c, d, e, f): ...", says="6 parameters"),
    planted("later_parameters_have_names", "plan.py", "def f(a, b, c): ...", says="keyword-only from the third"),
    planted("nesting_is_shallow", "plan.py", NESTED, says="nested 4 deep"),
    planted("public_names_explain_themselves", "plan.py", "X = 1", says="the module has no docstring"),
    planted("public_names_explain_themselves", "plan.py", "def f(): ...", says="`f` has no docstring"),
    planted("public_names_explain_themselves", "plan.py", "class A:\n    'A.'\n    def m(self): ...", says="`m`"),
    planted("names_say_something", "sql/utils.py", "", says="`utils`"),
    dataclass_with("frozen=True, slots=True", "a: int; b: int", says="without kw_only=True"),
    dataclass_with("frozen=True, kw_only=True", "a: int", says="without slots=True"),
    dataclass_with("slots=True, kw_only=True", "a: int", says="without frozen=True"),
    dataclass_with(ALL, "a: dict[str, int] | None", says="`A.a` can change: it is a dict"),
)


@pytest.fixture(scope="module")
def source() -> Modules:
    """The real source tree, read once."""
    return modules_below(SOURCE)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_source_keeps_the_rule(rule: Rule, source: Modules) -> None:
    complaints = tuple(rule(source))

    assert not complaints, f"{rule.__doc__}\n" + "\n".join(complaints)


@pytest.mark.parametrize("violation", VIOLATIONS, ids=lambda violation: f"{violation.rule}: {violation.says}")
def test_a_planted_violation_is_seen(tmp_path: Path, violation: Planted) -> None:
    rule = RULES[violation.rule]
    lay_out(tmp_path, IMPORTED)
    assert not tuple(rule(modules_below(tmp_path))), "the tree is wrong before anything is planted"

    lay_out(tmp_path, {violation.place: violation.text})

    complaints = "\n".join(rule(modules_below(tmp_path)))
    assert violation.says in complaints


def test_every_rule_has_a_planted_violation() -> None:
    assert {violation.rule for violation in VIOLATIONS} == set(RULES)


def lay_out(folder: Path, files: Mapping[str, str]) -> None:
    for place, text in files.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(text, "utf-8")

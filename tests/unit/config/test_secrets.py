"""Nothing secret is in a message, wherever the secret was put."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from drydock.config.parse import load
from drydock.errors import ConfigError
from tests.unit.config.loading import written

CANARY = "hunter2canary"


@pytest.mark.parametrize(
    ("text", "environ"),
    [
        pytest.param(f"database_url: mysql://u:{CANARY}@h/d", {}, id="wrong scheme in the file"),
        pytest.param("", {"DATABASE_URL": f"http://{CANARY}/d"}, id="wrong scheme in a variable"),
        pytest.param("", {"DRYDOCK_DIRECT_URL": CANARY}, id="not an address"),
        pytest.param("", {"INPUT_DATABASE_URL": f"host=x 'pass={CANARY}"}, id="broken keywords"),
        pytest.param(f"database_url: [{CANARY}]", {}, id="a list"),
        pytest.param(f"database_url: {{{CANARY}: {CANARY}}}", {}, id="a mapping"),
        pytest.param("database_url: ${URL}", {"URL": CANARY}, id="behind a reference"),
        pytest.param("retries: ${URL}", {"URL": CANARY}, id="behind a reference of a plain option"),
        pytest.param("retries: ${" + CANARY + "!}", {}, id="in a broken reference"),
        pytest.param(f"database_ulr: postgres://u:{CANARY}@h/d", {}, id="in an unknown name's value"),
        pytest.param(f"retries: postgres://u:{CANARY}@h/d", {}, id="in the wrong option"),
        pytest.param("", {"DRYDOCK_RETRIES": f"host=h password={CANARY}"}, id="keywords in the wrong option"),
        pytest.param(
            "",
            {"DRYDOCK_RETRIES": CANARY, "DATABASE_URL": f"postgres://u:{CANARY}@h/d"},
            id="used as a password too",
        ),
        pytest.param("", {"DRYDOCK_DATABASE_ULR": CANARY}, id="in an unknown variable"),
        pytest.param("", {"DRYDOCK_RETRIES_FILE": "secret"}, id="in a file meant for another option"),
        pytest.param(f"postgres://u:{CANARY}@h/d", {}, id="as the whole file"),
        pytest.param(f"database_url: *{CANARY}", {}, id="as an alias"),
        pytest.param(f'database_url: "\\{CANARY}', {}, id="in an open string"),
        pytest.param(f"database_url: !{CANARY} x", {}, id="as a tag"),
        pytest.param(f"seed: {{command: 'KEY={CANARY} x', tool: true}}", {}, id="in a command"),
        pytest.param(f"retries: x\nseed: {{command: 'KEY={CANARY}'}}", {}, id="in a command without mistakes"),
    ],
)
def test_secrets_are_not_in_messages(tmp_path: Path, text: str, environ: Mapping[str, str]) -> None:
    written(tmp_path, text)
    (tmp_path / "secret").write_text(CANARY)

    with pytest.raises(ConfigError) as caught:
        load({}, environ, directory=tmp_path)

    assert CANARY not in str(caught.value)
    assert CANARY not in repr(caught.value)
    assert CANARY not in repr(caught.value.problems)


def test_the_configuration_can_be_printed(tmp_path: Path) -> None:
    config = load({}, {"DATABASE_URL": f"postgres://u:{CANARY}@h/d"}, directory=tmp_path)

    assert CANARY not in repr(config)
    assert CANARY not in f"{config}"


def test_messages_hold_no_control_characters(tmp_path: Path) -> None:
    written(tmp_path, '"a\\nb\\e[31m::error::": 1')

    with pytest.raises(ConfigError) as caught:
        load({}, {"DRYDOCK_RETRIES": "1\n::error::\udc80" + "x" * 500}, directory=tmp_path)

    for problem in caught.value.problems:
        assert str(problem).isprintable()
        assert len(str(problem)) < 300

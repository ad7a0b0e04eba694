"""What a Dockerfile must be to run on every platform, as far as reading it tells; tests/containers runs it."""

import re

from drydock import __version__
from tests.examples.validators import ROOT

TEXT = (ROOT / "Dockerfile").read_text("utf-8")
LINES = [line.strip() for line in TEXT.splitlines() if not line.startswith("#")]


def test_the_base_is_pinned_by_tag_and_digest() -> None:
    assert re.search(r"^ARG BASE=\S+:[\w.-]+@sha256:[0-9a-f]{64}$", TEXT, re.MULTILINE)
    assert {line.split()[1] for line in LINES if line.startswith("FROM")} == {"${BASE}", "build", "runtime"}


def test_the_full_size_is_what_is_built_when_none_is_named() -> None:
    targets = re.findall(r"^FROM \S+ AS (\S+)$", TEXT, re.MULTILINE)

    assert targets[-1] == "full"
    assert "slim" in targets


def test_no_user_is_set_and_no_builder_needs_to_be_new() -> None:
    assert not [line for line in LINES if line.startswith("USER")]
    assert "<<" not in TEXT
    assert "# syntax=" not in TEXT


def test_python_itself_is_the_first_process() -> None:
    assert 'ENTRYPOINT ["/opt/drydock/bin/python", "/opt/drydock/entrypoint.py"]' in LINES
    assert not [line for line in LINES if line.startswith("CMD")]


def test_dependencies_come_by_their_hashes() -> None:
    installs = [line for line in LINES if re.search(r"\bpip\b.* install ", line)]

    assert len(installs) == 3
    assert all("--require-hashes" in line or "--no-deps --no-index" in line for line in installs)


def test_its_version_is_ours() -> None:
    assert f'org.opencontainers.image.version="{__version__}"' in TEXT

"""Whatever is written anywhere, loading answers with a configuration or with the problems; nothing else."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drydock.config.durations import duration_of, duration_text
from drydock.config.option import Option
from drydock.config.schema import CONFIG_FILE, OPTIONS
from drydock.config.settings import Config
from drydock.errors import ConfigError
from tests.unit.config.loading import load_or_error

ANY_TEXT = st.text(st.characters(codec=None), max_size=60)
LIKELY_TEXT = st.text("0129smhinote-:/.,$ {}[]&*!<>|'\"#%@\n\t=?", max_size=40)
OPTION = st.sampled_from((CONFIG_FILE, *OPTIONS))


def loads_or_refuses(text: bytes, *, flags: Mapping[str, str], environ: Mapping[str, str]) -> None:
    """Load, and check that what comes back can be shown."""
    with tempfile.TemporaryDirectory() as name:
        Path(name, "drydock.yml").write_bytes(text)
        outcome = load_or_error(flags, environ, Path(name))
    match outcome:
        case ConfigError(problems=problems):
            assert problems
            assert all(str(problem).isprintable() for problem in problems)
        case Config():
            assert repr(outcome)


@settings(deadline=None)
@given(option=OPTION, text=ANY_TEXT | LIKELY_TEXT)
def test_any_text_in_any_variable_or_flag(option: Option, text: str) -> None:
    loads_or_refuses(b"", flags={}, environ={option.variable: text})
    loads_or_refuses(b"", flags={option.dest: text}, environ={})
    loads_or_refuses(b"", flags={}, environ={f"{option.input_variable}_FILE": text})


@settings(deadline=None)
@given(option=st.sampled_from(OPTIONS), text=LIKELY_TEXT)
def test_any_text_as_any_value_of_the_file(option: Option, text: str) -> None:
    section, _, name = option.key.rpartition(".")
    line = f"{section}: {{{name}: {text}}}" if section else f"{name}: {text}"

    loads_or_refuses(line.encode(), flags={}, environ={})


@settings(deadline=None)
@given(text=(ANY_TEXT | LIKELY_TEXT).map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=60))
def test_any_text_as_the_file(text: bytes) -> None:
    loads_or_refuses(text, flags={}, environ={})


@settings(deadline=None)
@given(name=ANY_TEXT, text=ANY_TEXT)
def test_any_name_in_the_environment(name: str, text: str) -> None:
    loads_or_refuses(b"", flags={name: text}, environ={"DRYDOCK_" + name: text, "INPUT_" + name: text})


@settings(deadline=None)
@given(milliseconds=st.integers(min_value=0, max_value=596 * 3_600_000))
def test_durations_are_read_as_they_are_written(milliseconds: int) -> None:
    duration = duration_of(f"{milliseconds}ms")

    assert duration is not None
    assert duration_of(duration_text(duration)) == duration


@pytest.mark.parametrize("text", ["2 s", "2s", "2000ms", "2", "2.0"])
def test_durations_have_units(text: str) -> None:
    assert duration_of(text) == duration_of("2s")


@pytest.mark.parametrize("text", ["", "s", "-1s", "2 days", "1e3", "2m", "٣s", "999999999999h", "2s\n"])
def test_other_texts_are_no_durations(text: str) -> None:
    assert duration_of(text) is None

"""Loading a configuration from texts, in the words of the tests."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from drydock.config.parse import load
from drydock.config.problems import Problem
from drydock.config.settings import Config
from drydock.errors import ConfigError

NOTHING: Mapping[str, str] = {}


def written(directory: Path, text: str | bytes, name: str = "drydock.yml") -> Path:
    """The directory, now with this configuration file in it."""
    content = text.encode() if isinstance(text, str) else text
    (directory / name).write_bytes(content)
    return directory


def load_or_error(flags: Mapping[str, str], environ: Mapping[str, str], directory: Path) -> Config | ConfigError:
    """What loading answers, in either case."""
    try:
        return load(flags, environ, directory=directory)
    except ConfigError as error:
        return error


def config_from(
    directory: Path,
    text: str = "",
    *,
    flags: Mapping[str, str] = NOTHING,
    environ: Mapping[str, str] = NOTHING,
) -> Config:
    """The configuration that this file, these flags and this environment make."""
    return load(flags, environ, directory=written(directory, text))


def problems_from(
    directory: Path,
    text: str | bytes = "",
    *,
    flags: Mapping[str, str] = NOTHING,
    environ: Mapping[str, str] = NOTHING,
) -> tuple[Problem, ...]:
    """The problems that this file, these flags and this environment have; none is a failed test."""
    with pytest.raises(ConfigError) as caught:
        load(flags, environ, directory=written(directory, text))
    return caught.value.problems


def lines_from(
    directory: Path,
    text: str | bytes = "",
    *,
    flags: Mapping[str, str] = NOTHING,
    environ: Mapping[str, str] = NOTHING,
) -> list[str]:
    """The same problems as the user reads them."""
    return [str(problem) for problem in problems_from(directory, text, flags=flags, environ=environ)]

"""From flags, environment and file to one `Config`, or to one error with every problem in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from drydock.config import sources
from drydock.config.assemble import assembled
from drydock.config.config_file import FILE_NAME, file_values
from drydock.config.door import Admitted, admission, default_of, fitting
from drydock.config.given import FileValues, Given, Layer
from drydock.config.problems import Problem, nearest_of
from drydock.config.rules import contradictions
from drydock.config.schema import CONFIG_FILE, OPTIONS
from drydock.config.settings import Config
from drydock.errors import ConfigError
from drydock.redact import Secret, scrubber_of


def load(arguments: Mapping[str, str], environ: Mapping[str, str], *, directory: Path) -> Config:
    """The configuration of this run.

    `arguments` are the flags that were given, by argparse's `dest`; relative paths start at `directory`.
    A value is taken from the first that gives it: flag, environment (INPUT_, DRYDOCK_, DATABASE_URL), the
    file's section for the chosen environment, the file, the default. Raises `ConfigError` with all
    problems found.
    """
    return read(arguments, environ, directory=directory).fit()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What could be read of a configuration, with defaults for what could not, and what is wrong with it."""

    partly: Config
    """Enough to tell whom a refusal concerns, and to hide the secrets; nothing is deployed with it."""
    problems: tuple[Problem, ...]

    def fit(self) -> Config:
        """The configuration, where nothing is wrong with it. Raises `ConfigError` with all problems."""
        if self.problems:
            raise ConfigError(self.problems)
        return self.partly


def read(arguments: Mapping[str, str], environ: Mapping[str, str], *, directory: Path) -> Reading:
    """As `load`, for whoever has to go on when the configuration is refused."""
    flags = sources.from_arguments(arguments)
    variables = sources.from_environment(environ, directory)
    outside = (*flags.given, *variables.given)
    file, file_problems = _file(outside, environ, directory=directory)
    checked = admission(_in_layers((*outside, *file.given), environ), environ)
    complete = _complete(checked.values, environ, directory=directory)
    contradicting = contradictions(complete, checked)
    shape = (*flags.problems, *variables.problems, *file_problems, *file.problems)
    problems = _without_secrets((*shape, *checked.problems, *contradicting), (*outside, *file.given))
    warnings = (*variables.warnings, *_missing_section(checked.values, file))
    config = assembled(complete, directory=directory, file=file.path, warnings=warnings)
    return Reading(partly=config, problems=problems)


def require_address(config: Config) -> Secret:
    """The address of the target, for commands that touch it. Raises `ConfigError` when nobody gave one."""
    if config.target.address is not None:
        return config.target.address
    place = "the environment" if config.file is None else f"the environment or {config.file.name}"
    expected = "the address of the target, as DATABASE_URL, DRYDOCK_DATABASE_URL or the action input database_url"
    raise ConfigError((Problem(name="database_url", where=place, expected=expected),))


def _file(
    outside: Iterable[Given], environ: Mapping[str, str], *, directory: Path
) -> tuple[FileValues, tuple[Problem, ...]]:
    named = admission((value for value in outside if value.option is CONFIG_FILE), environ)
    if CONFIG_FILE.key in named.values:
        name = named.values[CONFIG_FILE.key].value
        return file_values(directory / name, shown=name, must_exist=True), named.problems
    if named.broken:
        return FileValues(), named.problems
    return file_values(directory / FILE_NAME, shown=FILE_NAME, must_exist=False), ()


def _in_layers(given: Iterable[Given], environ: Mapping[str, str]) -> tuple[Given, ...]:
    """Without `--config`, which is settled; sections of environments that were not chosen are idle."""
    options = tuple(value for value in given if value.option is not CONFIG_FILE)
    choices = admission((value for value in options if value.option.key == "environment"), environ).values
    chosen = choices["environment"].value if choices else None
    return tuple(
        replace(value, layer=Layer.IDLE) if value.section is not None and value.section != chosen else value
        for value in options
    )


def _complete(values: Mapping[str, Admitted], environ: Mapping[str, str], *, directory: Path) -> Mapping[str, Any]:
    """A value for every option."""
    from_ci = {
        "commit": sources.commit_from_ci(environ),
        "run_url": sources.run_url_from_ci(environ),
        "base": sources.base_from_ci(environ),
        "source_url": sources.source_url_from_ci(environ, directory),
    }
    return {
        option.key: values[option.key].value
        if option.key in values
        else fitting(option, from_ci[option.key])
        if option.key in from_ci
        else default_of(option)
        for option in OPTIONS
    }


def _missing_section(values: Mapping[str, Admitted], file: FileValues) -> tuple[Problem, ...]:
    """A warning where the chosen environment has no section, but one with nearly the same name has."""
    chosen = values.get("environment")
    nearest = nearest_of(chosen.value, file.environments) if chosen else None
    if chosen is None or nearest is None or chosen.value in file.environments:
        return ()
    expected = "an environment with a section of its own"
    return (
        Problem(
            name=chosen.given.name,
            where=chosen.given.where,
            expected=expected,
            nearest=nearest,
            found=chosen.value,
        ),
    )


def _without_secrets(problems: tuple[Problem, ...], given: Iterable[Given]) -> tuple[Problem, ...]:
    """The problems, with nothing in them that is also part of a secret: a password in the wrong place."""
    scrub = scrubber_of(
        Secret(value.written) for value in given if value.option.is_secret and isinstance(value.written, str)
    )
    return tuple(replace(each, found=scrub(each.found)) if each.found is not None else each for each in problems)

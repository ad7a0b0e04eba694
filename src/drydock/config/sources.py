"""Flags and environment variables as given values, and the files that NAME_FILE variables point to.

The only reader of the environment. An empty value counts as not given, because a CI cannot leave a
variable out.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from drydock.config.given import Given, Layer
from drydock.config.option import Option
from drydock.config.problems import Problem, nearest_of
from drydock.config.schema import CONFIG_FILE, OPTIONS

LARGEST_VALUE_FILE_BYTES = 1_000_000
ACTION_ONLY_INPUTS = ("INPUT_COMMAND", "INPUT_ARGUMENTS")
"""Inputs of the action that are not options: which command runs, and its own arguments."""

_OPTIONS = (CONFIG_FILE, *OPTIONS)
# Kubernetes sets these for a service named drydock; TEST and REQUIRE are for the project's own tests.
_NOT_OURS = re.compile(
    r"DRYDOCK_(TEST_.*|REQUIRE_.*|SERVICE_HOST|SERVICE_PORT(_.*)?|PORT|PORT_[0-9]+_(TCP|UDP|SCTP)(_.*)?)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a source gave, and what is wrong with it. Warnings do not stop a run."""

    given: tuple[Given, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


def process_environment() -> Mapping[str, str]:
    """A copy of the environment of this process; the one place that touches it."""
    return dict(os.environ)


def from_arguments(arguments: Mapping[str, str]) -> Source:
    """The flags; keys are argparse's `dest` names."""
    by_dest = {option.dest: option for option in _OPTIONS}
    given = tuple(
        Given(
            option=by_dest[dest],
            written=text.strip(),
            name=by_dest[dest].flag,
            where="command line",
            layer=Layer.FLAG,
        )
        for dest, text in arguments.items()
        if dest in by_dest and text.strip()
    )
    unknown = tuple(
        Problem(
            name="--" + dest.replace("_", "-"),
            where="command line",
            expected="a known flag",
            nearest=nearest_of("--" + dest, (option.flag for option in _OPTIONS)),
        )
        for dest in arguments
        if dest not in by_dest
    )
    return Source(given=given, problems=unknown)


def from_environment(environ: Mapping[str, str], directory: Path) -> Source:
    """The action's inputs and the environment variables; relative NAME_FILE paths start at `directory`."""
    found = [
        _variable(option, name, layer=layer, environ=environ, directory=directory)
        for option in _OPTIONS
        for name, layer in _variables(option)
    ]
    return Source(
        given=tuple(value for value in found if isinstance(value, Given)),
        problems=(*(value for value in found if isinstance(value, Problem)), *_unknown(environ, "DRYDOCK_")),
        warnings=_unknown(environ, "INPUT_"),
    )


def commit_from_ci(environ: Mapping[str, str]) -> str:
    """The commit that the CI (GitHub, GitLab, Jenkins) says it is building, or an empty text."""
    return next(filter(None, (environ.get(name) for name in ("GITHUB_SHA", "CI_COMMIT_SHA", "GIT_COMMIT"))), "")


def base_from_ci(environ: Mapping[str, str]) -> str:
    """What the CI (GitHub, GitLab, Jenkins) says a pull request is to be merged into, or an empty text."""
    branch = environ.get("GITHUB_BASE_REF") or environ.get("CHANGE_TARGET")
    return f"origin/{branch}" if branch else environ.get("CI_MERGE_REQUEST_DIFF_BASE_SHA", "")


def run_url_from_ci(environ: Mapping[str, str]) -> str:
    """The link to the run in the CI (GitHub, GitLab, Jenkins), or an empty text."""
    github = tuple(environ.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID"))
    if all(github):
        server, repository, run = github
        return f"{server}/{repository}/actions/runs/{run}"
    return environ.get("CI_JOB_URL", "") or environ.get("BUILD_URL", "")


def _variables(option: Option) -> tuple[tuple[str, Layer], ...]:
    others = tuple((name, Layer.OTHER_VARIABLE) for name in option.other_variables)
    return ((option.input_variable, Layer.INPUT), (option.variable, Layer.VARIABLE), *others)


def _variable(
    option: Option, name: str, *, layer: Layer, environ: Mapping[str, str], directory: Path
) -> Given | Problem | None:
    text = environ.get(name, "").strip()
    file_name = environ.get(f"{name}_FILE", "").strip() if option.in_file else ""
    if text and file_name:
        return Problem(name=f"{name}_FILE", where="environment", expected=f"only {name} or {name}_FILE to be set")
    if file_name:
        return _value_file(option, name, layer=layer, path=directory / file_name)
    if not text:
        return None
    return Given(option=option, written=text, name=name, where="environment", layer=layer)


def _value_file(option: Option, name: str, *, layer: Layer, path: Path) -> Given | Problem:
    where = f"environment, file {path}"
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_VALUE_FILE_BYTES + 1)
        text = content.decode().strip()
    except OSError as error:
        expected = f"a file that can be read ({error.strerror})"
    except ValueError:
        expected = "a file with text in UTF-8"
    else:
        if text and len(content) <= LARGEST_VALUE_FILE_BYTES:
            return Given(option=option, written=text, name=f"{name}_FILE", where=where, layer=layer, is_shown=False)
        expected = "a file that holds a value; this one is " + ("too large" if text else "empty")
    return Problem(name=f"{name}_FILE", where=where, expected=expected)


def _unknown(environ: Mapping[str, str], prefix: str) -> tuple[Problem, ...]:
    known = _known_variables(prefix)
    ours = sorted(name for name in environ if name.startswith(prefix) and environ[name].strip())
    return tuple(
        Problem(name=name, where="environment", expected="a known variable", nearest=nearest_of(name, known))
        for name in ours
        if name not in known and not _NOT_OURS.fullmatch(name)
    )


def _known_variables(prefix: str) -> tuple[str, ...]:
    plain = tuple(name for option in _OPTIONS for name, _ in _variables(option))
    files = tuple(f"{name}_FILE" for option in OPTIONS for name, _ in _variables(option))
    return tuple(name for name in (*plain, *files, *ACTION_ONLY_INPUTS) if name.startswith(prefix))

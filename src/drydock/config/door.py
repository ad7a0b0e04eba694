"""The door: given values become typed ones, or problems. Nothing unchecked gets past it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from drydock.config.expansion import WELL_FORMED, Expansion, expansion_of
from drydock.config.given import Given, Layer
from drydock.config.kinds import Texts, UnfitError
from drydock.config.option import Option
from drydock.config.problems import Problem, nearest_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A checked value, and what it was made from."""

    value: Any
    given: Given


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """The winning value of each option by key; every problem; the options that have no value because of
    one.
    """

    values: Mapping[str, Admitted]
    problems: tuple[Problem, ...]
    broken: frozenset[str]


def admission(given: Iterable[Given], environ: Mapping[str, str]) -> Admission:
    """Check every value, those that are overruled included.

    References to variables are replaced only in winning values: the variables of another environment are
    often not there, and are not needed.
    """
    winners: dict[str, Admitted] = {}
    problems: list[Problem] = []
    decided: set[str] = set()
    for value in sorted(given, key=lambda each: each.layer):
        key = value.option.key
        wins = key not in decided and value.layer is not Layer.IDLE
        outcome = _checked(value, environ, wins=wins)
        if isinstance(outcome, tuple):
            problems.extend(outcome)
        elif outcome is not None and wins:
            winners[key] = outcome
        if wins and outcome is not None:
            decided.add(key)
    return Admission(values=winners, problems=tuple(problems), broken=frozenset(decided - winners.keys()))


def default_of(option: Option) -> Any:
    """The value of an option that nobody gave: its default, or None, or () for a list without one."""
    if option.default:
        return option.kind.check(option.default)
    return () if isinstance(option.kind, Texts) else None


def fitting(option: Option, text: str) -> Any:
    """The value of a text that nobody typed, such as the CI's commit: None when it does not fit."""
    try:
        return option.kind.check(text)
    except UnfitError:
        return None


def _checked(given: Given, environ: Mapping[str, str], *, wins: bool) -> Admitted | tuple[Problem, ...] | None:
    written = given.written
    if given.is_from_file and "$" in "".join(written):
        if not wins:
            return None
        expansions = [expansion_of(text, environ) for text in ((written,) if isinstance(written, str) else written)]
        problems = tuple(problem for each in expansions for problem in _unexpanded(each, given, environ=environ))
        if problems:
            return problems
        texts = tuple(text for each in expansions if (text := each.text.strip()))
        written = "".join(texts) if isinstance(written, str) else texts
    # A reference with an empty default leaves nothing, which counts as not given.
    return None if written == "" else _validated(given, written)


def _validated(given: Given, written: str | tuple[str, ...]) -> Admitted | tuple[Problem, ...]:
    try:
        return Admitted(value=given.option.kind.check(written), given=given)
    except UnfitError as unfit:
        problem = Problem(
            name=given.name, where=given.where, expected=unfit.expected, nearest=unfit.nearest, found=given.shown
        )
    return (problem,)


def _unexpanded(expansion: Expansion, given: Given, *, environ: Mapping[str, str]) -> Iterator[Problem]:
    if expansion.is_malformed:
        yield Problem(name=given.name, where=given.where, expected=WELL_FORMED)
        return
    for name in expansion.undefined:
        expected = f"the environment variable {name} to be set, or ${{{name}:-default}}"
        nearest = nearest_of(name, (other for other, value in environ.items() if value))
        yield Problem(name=given.name, where=given.where, expected=expected, nearest=nearest)

"""Combinations of options that are dangerous or contradict each other, refused before anything is touched."""

from collections.abc import Iterator, Mapping
from typing import Any

from drydock.config.door import Admission, Admitted
from drydock.config.problems import Problem

PRODUCTION_NAMES = frozenset({"production", "prod"})


def contradictions(values: Mapping[str, Any], admission: Admission) -> tuple[Problem, ...]:
    """Every refused combination, placed where the user wrote one half of it. `values` holds every option."""
    given = admission.values
    pauses = () if admission.broken & {"retry_pause_min", "retry_pause_max"} else _pauses(values, given)
    return (
        *_seeds_production(values, given),
        *_two_seeds(values, given),
        *_no_snapshot(values, given),
        *_scratch(values, given),
        *pauses,
    )


def _seeds_production(values: Mapping[str, Any], given: Mapping[str, Admitted]) -> Iterator[Problem]:
    for environment in values["seed.environments"]:
        if environment.lower() in PRODUCTION_NAMES:
            yield _problem(
                given["seed.environments"],
                expected="no production environment; a seed writes test rows among the real ones",
            )


def _two_seeds(values: Mapping[str, Any], given: Mapping[str, Admitted]) -> Iterator[Problem]:
    if values["seed.command"] and values["seed.tool"]:
        other = given["seed.tool"].given
        yield _problem(
            given["seed.command"],
            expected=f"only one of seed.command and seed.tool ({other.where}: {other.name}); "
            "a command usually calls the tool's seed, which would then run twice",
        )


def _no_snapshot(values: Mapping[str, Any], given: Mapping[str, Admitted]) -> Iterator[Problem]:
    if values["rehearse"] == "snapshot" and values["scratch"] != "clone" and not values["snapshot"]:
        yield _problem(given["rehearse"], expected="the option snapshot beside it, with the path of the dump")


def _scratch(values: Mapping[str, Any], given: Mapping[str, Admitted]) -> Iterator[Problem]:
    kind = values["scratch"]
    if kind != "embedded" and "scratch" in given and not values["scratch_url"]:
        yield _problem(given["scratch"], expected="the option scratch_url beside it")
    if kind == "clone" and "rehearse" in given and values["rehearse"] in ("target-schema", "history"):
        yield _problem(given["rehearse"], expected="snapshot: a clone is rehearsed on as it is")


def _pauses(values: Mapping[str, Any], given: Mapping[str, Admitted]) -> Iterator[Problem]:
    if values["retry_pause_min"] > values["retry_pause_max"]:
        yield _problem(
            given.get("retry_pause_min") or given["retry_pause_max"],
            expected="retry_pause_min to be no longer than retry_pause_max",
        )


def _problem(admitted: Admitted, *, expected: str) -> Problem:
    given = admitted.given
    return Problem(name=given.name, where=given.where, expected=expected, found=given.shown)

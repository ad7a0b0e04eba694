"""Hold the measurements to the figures: pure functions of the values that `measure` yields."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from bench.contenders import Contender
from bench.measure import Measured, Measurement, NotMeasured
from bench.workloads import Figure, RoundTripsAtMost, TimeAtMost, Workload


class Reached(Enum):
    """Whether a figure is reached."""

    YES = "yes"
    NO = "**no**"
    UNKNOWN = "not measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One figure, one of ours: what was found, what was to be reached, whether it is."""

    workload: Workload
    contender: Contender
    found: str
    compared_with: str
    to_reach: str
    reached: Reached


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """A workload with everything that was measured in it."""

    workload: Workload
    measurements: tuple[Measurement, ...]


def standings(contest: Contest) -> tuple[Standing, ...]:
    """Each figure of the workload, for each of ours."""
    ours = [one for one in contest.measurements if one.contender.is_ours]
    return tuple(_standing(contest, figure, one) for figure in contest.workload.figures for one in ours)


def best_of(measurements: Sequence[Measurement], names: Sequence[str]) -> Measured | None:
    """The quickest among `names`, if any of them was measured."""
    measured = [one for one in _measured(measurements) if one.contender.name in names]
    return min(measured, key=lambda one: one.seconds, default=None)


def _measured(measurements: Sequence[Measurement]) -> Iterator[Measured]:
    return (one for one in measurements if isinstance(one, Measured))


def _standing(contest: Contest, figure: Figure, ours: Measurement) -> Standing:
    match figure:
        case RoundTripsAtMost():
            found, compared_with, reached = _round_trips(figure, ours)
            to_reach = f"<= {figure.count} round trips"
        case TimeAtMost():
            found, compared_with, reached = _time(figure, ours, best_of(contest.measurements, figure.against))
            to_reach = f"<= {figure.ratio:.2f} of the time"
        case _:
            assert_never(figure)
    return Standing(
        workload=contest.workload,
        contender=ours.contender,
        found=found,
        compared_with=compared_with,
        to_reach=to_reach,
        reached=reached,
    )


def _round_trips(figure: RoundTripsAtMost, ours: Measurement) -> tuple[str, str, Reached]:
    if isinstance(ours, NotMeasured):
        return "-", "-", Reached.UNKNOWN
    count = ours.traffic.round_trips
    return f"{count} round trips", "-", Reached.YES if count <= figure.count else Reached.NO


def _time(figure: TimeAtMost, ours: Measurement, best: Measured | None) -> tuple[str, str, Reached]:
    against = f"{best.contender.name} {best.seconds:.3f} s" if best else "-"
    if isinstance(ours, NotMeasured) or best is None:
        return "-", against, Reached.UNKNOWN
    ratio = ours.seconds / best.seconds
    found = f"{ours.seconds:.3f} s, ratio {ratio:.2f}"
    return found, against, Reached.YES if ratio <= figure.ratio else Reached.NO

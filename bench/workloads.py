"""What is measured, and the figures that Drydock is to reach."""

from dataclasses import dataclass

EVERYBODY = ("node-pg-migrate", "Knex", "dbmate", "Prisma")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeAtMost:
    """Our median time is at most `ratio` of the best median among `against`."""

    ratio: float
    against: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTripsAtMost:
    """One run of ours makes at most `count` round trips, start-up and log-in among them."""

    count: int


Figure = TimeAtMost | RoundTripsAtMost


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A corpus of `size` migrations, run by us and by `peers`.

    `delay_seconds` is added to each direction; 0 means no proxy while the clock runs. `is_applied`: the
    tool has already deployed the corpus, so that nothing is pending when the clock starts.
    """

    id: str
    title: str
    size: int
    peers: tuple[str, ...]
    figures: tuple[Figure, ...]
    delay_seconds: float = 0.0
    is_applied: bool = False


WORKLOADS = (
    Workload(
        id="latency",
        title="100 pending over a 20 ms round trip",
        size=100,
        peers=EVERYBODY,
        figures=(RoundTripsAtMost(count=110), TimeAtMost(ratio=0.6, against=EVERYBODY)),
        delay_seconds=0.010,
    ),
    Workload(
        id="local",
        title="1,000 pending, local",
        size=1000,
        peers=("dbmate",),
        figures=(TimeAtMost(ratio=1.0, against=("dbmate",)),),
    ),
    Workload(
        id="nothing",
        title="nothing pending of 100, local, whole process",
        size=100,
        peers=EVERYBODY,
        figures=(RoundTripsAtMost(count=4), TimeAtMost(ratio=1.0, against=("Knex",))),
        is_applied=True,
    ),
)

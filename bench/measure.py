"""Run the contenders of a workload in turn, round after round, and keep a sample of every run.

A B C, A B C: a machine that gets slower during the bench gets slower for all. The first round is a warm-up:
it fills the caches, its times do not count, and where the clock runs without a proxy it is the round that
counts round trips.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.contenders import Contender
from bench.corpus import corpus
from bench.databases import Databases
from bench.errors import RunFailedError
from bench.process import Usage, clean_environment, timed
from bench.proxy import Proxy, Traffic, proxy_to
from bench.workloads import Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One run. `commits` are the server's; `traffic` is None where there was no proxy."""

    usage: Usage
    commits: int
    traffic: Traffic | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A contender that did the work in every round; the warm-up is apart."""

    contender: Contender
    warm_up: Sample
    samples: tuple[Sample, ...]

    @property
    def seconds(self) -> float:
        """The median time."""
        return median(sample.usage.seconds for sample in self.samples)

    @property
    def commits(self) -> int:
        """The fewest commits of any run: autovacuum's count too, and it does not come every time."""
        return min(sample.commits for sample in (self.warm_up, *self.samples))

    @property
    def traffic(self) -> Traffic:
        """What one run sends: of the last run that went through a proxy."""
        seen = [sample.traffic for sample in (self.warm_up, *self.samples) if sample.traffic]
        return seen[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotMeasured:
    """A contender that is missing, or that did not do the work, and why."""

    contender: Contender
    reason: str


Measurement = Measured | NotMeasured


@dataclass(frozen=True, slots=True, kw_only=True)
class Arena:
    """Where a workload is run: the server, a folder for the projects, and who hears about progress."""

    databases: Databases
    directory: Path
    say: Callable[[str], None]


def measure(
    workload: Workload, contenders: Sequence[Contender], *, arena: Arena, rounds: int
) -> tuple[Measurement, ...]:
    """One warm-up and `rounds` rounds of all `contenders`; who fails once is out."""
    expected = _expected_fingerprint(workload, arena.databases)
    entrants = [_Entrant(contender, workload, arena=arena, expected=expected) for contender in contenders]
    for round_number in range(rounds + 1):
        for entrant in entrants:
            entrant.take_part(is_warm_up=round_number == 0)
    return tuple(entrant.measurement() for entrant in entrants)


def _expected_fingerprint(workload: Workload, databases: Databases) -> str:
    """What plain Postgres makes of the corpus, one message per file."""
    name = "bench_expected"
    databases.fresh_database(name)
    for migration in corpus(workload.size):
        databases.run_script(name, migration.sql)
    fingerprint = databases.fingerprint(name)
    databases.drop(name)
    return fingerprint


class _Entrant:
    """A contender on its way through the rounds: its project, its database, its samples so far."""

    def __init__(self, contender: Contender, workload: Workload, *, arena: Arena, expected: str) -> None:
        self._contender = contender
        self._workload = workload
        self._arena = arena
        self._expected = expected
        self._slug = "".join(letter if letter.isalnum() else "_" for letter in contender.name.lower())
        self._database = f"bench_{self._slug}"
        self._project = arena.directory / workload.id / self._slug
        self._samples: list[Sample] = []
        self._failure: str | None = None

    def take_part(self, *, is_warm_up: bool) -> None:
        """Run once, unless an earlier run failed."""
        if self._failure is not None:
            return
        try:
            if is_warm_up:
                self._prepare()
            sample = self._run(is_warm_up=is_warm_up)
        except RunFailedError as error:
            self._failure = error.summary
            self._arena.say(f"  {self._contender.name}: {error.summary}\n{error.said}")
            return
        self._samples.append(sample)
        self._arena.say(f"  {self._contender.name}: {sample.usage.seconds:.2f} s{' (warm-up)' * is_warm_up}")

    def measurement(self) -> Measurement:
        """What came of it; the database is dropped."""
        self._arena.databases.drop(self._database)
        if self._failure is not None:
            return NotMeasured(contender=self._contender, reason=self._failure)
        warm_up, *samples = self._samples
        return Measured(contender=self._contender, warm_up=warm_up, samples=tuple(samples))

    def _prepare(self) -> None:
        self._project.mkdir(parents=True)
        self._contender.layout(self._project, corpus(self._workload.size))
        if self._workload.is_applied:
            self._arena.databases.fresh_database(self._database)
            self._deploy(self._arena.databases.port)

    def _run(self, *, is_warm_up: bool) -> Sample:
        databases = self._arena.databases
        if not self._workload.is_applied:
            databases.fresh_database(self._database)
        before = databases.commits(self._database)
        databases.checkpoint()
        with self._route(is_warm_up=is_warm_up) as proxy:
            usage = self._deploy(proxy.port if proxy else databases.port)
            commits = databases.commits(self._database) - before
            traffic = proxy.traffic() if proxy else None
        if databases.fingerprint(self._database) != self._expected:
            raise RunFailedError("exit 0, but the schema or the rows are not those of the migrations")
        return Sample(usage=usage, commits=commits, traffic=traffic)

    @contextlib.contextmanager
    def _route(self, *, is_warm_up: bool) -> Iterator[Proxy | None]:
        delay = self._workload.delay_seconds
        if not delay and not is_warm_up:
            yield None
            return
        with proxy_to(self._arena.databases.port, delay_seconds=delay) as proxy:
            yield proxy

    def _deploy(self, port: int) -> Usage:
        url = self._arena.databases.url(self._database, port=port)
        environment = {**clean_environment(self._arena.directory), **self._contender.settings}
        return timed(self._contender.command, directory=self._project, environment={**environment, "DATABASE_URL": url})

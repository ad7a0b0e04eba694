"""What the figures were taken on."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path

from bench.databases import Databases
from bench.proxy import proxy_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The machine and its Postgres. Probes are medians; `load` is the load average at the start."""

    processor: str
    cores: int
    memory_gib: float
    system: str
    python: str
    postgres: str
    load: float
    probe_commit_milliseconds: float
    probe_round_trip_milliseconds: float


def this_machine(databases: Databases, *, delay_seconds: float) -> Machine:
    """Look at the machine, at what a commit costs on its disk, and at what the proxy really adds."""
    with proxy_to(databases.port, delay_seconds=delay_seconds) as proxy:
        round_trip = databases.round_trip_milliseconds(proxy.port)
    return Machine(
        processor=_processor(),
        cores=os.cpu_count() or 1,
        memory_gib=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        python=platform.python_version(),
        postgres=databases.version(),
        load=round(os.getloadavg()[0], 2),
        probe_commit_milliseconds=round(databases.commit_milliseconds(), 2),
        probe_round_trip_milliseconds=round(round_trip, 2),
    )


def _processor() -> str:
    listing = Path("/proc/cpuinfo")
    lines = listing.read_text(encoding="utf-8").splitlines() if listing.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()

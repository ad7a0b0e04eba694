"""The configuration of a throwaway server: fast and careless while it is filled, then like the target's."""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from drydock.scratch.interface import Likeness

PORT = 5432
LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
"""A container's share of the memory: control groups version 2 and 1."""
_MIB = 1 << 20

CARELESS: Mapping[str, str] = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "archive_mode": "off",
    "autovacuum": "off",
    "jit": "off",
    "max_connections": "100",
    "max_prepared_transactions": "20",
    "max_locks_per_transaction": "512",
    "checkpoint_timeout": "1h",
    "huge_pages": "off",
    # Shared memory in files of the cluster: a container's /dev/shm is small, and what is left there stays there.
    "dynamic_shared_memory_type": "mmap",
    "shared_preload_libraries": "",
    "max_logical_replication_workers": "0",
    # Statements hold rows, and an error would write them into the log.
    "log_min_error_statement": "panic",
    "lc_messages": "C",
    "timezone": "UTC",
    # As initdb writes it for English and for C; a server without it has `simple`.
    "default_text_search_config": "pg_catalog.english",
    "min_wal_size": "32MB",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What the server may use."""

    memory_bytes: int
    spare_bytes: int
    """Disk beyond what the content takes."""


def memory_bytes(limits: tuple[Path, ...] = LIMITS) -> int:
    """The memory of the machine, or of the container where that is less."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for limit in limits:
        with suppress(OSError, ValueError):
            found.append(int(limit.read_text(encoding="utf-8")))
    return min(found)


def filling(machine: Machine) -> dict[str, str]:
    """While content comes in."""
    return {
        **CARELESS,
        "shared_buffers": _megabytes(machine.memory_bytes // 8, least=16, most=1024),
        "maintenance_work_mem": _megabytes(machine.memory_bytes // 16, least=16, most=1024),
        "max_wal_size": _megabytes(machine.spare_bytes // 4, least=64, most=8192),
    }


def rehearsing(machine: Machine, likeness: Likeness) -> dict[str, str]:
    """While migrations run: what decides how much WAL they write is the target's. fsync stays off."""
    changed = {
        "wal_level": likeness.wal_level,
        "full_page_writes": "on" if likeness.full_page_writes else "off",
        "max_wal_senders": "0" if likeness.wal_level == "minimal" else "10",
    }
    return {**filling(machine), **changed}


def configuration(settings: Mapping[str, str]) -> str:
    """The text of postgresql.conf."""
    return "".join(f"{name} = {_quoted(value)}\n" for name, value in settings.items())


def _quoted(value: str) -> str:
    # Quotes are doubled, and a backslash begins an escape (manual, section 20.1.2).
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _megabytes(count: int, *, least: int, most: int) -> str:
    return f"{min(max(count // _MIB, least), most)}MB"

"""What is done to the measured server around each run: make a database, look at it afterwards, drop it.

Every run gets a database of its own, owned by an ordinary role.
"""

import hashlib
import time
from dataclasses import dataclass
from statistics import median

import psycopg
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composed, Identifier

from bench.corpus import TABLE_PREFIX

ADMIN = "bench_admin"
DEPLOYER = "deployer"
LEAVE_SECONDS = 30
PROBES = 50

_TABLES = SQL("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE %(tables)s ORDER BY relname")

_VISITORS = SQL("SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'")

_COMMITS = SQL("SELECT xact_commit FROM pg_stat_database WHERE datname = %s")

_FINGERPRINT = (
    SQL(
        "SELECT table_name, column_name, data_type, column_default, is_nullable"
        " FROM information_schema.columns"
        " WHERE table_name LIKE %(tables)s ORDER BY table_name, ordinal_position"
    ),
    SQL("SELECT indexdef FROM pg_indexes WHERE tablename LIKE %(tables)s ORDER BY indexdef"),
    SQL(
        "SELECT conname, pg_get_constraintdef(c.oid)"
        " FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid"
        " WHERE t.relname LIKE %(tables)s ORDER BY 1, 2"
    ),
    SQL("SELECT viewname, definition FROM pg_views WHERE viewname LIKE %(tables)s ORDER BY viewname"),
    SQL(
        "SELECT relname, obj_description(oid) FROM pg_class WHERE relname LIKE %(tables)s"
        " AND obj_description(oid) IS NOT NULL ORDER BY relname"
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Databases:
    """The databases of a running server, reached on 127.0.0.1:`port`. Nothing here is timed."""

    port: int

    def url(self, database: str, *, port: int | None = None) -> str:
        """The address a tool gets; `port` leads through a proxy instead."""
        return f"postgres://{DEPLOYER}@127.0.0.1:{port or self.port}/{database}?sslmode=disable"

    def fresh_database(self, name: str) -> None:
        """Create `name`, or empty it."""
        with self._session("postgres") as session:
            session.execute(SQL("DROP DATABASE IF EXISTS {}").format(Identifier(name)))
            session.execute(SQL("CREATE DATABASE {} OWNER {}").format(Identifier(name), Identifier(DEPLOYER)))

    def drop(self, name: str) -> None:
        """Drop `name`, if it is there."""
        with self._session("postgres") as session:
            session.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))

    def checkpoint(self) -> None:
        """Write everything out, so that no run pays for the one before."""
        with self._session("postgres") as session:
            session.execute("CHECKPOINT")

    def run_script(self, database: str, script: str) -> None:
        """Run `script` in one message as the role that deploys."""
        with psycopg.connect(self.url(database), autocommit=True) as session:
            session.execute(script.encode())

    def version(self) -> str:
        """The server's own version text, such as `15.18 (Debian ...)`."""
        with self._session("postgres") as session:
            return str(_only_value(session, SQL("SHOW server_version")))

    def commits(self, database: str) -> int:
        """Transactions committed in `database` since it was made, once everybody has left it."""
        with self._session("postgres") as session:
            deadline = time.monotonic() + LEAVE_SECONDS
            while _only_value(session, _VISITORS, database) and time.monotonic() < deadline:
                time.sleep(0.02)
            return int(str(_only_value(session, _COMMITS, database)))

    def fingerprint(self, database: str) -> str:
        """A digest of what the corpus left: columns, indexes, constraints, views and numbers of rows."""
        digest, ours = hashlib.sha256(), {"tables": f"{TABLE_PREFIX}%"}
        with self._session(database) as session:
            for query in _FINGERPRINT:
                digest.update(repr(session.execute(query, ours).fetchall()).encode())
            for (table,) in session.execute(_TABLES, ours).fetchall():
                rows = _only_value(session, SQL("SELECT count(*) FROM {}").format(Identifier(table)))
                digest.update(f"{table} {rows}".encode())
        return digest.hexdigest()

    def commit_milliseconds(self) -> float:
        """The median time of a one-row transaction here: mostly the disk's fsync."""
        with self._session("postgres") as session:
            session.execute("CREATE TABLE fsync_probe (id int)")
            milliseconds = _median_milliseconds(session, SQL("INSERT INTO fsync_probe VALUES (1)"))
            session.execute("DROP TABLE fsync_probe")
        return milliseconds

    def round_trip_milliseconds(self, port: int) -> float:
        """The median time of `SELECT 1` through `port`: what a proxy really adds."""
        with psycopg.connect(self.url("postgres", port=port), autocommit=True) as session:
            return _median_milliseconds(session, SQL("SELECT 1"))

    def _session(self, database: str) -> psycopg.Connection[TupleRow]:
        address = f"postgresql://{ADMIN}@127.0.0.1:{self.port}/{database}"
        return psycopg.connect(address, autocommit=True)


def _only_value(session: psycopg.Connection[TupleRow], query: SQL | Composed, *values: object) -> object:
    row = session.execute(query, values or None).fetchone()
    return row[0] if row else None


def _median_milliseconds(session: psycopg.Connection[TupleRow], query: SQL) -> float:
    times = []
    for _ in range(PROBES):
        began = time.perf_counter()
        session.execute(query)
        times.append(time.perf_counter() - began)
    return 1000 * median(times)

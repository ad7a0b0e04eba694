"""The target as the stages see it: the session that applies, what the database says of itself, and the pooler check."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from psycopg import OperationalError

from drydock.errors import AccessError, DrydockError, PoolerError, UnreachableError
from drydock.model import Attempt, Progress, Refusal, Target
from drydock.postgres.connect import Connector
from drydock.postgres.endpoint import Endpoint
from drydock.postgres.house import (
    DEPLOYS,
    FACTS,
    IDENTITY,
    NEVER_IDLE_OUT,
    PROGRESS,
    READ_IDENTITY,
    READ_LOG,
    READ_PROGRESS,
    READ_SEED,
    SYSTEM_IDENTIFIER,
    Facts,
)
from drydock.postgres.identity import mark_of
from drydock.postgres.interface import NotThere, Row, Rows
from drydock.postgres.session import Done, Session

POOLER_ROUNDS = 4
PERMISSION = "42501"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A session and what it says of its database."""

    session: Session
    endpoint: Endpoint
    facts: Facts


class TargetDatabase:
    """A session on the target that reads, and later applies. The first `read` also asks for the facts."""

    def __init__(self, connector: Connector, *, setup: str = "") -> None:
        """`setup` is run first on the session: the migration tool's search path."""
        self._connector = connector
        self._setup = setup
        self._opened: Opened | None = None

    def read(self, *queries: str) -> tuple[Rows | NotThere, ...]:
        """See `Reader.read`."""
        if self._opened is None:
            return self._open(queries)
        return tuple(_permitted(answer) for answer in _read(self._opened.session, queries))

    def read_anew(self, *queries: str) -> tuple[Rows | NotThere, ...]:
        """As `read`; in the same round trip mark, progress and seed are read again, as they may have changed."""
        opened = self._ensured()
        answers = _read(opened.session, (*queries, READ_IDENTITY, READ_PROGRESS, READ_SEED))
        changed = _changed(opened.facts, [_usable(answer) for answer in answers[-3:]])
        self._opened = replace(opened, facts=changed)
        return tuple(_permitted(answer) for answer in answers[:-3])

    @property
    def connector(self) -> Connector:
        """Opens further sessions on the same database."""
        return self._connector

    @property
    def setup(self) -> tuple[str, ...]:
        """What the migration tool sets on a new session."""
        return (self._setup,) if self._setup else ()

    @property
    def session(self) -> Session:
        """The open session; opens it when nothing was read yet."""
        return self._ensured().session

    @property
    def endpoint(self) -> Endpoint:
        """Where the session is, or was; for a program that shall work there too."""
        return self._ensured().endpoint

    @property
    def facts(self) -> Facts:
        """What the database says of itself."""
        return self._ensured().facts

    def describe(self) -> Target:
        """The target as the report names it."""
        facts = self.facts
        return Target(
            server_version=facts.server_version.split(" ")[0],
            database=facts.database,
            user=facts.user,
            mark=mark_of(facts),
            had_tables=facts.has_tables,
        )

    @property
    def progress(self) -> tuple[Progress, ...]:
        """What careful steps left behind."""
        return self.facts.progress

    @property
    def seed_is_due(self) -> bool:
        """Whether an earlier seed was begun and did not end well."""
        return self.facts.seed == "due"

    def log(self) -> tuple[Attempt, ...]:
        """See `Deployable.log`."""
        (answer,) = self.read(READ_LOG)
        return tuple(_attempt(row) for row in answer.rows) if isinstance(answer, Rows) else ()

    def require_writable(self) -> None:
        """Raises UnreachableError when the server accepts reads only."""
        if self.facts.read_only:
            raise UnreachableError(
                "The target accepts reads only (a standby, or default_transaction_read_only is on).",
                hint="Use the address of the primary.",
            )

    def close(self) -> None:
        """End the session; never raises."""
        if self._opened is not None:
            self._opened.session.close()

    def _ensured(self) -> Opened:
        if self._opened is None:
            self._open(())
        if self._opened is None:
            raise DrydockError("the target's session was not opened")
        return self._opened

    def _open(self, queries: tuple[str, ...]) -> tuple[Rows | NotThere, ...]:
        session = self._connector.open()
        # With row_security off, a history whose rows a policy would hide is an error instead of an empty history. The
        # guard before each script sets it back.
        settings = (NEVER_IDLE_OUT, "SET row_security = off", *self.setup)
        ours = (FACTS, SYSTEM_IDENTIFIER, READ_IDENTITY, READ_PROGRESS, READ_SEED)
        answers = _read(session, (*settings, *ours, *queries))[len(settings) :]
        facts = _facts([_usable(answer) for answer in answers[: len(ours)]])
        self._opened = Opened(session=session, endpoint=session.endpoint, facts=facts)
        if session.startup_pid != facts.pid:
            self._refuse_transaction_pooler(session)
        if not facts.conforming:
            raise AccessError(
                "standard_conforming_strings is off on the target, so scripts would be read differently than checked.",
                hint="Set it to on for this role: ALTER ROLE ... SET standard_conforming_strings = on.",
            )
        return tuple(_permitted(answer) for answer in answers[len(ours) :])

    def _refuse_transaction_pooler(self, session: Session) -> None:
        other = self._connector.open()
        try:
            kept = all(_keeps_its_backend(session, other) for _ in range(POOLER_ROUNDS))
        finally:
            other.close()
        if not kept:
            raise PoolerError(
                "The database address leads through a connection pooler in transaction (or statement) mode, where "
                "session locks and settings do not hold.",
                hint="Give the database's own address in direct_url (DRYDOCK_DIRECT_URL), or use session pooling.",
            )


def _keeps_its_backend(session: Session, other: Session) -> bool:
    # In transaction mode an idle client has given its server back, so the other client's transaction gets the very
    # backend that we used last; or, while the other holds it, we get a new one. Neither can happen in session mode.
    first = _pid(session)
    if not isinstance(other.send("BEGIN"), Done):
        return False
    others = _pid(other)
    again = _pid(session)
    other.send("ROLLBACK")
    return first is not None and first == again and first != others


def _pid(session: Session) -> str | None:
    try:
        match session.read("SELECT pg_catalog.pg_backend_pid()")[0]:
            case Rows(rows=rows):
                return rows[0][0]
            case _:
                return None
    except OperationalError:
        return None


def _read(session: Session, queries: tuple[str, ...]) -> tuple[Rows | NotThere | Refusal, ...]:
    try:
        return session.read(*queries)
    except OperationalError:
        raise UnreachableError("The connection to the target was lost while reading.", hint="Run again.") from None


def _usable(answer: Rows | NotThere | Refusal) -> Rows | NotThere:
    if isinstance(answer, Refusal):
        raise UnreachableError(f"The target does not answer a read: {answer}.", hint="Run again, or check the role.")
    return answer


def _permitted(answer: Rows | NotThere | Refusal) -> Rows | NotThere:
    # A history that may not be read must never pass for a history that is not there.
    if isinstance(answer, NotThere) and answer.refusal.sqlstate == PERMISSION:
        raise AccessError(f"This role may not read the history: {answer.refusal}.", hint="Grant it, or use the owner.")
    return _usable(answer)


def _facts(answers: list[Rows | NotThere]) -> Facts:
    facts, system = (answer.rows if isinstance(answer, Rows) else () for answer in answers[:2])
    if not facts:
        raise AccessError("This role may not read the system catalogs.", hint="Use a role with ordinary rights.")
    row = facts[0]
    names = (IDENTITY, DEPLOYS, PROGRESS)
    unchanged = Facts(
        pid=int(row[0] or 0),
        server_version=row[1] or "",
        database=row[2] or "",
        user=row[3] or "",
        database_oid=row[4] or "",
        read_only=row[5] == "t",
        conforming=row[6] == "on",
        backend_start=row[7],
        has_tables=row[8] == "t",
        has_schema=row[9] is not None,
        tables=frozenset(name for name, found in zip(names, row[10:13], strict=True) if found is not None),
        system_identifier=system[0][0] if system else None,
        identity=None,
        progress=(),
        seed=None,
    )
    return _changed(unchanged, answers[2:])


def _changed(facts: Facts, answers: Sequence[Rows | NotThere]) -> Facts:
    identity, progress, seed = (_readable(answer) for answer in answers)
    return replace(
        facts,
        identity=identity[0] if identity else None,
        progress=tuple(_progress(found) for found in progress),
        seed=seed[0][0] if seed else None,
    )


def _readable(answer: Rows | NotThere) -> tuple[Row, ...]:
    return answer.rows if isinstance(answer, Rows) else ()


def _attempt(row: Row) -> Attempt:
    started_at, finished_at, who, environment, revision, run_url, version, history, planned, applied, outcome = row
    return Attempt(
        started_at=started_at or "",
        finished_at=finished_at,
        who=who or "",
        environment=environment,
        revision=revision,
        run_url=run_url,
        version=version or "",
        history=history or "",
        planned=int(planned or 0),
        applied=int(applied or 0),
        outcome=outcome,
    )


def _progress(row: Row) -> Progress:
    history, migration, digest, done, running, opened = row
    return Progress(
        history=history or "",
        migration=migration or "",
        digest=digest or "",
        done=int(done or 0),
        running=int(running) if running else None,
        opened=opened,
    )

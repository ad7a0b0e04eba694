"""The audit row: one per attempt, written for people who ask later who deployed what. Never needed to work."""

import json
import uuid
from dataclasses import dataclass

from drydock.model import Step, migrations_of
from drydock.postgres.house import DEPLOYS
from drydock.postgres.literals import literal

DUE = "due"
SEEDED = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What the row says of the run: environment, revision of the checkout, address of the CI run."""

    id: uuid.UUID
    environment: str | None
    revision: str | None
    run_url: str | None
    version: str
    history: str


def begun(attempt: Attempt, steps: tuple[Step, ...], *, seed: str | None) -> str:
    """The INSERT at the start: what is planned, by name and digest, and whether a seed is due after it."""
    planned = [{"name": migration.name, "sha256": migration.checksum} for migration in migrations_of(steps)]
    values = (
        literal(str(attempt.id)),
        literal(attempt.environment),
        literal(attempt.revision),
        literal(attempt.run_url),
        literal(attempt.version),
        literal(attempt.history),
        literal(json.dumps(planned, ensure_ascii=False)),
        literal(seed),
    )
    columns = "id, environment, revision, run_url, drydock_version, history, planned, seed"
    return f"INSERT INTO {DEPLOYS} ({columns}) VALUES ({', '.join(values)})"


def applied(attempt: Attempt) -> str:
    """The UPDATE inside a step's own transaction: one more of the planned, in their order.

    A count, not a list of names: the row is written once per step, and must not grow with each.
    """
    return f"UPDATE {DEPLOYS} SET applied = applied OPERATOR(pg_catalog.+) 1 {_where(attempt)}"


def ended(attempt: Attempt, outcome: str) -> str:
    """The UPDATE at the end."""
    ending = f"finished_at = pg_catalog.clock_timestamp(), outcome = {literal(outcome)}"
    return f"UPDATE {DEPLOYS} SET {ending} {_where(attempt)}"


def seeded(attempt: Attempt) -> str:
    """The UPDATE after a seed that ran to its end; one that is still due is caught up by the next deploy."""
    return f"UPDATE {DEPLOYS} SET seed = {literal(SEEDED)} {_where(attempt)}"


def _where(attempt: Attempt) -> str:
    return f"WHERE id OPERATOR(pg_catalog.=) {literal(str(attempt.id))}"

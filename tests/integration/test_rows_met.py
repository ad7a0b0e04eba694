"""Should the reckoning of whose rows are needed ever be wrong, the server's count tells it: no result, but an error."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from drydock.config.parse import load
from drydock.errors import RehearsalError
from drydock.interruption import Interruption
from drydock.model import Loaded, NoSeed, Proceed
from drydock.parts import Parts
from drydock.postgres.engagement import TargetEngagement, Terms
from drydock.postgres.message import Guard
from drydock.postgres.target import TargetDatabase
from drydock.redact import scrubber_of
from drydock.rehearse import rehearse
from drydock.rehearsing import Rehearsing
from drydock.scratch.interface import Scratch
from drydock.snapshot.interface import AskNeeds, Source
from drydock.sql.interface import Needs
from drydock.staging import rehearsing_of
from drydock.wiring import yard_of
from tests.end_to_end.test_rehearsal import dumped
from tests.fixtures.database import TestDatabase
from tests.fixtures.program import run
from tests.fixtures.projects import flat_project

FIRST = """
    CREATE TABLE users (id int); INSERT INTO users VALUES (1);
    CREATE TABLE logs (id int); INSERT INTO logs VALUES (1);
"""
SECONDS = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Careless:
    """A source that believes no rows to be needed."""

    source: Source

    @property
    def major(self) -> int:
        """See `Source`."""
        return self.source.major

    @property
    def needed_bytes(self) -> int:
        """See `Source`."""
        return self.source.needed_bytes

    def prepare(self) -> None:
        """See `Source`."""
        self.source.prepare()

    def load(self, scratch: Scratch, needs: AskNeeds) -> Loaded:
        """See `Source`."""
        needs()
        return self.source.load(scratch, Needs)


@pytest.fixture
def terms() -> Terms:
    """As a deploy's."""
    return Terms(
        guard=Guard(lock_timeout=SECONDS, statement_timeout=None),
        mutex_wait=SECONDS,
        show_queries=False,
        environment=None,
        revision=None,
        run_url=None,
        version="0",
        timed=True,
        stop=Interruption(),
        say=list[str]().append,
        scrub=str,
    )


@pytest.fixture
def rehearsal(
    tmp_path: Path, database: TestDatabase, postgres_binaries: Path, terms: Terms
) -> Iterator[tuple[Rehearsing, Proceed]]:
    """On a snapshot of a target with one migration; the second is pending."""
    flat_project(tmp_path, {"1_first.sql": FIRST})
    environ = {"DATABASE_URL": database.url, "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    assert run("deploy", "--rehearse", "none", cwd=tmp_path, env=environ).exit_code == 0
    dumped(database, postgres_binaries, tmp_path / "backup.dump")
    flat_project(tmp_path, {"1_first.sql": FIRST, "2_second.sql": "CREATE UNIQUE INDEX ON users (id);"})
    config = load({"snapshot": "backup.dump"}, environ, directory=tmp_path)
    scrub = scrubber_of(config.secrets)
    with yard_of(config, environ, stop=terms.stop, say=terms.say, scrub=scrub) as yard:
        assert isinstance(yard.target, TargetDatabase)
        status = yard.tool.status(yard.target)
        parts = Parts(
            config=config,
            environ=environ,
            tool=yard.tool,
            target=yard.target,
            connector=yard.target.connector,
            engage=lambda copy, of: TargetEngagement(copy, copy.connector, terms, of),
            scrub=scrub,
        )
        plan = Proceed(steps=yard.tool.steps(status.pending), warnings=(), seed=NoSeed(reason="of no matter here"))
        yield rehearsing_of(parts, status), plan


@pytest.mark.slow
def test_rows_that_were_met_though_left_out_end_the_rehearsal(rehearsal: tuple[Rehearsing, Proceed]) -> None:
    rehearsing, plan = rehearsal

    with pytest.raises(RehearsalError, match=r"not restored, of public\.users"):
        rehearse(plan, replace(rehearsing, source=Careless(source=rehearsing.source)))

    assert [str(table) for table in rehearse(plan, rehearsing).loaded.left_out.tables] == ["public.logs"]

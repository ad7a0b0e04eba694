"""What every migration tool promises (`tools/interface.py`), over all of them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from drydock.config.parse import load
from drydock.deploy import Yard
from drydock.interruption import Interruption
from drydock.model import migrations_of
from drydock.redact import Scrubber
from drydock.wiring import yard_of
from tests.end_to_end.scenes import Scene, assert_says
from tests.fixtures.database import TestDatabase
from tests.fixtures.projects import flat_project, golang_project, prisma_project
from tests.oracles.knex_cli import KnexCli, does

USERS, BOATS, PIERS = "20240101_users", "20240102_boats", "20240103_piers"
SCRIPTS = {name: f"CREATE TABLE {name.partition('_')[2]} (id integer)" for name in (USERS, BOATS, PIERS)}
BROKEN = "SELECT nothing_like_it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A tool's project beside a database; `lay_out` takes SQL by the bare names of migrations."""

    scene: Scene
    lay_out: Callable[[Mapping[str, str]], object]
    ending: str
    """What stands behind a bare name in the tool's own."""

    def named(self, *names: str) -> list[str]:
        """The tool's own names."""
        return [f"{name}{self.ending}" for name in names]


@pytest.fixture(
    params=["prisma", "golang-migrate", "flat", pytest.param("knex", marks=pytest.mark.oracle)], ids=lambda name: name
)
def tried(request: pytest.FixtureRequest, tmp_path: Path, database: TestDatabase) -> Tried:
    root = tmp_path / "project"
    root.mkdir()
    scene = Scene(root=root, database=database)
    match request.param:
        case "prisma":
            return Tried(scene=scene, lay_out=lambda scripts: prisma_project(root, scripts), ending="")
        case "golang-migrate":
            return Tried(scene=scene, lay_out=lambda scripts: golang_project(root, scripts), ending="")
        case "flat":
            return Tried(
                scene=scene,
                lay_out=lambda scripts: flat_project(root, {f"{name}.sql": text for name, text in scripts.items()}),
                ending=".sql",
            )
        case _:
            knex: KnexCli = request.getfixturevalue("knex_cli")
            return Tried(
                scene=scene,
                lay_out=lambda scripts: knex.project(
                    root, {f"{name}.js": does(f"await knex.raw('{text}');") for name, text in scripts.items()}
                ),
                ending=".js",
            )


@pytest.fixture
def yard(tried: Tried) -> Iterator[Yard]:
    """The parts of a run in that project, with the three migrations pending."""
    tried.lay_out(SCRIPTS)
    environ = tried.scene.environment()
    config = load({}, environ, directory=tried.scene.root)
    with yard_of(config, environ, stop=Interruption(), say=lambda _: None, scrub=Scrubber()) as made:
        yield made


def test_status_tells_what_is_pending_in_order_and_changes_nothing(tried: Tried, yard: Yard) -> None:
    status = yard.tool.status(yard.target)

    assert [migration.name for migration in status.pending] == tried.named(USERS, BOATS, PIERS)
    assert (status.applied, status.problems, bool(status.preparation)) == ((), (), True)
    assert all((tried.scene.root / migration.file).is_file() for migration in status.pending)
    assert tried.scene.is_untouched()


def test_steps_cover_each_pending_migration_once_in_order_and_hold_no_address(tried: Tried, yard: Yard) -> None:
    status = yard.tool.status(yard.target)

    steps = yard.tool.steps(status.pending)

    assert migrations_of(steps) == status.pending
    assert yard.tool.steps(status.pending) == steps
    database = tried.scene.database
    assert [word for word in (database.password, str(database.port), database.name) if word in repr(steps)] == []


def test_nothing_is_pending_once_it_is_deployed(tried: Tried) -> None:
    tried.lay_out(SCRIPTS)

    first, second = tried.scene.deploy(), tried.scene.deploy()

    assert_says(first, 0, "3 migrations applied")
    assert_says(second, 0, "Nothing pending")
    assert {"users", "boats", "piers"} <= tried.scene.database.tables()


def test_first_failure_stops_everything_and_leaves_it_pending(tried: Tried) -> None:
    tried.lay_out({**SCRIPTS, BOATS: BROKEN})

    failed = tried.scene.deploy()
    tried.lay_out(SCRIPTS)
    again = tried.scene.deploy()

    assert_says(failed, 6, "42703", *tried.named(BOATS), "1 migration applied before", "The target is clean")
    assert_says(again, 0, "2 migrations applied")


def test_what_is_resolved_as_applied_is_not_run(tried: Tried) -> None:
    tried.lay_out(SCRIPTS)

    resolved = tried.scene.run("resolve", *tried.named(USERS), "--applied")
    ran = tried.scene.deploy()

    assert_says(resolved, 0)
    assert_says(ran, 0, "2 migrations applied")
    assert "users" not in tried.scene.database.tables()


def test_pending_migrations_fail_on_a_copy_first(tried: Tried) -> None:
    tried.lay_out({**SCRIPTS, BOATS: BROKEN})

    ran = tried.scene.run("deploy")

    assert_says(ran, 5, "42703", *tried.named(BOATS), "The target was not touched.")
    assert tried.scene.is_untouched()

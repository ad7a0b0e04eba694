"""Careful steps of tools that record nothing of what was begun: what is left, and what the next run knows of it."""

import pytest

from drydock.interruption import Interruption
from drydock.render.terminal import terminal_text
from drydock.sql.child import ChildAnalyser
from tests.conformance.beside import wait_until_runs
from tests.end_to_end.faults import FaultScene
from tests.end_to_end.scenes import UNREHEARSED, Scene, assert_says
from tests.end_to_end.test_faults_connection import EMPTIED, PARTS, moments
from tests.fixtures.program import started
from tests.fixtures.projects import dbmate_script, flat_project
from tests.fixtures.proxy import NO_LATENCY, Cut, CutPoint, Numbered, Proxy

NAMES = ["1_users", "2_users_id", "3_posts"]


@pytest.fixture
def three(scene: Scene) -> Scene:
    """A table, an index that is built concurrently, another table; none of them applied."""
    scripts = {
        "1_users.sql": dbmate_script("CREATE TABLE users (id int);\nINSERT INTO users VALUES (1);"),
        "2_users_id.sql": dbmate_script(
            "CREATE INDEX CONCURRENTLY users_id ON users (id);", options="transaction:false"
        ),
        "3_posts.sql": dbmate_script("CREATE TABLE posts (id int);"),
    }
    flat_project(scene.root, scripts)
    return scene


def versions(scene: Scene) -> list[str]:
    """What dbmate's table says."""
    if scene.database.value("SELECT to_regclass('public.schema_migrations')") is None:
        return []
    return [row[0] for row in scene.database.rows("SELECT version FROM schema_migrations ORDER BY 1")]


def unfinished(scene: Scene) -> list[str]:
    """What ours says."""
    if scene.database.value("SELECT to_regclass('drydock.unfinished')") is None:
        return []
    return [row[0] for row in scene.database.rows("SELECT migration FROM drydock.unfinished")]


def made(scene: Scene) -> list[str]:
    """The versions whose relation is there, and valid."""
    valid = (
        "SELECT coalesce((SELECT indisvalid FROM pg_index WHERE indexrelid = c.oid), true) FROM pg_class c "
        "WHERE c.oid = to_regclass('public.' || quote_ident(%s))"
    )
    return [name[0] for name in NAMES if scene.database.rows(valid, name.partition("_")[2]) == [(True,)]]


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("point", list(CutPoint), ids=lambda point: point.value)
def test_cut_at_any_message_is_recorded_or_noted_and_the_next_run_ends_it(
    three: Scene, analyser: ChildAnalyser, point: CutPoint, part: int
) -> None:
    scene = FaultScene(root=three.root, database=three.database, address=three.database.url)
    stop = Interruption()
    for number in moments(scene, analyser, point)[part::PARTS]:
        with Proxy(three.database, (Cut(at=Numbered(number), point=point),), NO_LATENCY) as proxy:
            report = scene.through(proxy.url).deploy_inside(analyser, stop)
        code, noted = report.verdict.exit_code, unfinished(three)
        said = f"{point.value} message {number}\n{terminal_text(report)}\n{versions(three)} {noted}"
        assert code in ((7,) if noted else (0, 9)), said
        assert (code == 0) is (versions(three) == ["1", "2", "3"]), said
        there = set(versions(three))
        assert there <= set(made(three)) <= there | {name[0] for name in noted}, said
        assert scene.deploy_inside(analyser, stop).verdict.exit_code == 0, said
        assert versions(three) == made(three) == ["1", "2", "3"], said
        assert unfinished(three) == [], said
        three.database.execute(EMPTIED)


def test_killed_step_is_noted_and_goes_on(three: Scene) -> None:
    slow = "CREATE INDEX CONCURRENTLY users_id ON users (id);\nSELECT pg_sleep(2);\nVACUUM users;"
    three.write("migrations/2_users_id.sql", dbmate_script(slow, options="transaction:false"))

    with started(*UNREHEARSED, cwd=three.root, env=three.environment()) as running:
        wait_until_runs(three.database, "pg_sleep")
        running.kill()
    left = (versions(three), unfinished(three))
    again = three.deploy()

    assert left == (["1"], ["2_users_id"])
    assert_says(again, 0, "2 migrations applied", "statement by statement from ")
    assert (versions(three), unfinished(three)) == (["1", "2", "3"], [])


def test_half_done_step_is_rehearsed_from_where_it_goes_on(three: Scene) -> None:
    failing = "CREATE INDEX CONCURRENTLY users_id ON users (id);\nSELECT 1 / count(*) FROM users WHERE id = 2;"
    three.write("migrations/2_users_id.sql", dbmate_script(failing, options="transaction:false"))
    failed = three.deploy()
    three.database.execute("INSERT INTO users VALUES (2)")

    three.write("migrations/2_users_id.sql", dbmate_script(failing.replace("1 /", "2 /"), options="transaction:false"))
    resumed = three.run("deploy")

    assert_says(failed, 7, "Statement 1 is in effect", "22012")
    assert_says(resumed, 0, "2 migrations applied", "Rehearsal: 2 migrations", "from 2 on")
    assert (versions(three), unfinished(three)) == (["1", "2", "3"], [])

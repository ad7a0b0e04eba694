"""As the runner of GitHub starts an action: its folders, its home, a workspace that belongs to somebody else."""

import json
import os

from tests.containers.scene import ContainerScene

RUNNER = 1001


def test_it_works_in_a_workspace_of_the_runners_user(scene: ContainerScene, slim: str) -> None:
    scene.write({"1_users.sql": "CREATE TABLE users (id int PRIMARY KEY);"})
    home = scene.root.parent / "home"
    home.mkdir()
    for path in (scene.root, *scene.root.rglob("*"), home):
        os.chown(path, RUNNER, RUNNER)
    folders = ("--volume", f"{scene.root}:/github/workspace", "--volume", f"{home}:/github/home")
    runner = ("--workdir", "/github/workspace", "--env", "HOME=/github/home", "--env", "GITHUB_ACTIONS=true")

    ran = scene.run(
        slim,
        options=(*folders, *runner, "--env", "INPUT_MIGRATIONS=migrations", "--env", "INPUT_REPORT_JSON=result.json"),
    )

    assert ran.exit_code == 0, ran.said
    assert scene.database.tables() == {"users"}
    assert json.loads((scene.root / "result.json").read_text("utf-8"))["verdict"]["exit_code"] == 0
    assert sorted(path.name for path in scene.root.iterdir()) == ["migrations", "result.json"], "something was left"

"""A log that nobody reads any more does not end a deploy half-way."""

import os
import subprocess
import sys
from pathlib import Path

from tests.fixtures.database import TestDatabase
from tests.fixtures.program import SOURCE
from tests.fixtures.projects import flat_project

FILES = {f"{number:02}_t.sql": f"CREATE TABLE t{number} (id int);" for number in range(1, 6)}


def test_deploy_goes_on_when_its_output_is_closed(tmp_path: Path, database: TestDatabase) -> None:
    flat_project(tmp_path, FILES)
    reading, writing = os.pipe()
    os.close(reading)

    done = subprocess.run(
        [sys.executable, "-m", "drydock", "deploy", "--rehearse", "none"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE), "DATABASE_URL": database.url},
        stdout=writing,
        stderr=writing,
        timeout=60,
        check=False,
    )
    os.close(writing)

    assert done.returncode == 0
    assert database.tables() == {"t1", "t2", "t3", "t4", "t5"}

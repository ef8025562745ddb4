"""Programs in examples/: each is short, runs in a folder of its own, and does what it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

FOLDER = Path(__file__).parents[1] / "examples"
SAID = {
    "01_hello.py": r"Place the .+ on the .+\.\nsuccess\nrests_on +executed \+0\.\d+",
    "02_policy.py": r"success +2 of 2",
    "03_gymnasium.py": r"\[\(\d+, \d+, \d\.\d+\).*\nreward 1\.0",
    "04_vector.py": r"\n3 of 3\n",
    "05_compare.py": r"of 3 seeds, \d succeed with the expert alone",
    "06_lift.py": r"metres: \[.+\nkeypoints .+\nno_points: .+\ntruncated: ",
    "07_constraint.py": r"holds .+ visits\nviolated .+ visits\nviolated .+ speed\nholds .+ tilt\n",
    "08_task.py": r"success.* 1 of 1 succeeded",
    "09_ee_pose.py": r"reward 1\.0 \{'rests_on': 0\.0",
    "10_policy_server.py": r"goal +rests_on +1",
}
"""What each prints."""


def test_every_example_is_short_and_is_run() -> None:
    found = sorted(FOLDER.glob("*.py"))
    assert [path.name for path in found] == list(SAID)
    assert max(len(path.read_text().splitlines()) for path in found) < 40


@pytest.mark.parametrize("name", SAID)
def test_an_example_does_what_it_says(name: str, tmp_path: Path, renderer: None) -> None:
    done = subprocess.run(
        [sys.executable, FOLDER / name],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(FOLDER.parent)},
        capture_output=True,
        text=True,
        timeout=300.0,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(SAID[name], done.stdout), done.stdout
    if name == "03_gymnasium.py":
        for picture in ("seen.png", "after.png"):
            assert np.asarray(Image.open(tmp_path / picture)).std() > 20.0

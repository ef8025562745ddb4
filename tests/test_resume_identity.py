"""Runs are resumed by the code, the packages and the configuration that they were started with, or not at all."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tracesim
from tests.playing import Playing
from tests.runs import TASK, refused, seeds_in
from tracesim.results.provenance import PROVENANCE_FILE, Provenance, Session
from tracesim.results.store import RecordStore
from tracesim.run import main

pytestmark = pytest.mark.usefixtures("somewhere_else")

CLONE = Path(tracesim.__file__).parents[1]
RUN = [*TASK, "policy=noisy_expert", "policy.pixel_noise_px=2.0", "hydra.run.dir=run"]


@pytest.fixture
def stopped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """Return the folder of a run of which one of two episodes has been played."""
    assert main(RUN, Playing(raises={1: KeyboardInterrupt()})) == 130
    capsys.readouterr()
    return tmp_path / "run"


@pytest.mark.parametrize(
    "other",
    [
        "task=stack",
        "policy=expert",
        "policy.pixel_noise_px=3.0",
        "policy.depth_scale=1.1",
        "variation=cluttered",
        "variation.clutter=1",
        "controller.repair=true",
        "contact_depth=measured",
        "episodes=3",
        "seed=1",
    ],
)
def test_another_configuration_is_refused(other: str, stopped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([f"resume={stopped}", other], Playing()) == 2
    assert f"{other} with resume={stopped}: the run has" in refused(capsys)
    assert seeds_in(stopped) == [0]


@pytest.mark.parametrize("package", ["tracesim", "sapien", "mplib", "numpy", "scipy"])
def test_records_of_other_packages_are_refused(package: str, stopped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = stopped / RecordStore.FILE
    record = json.loads(path.read_text())
    record["versions"][package] = "0.0.1"  # as if they had been installed when it was played; it is not hashed
    path.write_text(json.dumps(record) + "\n")
    assert main([f"resume={stopped}"], Playing()) == 2
    said = refused(capsys)
    assert f"was played with {package} 0.0.1, and " in said
    assert f"pip install '{package}==0.0.1'" in said
    assert seeds_in(stopped) == [0]


def test_other_code_is_refused_until_it_is_as_it_was(stopped: Path, tmp_path: Path) -> None:
    for name in ("tracesim", "envs", "policies", "assets", "conf"):
        shutil.copytree(CLONE / name, tmp_path / "clone" / name, symlinks=True)

    def resume() -> subprocess.CompletedProcess[str]:
        code = (
            "import sys; from tests.playing import Playing; from tracesim.run import main; "
            f"sys.exit(main(['resume={stopped}'], Playing()))"
        )
        paths = os.pathsep.join([str(tmp_path / "clone"), str(CLONE)])
        environment = os.environ | {"PYTHONPATH": paths}
        return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)

    changed = tmp_path / "clone" / "envs" / "click_bell.py"
    before = changed.read_text()
    changed.write_text(f"{before}\n# another version\n")
    done = resume()
    assert (done.returncode, done.stdout) == (2, "")
    assert "was played by other code of TraceSim" in done.stderr
    changed.write_text(before)
    other = tmp_path / "clone" / "tracesim" / "cli" / "progress.py"
    other.write_text(other.read_text() + "\n# this decides about no verdict\n")
    assert resume().returncode == 0
    assert seeds_in(stopped) == [0, 1]
    assert main([f"resume={stopped}"], Playing()) == 0


def test_complete_run_of_other_packages_is_summarised_again(stopped: Path) -> None:
    assert main([f"resume={stopped}"], Playing()) == 0
    path = stopped / RecordStore.FILE
    records = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps(one | {"versions": {"mplib": "0.0.1"}}) + "\n" for one in records))
    (stopped / "summary.json").unlink()
    assert main([f"resume={stopped}"], Playing()) == 0
    assert (stopped / "summary.json").exists()


def test_provenance_lists_every_session_that_differs(stopped: Path) -> None:
    first = Provenance.read(stopped)
    assert first is not None
    assert main([f"resume={stopped}"], Playing(raises={1: OSError("down")})) == 3
    assert Provenance.read(stopped) == first
    elsewhere = first.sessions[0].machine.model_copy(update={"cores": 1000})
    before = first.model_copy(update={"sessions": [first.sessions[0].model_copy(update={"machine": elsewhere})]})
    (stopped / PROVENANCE_FILE).write_text(before.model_dump_json())
    assert main([f"resume={stopped}"], Playing()) == 0
    after = Provenance.read(stopped)
    assert after is not None
    assert [one.machine.cores for one in after.sessions] == [1000, len(os.sched_getaffinity(0))]


def test_provenance_says_what_played(stopped: Path) -> None:
    found = Provenance.read(stopped)
    assert found is not None
    (record,) = [json.loads(line) for line in (stopped / RecordStore.FILE).read_text().splitlines()]
    assert found.configuration_hash == record["configuration_hash"]
    assert found.configuration["policy"]["options"] == {"pixel_noise_px": 2.0}  # type: ignore[index, call-overload]
    (session,) = found.sessions
    assert session.is_like(Session.now())
    assert {name: session.packages[name] for name in ("sapien", "mplib", "numpy")} == {
        name: record["versions"][name] for name in ("sapien", "mplib", "numpy")
    }
    assert found.rules.physics_hz / found.rules.record_hz == 3
    if (CLONE / ".git").exists():
        commit = subprocess.run(["git", "-C", CLONE, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
        assert session.code.commit == commit.stdout.strip()


def test_damaged_provenance_is_said(stopped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (stopped / PROVENANCE_FILE).write_text("{")
    assert main([f"resume={stopped}"], Playing()) == 2
    assert "provenance.json: not the provenance of a run" in refused(capsys)

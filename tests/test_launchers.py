"""Hydra's launchers: jobs in other processes, one view of all of them, and extras that are not installed."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import tracesim
from tests.playing import PlayedEpisode, Playing
from tests.runs import TASK, refused, seeds_in, table_of
from tracesim.configuration import EpisodeConfiguration
from tracesim.run import main

pytestmark = pytest.mark.usefixtures("somewhere_else")

SWEEP = [*TASK, "policy=expert,noop", "seed=0,100", "hydra.sweep.dir=sweep"]
LAUNCHERS = {
    "joblib": ["hydra/launcher=joblib", "hydra.launcher.n_jobs=2"],
    "submitit_local": ["hydra/launcher=submitit_local"],
    "ray": ["hydra/launcher=ray", "+hydra.launcher.ray.init.num_cpus=2"],
}


class Noted(Playing):
    """Leaves a file named after the process that plays."""

    def __call__(self, configuration: EpisodeConfiguration) -> Playing:
        Path(f"process {os.getpid()}").touch()
        return super().__call__(configuration)


@pytest.mark.parametrize(
    "launcher", [pytest.param(name, marks=[pytest.mark.slow] * (name == "ray")) for name in LAUNCHERS]
)
def test_launcher_plays_the_jobs_elsewhere_in_one_view(
    launcher: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip(f"hydra_plugins.hydra_{launcher.partition('_')[0]}_launcher")
    code = (
        "import sys; from tests.test_launchers import Noted; from tracesim.run import main; "
        "sys.exit(main(sys.argv[1:], Noted()))"
    )
    monkeypatch.setenv("PYTHONPATH", str(Path(tracesim.__file__).parents[1]))  # jobs import what plays them
    words = ["-m", *SWEEP, *LAUNCHERS[launcher]]
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert [(row["policies"], row["seeds"]) for row in table_of(tmp_path / "sweep")] == [
        (["expert"], [0, 1, 100, 101]),
        (["noop"], [0, 1, 100, 101]),
    ]
    assert "[8/8] " in done.stdout
    assert "8 of 8 succeeded [63%, 100%]" in done.stdout
    assert all(f"{policy}, seed {seed}" in done.stdout for policy in ("expert", "noop") for seed in (0, 1, 100, 101))
    assert list(tmp_path.glob("process *"))
    assert main(["resume=sweep"], Playing()) == 0
    assert [seeds_in(tmp_path / "sweep" / str(job)) for job in range(4)] == [[0, 1], [100, 101]] * 2


class Shot(Playing):
    """Is killed with its process while it plays seed 100."""

    def begin(self, seed: int, *, film: Path | None, curves: Path | None) -> PlayedEpisode:
        if seed == 100:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().begin(seed, film=film, curves=curves)


def test_job_that_does_not_come_back_loses_no_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("hydra_plugins.hydra_joblib_launcher")
    assert main(["-m", *SWEEP, "policy=expert", *LAUNCHERS["joblib"]], Shot()) == 3
    said = capsys.readouterr()
    assert "hydra/launcher=joblib: a job did not come back" in said.err
    assert "To resume: python -m tracesim.run resume=sweep" in said.out
    assert main(["resume=sweep"], Playing()) == 0
    assert [row["seeds"] for row in table_of(tmp_path / "sweep")] == [[0, 1, 100, 101]]


@pytest.mark.parametrize(
    ("launcher", "extra"),
    [("joblib", "joblib"), ("submitit_slurm", "slurm"), ("submitit_local", "slurm"), ("ray", "ray")],
)
def test_missing_launcher_names_its_extra(
    launcher: str, extra: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def find(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib.util, "find_spec", find)
    assert main(["-m", *TASK, f"hydra/launcher={launcher}"], Playing()) == 2
    assert refused(capsys).endswith(f"pip install 'tracesim[{extra}]'.\n")

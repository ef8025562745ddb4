"""What is built holds what git holds, and works from an empty environment in another folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tracesim.results.store import read_records

CLONE = Path(__file__).parents[1]
FOLDERS = ("tracesim", "envs", "policies", "assets", "conf")

pytestmark = pytest.mark.skipif(
    not (CLONE / ".git").exists() or not shutil.which("git"), reason="what belongs to TraceSim is asked of git"
)

MAKE_AN_ENVIRONMENT = """
import sys
from pathlib import Path

import gymnasium as gym
import tracesim

assert Path(tracesim.__file__).is_relative_to(sys.prefix), tracesim.__file__
assert not any(Path(entry, "pyproject.toml").exists() for entry in sys.path), sys.path
env = gym.make("TraceSim-WaterFlowers-v1")
observation, info = env.reset(seed=0)
env.close()
print(info["instruction"])
"""


def tracked() -> list[str]:
    """Return git's files that stand in the working tree."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=CLONE, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.split("\0") if name and (CLONE / name).exists()]


def copy_to(folder: Path) -> Path:
    """Copy the tracked files alone: a clone, without what an earlier build left in this one."""
    for name in tracked():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CLONE / name, folder / name, follow_symlinks=False)
    return folder


def environment_with(wheel: Path, folder: Path) -> Path:
    """Make an environment in `folder` that holds a wheel and sees this environment's packages; return its Python."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python), "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    # Dependencies are this environment's. Links it has to a clone lie in .pth files, which are not followed from here.
    (site / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    private_driver = Path(sys.prefix) / "share" / "tracesim"
    if private_driver.is_dir():
        (folder / "share").mkdir()
        (folder / "share" / "tracesim").symlink_to(private_driver)
    return python


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    copy_to(folder / "clone")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", f"--outdir={folder}", str(folder / "clone")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_what_git_holds(wheel: Path) -> None:
    in_git = {
        name if name.startswith("tracesim/") else f"tracesim/{name}"
        for name in tracked()
        if name.split("/")[0] in FOLDERS and not (CLONE / name).is_symlink()
    }
    in_wheel = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert in_wheel == in_git


def test_an_environment_is_made_from_the_wheel_in_another_folder(wheel: Path, tmp_path: Path) -> None:
    python = environment_with(wheel, tmp_path / "venv")
    done = subprocess.run([python, "-I", "-c", MAKE_AN_ENVIRONMENT], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "hovering" in done.stdout


@pytest.fixture(scope="module")
def editable(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A clone called `tracesim`, installed as `pip install -e .` does, and the environment's Python."""
    folder = tmp_path_factory.mktemp("editable") / str(request.param)
    clone = copy_to(folder / "tracesim")
    hook = (
        "import sys; sys.path.insert(0, 'build_backend'); import tracesim_build;"
        f"tracesim_build.build_editable({str(folder)!r})"
    )
    done = subprocess.run([sys.executable, "-c", hook], cwd=clone, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return clone, environment_with(next(folder.glob("*.whl")), folder / "venv")


@pytest.mark.parametrize("editable", ["clones", "mit Ümlaut"], indirect=True)
def test_an_editable_install_works_from_any_folder(editable: tuple[Path, Path], tmp_path: Path) -> None:
    clone, python = editable
    (clone / "envs" / "later").mkdir()
    (clone / "envs" / "later" / "__init__.py").write_text("added = True\n")
    (tmp_path / "elsewhere" / "tracesim").mkdir(parents=True)
    (tmp_path / "elsewhere" / "policies").mkdir()
    code = (
        "import gymnasium, os, tracesim, tracesim.envs.later, tracesim.policies, tracesim.assets.props, tracesim.conf\n"
        "print(os.path.realpath(tracesim.__file__), 'TraceSim-StackBlocksTwo-v1' in gymnasium.registry)\n"
        "import importlib.util\n"
        "print([name for name in ('envs', 'assets', 'conf', 'tests') if importlib.util.find_spec(name)])"
    )
    expected = f"{clone.resolve() / 'tracesim' / '__init__.py'} True\n[]\n"
    unset = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    for folder, locale in ((clone.parent, "C.UTF-8"), (tmp_path / "elsewhere", "C"), (Path("/"), "C")):
        done = subprocess.run(
            [python, "-c", code],
            cwd=folder,
            env={**unset, "LC_ALL": locale},
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        assert (done.stdout, done.returncode) == (expected, 0), done.stderr


@pytest.mark.parametrize("editable", ["mit Ümlaut"], indirect=True)
def test_a_run_is_drawn_and_a_film_is_written_with_blanks_and_umlauts_in_every_path(
    editable: tuple[Path, Path], tmp_path: Path, renderer: None
) -> None:
    here = tmp_path / "läuft hier"
    here.mkdir()
    words = ["task=click_bell", "policy=noop", "episodes=1", "video=false", "variation=clean", "contact_depth=measured"]
    code = (
        "import numpy, pathlib; from tracesim.film.video import writer\n"
        "with writer(pathlib.Path('a ö.mp4').absolute(), (64, 48)) as write: write(numpy.zeros((48, 64, 3), 'uint8'))"
    )
    for called in (["-m", "tracesim.run", *words], ["-c", code]):
        done = subprocess.run(
            [editable[1], *called],
            cwd=here,
            env={
                **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
                **{"HOME": str(here), "XDG_CACHE_HOME": str(here / "cäche"), "TMPDIR": str(here)},
                **{"LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
            },
            capture_output=True,
            text=True,
        )
        assert (done.returncode, done.stderr) == (0, "")
    [records] = here.glob("outputs/*/*/episodes.jsonl")
    [record] = read_records(records)
    assert record.is_judged, record.failure
    assert (here / "a ö.mp4").stat().st_size > 0
    assert list((here / "cäche" / "tracesim").iterdir())

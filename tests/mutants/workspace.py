"""A copy of the repository in which mutmut works."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from mutmut.configuration import config, reset_config
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.mutation.file_mutation import mutate_file_contents
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import walk_mutatable_files
from mutmut.utils.format_utils import get_mutant_name, orig_function_and_class_names_from_key

from tests.mutants.mutant import Change, Mutant
from tests.mutants.room import Part

CLONE: Final = Path(__file__).parents[2]
COPIED: Final = ("tracesim", "tests", "pyproject.toml", "README.md")

# The fork server imports the tests once and forks a process for each mutant before any test has run: no renderer, no
# thread and no server of an earlier test is inherited. `cheap_first` limits the time that a mutant may take.
SETTINGS: Final = """\
[mutmut]
source_paths = tracesim
process_isolation = forkserver
track_dependencies = False
use_git_change_detection = False
timeout_multiplier = 200.0
only_mutate =
{files}
pytest_add_cli_args =
    -p
    tests.mutants.cheap_first
    -m
    not slow and not timed
pytest_add_cli_args_test_selection =
{tests}
"""


@dataclass(frozen=True)
class Workspace:
    """A copy of the repository, with the links in `tracesim/` resolved and mutmut's settings beside it."""

    folder: Path

    @classmethod
    def make(cls, folder: Path, *parts: Part) -> Self:
        """Return a new workspace in a folder that does not exist, for some parts of the code."""
        skip = shutil.ignore_patterns("__pycache__")
        for name in COPIED:
            source = CLONE / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=skip)
            else:
                shutil.copy(source, folder / name)
        files, tests = (_listed(one for part in parts for one in getattr(part, name)) for name in ("files", "tests"))
        (folder / "setup.cfg").write_text(SETTINGS.format(files=files, tests=tests))
        return cls(folder)

    def names(self) -> list[str]:
        """Return the names of all mutants, without judging any."""
        with self._entered():
            return [
                get_mutant_name(path, name)
                for path in walk_mutatable_files()
                for name in mutate_file_contents(str(path), path.read_text()).mutant_names
            ]

    def run(self, names: Sequence[str] = ()) -> str:
        """Run the tests on the mutants of these names, or on all, and return what mutmut printed."""
        command = [sys.executable, "-m", "mutmut", "run", "--max-children", "1", *names]
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        done = subprocess.run(
            command, cwd=self.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if done.returncode:
            raise RuntimeError(f"mutmut ended with status {done.returncode}:\n{done.stdout[-4000:]}")
        return done.stdout

    def mutants(self) -> list[Mutant]:
        """Return the mutants that were judged."""
        with self._entered():
            return [mutant for path in walk_mutatable_files() for mutant in _judged(path)]

    @contextlib.contextmanager
    def _entered(self) -> Iterator[None]:
        """Make the workspace the current folder, as mutmut expects, with its settings read anew."""
        with contextlib.chdir(self.folder):
            reset_config()
            config()
            try:
                yield
            finally:
                reset_config()


def _listed(values: Iterable[str]) -> str:
    return "\n".join(f"    {one}" for one in values)


def _judged(path: Path) -> Iterator[Mutant]:
    """Return the mutants of a file for which there is an outcome."""
    data = SourceFileMutationData(path=path)
    data.load()
    for name, exit_code in data.exit_code_by_key.items():
        if exit_code is not None:
            function = ".".join(filter(None, reversed(orig_function_and_class_names_from_key(name))))
            change = Change.of(str(path), function, get_diff_for_mutant(name, path=path))
            yield Mutant(name, change, status_by_exit_code[exit_code])

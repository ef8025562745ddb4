"""The progress of a run: a line for each episode, and a progress bar in a terminal."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from tracesim.configuration import RunConfiguration
from tracesim.results.record import Record


class RunProgress:
    """Prints each episode as it ends, and the number of successes so far. Use as a context manager."""

    def __init__(self, console: Console, configuration: RunConfiguration) -> None:
        """Prepare to print the progress of a run with this configuration."""
        self._console = console
        self._episodes = configuration.episodes
        self._done = 0
        self._passed_over = 0
        self._judged = 0
        self._succeeded = 0
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[succeeded]} succeeded"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            refresh_per_second=4,
            disable=not console.is_terminal,
        )
        self._bar_task = self._bar.add_task(configuration.task, total=configuration.episodes, succeeded=0)

    def __enter__(self) -> Self:
        """Start the progress bar."""
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the progress bar."""
        self._bar.stop()

    def resume(self, finished: int) -> None:
        """Print how many episodes were finished before."""
        if finished:
            self._console.print(f"{finished} of {self._episodes} episodes were finished before")

    def skip(self, record: Record) -> None:
        """Count an episode that was finished before."""
        self._advance(record)

    def pass_over(self, seed: int, reason: str) -> None:
        """Print and count a seed that is not judged."""
        self._passed_over += 1
        line = self._line(seed)
        line.append("not judged: ", "yellow").append(reason, "dim")
        self._console.print(line, soft_wrap=True)
        self._bar.update(self._bar_task, completed=self._done + self._passed_over)

    def show(self, record: Record, seconds: float) -> None:
        """Print and count an episode that has just ended."""
        self._advance(record)
        line = self._line(record.seed)
        if record.failure is None:
            line.append(f"{'success':<28}", "green")
        else:
            line.append(f"{f'{record.failure.stage}: {record.failure.reason}':<28}", "red")
        succeeded = f"{self._succeeded} of {self._judged} succeeded" if self._judged else "none judged"
        line.append(f" {seconds:6.1f} s   {succeeded}")
        self._console.print(line, soft_wrap=True)
        if record.failure is not None and record.failure.detail:
            indent = " " * (2 * len(str(self._episodes)) + 4)
            self._console.print(Text(f"{indent}{record.failure.detail}", "dim"), soft_wrap=True)

    def _line(self, seed: int) -> Text:
        """Return the beginning of the line about an episode."""
        width = len(str(self._episodes))
        return Text(f"[{self._done + self._passed_over:>{width}}/{self._episodes}] seed {seed:<5} ")

    def _advance(self, record: Record) -> None:
        self._done += 1
        self._judged += record.is_judged
        self._succeeded += record.success
        self._bar.update(self._bar_task, completed=self._done + self._passed_over, succeeded=self._succeeded)

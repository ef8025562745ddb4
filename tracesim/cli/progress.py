"""The progress of a run or a sweep: a line for each episode, and a progress bar in a terminal."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from tracesim.results.record import Record
from tracesim.statistics import Rate


class EpisodeProgress:
    """Prints each episode as it ends, the rate of success so far, and the time left. Use as a context manager.

    Attributes:
        console: The console that it prints on.
    """

    def __init__(self, console: Console, episodes: int, description: str) -> None:
        """Prepare to print.

        Args:
            console: The console to print on.
            episodes: Number of episodes.
            description: Stands beside the progress bar.
        """
        self.console = console
        self._episodes = episodes
        self._done = 0
        self._passed_over = 0
        self._passed_over_in: dict[str, int] = {}
        self._judged = 0
        self._succeeded = 0
        self._played = 0
        self._started = time.monotonic()
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            refresh_per_second=4,
            disable=not console.is_terminal,
        )
        self._bar_task = self._bar.add_task(description, total=episodes, rate="")

    def __enter__(self) -> Self:
        """Start the progress bar."""
        self._started = time.monotonic()
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the progress bar."""
        self._bar.stop()

    def resume(self, finished: int, of: int, job: str = "") -> None:
        """Print how many episodes of a run were finished before."""
        if finished:
            prefix = f"{job}: " if job else ""
            text = f"{prefix}{finished} of {of} episodes were finished before"
            self.console.print(text, soft_wrap=True, markup=False, emoji=False)

    def skip(self, record: Record) -> None:
        """Count an episode that was finished before."""
        self._advance(record)

    def pass_over(self, seed: int, reason: str, job: str = "") -> None:
        """Print and count a seed that is not judged."""
        self._passed_over += 1
        self._passed_over_in[job] = self._passed_over_in.get(job, 0) + 1
        line = self._line(seed, job)
        line.append("not judged: ", "yellow").append(reason, "dim")
        self.console.print(line, soft_wrap=True)
        self._bar.update(self._bar_task, completed=self._done + self._passed_over)

    def leave_out(self, episodes: int, reason: str, job: str) -> None:
        """Print that a job of a sweep is not played, and count what is left of its episodes as done."""
        self._passed_over += episodes - self._passed_over_in.pop(job, 0)
        line = Text(f"{job}: ").append("not played: ", "yellow").append(reason, "dim")
        self.console.print(line, soft_wrap=True)
        self._bar.update(self._bar_task, completed=self._done + self._passed_over)

    def show(self, record: Record, seconds: float | None, job: str = "") -> None:
        """Print and count an episode that has just ended.

        Args:
            record: Its record.
            seconds: How long it took; None if that is not known.
            job: The job of a sweep to which it belongs.
        """
        self._played += 1
        self._advance(record)
        line = self._line(record.seed, job)
        if record.failure is None:
            line.append(f"{'success':<28}", "green")
        else:
            line.append(f"{f'{record.failure.stage}: {record.failure.reason}':<28}", "red")
        line.append("" if seconds is None else f" {seconds:6.1f} s")
        line.append(f"   {self._rate()}").append(self._left(), "dim")
        self.console.print(line, soft_wrap=True)
        if record.failure is not None and record.failure.detail:
            indent = " " * (2 * len(str(self._episodes)) + 4)
            self.console.print(Text(f"{indent}{record.failure.detail}", "dim"), soft_wrap=True)

    def _line(self, seed: int, job: str) -> Text:
        """Return the beginning of the line about an episode."""
        width = len(str(self._episodes))
        prefix = f"{job}, " if job else ""
        return Text(f"[{self._done + self._passed_over:>{width}}/{self._episodes}] {prefix}seed {seed:<5} ")

    def _rate(self) -> str:
        """Return the rate of success so far, with its interval."""
        rate = Rate.of(self._succeeded, self._judged)
        if rate.rate is None:
            return "none judged"
        return f"{rate.count} of {rate.n} succeeded [{rate.low:.0%}, {rate.high:.0%}]"

    def _left(self) -> str:
        """Return about how long the other episodes will take, if the output is not a terminal with a bar."""
        left = self._episodes - self._done - self._passed_over
        if self.console.is_terminal or not left:
            return ""
        seconds = (time.monotonic() - self._started) / self._played * left
        return f"   about {_duration(seconds)} left"

    def _advance(self, record: Record) -> None:
        self._done += 1
        self._judged += record.is_judged
        self._succeeded += record.success
        self._bar.update(self._bar_task, completed=self._done + self._passed_over, rate=self._rate())


def _duration(seconds: float) -> str:
    """Return a duration in its two largest units, such as "1 h 05 min"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"

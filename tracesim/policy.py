"""A policy: observation and instruction in, an answer out, in the words of a model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from tracesim.observation import Observation
from tracesim.task import Task


@dataclass(frozen=True)
class Reply:
    """What came back: the raw text, the final prompt it answers, and how long it took, seconds."""

    text: str
    prompt: str = ""
    latency_s: float | None = None


class Policy(ABC):
    """A policy under test; it never sees the scene."""

    @abstractmethod
    def answer(self, observation: Observation, instruction: str) -> Reply:
        """Return the trace for an instruction as text."""


class Privileged(ABC):
    """The expert or a negative control: handed the task, it needs no pixels, and answers in a model's form."""

    @abstractmethod
    def answer(self, observation: Observation, task: Task, rng: np.random.Generator) -> Reply:
        """Return the trace for a task as text; all randomness from `rng`."""

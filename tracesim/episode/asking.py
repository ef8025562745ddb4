"""The asking of a policy in an episode: for each subtask, and again while the robot is under way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

import numpy as np

from tracesim.configuration.replanning import rate_hz
from tracesim.episode.answering import Interpretation, ask, interpret
from tracesim.episode.followed_trace import as_followed
from tracesim.episode.moved import Moved
from tracesim.episode.outcome import Outcome
from tracesim.episode.simulated import SimulatedEpisode
from tracesim.episode.stories import Look
from tracesim.errors import PlacementError
from tracesim.failure import Failure
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import Polyline, Trace, Traces
from tracesim.layout.layout import Body
from tracesim.lifting import ContactDepth
from tracesim.observation import Observation
from tracesim.policy import Policy, Privileged, Reply
from tracesim.results.turn import Turn
from tracesim.task import Task

SHIFT_M: Final = 0.01
"""Distance by which the end of the path has to shift for an answer to interrupt a motion.

RoboTracer plans again when its end point shifts (arXiv 2512.13660, E.8), and does not say by how much.
"""

STEP_M: Final = 0.01
"""Distance between the points of a new path that are compared with the one that is followed."""

DETOUR_M: Final = 0.03
"""Distance from the path that is followed beyond which a new path leads around something, and interrupts as well."""

ANSWERABLE: Final = frozenset({"answer", "lift", "grasp", "reach", "track", "slip"})
"""Stages of failures after which the policy can be asked again. After a protective stop the episode is over."""


@dataclass
class Answer:
    """An answer, and what became of it."""

    task: Task
    """The task at the current subtask, with the bodies as they were when the policy was asked."""

    observation: Observation
    """What the policy was shown."""

    reply: Reply
    """What it replied."""

    said: Interpretation
    """How the reply is read."""

    asked_s: float
    """Time in the episode at which the policy was asked, seconds."""

    because: str = ""
    """Why it was asked again."""

    became: str = ""
    """What became of the answer."""

    followed_s: float | None = None
    """Time in the episode from which on the answer was followed, seconds; None if it was not."""

    def look(self, alone: bool) -> Look:
        """Return what the policy saw and answered, with the path of its own if the robot did not follow it alone."""
        followed_s = self.followed_s or 0.0
        planned = () if alone or self._touched() is None else (self.path(),)
        return Look(self.observation, self.said.image_trace, self.said.trace, planned, followed_s)

    @property
    def fault(self) -> str:
        """The stage and the reason at which the answer failed when it was read or lifted; empty if it did not."""
        return "" if self.said.failure is None else in_short(self.said.failure)

    def path(self) -> FloatArray:
        """Return the path of the functional point, (N, 3), metres, world: its way from where it was seen."""
        touched = self._touched()
        assert touched is not None
        trace, motion = self._trace, self.task.subtask.motion
        body = self.task.moved_along(trace, touched.name)
        return motion.path(trace, body).positions(body.pivot(motion.pivot))

    def _touched(self) -> Body | None:
        """Return the body that the trace moves, None if there is no such body or no single trace."""
        if not isinstance(self.said.trace, Trace):
            return None
        return self.task.subtask.motion.touched(self.task.layout, self._trace.taken_from)

    @property
    def _trace(self) -> Trace:
        assert isinstance(self.said.trace, Trace)
        return as_followed(self.said.trace, self.task.subtask.motion)

    def turn(self, instruction: str = "", words: Mapping[str, str] | None = None, **more: Any) -> Turn:
        """Return the answer as it is recorded, with further fields of a turn."""
        said = self.said
        return Turn.of(instruction, words or {}, self.reply, said.image_trace, said.trace, said.contact_depth, **more)


class Asking:
    """Asks a policy for each subtask of an episode, and again as the episode's configuration says.

    It is what `rollout` asks for traces. If the policy is asked again, it also supervises the episode in between.
    """

    def __init__(
        self, episode: SimulatedEpisode, policy: Policy | Privileged, contact_depth: ContactDepth, looks: bool
    ) -> None:
        """Show the policy the scene for the first time.

        Args:
            episode: An episode that has just been arranged.
            policy: The policy.
            contact_depth: Which depth a first keypoint that touches something is lifted with.
            looks: Whether the policy, or the lifting of its answers, needs images.
        """
        self._episode = episode
        self._policy = policy
        self._contact_depth = contact_depth
        self._looks = looks
        self._observed: Observation | None = episode.observe(pixels=looks)
        self._reply: Reply | None = None
        self._answers: list[Answer] = []
        self._followed: Answer | None = None
        self._coming: Answer | None = None
        self._arrives_s = 0.0
        self._next: Answer | None = None
        self._failure: Failure | None = None
        self._moved = Moved(episode)
        self._rate_hz = rate_hz(episode.configuration.replan)
        self._is_closed = episode.configuration.replan != "never"
        if self._is_closed:
            episode.supervise(self)

    def ahead(self) -> None:
        """Ask about the first subtask ahead of time; this may happen in another thread for a `Policy`.

        Raises:
            InfrastructureError: the policy cannot be reached.
        """
        assert self._observed is not None
        self._reply = ask(self._policy, self._episode, self._observed)

    def __call__(self, episode: SimulatedEpisode) -> Traces | Failure:
        """Return the trace for the current subtask, or that of each arm, or why there is none.

        Raises:
            InfrastructureError: the policy cannot be reached.
            PlacementError: a privileged policy that is asked for the first time finds no trace.
        """
        if self._followed is not None and not self._followed.became:
            self._followed.became = "followed"
        self._coming = None
        if self._next is None:
            self._next = self._ask(in_short(self._failure) if self._failure else "")
            episode.waits_s = self._latency_s(self._next)
        self._followed, self._next, self._failure = self._next, None, None
        self._followed.followed_s = episode.scene.time_s
        episode.seen = self._followed.task
        return self._followed.said.answer

    # --- supervision

    def interrupts(self) -> bool:
        """Ask again if it is time to, and return whether an answer that has arrived interrupts the motion."""
        now_s = self._episode.scene.time_s
        if self._coming is None and self._may_ask and (because := self._because(now_s)):
            self._coming = self._ask(because)
            self._arrives_s = now_s + self._latency_s(self._coming)
        if self._coming is None or now_s < self._arrives_s:
            return False
        coming, self._coming = self._coming, None
        coming.became = self._refusal(coming)
        if coming.became:
            return False
        assert self._followed is not None
        self._followed.became = "interrupted"
        self._next = coming
        return True

    def goes_on(self, failure: Failure) -> bool:
        """Return whether the policy is asked again after a failure."""
        assert self._followed is not None
        if failure.stage not in ANSWERABLE or not self._may_ask:
            return False
        self._followed.became, self._failure = in_short(failure), failure
        return True

    @property
    def _may_ask(self) -> bool:
        return len(self._answers) < self._episode.configuration.max_calls

    def _because(self, now_s: float) -> str:
        """Return why the policy is to be asked again now, or "" if it is not."""
        if self._moved.notices():
            return "moved"
        due_s = self._answers[-1].asked_s + 1.0 / self._rate_hz if self._rate_hz else np.inf
        return "time" if now_s >= due_s else ""

    def _refusal(self, coming: Answer) -> str:
        """Return why an answer does not interrupt the motion, or "" if it does."""
        if not isinstance(coming.said.trace, Trace):
            return coming.fault
        body = self._episode.touched(coming.said.trace, coming.task)
        if isinstance(body, Failure):
            return in_short(body)
        assert self._followed is not None
        if not isinstance(self._followed.said.trace, Trace):
            return ""
        before, after = self._followed.path(), coming.path()
        is_empty = self._episode.led is None
        shifted_m = float(np.linalg.norm(after[-1] - before[-1]))
        begun_m = float(np.linalg.norm(after[0] - before[0])) if is_empty else 0.0
        followed = Polyline(before)
        off_m = max(map(followed.distance_m, Trace(after).resampled(STEP_M)))
        is_new = shifted_m > SHIFT_M or begun_m > SHIFT_M or off_m > DETOUR_M
        return "" if is_new else "unchanged"

    # --- asking

    def _ask(self, because: str) -> Answer:
        """Ask the policy about what can be seen now."""
        episode, again = self._episode, bool(because)
        task = episode.look() if again else episode.task
        observation = self._observed or episode.observe(pixels=self._looks)
        asked_s = episode.scene.time_s
        self._moved.look()
        try:
            reply = self._reply or ask(
                self._policy, episode, observation, task, self._last(because), len(self._answers) if again else 0
            )
            said = interpret(reply, self._policy, task, observation, self._contact_depth)
        except PlacementError as error:
            if not again:
                raise
            reply = Reply("")
            said = Interpretation(None, None, Failure("answer", "no_way", str(error)), self._contact_depth)
        self._observed = self._reply = None
        answer = Answer(task, observation, reply, said, asked_s, because)
        self._answers.append(answer)
        return answer

    def _last(self, because: str) -> tuple[str, str]:
        """Return the last answer that was followed, and what became of it in words.

        Both are empty if there was none, or if the policy is asked only once.
        """
        if not self._is_closed or self._followed is None:
            return "", ""
        if self._failure is not None:
            became = f"It could not be carried out: {self._failure.detail or self._failure.reason}."
        else:
            became = "It is being carried out." if because else "It was carried out to its end."
        return self._followed.reply.text, became

    def _latency_s(self, answer: Answer) -> float:
        """Return for how long the world goes on before an answer arrives, seconds."""
        latency = self._episode.configuration.latency
        if latency == "real":
            return answer.reply.latency_s or 0.0
        return 0.0 if isinstance(latency, str) else latency

    # --- what is recorded

    @property
    def looks(self) -> list[list[Look]]:
        """The answers that the robot followed in each subtask, each with what the policy saw."""
        return [[one.look(len(group) == 1) for one in group] for group in map(_followed, self._by_subtask())]

    def turns(self, outcome: Outcome) -> list[Turn]:
        """Return the instructions of an episode that is over, each with its answers."""
        if not self._is_closed:
            return [one.turn(one.task.said, one.task.spoken) for one in self._answers]
        if self._followed is not None and not self._followed.became:
            ended = outcome.failure
            self._followed.became = (
                in_short(ended) if ended is not None and ended.stage not in ("constraint", "goal") else "followed"
            )
        return [
            first.turn(
                first.task.said, first.task.spoken, later=[_recorded(one) for one in later], **_circumstances(first)
            )
            for first, *later in self._by_subtask()
        ]

    def _by_subtask(self) -> Iterator[list[Answer]]:
        for _, group in groupby(self._answers, lambda one: one.task.done):
            yield list(group)


def in_short(failure: Failure) -> str:
    """Return the stage and the reason of a failure."""
    return f"{failure.stage}: {failure.reason}"


def _followed(answers: list[Answer]) -> list[Answer]:
    """Return the answers to an instruction that the robot followed; the last one if it followed none."""
    return [one for one in answers if one.followed_s is not None] or answers[-1:]


def _recorded(answer: Answer) -> Turn:
    """Return a later answer as it is recorded."""
    return answer.turn(**_circumstances(answer))


def _circumstances(answer: Answer) -> dict[str, Any]:
    """Return when and why an answer was asked for, and what became of it."""
    return {"asked_s": answer.asked_s, "because": answer.because, "became": answer.became or "too_late"}

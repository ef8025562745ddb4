"""One episode: a policy is shown a scene and asked, the robot follows its answer, a record says what came of it."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from tracesim.answers.reading import read
from tracesim.configuration import ControllerOptions, EpisodeConfiguration
from tracesim.constraints import Visiting
from tracesim.episode.simulated import Outcome, Trial
from tracesim.episode.stories import Look, ending, stories
from tracesim.failure import Failure
from tracesim.film.film import shoot
from tracesim.geometry.trace import Trace
from tracesim.language.question import question_id
from tracesim.layout.randomness import stream
from tracesim.lifting import PlaceDepth, lift
from tracesim.machine.notices import not_written
from tracesim.policies import make_policy
from tracesim.policy import Policy, Privileged, Reply
from tracesim.results import curves_file
from tracesim.results.record import Demand, Record, Turn


class Player:
    """Begins episodes of one configuration; all of them ask one policy, made once.

    Raises `ConfigurationError` for a wrong name or option.
    """

    def __init__(self, configuration: EpisodeConfiguration) -> None:
        self._policy = make_policy(configuration.policy.kind, configuration.policy.arguments)
        if self._policy.point_pair:
            configuration = replace(configuration, controller=ControllerOptions(repair=True))
        self._policy.prepare(configuration)
        self._configuration = configuration
        self.in_flight = self._policy.in_flight

    def begin(self, seed: int, *, film: Path | None, curves: Path | None) -> Episode:
        """Return the episode of a seed, its scene arranged and looked at.

        film, curves: where the film and the recorded motion will be written, None when they are not wanted. Raises
        `RendererError` when pixels are needed and cannot be had, `PlacementError` when nothing fits.
        """
        return Episode(self._configuration, self._policy, seed, film, curves)

    def close(self) -> None:
        """Let go of what the policy holds."""
        self._policy.close()


class Episode:
    """One seed of one configuration, from the first look to the record."""

    def __init__(
        self,
        configuration: EpisodeConfiguration,
        policy: Policy | Privileged,
        seed: int,
        film: Path | None = None,
        curves: Path | None = None,
    ) -> None:
        self._configuration = configuration
        self._policy = policy
        self._film = film
        self._curves = curves
        self._contact_depth = _contact_depth(configuration, policy)
        self._looks = isinstance(policy, Policy) or self._contact_depth == "measured" or film is not None
        self._trial = Trial(configuration, seed, pixels=self._looks)
        self._observation = self._trial.observe(pixels=self._looks)
        self._reply: Reply | None = None
        self._seen: list[Look] = []
        self._turns: list[Turn] = []
        self._outcome: Outcome | None = None
        self._failure: Failure | None = None

    def ask(self) -> None:
        """Ask the policy; a `Policy` may be asked from another thread. Raises `InfrastructureError`."""
        task, started = self._trial.task, time.perf_counter()
        if isinstance(self._policy, Policy):
            name = question_id(self._configuration.task, self._trial.seed, task.done)
            reply = self._policy.answer(self._observation, replace(task.question, id=name))
        else:
            reply = self._policy.answer(
                self._observation, task, stream(self._configuration.task, self._trial.seed, "policy")
            )
        if reply.latency_s is None:
            reply = replace(reply, latency_s=time.perf_counter() - started)
        self._reply = reply

    def act(self) -> bool:
        """Let the robot follow what was answered; return whether the episode is over, else it is to be asked again."""
        assert self._reply is not None
        reply, trial, observation = self._reply, self._trial, self._observation
        said, words = trial.task.said, trial.task.spoken
        answer = read(reply.text, self._policy.convention, self._policy.parser, observation.size)
        contact_depth = self._contact_depth if trial.task.subtask.begins_in_contact else "predicted"
        trace: Trace | None = None
        self._failure = reply.failure(answer)
        if answer.trace is not None:
            place_depth: PlaceDepth = "measured" if self._policy.point_pair else "predicted"
            lifted = lift(answer.trace, trial.camera, observation.depth, contact_depth, place_depth=place_depth)
            if isinstance(lifted, Failure):
                self._failure = lifted
            else:
                trace = lifted
        self._seen.append(Look(observation, answer.trace, trace))
        self._turns.append(Turn.of(said, words, reply, answer.trace, trace, contact_depth))
        if trace is None:
            return True
        self._outcome = trial.execute(trace)
        self._failure = self._outcome.failure
        if not self._outcome.over:
            self._observation = trial.observe(pixels=self._looks)
        return self._outcome.over

    def record(self) -> Record:
        """Return what came of the episode, once it is over; writes its film and its curves.

        Where one of these cannot be written, a warning says so and the record is what it would have been.
        """
        trial = self._trial
        record = Record.of(
            self._configuration,
            trial.seed,
            instruction=" ".join(turn.instruction for turn in self._turns),
            turns=self._turns,
            referents=list(trial.task.referents),
            constraints=[Demand.of(constraint) for constraint in trial.task.constraints()],
            best={constraint.name: constraint.ideal for constraint in trial.task.constraints()},
            reproducible=trial.planner.reproducible,
            timings=trial.timings,
            success=self._failure is None,
            failure=self._failure,
            **({} if self._outcome is None else _judged(self._outcome)),
        )
        for what, path, write in (
            ("The curves", self._curves, self._write_curves),
            ("The film", self._film, self._write_film),
        ):
            if path is not None:
                try:
                    write(path)
                except Exception as error:
                    not_written(what, trial.seed, error)
        return record

    def _write_curves(self, path: Path) -> None:
        trial, executed = self._trial, None if self._outcome is None else self._outcome.executed
        curves_file.write(path, trial.recorder.recording(), trial.task, executed, trial.scene.robot.shapes)

    def _write_film(self, path: Path) -> None:
        verdict, detail = ending(self._failure, self._trial.task.layout)
        told = stories(self._trial, self._seen, self._outcome, verdict, detail)
        shoot(self._trial.scene.sapien, told, path)


def play(configuration: EpisodeConfiguration, seed: int, *, film: Path | None, curves: Path | None) -> Record:
    """Return the record of one seed, played from beginning to end; see `Player`."""
    with closing(Player(configuration)) as player:
        episode = player.begin(seed, film=film, curves=curves)
        while True:
            episode.ask()
            if episode.act():
                return episode.record()


def _contact_depth(
    configuration: EpisodeConfiguration, policy: Policy | Privileged
) -> Literal["measured", "predicted"]:
    """Return where the depth of a first keypoint that touches something comes from.

    A privileged policy knows the depth that it answers. Measuring would make its record depend on the renderer.
    """
    if configuration.contact_depth == "auto":
        return "measured" if isinstance(policy, Policy) else "predicted"
    return configuration.contact_depth


def _judged(outcome: Outcome) -> dict[str, Any]:
    """Return the fields of a record that say how what was done is judged."""
    asked = outcome.acts[-1].task.constraints()
    return {
        "margins": dict(outcome.margins),
        "predicted_margins": dict(outcome.predicted_margins),
        "predicted_success": outcome.predicted_success,
        "visiting": Visiting.where_asked(asked, outcome.executed),
        "predicted_visiting": Visiting.where_asked(asked, outcome.predicted),
        "robotwin_success": outcome.robotwin_success,
        "deviation_m": outcome.deviation_m,
    }

"""Arranges a task for a seed: its own bodies, distractors, and the proof that it can be seen and done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import Any, Final

import numpy as np

from tracesim import envs
from tracesim.arrangement.clutter import with_clutter, with_near_misses
from tracesim.arrangement.feasibility import followable
from tracesim.arrangement.references import refer
from tracesim.assets.props import PROPS
from tracesim.configuration import Variation
from tracesim.configuration.variation.objects import GENERATORS
from tracesim.errors import ConfigurationError, PlacementError, unknown_name
from tracesim.geometry.camera import Camera
from tracesim.geometry.trace import Trace
from tracesim.language.referring import WAYS, Way
from tracesim.layout.policy_camera import policy_camera
from tracesim.layout.randomness import NOMINAL_SEED, stream
from tracesim.layout.visibility import seen
from tracesim.task import Task

ARRANGEMENTS: Final = 60
"""How many arrangements are drawn before a seed is given up."""

NOMINAL_ARRANGEMENTS: Final = 30
"""In how many of them what does not vary is as in the nominal scene; after these, where it allows nothing, it is drawn
anew like the rest."""

CLUTTERINGS: Final = 6
"""In how many of them distractors are tried."""

BORDER_PX: Final = 4.0


def arrange(
    name: str, task_class: type[Task], seed: int, variation: Variation, camera: Camera, raised_m: float = 0.0
) -> Task:
    """Return a task, placed and cluttered for a seed, that can be seen by `camera` and solved.

    raised_m: by how much the table is higher than usual. The same seed gives the same bits, with pixels or without.
    Raises `PlacementError` when no drawn arrangement fits, `ConfigurationError` as `check_possible` does.
    """
    check_possible(name, task_class, variation)
    clutter_rng, near_rng = stream(name, seed, "clutter"), stream(name, seed, "near_misses")
    word_rng = stream(name, seed, "language")
    draw = variation.draw(partial(stream, name, seed))
    nominal = _nominal(name, task_class) if variation.held else {}
    problem, cluttered = "", 0
    for attempt in range(ARRANGEMENTS):
        if attempt < NOMINAL_ARRANGEMENTS:
            for generator in variation.held:
                getattr(draw, generator).bit_generator.state = nominal[generator]
        try:
            task = task_class.create(camera, draw)
            if not solvable(task):
                continue
            cluttered += 1
            way = WAYS[int(word_rng.integers(len(WAYS)))] if variation.reference == "mixed" else variation.reference
            task = with_near_misses(task, variation, way, solvable, near_rng)
            task = with_clutter(task, variation, solvable, clutter_rng)
            task = replace(task, phrases=refer(task, (way,), word_rng)).spoken_in(variation.language, word_rng)
            _check_followable(task, raised_m)
            if variation.counterfactual != "none":
                twin = _twin(task, way, raised_m, word_rng)
                task = twin if variation.counterfactual == "twin" else task
            task = replace(task, layout=variation.finish_layout(task.layout, partial(stream, name, seed)))
        except PlacementError as error:
            problem = str(error)
            if cluttered == CLUTTERINGS:
                break
            continue
        return task
    raise PlacementError(
        f"{name}, seed {seed}: no arrangement was found that can be seen and solved. {problem}".strip()
    )


def check_possible(name: str, task_class: type[Task], variation: Variation) -> None:
    """Raise `ConfigurationError` for a twin of a task that has none, and for unknown kinds of distractors."""
    if variation.counterfactual != "none" and task_class.counterfactuals is Task.counterfactuals:
        with_twins = [one for one in envs.TASKS if envs.task_class(one).counterfactuals is not Task.counterfactuals]
        raise ConfigurationError(
            f"variation.counterfactual={variation.counterfactual}: {name} has no twin. "
            f"Tasks that have one: {', '.join(sorted(with_twins))}."
        )
    for kind in variation.clutter_kinds:
        if kind not in PROPS:
            raise unknown_name("kind of distractor", kind, PROPS)


def _twin(task: Task, way: Way, raised_m: float, rng: np.random.Generator) -> Task:
    """Return a twin that can be solved as well; raises `PlacementError` if there is none."""
    twins = task.counterfactuals()
    for index in rng.permutation(len(twins)):
        twin = twins[list(twins)[int(index)]]
        try:
            if solvable(twin):
                _check_followable(twin, raised_m)
                # It is asked for in the same words but those that change.
                return replace(twin, phrases={**refer(twin, (way,), rng), **task.phrases})
        except PlacementError:
            continue
    raise PlacementError("No other instruction can be followed in this scene.")


@cache
def _nominal(name: str, task_class: type[Task]) -> Mapping[str, Any]:
    """Return the states of a `Draw`'s generators at the first scene of the nominal seed that can be solved."""
    draw, camera = Variation().draw(partial(stream, name, NOMINAL_SEED)), policy_camera()
    for _ in range(ARRANGEMENTS):
        states = {generator: getattr(draw, generator).bit_generator.state for generator in GENERATORS}
        try:
            task = task_class.create(camera, draw)
            if solvable(task):
                _check_followable(task, 0.0)
                return states
        except PlacementError:
            continue
    raise PlacementError(f"{name} has no nominal scene: none was found that can be seen and solved.")


def rehearsal(task: Task) -> Iterator[tuple[Task, Trace]]:
    """Yield the task at each of its subtasks and the expert's trace there; each begins as the trace before it ends.

    Raises `PlacementError` where the expert finds no way.
    """
    while True:
        trace = task.expert()
        yield task, trace
        if task.is_last:
            return
        carried = task.subtask.carried
        ended = {carried: task.predicted(trace).bodies[carried][-1]} if carried in task.layout else {}
        task = task.after(task.layout.moved(ended))


def _check_followable(task: Task, raised_m: float) -> None:
    """Raise `PlacementError` where no arm can follow the expert; it takes long, and most that is solvable passes."""
    for one, trace in rehearsal(task):
        if not followable(one.layout, one.body(trace.keypoints[0]), trace, one.subtask, raised_m):
            raise PlacementError(f"The arm has no room to lead {one.subtask.carried} along the expert's trace.")


def solvable(task: Task) -> bool:
    """Tell whether the task's bodies are seen, and its expert has free ways inside the picture."""
    try:
        return all(
            task.camera.contains(trace.keypoints, BORDER_PX).all()
            and (one.done > 0 or _is_seen(task))
            and _has_hand_room(one, trace)
            for one, trace in rehearsal(task)
        )
    except PlacementError:
        return False


def _has_hand_room(task: Task, trace: Trace) -> bool:
    return task.subtask.motion.has_hand_room(task.layout, task.body(trace.keypoints[0]), trace)


def _is_seen(task: Task) -> bool:
    bodies = {body.name: (body.prop.surfaces, body.body_in_world) for body in task.layout}
    return all(view.clear for view in seen(task.camera, bodies, task.referents).values())

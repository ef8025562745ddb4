"""The text of `python -m tracesim.run --help`."""

from __future__ import annotations

import inspect
import json
import textwrap
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tracesim.configuration import PolicyChoice

_COLUMN: Final = 28

_TEXT: Final = """\
Play a task with a policy on consecutive seeds, and say how often and why it fails.

Usage
  python -m tracesim.run task=NAME [KEY=VALUE ...]
  python -m tracesim.run split=FILE [policy=NAME] [KEY=VALUE ...]
  python -m tracesim.run --multirun task=NAME,NAME seed=0,100 [KEY=VALUE ...]
  python -m tracesim.run resume=DIR

What is played
  task=NAME                 {tasks}
  policy=expert             {policies}
  policy.OPTION=VALUE       an option of that policy, such as policy.url=http://localhost:25547; --help with policy=NAME
                            lists them
  robot=panda               {robots}
  episodes=10               how many consecutive seeds
  seed=0                    the first of them
  split=FILE                instead of all these but the policy: every seed of a split that `python -m tracesim.certify`
                            wrote; the table then says which share of them the expert solves

The scene
  variation=cluttered       clean       the task's own objects, as each seed draws them, and nothing else
                            cluttered   4 distractors around them, some in the way
                            randomized  5 distractors and a near miss, other words, and all that is seen varies
                            fixed       every seed is the same scene; and, varied alone: poses, shapes, sizes, colors,
                            materials, table_height, light, camera, intrinsics, background, clutter, near_misses
  variation.poses=BOOL      where the task's own objects stand, and the numbers of its instruction
  variation.shapes=BOOL     which of their kind's shapes they have
  variation.sizes=BOOL      how large they are
  variation.colors=BOOL     their colours
  variation.materials=BOOL  what all things are finished in
  variation.table_height=BOOL
                            by up to 4 cm
  variation.light=BOOL      the lights
  variation.camera=BOOL     the policy camera's pose
  variation.intrinsics=BOOL its field of view
  variation.background=BOOL the table's top and the room
  variation.clutter=N       how many distractors
  variation.clutter_kinds=[mug,bottle]
                            the kinds they are drawn from; [] takes every kind
  variation.clutter_gap_m=0.02
                            least horizontal gap around each, metres
  variation.near_misses=N   how many things that the instruction would fit but for one word
  variation.shape_split=all seen, unseen: only shapes to train on, or those that are held out
  variation.material_split=all
                            the same for finishes and table tops
  variation.language=canonical
                            the instruction as published; seen, unseen: other words, to train on or held out
  variation.reference=attribute
                            how things are told apart: relation, ordinal, proximity; mixed: by seed one of the four
  variation.counterfactual=none
                            original, twin: two runs in the same scenes that ask for different things; a sweep over
                            both says how often both were done

How a trace is followed
  contact_depth=auto        depth of the first keypoint where it touches an object: measured (the depth image is read,
                            at the surface nearest to the predicted depth if the pixel lies at an edge), predicted (as
                            answered), or auto (measured for models, predicted for the expert and the negative
                            controls). Keypoints in mid-air always keep their predicted depth, such as the first one
                            of a trace of the gripper itself
  controller.repair=false   true allows detours between keypoints while carrying, found with full knowledge of the
                            scene; such episodes are counted apart

What is written
  video=first               false, true (every episode), first, failures (films all, keeps those that failed)
  hydra.run.dir=DIR         instead of outputs/DATE/TIME: configuration.yaml, episodes.jsonl (a line an episode),
                            summary.json, videos/, curves/, run.log
  hydra.sweep.dir=DIR       the same for --multirun, instead of multirun/DATE/TIME: a folder for each job, summary.json
  A folder holds one run or one sweep. Names may contain any character; quotes around the whole name are removed.
  A film or curves that cannot be written are warned of; the episode counts, and its record holds null instead.

Flags
  --multirun, -m            play every combination of values that are separated by commas; Hydra's launchers work:
                            hydra/launcher=joblib
  --config-dir DIR          look for further choices in DIR, such as DIR/policy/my_model.yaml
  --help, -h                print this; with policy=NAME, what that policy is and takes

Interrupted runs
  resume=DIR                go on with the run or sweep in DIR: finished episodes are skipped, those that failed outside
                            the benchmark (infrastructure) are played again. Files that options name must hold what
                            they held; one that has moved is found by giving its option again

Examples
  python -m tracesim.run task=water_flowers
  python -m tracesim.run task=water_flowers policy=noisy_expert policy.pixel_noise_px=5 episodes=100 video=failures
  python -m tracesim.run task=stack_blocks_two variation=clean hydra.run.dir=outputs/stack
  python -m tracesim.run --multirun task=water_flowers,stack_blocks_two seed=0,100

Exit status
  0 the run is complete, whatever its success rate
  2 a wrong key, name or value, and nothing was played; or the policy's server refuses every request, for instance
    because of a wrong key, and finished episodes are kept
  3 some episodes failed outside the benchmark, or the disk refused
  130 interrupted by Ctrl-C, 143 by SIGTERM, 129 by SIGHUP; finished episodes are kept, and resume= goes on
  A reader that closes the pipe (`| head`) does not end a run: every episode is played, and the status is the same.
"""


def usage(names: Mapping[str, Iterable[str]]) -> str:
    """Return the help text for names by kind: task, policy, robot."""
    return _TEXT.format(
        tasks=_listed(names["task"]),
        policies=_listed(names["policy"]),
        robots=_listed(names["robot"]),
    )


def policy_usage(choice: PolicyChoice) -> str:
    """Return what a policy is and which options it takes, with the values that they have here."""
    from tracesim.cli.fields import field_docs
    from tracesim.policies import policy_class

    policy = policy_class(choice.kind)
    docs = field_docs(policy)
    lines = [f"policy={choice.name}", "", textwrap.indent(inspect.cleandoc(policy.__doc__ or ""), "  "), "", "Options"]
    declaring: dict[str, int] = {}
    for rank, one in reversed(list(enumerate(policy.__mro__))):  # options of the policy itself come first
        declaring |= dict.fromkeys(inspect.get_annotations(one), rank)
    for name, option in sorted(
        inspect.signature(policy).parameters.items(), key=lambda item: declaring.get(item[0], 0)
    ):
        value = choice.options.get(name, option.default)
        if isinstance(value, dict):
            lines += [f"  policy.{name}.{key}={json.dumps(inner)}" for key, inner in value.items()]
        elif value is None or isinstance(value, bool | int | float | str):
            lines.append(f"  policy.{name}={json.dumps(value)}")
        else:
            lines.append(f"  policy.{name}=...")
        doc = " ".join(docs.get(name, "").split())
        lines += textwrap.wrap(doc, 110, initial_indent=" " * 6, subsequent_indent=" " * 6, break_on_hyphens=False)
    return "\n".join(lines) + "\n"


def _listed(names: Iterable[str]) -> str:
    """Return names joined by commas, in the column of what options mean."""
    return textwrap.fill(", ".join(names), 120 - _COLUMN, break_on_hyphens=False).replace("\n", "\n" + " " * _COLUMN)

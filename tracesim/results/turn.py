"""Turns: one instruction of an episode each, and the policy's answers to it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, FiniteFloat, field_validator

from tracesim.geometry.cue import Cue, GripperEvent
from tracesim.geometry.trace import ImageTraces, Trace, Traces
from tracesim.results.encodable import encodable

if TYPE_CHECKING:
    from tracesim.policy import Reply

_LATER: Final = frozenset({"arm", "image_traces", "traces", "cues", "asked_s", "because", "became", "later"})
"""Fields of turns that are left out of the hash where they are null or empty: earlier records do not have them."""

Point = tuple[FiniteFloat, FiniteFloat, FiniteFloat]


class Query(BaseModel):
    """A question that a policy asked its model before the final one, and the answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prompt: str
    """Prompt as sent."""

    answer: str
    """Answer as received."""

    _encodable = field_validator("prompt", "answer", mode="before")(encodable)


class Said(BaseModel):
    """What an answer specifies for a keypoint besides its position; null where it specifies nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    gripper: GripperEvent | None = None
    """Gripper action at the keypoint: close or open."""

    yaw_rad: FiniteFloat | None = None
    """Rotation about the vertical since what is held was taken, in radians, anticlockwise as seen from above."""

    quaternion: tuple[FiniteFloat, FiniteFloat, FiniteFloat, FiniteFloat] | None = None
    """Rotation since the first keypoint, or attitude of the tool on the path of a gripper: a unit quaternion, wxyz."""

    speed_m_s: FiniteFloat | None = None
    """Speed on the way there, in metres per second."""

    dwell_s: FiniteFloat | None = None
    """Rest there, in seconds."""

    @classmethod
    def of(cls, cue: Cue) -> Self:
        """Return the record of a cue."""
        return cls(**dataclasses.asdict(cue))

    @property
    def cue(self) -> Cue:
        """The cue."""
        return Cue(**dict(self))


class Turn(BaseModel):
    """One instruction of an episode and the policy's answer to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instruction: str = ""
    """Instruction as asked."""

    words: dict[str, str] = {}
    """Words that fill the instruction's template: names of objects by body, numbers and directions by placeholder."""

    prompt: str = ""
    """Final prompt as sent to the policy's model."""

    answer: str = ""
    """Answer as received from the policy's model; for control below the trace the commands that were followed, as a
    list of lists in JSON."""

    latency_s: FiniteFloat | None = None
    """Total time that the policy took to answer, in seconds."""

    prompt_tokens: int | None = None
    """Number of tokens of the prompt, as counted by the model's server."""

    answer_tokens: int | None = None
    """Number of tokens of the answer, as counted by the model's server."""

    finish_reason: str | None = None
    """Why the model stopped, as reported by its server, such as "stop" or "length"."""

    queries: list[Query] = []
    """Earlier questions about the same instruction, for policies that ask more than once."""

    image_trace: list[list[FiniteFloat]] | None = None
    """Keypoints as answered: u and v in thousandths of the image's width and height, and the depth in metres unless the
    answer is 2D; null if the answer could not be read."""

    contact_depth: Literal["measured", "predicted"] | None = None
    """Depth that lifted the first keypoint: measured at the surface that it touches, or as predicted; null if nothing
    was lifted."""

    trace: list[Point] | None = None
    """Keypoints as lifted, in metres in the world frame; null if they could not be lifted."""

    depth_asked: bool | None = None
    """Whether the prompt asked for a depth of every keypoint; null if the policy does not say."""

    arm: str | None = None
    """Name of the arm that followed the trace; null if the robot has only one, or none followed it."""

    image_traces: dict[str, list[list[FiniteFloat]]] | None = None
    """Keypoints as answered for each arm, by its name, as in `image_trace`; null if one trace was asked for."""

    traces: dict[str, list[Point]] | None = None
    """Keypoints as lifted for each arm, as in `trace`; null if one trace was asked for."""

    cues: list[Said] | None = None
    """What the answer specifies for each keypoint besides its position: gripper events, orientations, speeds, dwells.
    Null if it specifies nothing else. Where the answer is poses, `image_trace` is null."""

    asked_s: FiniteFloat | None = None
    """Time in the episode at which the policy was shown the scene, in seconds; null if it is asked once only."""

    because: str = ""
    """Why the policy was asked again: "time", "moved", or the stage and the reason at which its last answer failed;
    empty if it was not asked again."""

    became: str = ""
    """Outcome of the answer: "followed" to its end, "interrupted" by a later one, "unchanged" and therefore not
    taken, or the stage and the reason at which it failed; empty if the policy is asked once only."""

    later: list[Turn] = []
    """Later answers to the same instruction, without its words, if the policy was asked again."""

    _encodable = field_validator("instruction", "prompt", "answer", "finish_reason", mode="before")(encodable)

    @classmethod
    def of(
        cls,
        instruction: str,
        words: Mapping[str, str],
        reply: Reply,
        image_trace: ImageTraces | None,
        trace: Traces | None,
        contact_depth: Literal["measured", "predicted"] | None = None,
        **more: Any,
    ) -> Self:
        """Return the turn of a reply, whose traces are None if it could not be read or lifted; `more` holds fields."""
        return cls(
            instruction=instruction,
            words=dict(words),
            prompt=reply.prompt,
            answer=reply.text,
            latency_s=reply.latency_s,
            prompt_tokens=reply.prompt_tokens,
            answer_tokens=reply.answer_tokens,
            finish_reason=reply.finish_reason,
            queries=[Query(prompt=one.prompt, answer=one.text) for one in reply.before],
            contact_depth=contact_depth if trace else None,
            depth_asked=reply.depth_asked,
            cues=_cues(image_trace) or _cues(trace),
            **_keypoints("image_trace", image_trace),
            **_keypoints("trace", trace),
            **more,
        )

    @property
    def answers(self) -> list[Turn]:
        """The turn itself, followed by its later answers."""
        return [self, *self.later]

    @property
    def found_none(self) -> bool:
        """Whether a privileged policy that was asked again found no trace."""
        return self.became == "answer: no_way" and not self.answer

    def hashed(self) -> dict[str, Any]:
        """Return what the hash of a record is computed from."""
        content = {
            name: value
            for name, value in vars(self).items()
            if name != "latency_s" and not (name in _LATER and not value and value != 0.0)
        }
        if self.later:
            content["later"] = [one.hashed() for one in self.later]
        return content

    @property
    def lacks_depth(self) -> bool:
        """Whether the answer is a 2D trace although the prompt asked for a 3D one."""
        answered = [self.image_trace] if self.image_trace else (self.image_traces or {}).values()
        return bool(self.depth_asked and any(len(keypoints[0]) == 2 for keypoints in answered))

    @property
    def lifted(self) -> Traces | None:
        """The trace, or that of each arm, in the world; None if it could not be lifted."""
        if self.traces is not None:
            return {arm: Trace(np.array(keypoints)) for arm, keypoints in self.traces.items()}
        if self.trace is None:
            return None
        return Trace(np.array(self.trace), tuple(one.cue for one in self.cues or ()))


def _keypoints(name: str, answer: ImageTraces | Traces | None) -> dict[str, Any]:
    """Return the field of a turn that holds the keypoints of an answer."""
    if isinstance(answer, Mapping):
        return {f"{name}s": {arm: trace.keypoints.tolist() for arm, trace in answer.items()}}
    return {name: answer.keypoints.tolist() if answer else None}


def _cues(answer: ImageTraces | Traces | None) -> list[Said] | None:
    """Return what an answer says beyond positions, None if it says nothing; answers for several arms never do."""
    if answer is None or isinstance(answer, Mapping):
        return None
    return [Said.of(cue) for cue in answer.cues] or None

"""MCAP file of an episode."""

from __future__ import annotations

import io
import json
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import foxglove
import numpy as np
import numpy.typing as npt
from foxglove import Channel, Context
from foxglove.channels import (
    CameraCalibrationChannel,
    CompressedImageChannel,
    FrameTransformsChannel,
    LogChannel,
    RawImageChannel,
    SceneUpdateChannel,
)
from foxglove.messages import CompressedImage, FrameTransforms, SceneEntity, SceneUpdate
from PIL import Image

from tracesim.assets.colors import COLORS
from tracesim.export import foxglove_values as values
from tracesim.export.events import Event, events
from tracesim.export.form import Options
from tracesim.export.sampled import Picture, SampledEpisode
from tracesim.layout.layout import TABLE, TABLE_SHAPE

QUALITY: Final = 92
"""Quality of JPEG pictures."""

STEEL: Final = (0.82, 0.83, 0.85)
WOOD: Final = (0.66, 0.57, 0.46)
ANSWERED: Final = (0.20, 0.54, 1.0)
PLANNED: Final = (0.80, 0.91, 1.0)
FOLLOWED: Final = (0.20, 0.85, 0.45)

_NUMBER_OR_NULL: Final = {"type": ["number", "null"]}


def write(path: Path, episode: SampledEpisode, options: Options) -> None:
    """Write the file of an episode; see `tracesim.export.mcap.Mcap`."""
    context, record = Context(), episode.record
    with foxglove.open_mcap(path, context=context) as writer:
        described = {
            "task": record.task,
            "seed": str(record.seed),
            "policy": record.policy,
            "robot": record.robot,
            "success": json.dumps(record.success),
            "configuration_hash": record.configuration_hash,
            "record_hash": record.record_hash,
        }
        writer.write_metadata("tracesim", described)
        writer.attach(
            log_time=0, create_time=0, name="record.json", media_type="application/json", data=record.line().encode()
        )
        _Topics(episode, options, context).write()


class _Topics:
    """The topics of one file."""

    def __init__(self, episode: SampledEpisode, options: Options, context: Context) -> None:
        self._episode = episode
        self._options = options
        self._log = LogChannel("/log", context=context)
        self._events = LogChannel("/events", context=context)
        self._frames = FrameTransformsChannel("/tf", context=context)
        self._paths = SceneUpdateChannel("/scene/paths", context=context)
        self._bodies = SceneUpdateChannel("/scene/bodies", context=context)
        margins = _schema("Margins", dict.fromkeys(episode.margins, _NUMBER_OR_NULL))
        self._margins = Channel("/margins", schema=margins, context=context)
        state = _schema("State", {key: {} for key in self._state_at(0)})
        self._state = Channel("/state", schema=state, context=context)
        self._images = {
            name: CompressedImageChannel(f"/camera/{name}/image", context=context) for name in options.cameras
        }
        self._calibrations = {
            name: CameraCalibrationChannel(f"/camera/{name}/calibration", context=context) for name in options.cameras
        }
        self._depths = {
            name: RawImageChannel(f"/camera/{name}/depth", context=context) for name in options.cameras if options.depth
        }

    def write(self) -> None:
        """Write all messages, in the order of time."""
        ahead = deque(events(self._episode))
        self._bodies.log(SceneUpdate(entities=self._solids()), log_time=0)
        turns = self._episode.turns
        for sample, pictures in enumerate(self._episode.pictures(self._options.cameras)):
            time_s = float(self._episode.times_s[sample])
            log_time = _nanoseconds(time_s)
            while ahead and ahead[0].time_s <= time_s:
                self._write_event(ahead.popleft())
            self._frames.log(FrameTransforms(transforms=self._frames_at(sample, time_s)), log_time=log_time)
            if sample == 0 or turns[sample] != turns[sample - 1]:
                self._paths.log(SceneUpdate(entities=self._asked(int(turns[sample]), time_s)), log_time=log_time)
            self._paths.log(SceneUpdate(entities=self._followed(sample, time_s)), log_time=log_time)
            margins = {name: values_so_far[sample] for name, values_so_far in self._episode.margins.items()}
            self._margins.log(margins, log_time=log_time)
            self._state.log(self._state_at(sample), log_time=log_time)
            for name, picture in pictures.items():
                self._write_picture(name, picture, time_s)
        for event in ahead:
            self._write_event(event)

    def _write_event(self, event: Event) -> None:
        channel = self._log if event.kind in ("instruction", "answer") else self._events
        said = values.message(event.kind, event.text, event.time_s, event.wrong)
        channel.log(said, log_time=_nanoseconds(event.time_s))

    def _write_picture(self, name: str, picture: Picture, time_s: float) -> None:
        frame_id, log_time = _camera_frame(name), _nanoseconds(time_s)
        stamp = values.timestamp(time_s)
        self._calibrations[name].log(
            values.calibration(self._episode.cameras[name], frame_id, time_s), log_time=log_time
        )
        self._images[name].log(
            CompressedImage(timestamp=stamp, frame_id=frame_id, data=_jpeg(picture.rgb), format="jpeg"),
            log_time=log_time,
        )
        if name in self._depths:
            self._depths[name].log(values.depth_image(picture.depth, frame_id, time_s), log_time=log_time)

    def _frames_at(self, sample: int, time_s: float) -> list[Any]:
        motion = self._episode.motion
        frames = [
            values.frame(name, motion.positions[sample, number], motion.quaternions[sample, number], time_s)
            for number, name in enumerate(motion.names)
        ]
        for arm in self._episode.arms:
            frames.append(values.pose_frame(f"{arm.prefix}tcp", arm.tcp_in_world[sample], time_s))
        cameras = self._episode.cameras
        return frames + [
            values.pose_frame(_camera_frame(name), cameras[name].camera_in_world, time_s)
            for name in self._options.cameras
        ]

    def _solids(self) -> list[SceneEntity]:
        """Return the hulls of everything that stands on the table, of the table, and of the robot's links."""
        scene = self._episode.replayed.simulated.scene
        return [
            values.solid(TABLE, TABLE_SHAPE, WOOD),
            *(values.solid(body.name, body.shape, COLORS.get(body.prop.color, STEEL)) for body in scene.layout),
            *(values.solid(name, shape, STEEL) for name, shape in scene.robot.shapes.items()),
        ]

    def _asked(self, turn: int, time_s: float) -> list[SceneEntity]:
        """Return the answered trace of a turn, and the planned path."""
        none, executions = np.zeros((0, 3)), self._episode.replayed.outcome.executions
        answered = self._episode.answered_by_arm(turn)
        planned = executions[turn].planned if turn < len(executions) else ()
        entities = []
        for number, arm in enumerate(self._episode.replayed.simulated.task.arms or ("",)):
            more = f" of the {arm} arm" if arm else ""
            trace = answered[number] if number < len(answered) else none
            path = planned[number] if number < len(planned) else none
            entities.append(values.path(f"answered trace{more}", trace, ANSWERED, time_s, 0.004, beads=True))
            entities.append(values.path(f"planned path{more}", path, PLANNED, time_s, 0.002))
        return entities

    def _followed(self, sample: int, time_s: float) -> list[SceneEntity]:
        path = self._episode.functional_point[: sample + 1]
        known = path[np.isfinite(path).all(axis=1)]
        return [values.path("followed path", known, FOLLOWED, time_s, 0.003)]

    def _state_at(self, sample: int) -> dict[str, Any]:
        episode = self._episode
        state: dict[str, Any] = {"phase": str(episode.motion.phases[sample]), "turn": int(episode.turns[sample])}
        for arm in episode.arms:
            state[f"{arm.prefix}opening_m"] = float(arm.opening_m[sample])
            state[f"{arm.prefix}joints_rad"] = arm.qpos[sample].tolist()
        return state


def _schema(title: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "title": f"tracesim.{title}", "properties": dict(properties)}


def _camera_frame(name: str) -> str:
    return f"{name} camera"


def _nanoseconds(time_s: float) -> int:
    return round(time_s * 1e9)


def _jpeg(rgb: npt.NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=QUALITY)
    return file.getvalue()

"""Control below the trace: a script sends 20 poses of the tool a second; the same constraints judge it."""

import gymnasium as gym
import numpy as np

from tracesim.episode.stepped import SteppedEpisode
from tracesim.geometry.rigid import from_quaternion, to_quaternion


def script(episode: SteppedEpisode) -> list[np.ndarray]:
    """Return actions that grasp the object, move it along the expert's trace, let go, and leave."""
    body, trace, planner = episode.task.layout[episode.task.subtask.carried], episode.task.expert(), episode.planner
    planner.mirror()
    for grasp in planner.arm.hand.grasps(body.prop):
        tool = body.body_in_world @ grasp.tcp_in_prop
        back = np.arange(0.1, 0.0, -0.01)[:, None] * -tool[:3, 2]
        points = tool[:3, 3] + np.concatenate([back, trace.resampled(0.01) - trace.keypoints[0]])
        poses = [from_quaternion(point, to_quaternion(tool)) for point in points]
        poses += [from_quaternion(points[-1] + by, to_quaternion(tool)) for by in back[::-1]]
        for posture in planner.arm.postures(poses[0]):
            going = planner.connect(episode.controller.goal_qpos, posture)
            if going is not None and not planner.arm.trace(np.array(poses), posture).blocked:
                down, along, away = poses[: len(back) + 1], poses[len(back) : -len(back)], poses[-len(back) :]
                steps = [(1, [*planner.arm.tool_in_world(going), *down]), (0, down[-1:] * 12 + along)]
                steps += [(1, along[-1:] * 12 + away + away[-1:] * 20)]
                return [np.array([*pose[:3, 3], *to_quaternion(pose), hand]) for hand, part in steps for pose in part]
    raise RuntimeError("no grasp reaches along the trace")


if __name__ == "__main__":
    env = gym.make("tracesim:TraceSim-PlaceEmptyCup-v1", control="ee_pose", observation=(), variation="clean")
    _, info = env.reset(seed=0)
    for action in script(env.unwrapped.episode):
        _, reward, over, _, info = env.step(action)
        if over:
            print(info["instruction"], "reward", reward, info["margins"])
            break

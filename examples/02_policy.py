"""Score a policy of your own: it looks for the green and the red block by their colour, and stacks them.

It sees picture, depth and instruction, and answers in text. To keep a policy, put it into policies/ and its table.
"""

import numpy as np

from tracesim.answers import format_trace
from tracesim.geometry.trace import Trace
from tracesim.language.question import Question
from tracesim.observation import Observation
from tracesim.policies import POLICIES
from tracesim.policy import Policy, Reply
from tracesim.run import main


def top(observation: Observation, mask: np.ndarray) -> np.ndarray:
    """Return the middle of the upper face of what a mask (H, W) shows, (3,), metres in the world."""
    rows, columns = np.nonzero(mask)
    pixels = np.column_stack([columns + 0.5, rows + 0.5, observation.depth[rows, columns]])
    points = observation.camera.lift(pixels)
    return np.median(points[points[:, 2] > points[:, 2].max() - 0.004], axis=0)


class ColourStacker(Policy):
    """Puts the greenest thing in the picture on the reddest one."""

    def answer(self, observation: Observation, question: Question) -> Reply:
        """Return four keypoints: on the green block, above it, above the red block, and down."""
        r, g, b = np.moveaxis(observation.rgb.astype(float), 2, 0)
        green = top(observation, g > 1.6 * np.maximum(r, b))
        red = top(observation, r > 1.6 * np.maximum(g, b))
        high, stacked = np.array([0.0, 0.0, 0.1]), np.array([0.0, 0.0, green[2]])
        trace = Trace(np.array([green, green + high, red + stacked + high, red + stacked]))
        return Reply(format_trace(observation.camera.see(trace)), prompt=question.instruction)


POLICIES.table["colour_stacker"] = f"{__name__}:ColourStacker"
main(["task=stack_blocks_two", "policy=colour_stacker", "variation=clean", "episodes=2", "video=false"])

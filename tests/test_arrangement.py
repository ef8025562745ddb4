"""Tests of arrangements: what is said of a seed without a scene."""

from __future__ import annotations

import re
from typing import Self

import pytest

from tracesim.arrangement.arrangement import ARRANGEMENTS, arrange
from tracesim.arrangement.failed_tries import FailedTries
from tracesim.assets.props.block import block
from tracesim.configuration import Variation
from tracesim.envs.stack_blocks_two import StackBlocksTwo
from tracesim.errors import PlacementError
from tracesim.geometry.camera import Camera
from tracesim.layout.layout import Area, Layout
from tracesim.layout.policy_camera import policy_camera
from tracesim.layout.randomness import Draw


class FarBlocks(StackBlocksTwo):
    """Two blocks beyond the image's edge, in an area that is often too small for both."""

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        for color in ("red", "green"):
            made = block(draw, edge_m=float(draw.sizes.uniform(0.042, 0.052)), color=color)
            layout.scatter(f"{color}_block", made, draw.places, Area((0.3, 0.42), (0.8, 0.88)), gap_m=0.05)
        return cls(camera, layout)


def test_a_seed_without_a_scene_says_how_often_each_reason_occurred() -> None:
    with pytest.raises(PlacementError) as error:
        arrange("far_blocks", FarBlocks, 0, Variation("clean"), policy_camera())
    said, reasons = str(error.value).split(f" was found in {ARRANGEMENTS} tries: ")
    assert said == "far_blocks, seed 0: no scene that can be seen and solved"
    counts = [int(count) for count in re.findall(r"(?:^|; )(\d+) times ", reasons)]
    assert sum(counts) == ARRANGEMENTS
    assert counts == sorted(counts, reverse=True)
    for reason in (
        "times the expert's trace leaves the policy camera's image",
        r"times 'green_block' \(radius 3\.\d to 3\.\d cm\) found no place in x \(0\.3, 0\.42\)",
    ):
        assert len(re.findall(reason, reasons)) == 1


def test_reasons_that_differ_in_their_numbers_count_together() -> None:
    tries = FailedTries()
    for reason in ("Cup_1 is at -0.5 of 10 cm.", "No words.", "Cup_1 is at 2.5 of 9 cm.", "Cup_2 is at 1 of 9 cm."):
        tries.add(reason)
    assert len(tries) == 4
    assert str(tries) == "2 times cup_1 is at -0.5 to 2.5 of 9 to 10 cm; once no words; once cup_2 is at 1 of 9 cm"

"""Tests of directions: those in the image, projected onto the table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracesim.errors import ConfigurationError
from tracesim.geometry.camera import Camera
from tracesim.language.direction import DIRECTIONS, direction
from tracesim.layout.policy_camera import policy_camera


@given(st.floats(-3.0, 3.0), st.floats(0.3, 1.5), st.floats(-0.1, 0.1))
def test_directions_are_the_pictures(azimuth: float, height_m: float, off_m: float) -> None:
    camera = Camera.looking_at((np.cos(azimuth), np.sin(azimuth), height_m), (off_m, -off_m, 0.0))
    middle = camera.project([(off_m, -off_m, 0.0)])[0]
    moved = {
        word: camera.project([np.array([off_m, -off_m, 0.0]) + 0.05 * direction(camera, word)])[0]
        for word in DIRECTIONS
    }
    assert moved["right"][0] > middle[0] > moved["left"][0]
    assert moved["right"][1] == pytest.approx(middle[1], abs=1e-6)
    assert moved["towards"][1] > middle[1] > moved["away"][1]
    for word in DIRECTIONS:
        assert np.linalg.norm(direction(camera, word)) == pytest.approx(1.0)
        assert direction(camera, word)[2] == 0.0


def test_of_the_policy_camera_right_is_the_robots_right() -> None:
    assert direction(policy_camera(), "right") == pytest.approx((0.0, -1.0, 0.0), abs=1e-9)
    assert direction(policy_camera(), "away") == pytest.approx((1.0, 0.0, 0.0), abs=1e-9)


def test_another_word_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="Valid: away, left, right, towards"):
        direction(policy_camera(), "north")

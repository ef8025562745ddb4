"""Corner cases of reading answers, each of which once went unnoticed when the code was changed."""

from __future__ import annotations

import numpy as np
import pytest

from tracesim.answers.contact_depth import measure_contact
from tracesim.answers.depth_names import depth_m
from tracesim.answers.footprint import footprint_center
from tracesim.answers.latex import strip_latex
from tracesim.answers.reading import Convention, read
from tracesim.failure import Failure
from tracesim.geometry.camera import Camera
from tracesim.geometry.trace import ImageTrace, Trace
from tracesim.lifting import lift

PAIR = [[10.0, 20.0], [30.0, 40.0]]


@pytest.mark.parametrize(
    "text",
    [
        "```py\nx = 1\n``` The trace is [(10, 20), (30, 40)].",
        "[{x: 10, y: 20}, {x: 30, y: 40}]",
        '[{"X": 10, "Y": 20}, {"X": 30, "Y": 40}]',
        '{"trace": [[10, 20], [30, 40]], 1: [[5, 6], [7, 8]]}',
        "[(10, 20), (30, 40)] (2 points)",
        "([(10, 20), (30, 40)], (see the figure))",
        "[(10, 20, ), (30, 40, )]",
        "◁think▷[(1, 2), (3, 4)]◁/think▷[(10, 20), (30, 40)]",
        "<think> one <think> two <answer>[(10, 20), (30, 40)]</answer>",
        "That is all.</answer> [(10, 20), (30, 40)]",
        "[($10$, $20$), ($30$, $40$)]",
        r"[\mathbf{(10, 20)}, \mathbf{(30, 40)}]",
        "$}$ [(10, 20), (30, 40)]",
    ],
)
def test_an_answer_is_read(text: str) -> None:
    answer = read(text)
    assert answer.reason is None
    assert answer.trace is not None
    assert answer.trace.keypoints.tolist() == PAIR


@pytest.mark.parametrize(
    ("text", "parser", "reason"),
    [
        ("◁think▷ maybe [(10, 20), (30, 40)]", "tolerant", "truncated"),
        ('<point x="10" y="20', "tolerant", "truncated"),
        ('<point> <point x="3" <b> <point x="10" y="20"> <point x="30" y="40">', "tags", "truncated"),
        ("((10, 20)", "tolerant", "no_points"),
        ("[(), (10, 20), (30, 40)]", "tolerant", "malformed"),
        ("$(10, 20), (30, 40)}$", "tolerant", "no_points"),
        (r"\text{(10, 20), (30, 40)}", "tolerant", "no_points"),
        ("[(1-2, 3), (4, 5)]", "tolerant", "no_points"),
    ],
)
def test_what_is_no_answer_keeps_its_text_and_gets_its_reason(text: str, parser: str, reason: str) -> None:
    answer = read(text, parser=parser)  # type: ignore[arg-type]
    assert answer.reason == reason
    assert answer.text == text


def test_an_answer_in_a_form_that_is_not_read_keeps_its_text() -> None:
    text = '<point x="10" y="20"> <point x="30" y="40">'
    assert read(text).reason == "unread_form"
    assert read(text).text == text


def test_a_depth_that_is_not_understood_is_missing_and_not_infinite() -> None:
    answer = read('[{"x": 10, "y": 20, "depth_ft": 3}, {"x": 30, "y": 40, "depth": 0.5}]')
    assert answer.reason == "unknown_depth"
    assert answer.points is not None
    np.testing.assert_array_equal(answer.points, [[10.0, 20.0, np.nan], [30.0, 40.0, 0.5]])


def test_the_published_json_parser_takes_points_outside_the_image() -> None:
    answer = read('```json\n[{"point_2d": [1200, 500]}, {"point_2d": [10, 20]}]\n```', parser="json")
    assert answer.reason is None, answer.reason


def test_thousandths_stay_as_they_are_to_the_last_bit() -> None:
    points = np.random.default_rng(0).uniform(0.0, 1000.0, (1000, 2))
    assert np.array_equal(Convention().thousandths(points, (640, 480)), points)


def test_of_two_depths_of_one_rank_the_first_counts() -> None:
    assert depth_m({"z": 0.5, "d_cm": 40.0}) == 0.5
    assert depth_m({"d_cm": 40.0, "z": 0.5}) == 0.4


def test_coordinates_of_a_tag_are_among_its_first_six_children() -> None:
    others = "".join(f"<a{letter}>1</a{letter}>" for letter in "bcde")
    assert read(f"<point>{others}<x>1</x><y>2</y></point>" * 2, parser="tags").reason is None
    assert read(f"<point><af>1</af>{others}<x>1</x><y>2</y></point>" * 2, parser="tags").reason is not None


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (r'"a\\"', r'"a\\"'),
        (r"\[ \[1, 2\], \[a\] \]", "[ [1, 2], [a] ]"),
        (r"\[x\] \[y\]", " x   y "),
        (r"Go: \boxed{(1, 2), (3, 4)}", "Go: [(1, 2), (3, 4)]"),
    ],
)
def test_latex_is_taken_off_and_nothing_else(text: str, plain: str) -> None:
    assert strip_latex(text) == plain


# --- footprints


DOWN = Camera.looking_at((0.0, 0.0, 0.5), (1e-9, 0.0, 0.0))
"""A camera that looks straight down from half a metre."""


@pytest.mark.parametrize("column", [-0.4, 0.3, 1.5, 638.5, 639.2, 640.0, 641.0])
@pytest.mark.parametrize("row", [-0.4, 1.5, 240.5, 478.5, 480.0, 481.0])
def test_a_pixel_of_the_table_has_its_own_point_also_at_the_borders(column: float, row: float) -> None:
    depth = np.full((480, 640), 0.5, np.float32)
    pixel = np.clip(np.floor([column, row]), 0, (639, 479)) + 0.5
    expected = DOWN.lift(np.array([[*pixel, 0.5]]))[0]
    assert footprint_center(DOWN, depth, np.array([column, row])) == pytest.approx([*expected[:2], 0.0], abs=1e-9)


def test_an_object_is_seen_whole_if_it_is_within_a_quarter_of_a_metre_of_where_it_is_touched() -> None:
    depth = np.full((480, 640), 0.5, np.float32)
    depth[100:301, 200:501] = 0.4  # 10 cm high
    corners = DOWN.lift(np.array([[200.5, 100.5, 0.4], [500.5, 300.5, 0.4]]))
    middle = corners.mean(axis=0)
    for pixel in ((210.5, 110.5), (350.5, 200.5), (490.5, 290.5)):
        assert footprint_center(DOWN, depth, np.array(pixel)) == pytest.approx([*middle[:2], 0.0], abs=1e-6)


# --- lifting


@pytest.mark.parametrize("behind_m", [0.0, -1.0])
def test_a_failure_names_the_first_keypoint_behind_the_camera(behind_m: float) -> None:
    keypoints = ImageTrace(np.array([(500, 500, 0.4), (500, 500, behind_m), (500, 500, -2.0)]))
    detail = f"keypoint 1 has a depth of {behind_m:.3f} m"
    assert lift(keypoints, DOWN, None, "predicted") == Failure("lift", "behind_camera", detail)


def test_only_the_last_of_several_keypoints_is_placed() -> None:
    depth = np.full((480, 640), 0.5, np.float32)
    depth[200:281, 100:181] = 0.45
    keypoints = ImageTrace(np.array([(219.5, 501.0, 0.45), (500.0, 300.0, 0.35), (700.0, 500.0, 0.35)]))
    placed = lift(keypoints, DOWN, depth, "measured", place_depth="measured")
    plain = lift(keypoints, DOWN, depth, "measured")
    assert isinstance(placed, Trace)
    assert isinstance(plain, Trace)
    assert placed.keypoints[:2] == pytest.approx(plain.keypoints[:2])
    # The touched point is above the middle of the footprint, so that it ends above the point that is shown.
    goal = DOWN.lift(np.array([[448.0, 240.0, 0.5]]))[0]
    assert placed.keypoints[2] == pytest.approx((goal[0], goal[1], 0.05), abs=2e-3)


def test_a_failure_names_the_first_keypoint_outside_the_workspace() -> None:
    keypoints = ImageTrace(np.array([(500, 500, 0.4), (500, 500, 1.5), (500, 500, 2.0)]))
    detail = "keypoint 1 lies at (0.000, 0.000, -1.000) m"
    assert lift(keypoints, DOWN, None, "predicted") == Failure("lift", "out_of_workspace", detail)


def test_a_depth_that_is_missing_is_explained() -> None:
    keypoints = ImageTrace(np.array([(500, 500, 0.4), (500, 500, 0.4)]))
    absent = Failure("lift", "no_depth", "a measured depth is needed and no depth image is there")
    unmeasured = Failure("lift", "no_depth", "nothing is measured at a pixel whose depth is needed")
    assert lift(keypoints, DOWN, None, "measured") == absent
    assert lift(keypoints, DOWN, np.zeros((480, 640), np.float32), "measured") == unmeasured


def test_the_depth_that_a_contact_is_predicted_at_chooses_its_surface() -> None:
    depth = np.full((480, 640), 0.4, np.float32)
    depth[:, 320:] = 0.45
    keypoints = ImageTrace(np.array([(498.0, 500.0, 0.445), (498.0, 500.0, 0.4)]))
    lifted = lift(keypoints, DOWN, depth, "measured")
    assert isinstance(lifted, Trace)
    assert DOWN.project(lifted.keypoints)[:, 2] == pytest.approx([0.45, 0.4])


@pytest.mark.parametrize("column", [-0.4, 0.2, 1.5, 638.4, 639.6, 640.3])
@pytest.mark.parametrize("row", [-0.4, 0.2, 1.5, 478.4, 479.6, 480.3])
def test_a_contact_at_a_border_is_measured_in_the_pixel_that_it_lies_in(column: float, row: float) -> None:
    contact = measure_contact(np.full((480, 640), 0.5, np.float32), np.array([column, row]), 0.5)
    assert contact is not None
    assert contact.pixel == tuple(np.clip(np.floor([column, row]), 0, (639, 479)))


def test_a_single_pixel_that_is_measured_is_the_contact() -> None:
    depth = np.zeros((480, 640), np.float32)
    depth[200, 300] = 0.7
    contact = measure_contact(depth, np.array([302.5, 201.5]), None)
    assert contact is not None
    assert contact.pixel == (300, 200)
    assert contact.depth_m == pytest.approx(0.7)

"""Tests of depths in answers: names and units are read, or the answer is rejected with a reason."""

from __future__ import annotations

import pytest

from tests.answer_texts import FLAT, TRACE, check


@pytest.mark.parametrize(
    ("name", "per_metre"),
    [
        *[
            (name, 1.0)
            for name in ("depth_m", "depth_in_meters", "Depth", "depthMeters", "depth (m)", "z_m", "camera_z")
        ],
        *[(name, 1.0) for name in ("distance_m", "distanceFromCamera", "estimated_depth", "metric-depth [metres]")],
        *[(name, 100.0) for name in ("depth_cm", "depth in centimeters", "Z (cm)", "depthCm")],
        *[(name, 1000.0) for name in ("depth_mm", "depthInMillimetres", "depth/mm", "d_mm", "distance_to_camera_mm")],
    ],
)
@pytest.mark.parametrize("point", ['"point_2d": [{}, {}]', '"x": {}, "y": {}', '"position": {{"u": {}, "v": {}}}'])
def test_a_name_that_looks_like_a_depth_is_one_in_the_unit_that_it_states(
    name: str, per_metre: float, point: str
) -> None:
    def object_of(u: int, v: int, depth_m: float) -> str:
        return f'{{{point.format(u, v)}, "label": "cup", "{name}": {depth_m * per_metre}}}'

    text = f"[{object_of(345, 702, 0.89)}, {object_of(339, 661, 0.855)}]"
    check(text, [(345, 702, 0.89), (339, 661, 0.855)])


@pytest.mark.parametrize(
    ("members", "depth"),
    [
        ('"depth": 0.89, "depth_confidence": 0.7', 0.89),
        ('"z": 0.02, "depth_m": 0.89', 0.89),
        ('"distance": 1.0, "z": 0.89', 0.89),
        ('"depth_mm": 890, "z_index": 3', 0.89),
        ('"distance_of_the_camera_point_centimeters": 89', 0.89),  # of 40 characters, as many as any known name
    ],
)
def test_of_several_depths_the_one_that_is_called_so_counts(members: str, depth: float) -> None:
    check(f'[{{"point": [1, 2], {members}}}, {{"point": [3, 4], {members}}}]', [(1, 2, depth), (3, 4, depth)])


@pytest.mark.parametrize(
    "text",
    [
        *[
            f'[{{"point_2d": [1, 2], "{name}": 3}}, {{"point_2d": [3, 4], "{name}": 3}}]'
            for name in (
                *("depth_ft", "depth_px", "relative_depth_rank", "z_inches", "distance_pixels", "depth_in"),
                *("depth_of_the_camera_point_in_centimetres_", "depth_cm_mm"),
            )
        ],
        '[{"point_2d": [1, 2], "depth_m": "near"}, {"point_2d": [3, 4], "depth_m": "far"}]',
        '{"points": [[1, 2], [3, 4], [5, 6], [7, 8]], "depths": [0.8, 0.8, 0.8, 0.8]}',
        '{"trace": [[1, 2], [3, 4]], "depths_m": [0.8, 0.9]}',
        '[{"point_2d": [1, 2], "depth": 1}, {"point_2d": [3, 4], "depth_px": 3}]',
        *[
            f'[{{"point_2d": [1, 2], {members}}}, {{"point_2d": [3, 4], {members}}}]'
            for members in (
                '"depth": 3, "unit": "ft"',
                '"depth": 3, "depth_unit": "steps"',
                '"depth": 3, "depth_unit": "cm", "unit": "mm"',
                '"depth_px": 3, "label": "cup"',
            )
        ],
        '{"trace": [[345, 702, 89], [339, 661, 85]], "depth_unit": "cm"}',
        '[{"point_3d": [1, 2, -3], "unit": "ft"}, {"point_3d": [3, 4, 0], "unit": "ft"}]',
    ],
)
def test_a_depth_that_is_not_understood_is_never_dropped(text: str) -> None:
    check(text, "unknown_depth")


@pytest.mark.parametrize(
    "members",
    [
        *('"depth": 89, "unit": "cm"', '"units": "mm", "depth": 890', '"depth_unit": "meters", "depth": 0.89'),
        *(
            '"unit": null, "depth": 0.89',
            '"depth": 0.89, "units": 3',
            '"depth": 0.89, "unit": "pixels"',
            '"depth_cm": 89, "unit": "m"',
            '"depth": 0.89, "confidence": 0.01',
        ),
    ],
)
def test_the_unit_of_a_depth_may_stand_beside_it(members: str) -> None:
    text = f'[{{"point_2d": [1, 2], {members}}}, {{"point_2d": [3, 4], {members}}}]'
    check(text, [(1, 2, 0.89), (3, 4, 0.89)])


def test_what_stands_beside_a_whole_trace_changes_nothing_in_it() -> None:
    check('{"trace": [[345, 702], [339, 661]], "unit": "cm"}', FLAT)
    check('{"trace": [[345, 702, 0.89], [339, 661, 0.855]], "depth": 0.5}', TRACE)


def test_coordinates_that_are_no_numbers_leave_the_point_to_another_name() -> None:
    text = '[{"x": 3, "y": true, "point": [345, 702]}, {"u": true, "v": 3, "point": [339, 661]}]'
    check(text, FLAT)


def test_a_unit_counts_for_a_point_with_its_depth_too() -> None:
    check(
        '[{"point_3d": [1, 2, 89], "unit": "cm"}, {"point_3d": [3, 4, 90], "unit": "cm"}]', [(1, 2, 0.89), (3, 4, 0.9)]
    )


@pytest.mark.parametrize("name", ["label", "z_index", "distance_to_target", "width_m", "id", "grid", "confidence"])
def test_other_names_are_no_depths(name: str) -> None:
    check(f'[{{"point_2d": [1, 2], "{name}": 3}}, {{"point_2d": [3, 4], "{name}": 3}}]', [(1, 2), (3, 4)])

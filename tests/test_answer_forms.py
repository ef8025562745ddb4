"""Tests of other forms of answers: LaTeX, tags and gripper actions are read or get a reason."""

from __future__ import annotations

import numpy as np
import pytest

from tests.answer_texts import FLAT, TRACE, Points, check
from tracesim.answers.latex import matrix_rows, strip_latex
from tracesim.answers.point_lists import Order
from tracesim.answers.reading import Convention, Parser, Scale, read
from tracesim.answers.tagged_points import location_tokens


@pytest.mark.parametrize(
    "text",
    [
        r"\[[(345, 702, 0.890), (339, 661, 0.855)]\]",
        r"\[ (345, 702, 0.890), (339, 661, 0.855) \]",
        r"\(\left[\left(345, 702, 0.890\right), \left(339, 661, 0.855\right)\right]\)",
        r"$[(345,\,702,\,0.890\,\text{m}),\; (339,\,661,\,0.855\,\mathrm{m})]$",
        r"\boxed{\text{[(345, 702, 0.890), (339, 661, 0.855)]}}",
        r"\[\boxed{\bigl[ (345, 702, 0.890),\ (339, 661, 0.855) \bigr]}\]",
        r"\[\[345, 702, 0.890\], \[339, 661, 0.855\]\]",
        r"[\(345, 702, 0.890\), \(339, 661, 0.855\)]",
        r"[\[345, 702, 0.890\], \[339, 661, 0.855\]]",
        r"[\[(345, 702, 0.890)\], (339, 661, 0.855)]",
        r"\[x = 1\] and \[(345, 702, 0.890), (339, 661, 0.855)\], where \[y = 2\].",
        r"\lbrack (345, 702, 0.890), (339, 661, 0.855) \rbrack",
        r"\boxed{(345, 702, 0.890), (339, 661, 0.855)}",
        r"$$\boxed{ \left(345,~702,~0.890\right),\; (339, 661, 0.855) }$$",
        r"From \boxed{A}: \[\boxed{(345, 702, 0.890), (339, 661, 0.855)}\]",
        r"\begin{aligned} [&(345, 702, 0.890), \\ &(339, 661, 0.855)] \end{aligned}",
        r"\\[ [(345, 702, 0.890), (339, 661, 0.855)] \\]",
        r'[{"point\_2d": [345, 702], "depth\_m": 0.890}, {"point\_2d": [339, 661], "depth\_m": 0.855}]',
        r"""[\{"point_2d": [345, 702], "depth": 0.89, "label": "a \"b\" \\"\}, {"point_3d": [339, 661, 0.855]}]""",
        r"[(345, 702, 0.890), (339, 661, 0.855)] starts at \[(345, 702)\] and costs $5.",
    ],
)
def test_latex_around_an_answer_is_taken_off(text: str) -> None:
    check(text, TRACE)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (r"It goes from \((345, 702)\) to \[(339, 661)\].", "no_points"),
        (r"\[(345, 702, 0.89), (339, 6", "truncated"),
        (r"\boxed{[(345, 702, 0.89), (339, 661, 0.855)\ri", "truncated"),
        (r"\[[(345, 702) \to (339, 661)]\]", "malformed"),
        (r"\[[(345, 702), \ldots, (339, 661)]\]", "malformed"),
        (r"[(345, 702, 89\text{ cm}), (339, 661, 85\text{ cm})]", "no_points"),
        (r"\boxed{\frac{1}{2}}", "no_points"),
        (r"It is \[(345, 702) = p", "no_points"),
    ],
)
def test_latex_makes_no_points_of_what_is_none(text: str, reason: str) -> None:
    check(text, reason)


PERCENT = Convention("percent")


@pytest.mark.parametrize(
    ("text", "scale", "order", "expected"),
    [
        (
            '<points x1="34.5" y1="70.2" x2="33.9" y2="66.1" alt="cup">cup</points>',
            "percent",
            "xy",
            FLAT,
        ),
        ("<point x='34.5' y='70.2'>a</point> then <point y=66.1 x=33.9 />", "percent", "yx", FLAT),
        (
            '```xml\n<points x1="320" y1="120" x2="64" y2="48" alt="a > b, or \'c\'"/>\n```',
            "pixels",
            "xy",
            [(500, 250), (100, 100)],
        ),
        (
            '<waypoint x="345" y="702" depth_mm="890"/>\n<waypoint x="339" y="661" depth_mm="855"/>',
            "thousandths",
            "xy",
            TRACE,
        ),
        (
            "<trace>\n<point><x>345</x> <y>702</y><depth_mm>890</depth_mm></point>\n"
            "<point><x>339</x> <y>661</y><depth_mm>855</depth_mm></point>\n</trace>",
            "thousandths",
            "xy",
            TRACE,
        ),
        ("<point>702 345</point><point>(661, 339)</point>", "thousandths", "yx", FLAT),
        ("<point>34.5% 70.2%</point><point x='33.9%' y='66.1%'/>", "percent", "xy", FLAT),
        ("<point>345, 702, 0.89,</point><point>(339, 661, 0.855, )</point>", "thousandths", "xy", TRACE),
        (
            '<point x="345" y="702" depth="89" unit="cm"/><point x="339" y="661" depth="855" units="mm"/>',
            "thousandths",
            "xy",
            TRACE,
        ),
        (
            "<|point_start|>(345,702)<|point_end|><|point_start|>(339,661)<|point_end|>",
            "thousandths",
            "xy",
            FLAT,
        ),
        ('<points coords="1 1 345 702 2 339 661">cup</points>', "thousandths", "xy", FLAT),
        ('<points x1="34.5" y1="70.2" x2="33.9" y2="66.1" alt="a 5&quot; pipe"/>', "percent", "xy", FLAT),
        (
            '<points are < here> <point></point><point x="34.5" y="70.2"/><point x="33.9" y="66.1"/>',
            "percent",
            "xy",
            FLAT,
        ),
        (
            '<point x="1" y="1"/> <points x1="34.5" y1="70.2" x2="33.9" y2="66.1"/> <point x="2" y="2"/>',
            "percent",
            "xy",
            FLAT,
        ),
        (
            "&lt;points x1=&quot;34.5&quot; y1=&quot;70.2&quot; x2=&quot;33.9&quot; y2=&quot;66.1&quot;&gt;",
            "percent",
            "xy",
            FLAT,
        ),
        (
            '<think><point x="1" y="1"><point x="2" y="2"></think><point x="3" y="3"><point x="4" y="4">',
            "percent",
            "xy",
            [(30, 30), (40, 40)],
        ),
    ],
)
def test_tags_are_read_where_the_configuration_says_so(text: str, scale: Scale, order: Order, expected: Points) -> None:
    check(text, expected, "tags", Convention(scale, order))
    check(text, "unread_form")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('<point x="34.5" y="70.2">cup</point>', "single_point"),
        ('<points x1="34.5" y1="70.2" x2="33.9" y2="6', "truncated"),
        ('<point x="34.5" y="70.2">cup</point><poi', "truncated"),
        ("<point>34.5 70.2</point><point>33.9 66", "truncated"),
        ('<point x="left" y="70.2">cup</point>', "malformed"),
        ('<point x="X34.5" y="70.2X">cup</point>', "malformed"),
        ("<point>1 2 3 4</point><point>1 2 3 4</point>", "malformed"),
        ('<point x="34.5" y="70.2" depth="near"/><point x="34.5" y="70.2" depth="far"/>', "unknown_depth"),
        ('<points x1="34.5" y1="170.2" x2="33.9" y2="66.1"/>', "out_of_image"),
        ('<box x="1" y="2" x2="3" y2="4"/> no point', "no_points"),
        ("the points x=1 y=2 < 3", "no_points"),
    ],
)
def test_tags_that_are_no_trace_get_their_reason(text: str, reason: str) -> None:
    check(text, reason, "tags", PERCENT)


@pytest.mark.parametrize(
    ("text", "parser"),
    [
        ('<points x1="34" y1="70" x2="33.9" y2="66.1" x3="1" y3="2" alt="a cup">cup</points>', "tags"),
        ('<trace><point x="34" y="70"/>\n<point x="33.9" y="66.1"/><point x="1" y="2"/></trace>', "tags"),
        ("<trace><point><x>3</x><y>7</y></point><point><x>4</x><y>7</y></point><point>5 6</point></trace>", "tags"),
        (
            "<ans>[(3, 7), <action>Close Gripper</action>, (4, 7), (5, 6), <action>Open Gripper</action>]</ans>",
            "actions",
        ),
        (
            '[{"point_3d": [3, 7, 0.8], "label": "1", "gripper": "close"}, {"point_3d": [4, 7, 0.7], "label": "2", '
            '"gripper": "none"}, {"point_3d": [5, 6, 0.9], "label": "3", "gripper": "open"}]',
            "actions",
        ),
    ],
)
def test_a_part_of_an_answer_in_another_form_is_the_whole_trace_or_none(text: str, parser: Parser) -> None:
    whole = read(text, PERCENT, parser).trace
    assert whole is not None
    assert len(whole.keypoints) == 3
    for end in range(len(text)):
        part = read(text[:end], PERCENT, parser)
        if part.trace is None:
            assert part.reason in ("no_points", "truncated"), text[:end]
        else:
            np.testing.assert_array_equal(part.trace.keypoints, whole.keypoints)


def test_a_list_is_read_where_there_are_no_tags_and_beside_them_without_the_option() -> None:
    check("[(34.5, 70.2), (33.9, 66.1)]", FLAT, "tags", PERCENT)
    check('<point x="1" y="1">: [(345, 702), (339, 661)]', FLAT)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<ans>[[345,702,0.89], <action>Close Gripper</action>, [339,661,0.855]]</ans>", TRACE),
        (
            "<ans>[(1,1,1), <action>Open Gripper</action>, (345, 702, 0.89), <action>Close Gripper</action>, "
            "(339, 661, 0.855), <action>Open Gripper</action>, (2, 2, 1)]</ans>",
            TRACE,
        ),
        ("<ans>[<action>close gripper</action> [345,702,.89], [339,661,.855]]</ans>", TRACE),
        ('[[345,702,0.89], "close_gripper", [339,661,0.855], "open_gripper"]', TRACE),
        ("```\n[(345,702,0.89), (339,661,0.855), <action>Open Gripper</action>]\n```", TRACE),
        (
            '```json\n[\n  {"point_3d": [1, 1, 1], "label": "1", "gripper": "none"},\n'
            '  {"point_3d": [345, 702, 0.89], "label": "2", "gripper": "close"},\n'
            '  {"point_3d": [339, 661, 0.855], "label": "3", "gripper": "open"},\n'
            '  {"point_3d": [2, 2, 1], "label": "4", "gripper": "none"}\n]\n```',
            TRACE,
        ),
        ('[{"gripper": "Close", "point_2d": [345, 702]}, {"point_2d": [339, 661]}]', FLAT),
    ],
)
def test_a_list_with_gripper_actions_carries_from_closing_to_opening(text: str, expected: Points) -> None:
    check(text, expected, "actions")
    check(text, "unread_form")


def test_points_among_gripper_actions_are_in_the_order_of_the_convention() -> None:
    check("[(702, 345, 0.89), 'close', (661, 339, 0.855)]", TRACE, "actions", Convention(order="yx"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<ans>[[1,1,1], <action>Close Gripper</action>, [2,2,1], <action>Op", "truncated"),
        ("<ans>[[1,1,1], [2,2,1], <action>Wave</action>]</ans>", "malformed"),
        ("<ans>[[1,1,1,1], <action>Close Gripper</action>, [2,2,1]]</ans>", "malformed"),
        ("[[1,1,1], [2,2,1], <action>Op", "truncated"),
        ("[(1,1), 'close', (2,2), 'open', (3,3), 'close', (4,4), 'open']", "several_traces"),
        ("<ans>[[1,1,1], <action>Close Gripper</action>, {2,2,1}]</ans>", "malformed"),
        ("['close', 'open', (1, 1)]", "malformed"),
        ("<ans>[[1,1,1], <action>Close Gripper</action>]</ans>", "single_point"),
        ("the <action>Close Gripper</action> at [1, 2]", "no_points"),
    ],
)
def test_lists_with_gripper_actions_that_are_no_trace_get_their_reason(text: str, reason: str) -> None:
    check(text, reason, "actions")


def test_location_tokens_are_points_in_pairs() -> None:
    assert location_tokens("<loc0512><loc0300> cup; <loc_500><loc310><loc7>") == [(512, 300), (500, 310)]
    assert location_tokens("a <location>") == "no_points"


def test_a_matrix_counts_as_points_from_four_numbers_on() -> None:
    def rows(body: str) -> object:
        return matrix_rows(strip_latex(rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"))

    assert rows(r"345 & 702 & 0.89 \\ 339 & 661") == [(345, 702), (0.89, 339)]
    assert rows(r"345 & 702 \\ 339 & 661") == [(345, 702), (339, 661)]
    assert rows(r"345 & 702 & 0.89") == "no_points"


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ('<points x1="34.5" y1="70.2" x2="33.9" y2="66.1">', "policy.parser=tags"),
        ("<ans>[[345,702,0.89], <action>Close Gripper</action>, [339,661,0.855]]</ans>", "policy.parser=actions"),
        ("<loc0512><loc0300> cup; <loc0500><loc0310> cup", "<loc0512>"),
        (r"\[\begin{bmatrix} 345 & 702 & 0.89 \\ 339 & 661 & 0.855 \end{bmatrix}\]", "matrix"),
        (r"\begin{array}{ccc} 345 & 702 & 0.89 \\ 339 & 661 & 0.855 \end{array}", "matrix"),
    ],
)
def test_a_form_that_is_not_read_names_itself_and_the_option_that_reads_it(text: str, option: str) -> None:
    failure = read(text).failure
    assert failure is not None
    assert failure.reason == "unread_form"
    assert option in failure.detail


def test_tags_that_cannot_be_read_are_no_answer_without_points() -> None:
    frames = '<tracks coords="0.0 1 345 702;0.5 1 339 661">cup</tracks>'
    for parser in ("tolerant", "tags", "actions"):
        check(frames, "malformed", parser)


@pytest.mark.parametrize("scale", ["thousandths", "fractions", "percent", "pixels"])
@pytest.mark.filterwarnings("error")
def test_numbers_beyond_all_measure_are_no_trace_and_no_warning(scale: Scale) -> None:
    for number in ("1.7e308", "-1.7e308", "9" * 400):
        answer = read(f"[({number}, 2, 1), (3, 4, {number})]", Convention(scale))
        assert answer.reason in ("out_of_image", "not_finite")

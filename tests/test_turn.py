"""Turns of a record: what was asked and answered, and what became of the answer."""

from __future__ import annotations

import numpy as np
import pytest

from tracesim.geometry.trace import ImageTrace, Trace
from tracesim.policy import Reply
from tracesim.results.turn import Query, Turn

REPLY = Reply(
    "the answer",
    prompt="the prompt",
    latency_s=1.5,
    prompt_tokens=10,
    answer_tokens=20,
    before=(Reply("the cup", prompt="what?"), Reply("there", prompt="where?")),
    finish_reason="stop",
    depth_asked=True,
)
FLAT = ImageTrace(np.array([[1.0, 2.0], [3.0, 4.0]]))
DEEP = ImageTrace(np.array([[1.0, 2.0, 0.5], [3.0, 4.0, 0.6]]))
TRACE = Trace(np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]))


def test_a_turn_keeps_what_was_asked_answered_and_lifted() -> None:
    turn = Turn.of("Lift the mug.", {"cup": "mug"}, REPLY, DEEP, TRACE, "measured")
    assert turn == Turn(
        instruction="Lift the mug.",
        words={"cup": "mug"},
        prompt="the prompt",
        answer="the answer",
        latency_s=1.5,
        prompt_tokens=10,
        answer_tokens=20,
        finish_reason="stop",
        queries=[Query(prompt="what?", answer="the cup"), Query(prompt="where?", answer="there")],
        image_trace=[[1.0, 2.0, 0.5], [3.0, 4.0, 0.6]],
        contact_depth="measured",
        trace=[(0.1, 0.2, 0.3), (0.4, 0.5, 0.6)],
        depth_asked=True,
    )


def test_what_was_not_lifted_has_no_contact_depth_and_what_was_not_read_no_keypoints() -> None:
    unlifted = Turn.of("Lift.", {}, REPLY, DEEP, None, "measured")
    assert (unlifted.image_trace, unlifted.contact_depth, unlifted.trace) == (DEEP.keypoints.tolist(), None, None)
    unread = Turn.of("Lift.", {}, REPLY, None, None)
    assert (unread.image_trace, unread.contact_depth, unread.trace) == (None, None, None)


@pytest.mark.parametrize(("image_trace", "lacks"), [(FLAT, True), (DEEP, False), (None, False)])
def test_an_answer_lacks_depth_where_one_was_asked_for_and_2d_was_answered(
    image_trace: ImageTrace | None, lacks: bool
) -> None:
    assert Turn.of("Lift.", {}, REPLY, image_trace, None).lacks_depth == lacks
    assert not Turn.of("Lift.", {}, Reply("the answer"), image_trace, None).lacks_depth

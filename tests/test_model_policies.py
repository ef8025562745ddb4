"""Tests of policies that ask a model: published requests and prompts, and options that are refused."""

from __future__ import annotations

import base64
import io
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.faulty_server import FaultyServer
from tests.noting import CAMERA, DEPTH, OBSERVATION, QUESTION, RGB, Noting
from tracesim.answers.reading import read
from tracesim.cli.composition import policy_choice
from tracesim.errors import ConfigurationError
from tracesim.language.question import Question
from tracesim.models.prompting import ModelPolicy
from tracesim.policies import make_policy
from tracesim.policy import Reply


def asked(noting: Noting, *words: str, question: Question = QUESTION) -> Reply:
    with FaultyServer(noting, share=0.0) as server:
        choice = policy_choice([*words, f"policy.url={server.url}"])
        policy = make_policy(choice.kind, choice.arguments)
        assert isinstance(policy, ModelPolicy)
        with closing(policy):
            return policy.answer(OBSERVATION, question)


TUPLES_3D = (
    "Your answer should be formatted as a list of tuples, i.e., [(x1, y1, d1), (x2, y2, d2), ...], where each tuple "
    "contains the x and y coordinates and the depth of the point."
)
PUBLISHED = {
    ("robotracer", "simulation", 3): "Please predict 3D object-centric visual trace to complete the task successfully. "
    f'The task is "Put the cup on the plate.". {TUPLES_3D}',
    ("robotracer", "tracespatial", 3): 'Point the 3D object-centric visual trace for the task "Put the cup on the '
    'plate.". Your answer should be formatted as a list of tuples, i.e., [(x1, y1, d1), (x2, y2, d2), ...], where each '
    "tuple contains the x and y coordinates of the point, and d is the depth of the point.",
    ("robotracer", "tracespatial", 2): 'Point the 2D object-centric visual trace for the task "Put the cup on the '
    'plate.". Your answer should be formatted as a list of tuples, i.e., [(x1, y1), (x2, y2), ...], where each tuple '
    "contains the x and y coordinates of the point.",
    ("gemini", "tracespatial", 3): "You are currently a robot performing robotic manipulation tasks. You have already "
    "pick up the cup. The task instruction is: move the cup to the plate. Please predict up to 10 key 3D trajectory "
    "points starting from the cup to complete the task. Your answer should be formatted as a list of tuples, i.e. "
    "[[x1, y1, d1], [x2, y2, d2], ...], where each tuple contains the x, y, and depth coordinates of the image. The x "
    "and y should be 0-1000 to indicate a point in the image.  The unit of depth is meters. But you never output unit, "
    "just output number. Output the point coordinates in JSON format.",
    ("qwen3_vl_query", "tracespatial", 2): "You are currently a robot performing robotic manipulation tasks. You have "
    "already pick up the cup. The task instruction is: move the cup to the plate. Please predict up to 10 key 2D "
    "trajectory points starting from the cup to complete the task. Your answer should be formatted as a list of "
    "tuples, i.e. [[x1, y1], [x2, y2], ...], where each tuple contains the x and y coordinates of the image. The x and "
    "y should be 0-1000 to indicate a point in the image. Output the point coordinates in JSON format.",
    ("robobrain", "simulation", 3): "Please predict 3D end-effector-centric waypoints to complete the task "
    f'successfully. The task is "Put the cup on the plate.". {TUPLES_3D}',
    ("roborefer", "refspatial", 3): "Put the cup on the plate.",
    ("hamster3d", "simulation", 3): "Put the cup on the plate.\nPredict the full manipulation trajectory as point_3d "
    "waypoints with depth and gripper state in JSON.",
    ("molmoact", "simulation", 2): "The task is put the cup on the plate. What is the action that the robot should "
    "take. To figure out the action that the robot should take to put the cup on the plate, let's think through it "
    "step by step. First, what is the depth map for the first image? Second, what is the trajectory of the end "
    "effector in the first image? Based on the depth map of the first image and the trajectory of the end effector in "
    "the first image, along with other images from different camera views as additional information, what is the "
    "action that the robot should take?",
}


@pytest.mark.parametrize(("policy", "setting", "dimensions"), PUBLISHED)
def test_prompts_are_the_published_ones_to_the_letter(
    policy: str, setting: Any, dimensions: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "secret")
    choice = policy_choice([f"policy={policy}", f"policy.dimensions={dimensions}"])
    made = make_policy(choice.kind, choice.arguments)
    assert isinstance(made, ModelPolicy)
    question = Question("Put the cup on the plate.", "object-centric", "the cup", "the plate", setting=setting)
    assert question.prompt(made.template(question)) == PUBLISHED[policy, setting, dimensions]


ANSWERS: dict[str, tuple[str, list[tuple[float, ...]]]] = {
    "hamster3d": (
        '```json\n[{"point_3d": [512, 640, 0.82], "label": "1", "gripper": "none"}, {"point_3d": [500, 700, 0.86], '
        '"label": "2", "gripper": "close"}, {"point_3d": [300, 600, 0.9], "label": "3", "gripper": "open"}]\n```',
        [(500, 700, 0.86), (300, 600, 0.9)],
    ),
    "gemini_er": (
        '```json\n[\n  {"point": [719, 510], "label": "0"},\n  {"point": [620, 300], "label": "1"}\n]\n```',
        [(510, 719), (300, 620)],
    ),
    "robobrain_4b": ("[(500, 700, 0.860), (300, 600, 0.900)]", [(500, 700, 0.86), (300, 600, 0.9)]),
    "molmoact": (
        "The depth map of the first image is <DEPTH_START><DEPTH_34><DEPTH_2><DEPTH_END>. The trajectory of the end "
        "effector in the first image is [[128,64],[192,255]]. Based on these information, the action that the robot "
        'should take is ["Ġmong", "ĠbyÅĤ", "\u00e0\u00a4\u00a8"].',
        [(500, 250), (750, 996.09375)],
    ),
    "molmo": ('<points x1="34.5" y1="70.2" x2="40.1" y2="50" alt="path">path</points>', [(345, 702), (401, 500)]),
    "qwen2_5_vl": ('```xml\n<points x1="322" y1="119" x2="161" y2="238">cup</points>\n```', [(500, 250), (250, 500)]),
}


@pytest.mark.parametrize("policy", ANSWERS)
def test_each_model_is_configured_to_be_read_as_it_answers(policy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "secret")
    choice = policy_choice([f"policy={policy}"])
    made = make_policy(choice.kind, choice.arguments)
    assert isinstance(made, ModelPolicy)
    text, expected = ANSWERS[policy]
    answer = read(text, made.convention, made.parser, size=(640, 480))
    assert answer.trace is not None, answer.reason
    np.testing.assert_allclose(answer.trace.keypoints, expected)


@pytest.mark.parametrize(
    ("variant", "spatial", "intrinsics", "depth"),
    [
        ("RoboTracer_RGB", 0, False, False),
        ("RoboTracer", 1, False, False),
        ("RoboTracer_Intrinsics", 1, True, False),
        ("RoboTracer_Intrinsics_Depth", 1, True, True),
    ],
)
def test_robotracer_is_given_what_its_variant_takes(
    tmp_path: Path, variant: str, spatial: int, intrinsics: bool, depth: bool
) -> None:
    noting = Noting("[(1, 2, 0.3), (4, 5, 0.6)]")
    reply = asked(noting, "policy=robotracer", f"policy.variant={variant}", f"policy.scratch={tmp_path}")
    [body] = noting.bodies
    assert set(body) == {"image_paths", "depth_z_paths", "intrinsics", "enable_spatial", "text"}
    assert body["enable_spatial"] == spatial
    assert body["intrinsics"] == (CAMERA.intrinsics.tolist() if intrinsics else None)
    assert body["text"] == reply.prompt == PUBLISHED["robotracer", "simulation", 3]
    assert all(Path(one).is_absolute() for one in body["image_paths"])
    assert np.array_equal(decoded(noting.files[0]), RGB)
    assert (body["depth_z_paths"] is not None) == depth == (len(noting.files) == 2)
    if depth:
        assert np.array_equal(decoded(noting.files[1]), np.round(DEPTH * 1000))
    assert reply.text == "[(1, 2, 0.3), (4, 5, 0.6)]"
    assert reply.latency_s is not None
    assert not list(tmp_path.iterdir())


def decoded(file: bytes) -> Any:
    return np.asarray(Image.open(io.BytesIO(file)))


@pytest.mark.parametrize(("depth", "enabled", "sent"), [("none", 0, 0), ("estimated", 1, 0), ("sent", 1, 1)])
def test_a_query_server_is_sent_pictures_in_base64(depth: str, enabled: int, sent: int) -> None:
    noting = Noting("[(1, 2, 0.3), (4, 5, 0.6)]")
    asked(noting, "policy=qwen3_vl_query", f"policy.depth={depth}")
    [body] = noting.bodies
    assert set(body) == {"image_url", "depth_url", "enable_depth", "text"}
    assert np.array_equal(decoded(base64.b64decode(body["image_url"][0])), RGB)
    assert (body["enable_depth"], len(body["depth_url"])) == (enabled, sent)
    if sent:
        nearness = decoded(base64.b64decode(body["depth_url"][0]))
        assert nearness.shape == (48, 64, 3)
        assert nearness[..., 0].flat[DEPTH.argmin()] == 255
        assert nearness[..., 0].flat[DEPTH.argmax()] == 0


def test_a_chat_server_is_asked_as_openai_documents_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "secret")
    noting = Noting("[[1, 2, 0.3], [4, 5, 0.6]]", "[[1, 2, 0.3], [4, 5, 0.6]]")
    words = ["policy=vlm", "policy.model=some/model", "policy.api_key_env=MY_KEY", "+policy.extra.seed=3"]
    asked(noting, *words)
    asked(noting, *words, "policy.structured=regex")
    plain, structured = noting.bodies
    assert (plain["model"], plain["temperature"], plain["seed"]) == ("some/model", 0.0, 3)
    [text, picture] = plain["messages"][0]["content"]
    assert text["type"] == "text"
    assert picture["image_url"]["url"].startswith("data:image/png;base64,")
    assert "structured_outputs" not in plain
    assert structured["structured_outputs"]["regex"]


@pytest.mark.parametrize(("policy", "listed"), [("agent", "poses"), ("waypoints", "waypoints")])
def test_answers_that_say_more_are_asked_for_by_a_schema_of_their_own(policy: str, listed: str) -> None:
    noting = Noting("[]")
    asked(noting, f"policy={policy}", "policy.model=some/model")
    [body] = noting.bodies
    form = body["response_format"]["json_schema"]
    assert (form["name"], form["strict"]) == (listed, True)
    assert list(form["schema"]["properties"]) == [listed]
    prompt = body["messages"][0]["content"][0]["text"]
    assert QUESTION.instruction in prompt
    assert ("The camera is at (-0.7, 0.0, 0.8) m, looking along (0.659, 0.0, -0.753)" in prompt) == (policy == "agent")


def test_a_key_that_is_missing_is_said_before_anything_is_played(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GEMINI_API_KEY", raising=False)
    with pytest.raises(ConfigurationError, match="GEMINI_API_KEY is not set"):
        make_policy("vlm", policy_choice(["policy=gemini"]).arguments)


def test_a_2d_answer_is_lifted_by_a_second_query_in_the_papers_form() -> None:
    noting = Noting("[(100, 200), (300, 400)]", "[(100, 200, 0.900), (300, 400, 0.800)]")
    reply = asked(noting, "policy=robotracer", "policy.dimensions=2", "policy.lifting=query")
    assert noting.bodies[1]["text"] == (
        "Please lift the 2D object-centric waypoints to 3D object-centric waypoints to complete the task successfully. "
        'The task is "Put the cup on the plate.". The 2D waypoints is [(100, 200), (300, 400)]. Your answer should be '
        "formatted as a list of tuples, i.e., [(x1, y1, d1), ...]."
    )
    assert reply.text == "[(100, 200, 0.900), (300, 400, 0.800)]"
    assert [one.text for one in reply.before] == ["[(100, 200), (300, 400)]"]
    assert reply.depth_asked


def test_what_cannot_be_lifted_is_not_asked_about_again() -> None:
    noting = Noting("I see a cup.")
    reply = asked(noting, "policy=robotracer", "policy.dimensions=2", "policy.lifting=query")
    assert (reply.text, reply.before) == ("I see a cup.", ())


def test_two_points_make_a_trace() -> None:
    noting = Noting("[(0.25, 0.5)]", "[(0.75, 0.125), (0.1, 0.1)]")
    reply = asked(noting, "policy=roborefer")
    assert reply.text == "[(0.25, 0.5), (0.75, 0.125)]"
    assert [body["text"].split(".")[0] for body in noting.bodies] == ["Point out the cup", "Point out the plate"]
    assert [one.text for one in reply.before] == ["[(0.25, 0.5)]", "[(0.75, 0.125), (0.1, 0.1)]"]


def test_a_point_that_is_missing_is_said() -> None:
    reply = asked(Noting("[(0.25, 0.5)]", "There is no plate."), "policy=roborefer")
    assert (reply.text, len(reply.before)) == ("There is no plate.", 1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("policy=robotracer", "policy.variant=RoboTracer_RGBD"), "policy.variant=RoboTracer_RGBD. Valid: 'RoboTracer"),
        (("policy=robotracer", "policy.timeout_s=soon"), "policy.timeout_s=soon: input should be a valid number"),
        (("policy=robotracer", "policy.timeout=3"), "Unknown option of policy robotracer 'timeout'.* 'timeout_s'"),
        (("policy=vlm", "policy.prompt='{goal}'"), "Valid fields: {instruction}"),
        (
            ("policy=agent", "policy.structured=regex"),
            "policy.parser=poses reads more. Set policy.structured=json_schema",
        ),
        (("policy=robotracer", "policy.url=somewhere"), "somewhere"),
        (("policy=robotracer", "policy.in_flight=0"), "has to be 1 or more"),
        (("policy=robobrain", "policy.lifting=query", "policy.prompts.lifting=x"), "Unknown prompt 'lifting'"),
    ],
)
def test_a_wrong_option_is_said_in_one_line(words: tuple[str, ...], said: str) -> None:
    choice = policy_choice(list(words))
    with pytest.raises(ConfigurationError, match=said):
        make_policy(choice.kind, choice.arguments)

"""Tests of the controller: which contacts and monitors end a motion or an episode."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.control.bench import HAND, on_table
from tests.control.driven import LEFT, SAMPLE_S, Driven, Watching, joints_along
from tests.control.test_grasp_planner import ACROSS, box, held
from tracesim.control.controller import SAMPLE_STEPS
from tracesim.control.monitors import Collision
from tracesim.failure import EpisodeEnded, Failure
from tracesim.geometry.rigid import FloatArray, inverse, transform
from tracesim.simulation.scene import TIMESTEP_S


def test_a_link_that_touches_something_stops_the_episode_at_once() -> None:
    driven = Driven(post=box(0.04, 0.04, 0.25, -0.05, 0.2))
    path = joints_along(driven, *((-0.05, y, 0.2) for y in np.linspace(-0.1, 0.2, 31)))
    driven.controller.approach(path[:1])
    driven.controller.follow(None)
    with pytest.raises(Collision) as ended:
        driven.controller.move_along(path, Watching(), 0.2)
    contact = ended.value.contact
    assert contact.moving in HAND.links
    assert contact.other == "post"
    assert contact.time_s == pytest.approx(driven.recording.times_s[-1])
    x, y, z = contact.position
    assert (x, y) == pytest.approx((-0.05, 0.18), abs=0.021)
    assert 0.1 < z < 0.26
    # Not long before, it had not touched it.
    poses = driven.recording.poses("post")
    assert np.linalg.norm(poses[-1, :3, 3] - poses[0, :3, 3]) < 0.01


def touching(*allowed: tuple[str, str], follow: bool = True, samples: int = 1) -> Driven:
    """Return a bench with a body that stands on the table, which the robot is said to move."""
    driven = Driven(moved=box(0.04, 0.04, 0.04, 0.0, 0.0), other=box(0.04, 0.04, 0.04, 0.0, 0.1))
    if follow:
        driven.controller.follow(driven.bench.layout["moved"], *allowed)
    for _ in range(samples):
        driven.controller.stand()
    return driven


def collision(happen: Callable[[], object]) -> tuple[str, str]:
    """Return which body or link touched which."""
    with pytest.raises(Collision) as ended:
        happen()
    failure, contact = ended.value.failure, ended.value.contact
    assert failure.reason == f"{contact.moving}-{contact.other}"
    return contact.moving, contact.other


def in_finger(driven: Driven) -> FloatArray:
    """Return the pose of a body that overlaps a finger of the open hand."""
    return np.asarray(driven.scene.robot.tcp_in_world @ transform(translation=(0.0, 0.03, -0.03)))


def test_only_the_contacts_of_what_the_robot_moves_count_and_only_those_not_allowed() -> None:
    touching(follow=False)
    touching(("moved", "table"), samples=5)
    touching(("table", "moved"))
    assert collision(touching) == ("moved", "table")
    assert collision(lambda: touching(("moved", "other"))) == ("moved", "table")
    driven = touching(follow=False)
    driven.controller.allow("moved", "table", "other")
    driven.controller.allow("other", "table")
    driven.controller.follow(driven.bench.layout["moved"])
    driven.controller.stand()


def test_a_collision_names_the_carried_body_before_what_it_touches() -> None:
    driven = touching(("moved", "table"))
    driven.put("moved", on_table(0.0, 0.062))
    assert collision(driven.controller.stand) == ("moved", "other")
    # Also where the other one is a link of the robot.
    driven = touching(("moved", "table"))
    driven.put("moved", in_finger(driven))
    moving, other = collision(driven.controller.stand)
    assert moving == "moved"
    assert other in HAND.links
    # A body that the robot does not move is named second.
    driven = touching(follow=False)
    driven.put("other", in_finger(driven))
    moving, other = collision(driven.controller.stand)
    assert moving in HAND.links
    assert other == "other"


def test_contacts_are_no_longer_checked_once_a_body_is_let_go() -> None:
    driven = touching(("moved", "table"), ("moved", "other"))
    driven.controller.retreat(np.zeros((0, 7)), driven.bench.layout["moved"])  # the body stands on the table on
    assert driven.phases[-1] == ("settle", 30)
    # What was allowed on the trace is not allowed any more.
    driven.controller.follow(driven.bench.layout["moved"])
    assert collision(driven.controller.stand) == ("moved", "table")


def test_a_release_ends_what_was_allowed() -> None:
    driven = Driven(held=held(ACROSS))
    plan = driven.hold()
    driven.controller.release(driven.bench.layout["held"], plan.grasp)
    driven.put("held", driven.scene.robot.tcp_in_world @ inverse(ACROSS.tcp_in_prop) @ transform(None, (0, 0.02, 0)))
    moving, other = collision(driven.controller.stand)
    assert moving in HAND.links
    assert other == "held"


def test_a_body_that_was_released_may_touch_what_it_stands_on() -> None:
    driven = Driven(held=held(ACROSS))
    plan = driven.hold()
    body = driven.bench.layout["held"]
    driven.controller.follow(body, ("held", "table"))
    driven.controller.release(body, plan.grasp)
    driven.controller.wait(0.1)
    assert driven.scene.body_in_world("held")[2, 3] == pytest.approx(0.0, abs=1e-3)


def test_a_contact_between_two_samples_counts_too() -> None:
    driven = touching(follow=False)
    driven.put("other", in_finger(driven))
    driven.controller.wait(TIMESTEP_S)
    driven.put("other", on_table(0.0, 0.3, 0.5))
    driven.controller.wait((SAMPLE_STEPS - 2) * TIMESTEP_S)
    moving, other = collision(lambda: driven.controller.wait(TIMESTEP_S))
    assert moving in HAND.links
    assert other == "other"


def test_a_monitor_may_disallow_a_contact_between_two_samples() -> None:
    driven = touching(follow=False)
    driven.controller.allow("other", *driven.scene.robot.links)
    driven.put("other", in_finger(driven))
    watching = Watching(lambda first, second: "disallowed" if "other" in (first, second) else None)
    driven.controller.wait(TIMESTEP_S, watching)
    driven.put("other", on_table(0.0, 0.3, 0.5))
    driven.controller.wait((SAMPLE_STEPS - 2) * TIMESTEP_S, watching)
    moving, other = collision(lambda: driven.controller.wait(TIMESTEP_S, watching))
    assert moving in HAND.links
    assert other == "other"


def test_a_monitor_may_say_what_a_contact_means() -> None:
    driven = touching(("moved", "table"))
    disallowed = Watching(lambda first, second: "disallowed")
    assert collision(lambda: driven.controller.wait(SAMPLE_S, disallowed)) == ("moved", "table")
    driven = touching(follow=False)
    driven.controller.follow(driven.bench.layout["moved"])
    watching = Watching(lambda first, second: "allowed" if {first, second} == {"moved", "table"} else None)
    driven.controller.wait(SAMPLE_S, watching)
    assert watching.landed == [False]


def test_a_landing_ends_the_motion_where_the_arm_is() -> None:
    driven = touching(("moved", "table"))
    path = joints_along(driven, *LEFT)
    driven.controller.approach(path[:1])
    driven.controller.follow(None)
    watching = Watching(lambda first, second: "landed" if driven.scene.time_s > until else None)
    until = driven.scene.time_s + 0.5
    assert not driven.controller.move_along(path, watching, 0.1)
    assert watching.landed[-1]
    assert not any(watching.landed[:-1])
    assert driven.scene.time_s == pytest.approx(until + SAMPLE_S, abs=SAMPLE_S)
    at = driven.scene.robot.tcp_in_world[:3, 3]
    driven.controller.wait(0.3)
    assert driven.scene.robot.tcp_in_world[:3, 3] == pytest.approx(at, abs=3e-3)
    assert driven.scene.robot.articulation.qvel == pytest.approx(0.0, abs=1e-3)


def test_a_monitor_may_end_the_episode() -> None:
    driven = Driven()

    class Strict(Watching):
        def check(self, landed: bool) -> None:
            raise EpisodeEnded(Failure("track", "deviation"))

    with pytest.raises(EpisodeEnded) as ended:
        driven.controller.wait(1.0, Strict())
    assert ended.value.failure.stage == "track"
    assert driven.scene.time_s == pytest.approx(SAMPLE_S)


def test_links_of_the_robot_may_touch_each_other_and_its_mount_the_table() -> None:
    driven = Driven()
    driven.controller.close_hand()  # the fingers press on each other
    driven.controller.wait(0.2)
    assert len(driven.recording) > 20

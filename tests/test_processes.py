"""Environments in threads and processes, and at their end: they work or say why not, and nothing hangs or crashes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

CLONE = Path(__file__).parents[1]
LIMIT_S = 240.0

BEGIN = """
import gc, os, sys, threading
import gymnasium as gym
import numpy as np
import tracesim

def make(**arguments):
    return gym.make("TraceSim-StackBlocksTwo-v1", **{"variation": "clean", **arguments})

def play(environment, seed):
    environment.reset(seed=seed)
    keypoints = environment.unwrapped.episode.task.expert().keypoints
    action = np.pad(keypoints, ((0, 64 - len(keypoints)), (0, 0)), mode="edge").astype(np.float32)
    return environment.step(action)
"""

FORKS = """
from gymnasium.vector import AsyncVectorEnv
from tracesim.errors import RendererError

def in_child(work):
    child = os.fork()
    if child == 0:
        work()
        sys.exit(7)  # an ordinary end, with everything that Python lets go of there
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def refused(work):
    def expected():
        try:
            work()
        except RendererError as error:
            assert '"spawn"' in str(error)
        else:
            os._exit(1)
    return expected

def draws():
    assert make().reset(seed=5)[0]["rgb"].any()

print("before", in_child(draws))
drawn = make()
play(drawn, 4)  # draws, in the parent
print("at its end", in_child(lambda: None))
print("closes", in_child(drawn.close))
print("a new one", in_child(refused(draws)))
print("the parent's, reset", in_child(refused(lambda: drawn.reset(seed=5))))
drawn.reset(seed=4)
print("the parent's, stepped", in_child(refused(lambda: drawn.step(np.zeros((64, 3))))))
print("without pixels", in_child(lambda: play(make(observation=()), 4)[1] == 1.0 or os._exit(1)))
environments = AsyncVectorEnv([make, make], context="fork")
try:
    environments.reset(seed=0)
except RendererError as error:
    print("vector", "spawn" in str(error))
environments.close()
print("the parent", play(drawn, 4)[1])
"""

THREADS = """
results = {}

def work(name):
    environment = make(observation=())
    results[name] = play(environment, 4)[4]
    environment.close()

threads = [threading.Thread(target=work, args=(name,)) for name in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
work("alone")
assert len(results) == 4 and all(result == results["alone"] for result in results.values()), results
print("equal")
"""

END = """
lost = make(observation=())
lost.reset(seed=4)
del lost
gc.collect()
drawn = make(render_mode="rgb_array")
drawn.reset(seed=4)
drawn.render()
drawn.unwrapped.itself = drawn  # a cycle, which only the collector can end
handed_over = make(observation=())
handed_over.reset(seed=4)
thread = threading.Thread(target=lambda: (play(handed_over, 4), handed_over.close(), handed_over.close()))
thread.start()
thread.join()

def for_ever():
    environment = make(observation=())
    while True:
        play(environment, 4)
        begun.set()

begun = threading.Event()
threading.Thread(target=for_ever, daemon=True).start()
assert begun.wait(60)
print("ends")
"""


def said(script: str) -> list[str]:
    """Return the lines that a script of its own process prints, which ends by itself and complains of nothing."""
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", BEGIN + script],
        cwd=CLONE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            stdout, stderr = process.communicate(timeout=LIMIT_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # its children with it
            raise
    assert process.returncode == 0, stdout + stderr
    assert "Fatal" not in stderr
    assert "Traceback" not in stderr or "RendererError" in stderr, stderr
    return stdout.splitlines()


def test_a_process_forked_after_rendering_says_how_to_start_it_instead(renderer: None) -> None:
    assert said(FORKS) == [
        "before 7",
        "at its end 7",
        "closes 7",
        "a new one 7",
        "the parent's, reset 7",
        "the parent's, stepped 7",
        "without pixels 7",
        "vector True",
        "the parent 1.0",
    ]


def test_threads_get_what_one_thread_gets() -> None:
    assert said(THREADS) == ["equal"]


def test_what_is_left_open_ends_with_the_process(renderer: None) -> None:
    assert said(END) == ["ends"]

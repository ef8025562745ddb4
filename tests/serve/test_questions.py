"""Tests of a server's questions to its backend: their order, failures of the backend, and the server's end."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from PIL import Image

from tests.published_requests import PROMPT, by_value, refusal
from tests.running_server import Repeating, RunningServer
from tracesim.errors import InfrastructureError
from tracesim.serve.backend import Answered
from tracesim.serve.recorded import Recorded, Recording


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (InfrastructureError("the device has no\nmemory left"), "the device has no memory left"),
        (ZeroDivisionError("secret"), "the server failed (ZeroDivisionError); see its terminal."),
    ],
)
def test_a_backend_that_fails_shows_no_traceback(fault: Exception, said: str) -> None:
    with RunningServer(Repeating(fault)) as server:
        response = httpx.post(f"{server.url}/query", json=by_value(), trust_env=False)
    assert refusal(response, 500) == said


def test_an_answer_with_half_a_surrogate_pair_is_sent() -> None:
    recorded = Recorded([Recording((PROMPT,), Answered("\ud83d"))])
    with RunningServer(recorded) as server:
        response = httpx.post(f"{server.url}/query", json=by_value(), trust_env=False)
    assert response.json()["answer"] == "\ud83d"


class Slow(Repeating):
    """Backend that waits for permission to answer."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.told = threading.Event(), threading.Event()

    def answer(self, prompt: str, images: Sequence[Image.Image], longest: int | None = None) -> Answered:
        self.asked.set()
        self.told.wait(30.0)
        return super().answer(prompt, images, longest)


def test_questions_are_answered_in_turn_and_not_for_those_who_have_left() -> None:
    backend = Slow()
    with RunningServer(backend) as server, ThreadPoolExecutor(1) as pool:

        def ask(text: str, timeout_s: float = 30.0) -> httpx.Response:
            return httpx.post(f"{server.url}/query", json=by_value(text=text), timeout=timeout_s, trust_env=False)

        first = pool.submit(ask, "first")
        assert backend.asked.wait(30.0)
        with pytest.raises(httpx.ReadTimeout):
            ask("second", 0.3)
        time.sleep(0.3)  # until the server has noticed that the second client has disconnected
        backend.told.set()
        assert first.result().json()["answer"] == "first"
        assert ask("third").json()["answer"] == "third"
    assert [prompt for prompt, _, _ in backend.seen] == ["first", "third"]


def test_a_server_that_ends_leaves_nobody_waiting() -> None:
    backend = Slow()
    with ThreadPoolExecutor(1) as pool:
        with RunningServer(backend, goodbye_s=1) as server:
            asked = pool.submit(httpx.post, f"{server.url}/query", json=by_value(), timeout=30.0, trust_env=False)
            assert backend.asked.wait(30.0)
        assert not backend.told.is_set()
        backend.told.set()
        assert refusal(asked.result(), 503) == "the server is shutting down."

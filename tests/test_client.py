"""Tests of the HTTP client: retries, limits, refusals, and secrets that are never shown."""

from __future__ import annotations

import email.utils
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.faulty_server import FAULTS, FaultyServer, echo
from tracesim.errors import BudgetSpentError, ConfigurationError, InfrastructureError
from tracesim.models.client import Client, _retry_after_s
from tracesim.models.patience import Patience

SWIFT = Patience(timeout_s=2.0, retries=4, backoff_s=0.001, longest_wait_s=0.01)
SECRET = "sk-0123456789abcdef"


def answer_in(response: Any) -> str:
    if response["result"] != 1 or not isinstance(response["answer"], str):
        raise ValueError("no answer")
    return str(response["answer"])


def ask(client: Client, text: str) -> str:
    return client.post("/query", {"text": text}, answer_in)[0]


@pytest.fixture
def nobody() -> Iterator[str]:
    """Yield a URL at which no server listens; the port is reserved."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


def refused(status: int, said: bytes = b"", **headers: str) -> Callable[[Any, bytes], None]:
    return lambda it, answer: it.reply(status, said, **headers)


def test_a_server_that_fails_changes_no_answer() -> None:
    questions = [f"question {number}" for number in range(60)]
    with FaultyServer(share=0.3, seed=1) as server, Client(server.url, SWIFT) as client, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda text: ask(client, text), questions))
    assert answers == [f"{text}?" for text in questions]
    assert sum(server.met.values()) > 10
    assert len(server.requests) <= len(questions) * (SWIFT.retries + 1)


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_may_pass_is_tried_again(fault: str) -> None:
    # The short timeout is for faults that never end; on a busy machine it may also make a healthy answer be retried.
    patience = Patience(timeout_s=0.5, retries=8, backoff_s=0.001, longest_wait_s=0.001)
    with (
        FaultyServer(share=1.0, faults=(fault,), in_a_row=2) as server,
        Client(server.url, patience) as client,
    ):
        assert ask(client, "what") == "what?"
    assert [fault for _, fault in server.requests][:3] == [fault, fault, ""]


@pytest.mark.parametrize("fault", ["500", "HTML", "wrong shape", "connection reset", "too large"])
def test_tries_are_bounded_and_the_last_fault_is_said(fault: str) -> None:
    with (
        FaultyServer(share=1.0, faults=(fault,), in_a_row=99) as server,
        Client(server.url, SWIFT) as client,
        pytest.raises(InfrastructureError, match=r"/query: .*, tried 5 times\.$") as raised,
    ):
        ask(client, "what")
    assert len(server.requests) == 5
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 600


def test_latency_is_that_of_the_request_that_succeeded() -> None:
    with FaultyServer(share=1.0, faults=("429 with Retry-After",), in_a_row=1) as server:
        patience = Patience(longest_wait_s=0.3)
        with Client(server.url, patience) as client:
            started = time.monotonic()
            _, latency_s = client.post("/query", {"text": "what"}, answer_in)
            whole_s = time.monotonic() - started
    assert 0.0 < latency_s <= whole_s - 0.3


@pytest.mark.parametrize(("asked_for_s", "longest_wait_s"), [(1, 9.0), (100_000, 0.05)])
def test_retry_after_is_waited_for_within_bounds(asked_for_s: int, longest_wait_s: float) -> None:
    """A client that waited for more than a day, as it is asked to, would not be done."""
    patience = Patience(backoff_s=0.0, longest_wait_s=longest_wait_s)
    slow_down = refused(429, Retry_After=str(asked_for_s))
    with (
        FaultyServer(share=1.0, faults={"slow down": slow_down}, in_a_row=1) as server,
        Client(server.url, patience) as client,
    ):
        ask(client, "what")
    first, second = server.times_s
    assert second - first >= min(asked_for_s, longest_wait_s)


def test_retry_after_may_be_a_date() -> None:
    now = 1_800_000_000.0
    date, later = email.utils.formatdate(now, usegmt=True), email.utils.formatdate(now + 90.0, usegmt=True)
    assert _retry_after_s(httpx.Headers({"Date": date, "Retry-After": later})) == 90.0
    assert _retry_after_s(httpx.Headers({"Date": later, "Retry-After": date})) == 0.0
    soon = email.utils.formatdate(time.time() + 60.0, usegmt=True)
    assert _retry_after_s(httpx.Headers({"Retry-After": soon})) == pytest.approx(60.0, abs=10.0)
    assert _retry_after_s(httpx.Headers({"Retry-After": "120"})) == 120.0


@pytest.mark.parametrize("nonsense", ["", "soon", "-1", "nan", "inf", "9" * 400, "Mon, 99 Foo 2026", "١"])
def test_a_retry_after_that_says_nothing_counts_for_nothing(nonsense: str) -> None:
    assert _retry_after_s(httpx.Headers([(b"Retry-After", nonsense.encode())])) is None


@pytest.mark.parametrize(
    ("status", "hint"),
    [(400, ""), (401, "API key"), (403, "API key"), (404, "Set the url"), (413, "smaller image"), (422, "")],
)
def test_a_refusal_is_not_tried_again(status: int, hint: str) -> None:
    refusal = refused(status, b'{"error": "because\n  of ' + b"x" * 900 + b'"}')
    with (
        FaultyServer(share=1.0, faults={"refusal": refusal}) as server,
        Client(server.url, SWIFT) as client,
        pytest.raises(InfrastructureError, match=f"HTTP {status}.*because of xxx.*{hint}") as raised,
    ):
        ask(client, "what")
    assert len(server.requests) == 1
    assert len(str(raised.value)) < 400


def test_a_redirect_is_said_and_not_followed() -> None:
    redirect = refused(307, Location="https://example.org/query")
    with (
        FaultyServer(share=1.0, faults={"redirect": redirect}) as server,
        Client(server.url, SWIFT) as client,
        pytest.raises(InfrastructureError, match=r"HTTP 307.*Set the url to .*example\.org"),
    ):
        ask(client, "what")


def test_a_server_that_is_down_is_asked_once_a_query_until_it_is_up(nobody: str) -> None:
    with Client(nobody, SWIFT) as client:
        with pytest.raises(InfrastructureError, match=r"cannot connect .*refused.*tried 5 times"):
            ask(client, "what")
        for _ in range(3):
            with pytest.raises(InfrastructureError, match="tried once"):
                ask(client, "what")


def test_once_a_server_is_up_again_all_tries_are_made_again() -> None:
    with FaultyServer(share=1.0, faults=("502",), in_a_row=5) as server, Client(server.url, SWIFT) as client:
        with pytest.raises(InfrastructureError, match=r"502.*5 times"):
            ask(client, "what")
        assert ask(client, "what") == "what?"
        with pytest.raises(InfrastructureError, match=r"502.*5 times"):
            ask(client, "what")


def test_a_server_that_answers_wrongly_is_not_taken_for_one_that_is_down() -> None:
    with FaultyServer(share=1.0, faults=("500",), in_a_row=99) as server, Client(server.url, SWIFT) as client:
        for _ in range(2):
            with pytest.raises(InfrastructureError, match="5 times"):
                ask(client, "what")


def test_the_budget_of_requests_holds_for_all_threads_together() -> None:
    patience = Patience(backoff_s=0.001, budget_queries=20)
    with FaultyServer(share=0.0) as server, Client(server.url, patience) as client, ThreadPoolExecutor(8) as pool:

        def asked(text: str) -> str | None:
            try:
                return ask(client, text)
            except BudgetSpentError:
                return None

        answers = list(pool.map(asked, map(str, range(50))))
    assert len(server.requests) == 20
    assert sum(answer is not None for answer in answers) == 20


def test_retries_count_and_what_happened_is_said_when_the_budget_ends_within_a_query() -> None:
    patience = Patience(backoff_s=0.001, budget_queries=3)
    with (
        FaultyServer(share=1.0, faults=("500",), in_a_row=99) as server,
        Client(server.url, patience) as client,
        pytest.raises(BudgetSpentError, match="budget of 3 requests is spent; last fault of this query: HTTP 500"),
    ):
        ask(client, "what")
    assert len(server.requests) == 3


def test_the_budget_of_seconds_holds() -> None:
    def slow(path: str, body: Any) -> object:
        time.sleep(0.1)
        return echo(path, body)

    with (
        FaultyServer(slow, share=0.0) as server,
        Client(server.url, Patience(budget_s=0.15)) as client,
        pytest.raises(BudgetSpentError, match=r"0\.15 s"),
    ):
        [ask(client, "what") for _ in range(3)]
    assert 1 <= len(server.requests) <= 2


@pytest.mark.parametrize("fault", ["repeats", "connection reset", "refuses", "redirects"])
def test_no_secret_is_shown(fault: str, caplog: pytest.LogCaptureFixture) -> None:
    said = f'{{"error": "Incorrect API key: {SECRET}; {"y" * 150} {SECRET}"}}'.encode()
    faults = {
        **FAULTS,
        "repeats": refused(500, said),
        "refuses": refused(401, said),
        "redirects": refused(307, said, Location=f"/query?key={SECRET}"),
    }
    with FaultyServer(share=1.0, faults={fault: faults[fault]}, in_a_row=99) as server, caplog.at_level(logging.DEBUG):
        url = server.url.replace("http://", f"http://user:{SECRET}@") + f"/v1?key={SECRET}&b=1"
        with Client(url, SWIFT, {"Authorization": f"Bearer {SECRET}", "X-Key": SECRET}) as client:
            with pytest.raises(InfrastructureError) as raised:
                ask(client, "what")
            error: BaseException | None = raised.value
            assert error is not None
            assert str(error).startswith(f"{server.url}/v1/query: ")
            while error is not None:
                assert SECRET[:8] not in str(error)
                error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    assert SECRET[:8] not in caplog.text


@pytest.mark.parametrize(
    "url",
    ["", "localhost:25547", "127.0.0.1:1", "http://", "ftp://host", "http://h:99999", "http://a b", "http://[::1"],
)
def test_a_url_that_is_none_is_the_users_fault(url: str) -> None:
    with pytest.raises(ConfigurationError, match="url="):
        Client(url)


def test_a_wrong_url_shows_no_secret() -> None:
    with pytest.raises(ConfigurationError) as raised:
        Client(f"htp://user:{SECRET}@host/?key={SECRET}")
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize("value", ["two\nlines", "“quoted”"])
def test_a_header_that_http_cannot_carry_is_the_users_fault_and_not_shown(value: str) -> None:
    with pytest.raises(ConfigurationError, match="'Authorization'") as raised:
        Client("http://host", headers={"Authorization": value})
    assert value not in str(raised.value)


@pytest.mark.parametrize(
    "wrong", [{"timeout_s": 0.0}, {"timeout_s": float("nan")}, {"retries": -1}, {"backoff_s": -1.0}, {"budget_s": -1.0}]
)
def test_patience_that_is_none_is_the_users_fault(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(wrong))):
        Patience(**wrong)


def test_queries_that_wait_end_when_the_client_is_closed() -> None:
    with FaultyServer(share=1.0, faults=("500",), in_a_row=99) as server, ThreadPoolExecutor(1) as pool:
        client = Client(server.url, Patience(backoff_s=60.0, longest_wait_s=60.0))
        waiting = pool.submit(ask, client, "what")
        while not server.requests:
            time.sleep(0.01)
        threading.Timer(0.2, client.close).start()
        with pytest.raises(InfrastructureError, match="closed"):
            waiting.result()


def test_get_asks_in_the_same_way() -> None:
    def said_back(path: str, body: Any) -> object:
        return {"path": path, "body": body}

    with (
        FaultyServer(said_back, share=1.0, faults=("500",), in_a_row=1) as server,
        Client(server.url + "/v1/", SWIFT) as client,
    ):
        said, _ = client.get("/models", dict)
    assert said == {"path": "/v1/models", "body": None}


@pytest.mark.parametrize("text", ["gieß \u4e2d \U0001f33b", "half a pair: \ud83c", 'a "quote" \\ \x00'])
def test_any_text_arrives_as_it_was(text: str) -> None:
    with FaultyServer(lambda path, body: body, share=0.0) as server, Client(server.url) as client:
        body = {"text": text, "intrinsics": [[0.1, 1e-7, 123456789.125]], "none": None}
        assert client.post("/query", body, dict)[0] == body


def test_no_proxy_stands_between_this_machine_and_itself(nobody: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", nobody)
    with FaultyServer(share=0.0) as server, Client(server.url, SWIFT) as client:
        assert ask(client, "what") == "what?"

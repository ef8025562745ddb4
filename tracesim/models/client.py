"""HTTP client that repeats failed requests within limits and reports what failed."""

from __future__ import annotations

import base64
import email.utils
import json
import logging
import os
import re
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import httpx
from pydantic_core import to_json
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential,
    wait_random,
)

from tracesim.errors import BudgetSpentError, ConfigurationError, InfrastructureError, RequestRefusedError
from tracesim.models.budget import Budget
from tracesim.models.calls import Attempt, attempt_to_ask, json_body
from tracesim.models.event_stream import END_OF_STREAM, EventStream, decode_body
from tracesim.models.patience import Patience
from tracesim.models.proxy import EnvironmentProxy, certificates
from tracesim.models.server_error import Advice, ErrorInReply, ServerError, advice

LARGEST_ANSWER_BYTES: Final = 8 * 1024 * 1024
"""Largest body of a response that is not a stream."""

_LARGEST_STREAM_BYTES: Final = 8 * LARGEST_ANSWER_BYTES  # each token is a separate object
_LONGEST_END: Final = 32
_LONGEST_CONNECT_S: Final = 10.0
_EXCERPT: Final = 200
"""Length of quotations in messages, characters."""

T = TypeVar("T")

# These loggers show whole URLs and responses, which may contain a key.
for _name in ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.proxy"):
    logging.getLogger(_name).addFilter(lambda record: record.levelno >= logging.WARNING)


class _TemporaryError(Exception):
    """Request that failed in a way that may be temporary.

    Attributes:
        unreachable: Whether no server was reached.
        wait_s: Wait that the server asks for, seconds, or None.
    """

    def __init__(self, what: str, *, unreachable: bool = False, wait_s: float | None = None) -> None:
        super().__init__(what)
        self.unreachable = unreachable
        self.wait_s = wait_s


class Client:
    """Client for one server; threads may share it, with its connections and budget.

    Failures that may be temporary are retried: no connection, a broken connection, timeouts, HTTP 408, 409, 425, 429
    and 5xx, and answers that violate the protocol, such as an event stream that breaks off. After a query for which no
    server was reached, queries are tried only once each until one is answered. Other refusals are not retried, and
    stand for every further request, unless the server says that the prompt is the reason and has answered others.
    Errors and logs never show header values, passwords or query strings.
    """

    def __init__(
        self,
        url: str,
        patience: Patience | None = None,
        headers: Mapping[str, str] = {},
        advise: Callable[[ServerError], Advice] = advice,
    ) -> None:
        """Create a client without connecting yet.

        Args:
            url: Address of the server.
            patience: Limits on waiting and asking; the defaults of `Patience` if None.
            headers: Headers of every request.
            advise: Returns what the user can do about a refusal, in terms of the user's options.

        Raises:
            ConfigurationError: The URL or a header is invalid, or an environment variable that applies to the URL names
                an unusable proxy or unusable certificates.
        """
        _check_headers(headers)
        self._url = _checked_url(url)
        self._proxy = EnvironmentProxy.to(self._url)
        self._secrets = _secrets([self._url] if self._proxy is None else [self._url, self._proxy.url], headers)
        self._patience = patience = patience or Patience()
        self._advise = advise
        self._accepted = False
        self._budget = Budget(patience.budget_queries, patience.budget_s)
        self._unreachable = False
        self._closed = threading.Event()
        encrypted = "https" in (self._url.scheme, self._proxy.url.scheme if self._proxy is not None else "")
        trusted = certificates(needed=encrypted)
        self._http = httpx.Client(
            headers={"Accept-Encoding": "identity", **headers},
            timeout=httpx.Timeout(patience.timeout_s, connect=min(patience.timeout_s, _LONGEST_CONNECT_S), pool=None),
            proxy=None if self._proxy is None else self._proxy.for_httpx(trusted),
            verify=trusted,
            trust_env=False,  # the environment variables that apply were read above
        )

    def __enter__(self) -> Self:
        """Return the client itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the client."""
        self.close()

    def close(self) -> None:
        """Close the connections; queries that wait for a retry fail at once."""
        self._closed.set()
        self._http.close()

    def post(self, path: str, body: Mapping[str, object], parse: Callable[[Any], T]) -> tuple[T, float]:
        """Send a POST request, and return the parsed answer and the duration of the successful request, seconds.

        Args:
            path: Path to append to the URL, such as "/query".
            body: Content of the request, sent as JSON.
            parse: Parser of the answer, which is a JSON value or an `EventStream`. It raises ValueError, LookupError or
                TypeError if the answer violates the protocol, and ErrorInReply if it reports an error.

        Raises:
            BudgetSpentError: The budget does not allow another request.
            RequestRefusedError: The server refused this request, and would refuse others like it.
            InfrastructureError: There was no valid answer.
        """
        return self._query("POST", path, _encode_json(body), parse)

    def get(self, path: str, parse: Callable[[Any], T]) -> tuple[T, float]:
        """Send a GET request; see `post`."""
        return self._query("GET", path, None, parse)

    def _query(self, method: str, path: str, content: bytes | None, parse: Callable[[Any], T]) -> tuple[T, float]:
        url = self._url.copy_with(path=self._url.path.rstrip("/") + path)
        shown = f"{url.scheme}://{url.netloc.decode('ascii')}{url.path}"
        if self._proxy is not None:
            shown += f" through {self._proxy}"
        faults: list[_TemporaryError] = []

        def once() -> tuple[T, float]:
            try:
                if self._closed.is_set():
                    raise InfrastructureError(f"{shown}: the client was closed.")
                asking = attempt_to_ask(shown, partial(json_body, content), len(faults) + 1, self._without_secrets)
                with self._budget.request(), asking as attempt:
                    return self._request(method, url, shown, content, parse, attempt)
            except BudgetSpentError as error:
                last = f"; last fault of this query: {faults[-1]}" if faults else ""
                raise BudgetSpentError(f"{shown}: {error}{last}.") from None
            except _TemporaryError as fault:
                faults.append(fault)
                raise

        tries = 1 if self._unreachable else self._patience.retries + 1
        retrying = Retrying(
            stop=stop_after_attempt(tries),
            wait=self._wait,
            retry=retry_if_exception_type(_TemporaryError),
            sleep=self._sleep,
            reraise=True,
        )
        try:
            answer = retrying(once)
        except _TemporaryError as last:
            self._unreachable = all(fault.unreachable for fault in faults)
            often = "once" if len(faults) == 1 else f"{len(faults)} times"
            raise InfrastructureError(f"{shown}: {last}, tried {often}.") from None
        self._unreachable = False
        return answer

    def _wait(self, state: RetryCallState) -> float:
        """Return the seconds until the next try: as the server asks, or else by exponential backoff with jitter."""
        patience = self._patience
        fault = state.outcome.exception() if state.outcome is not None else None
        if isinstance(fault, _TemporaryError) and fault.wait_s is not None:
            return min(fault.wait_s, patience.longest_wait_s)
        backoff = wait_exponential(patience.backoff_s) + wait_random(0.0, patience.backoff_s)
        return min(backoff(state), patience.longest_wait_s)

    def _sleep(self, seconds: float) -> None:
        self._closed.wait(seconds)

    def _request(
        self,
        method: str,
        url: httpx.URL,
        shown: str,
        content: bytes | None,
        parse: Callable[[Any], T],
        attempt: Attempt,
    ) -> tuple[T, float]:
        started = time.perf_counter()
        response, body = self._exchange(method, url, shown, content, started)
        latency_s = time.perf_counter() - started
        attempt.status, attempt.answered = response.status_code, body.decode(errors="replace")
        if not response.is_success:
            raise self._fault(ServerError.of(response.status_code, body), shown, response.headers)
        if not body.strip():
            raise _TemporaryError("an empty answer")
        try:
            value = decode_body(body)
        except ValueError:
            raise _TemporaryError(f"an answer that is not JSON: {self._quote(body)}") from None
        try:
            answer = parse(value)
        except ErrorInReply as report:
            raise self._fault(report.error, shown, response.headers) from None
        except (ValueError, LookupError, TypeError) as error:
            what = "event stream" if isinstance(value, EventStream) else "JSON"
            why = self._excerpt(f"{type(error).__name__}: {error}")
            raise _TemporaryError(f"unexpected {what} ({why}): {self._quote(body)}") from None
        self._accepted = True
        return answer, latency_s

    def _exchange(
        self, method: str, url: httpx.URL, shown: str, content: bytes | None, started: float
    ) -> tuple[httpx.Response, bytes]:
        """Send a request, and return the response and its body."""
        try:
            headers = {} if content is None else {"Content-Type": "application/json"}
            request = self._http.build_request(method, url, content=content, headers=headers)
            response = self._http.send(request, stream=True)
            try:
                return response, self._read(response, started)
            finally:
                response.close()
        except httpx.TimeoutException:
            raise _TemporaryError(f"no answer within {self._patience.timeout_s:g} s", unreachable=True) from None
        except httpx.ConnectError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise self._certificate_error(error, shown) from None
            raise _TemporaryError(f"cannot connect ({self._excerpt(str(error))})", unreachable=True) from None
        except httpx.ProxyError as error:
            message = self._excerpt(str(error))
            if re.match("4[0-9][0-9] ", message):
                raise RequestRefusedError(f"{shown}: the proxy refuses ({message}).", resumable=True) from None
            raise _TemporaryError(f"the proxy failed ({message})", unreachable=True) from None
        except httpx.RequestError as error:
            raise _TemporaryError(f"the connection broke ({self._excerpt(str(error))})", unreachable=True) from None

    def _read(self, response: httpx.Response, started: float) -> bytes:
        """Return the body of a response; the time limit also holds for a server that sends it byte by byte."""
        pieces, size, last = [], 0, b"\n"
        streams = response.headers.get("Content-Type", "").startswith("text/event-stream")
        largest = _LARGEST_STREAM_BYTES if streams else LARGEST_ANSWER_BYTES
        for piece in response.iter_bytes():
            pieces.append(piece)
            size += len(piece)
            if size > largest:
                raise _TemporaryError(f"an answer of more than {largest // 2**20} MiB")
            last = last[-_LONGEST_END:] + piece
            if streams and END_OF_STREAM.search(last):
                break  # the connection may stay open
            if time.perf_counter() - started > self._patience.timeout_s:
                raise _TemporaryError(f"no complete answer within {self._patience.timeout_s:g} s", unreachable=True)
        return b"".join(pieces)

    def _fault(self, error: ServerError, shown: str, headers: httpx.Headers) -> Exception:
        """Return the exception for an error reported by the server: a temporary error or a refusal."""
        message = self._excerpt(error.message or error.text)
        what = error.status_line + (f': "{message}"' if message else "")
        if error.about_content:
            self._accepted = True
            return RequestRefusedError(f"{shown}: {what}", status=error.status, about_content=True)
        if error.temporary:
            return _TemporaryError(what, unreachable=error.unreachable, wait_s=_retry_after_s(headers))
        way_out = self._advise(error)
        if 300 <= error.status < 400 and "Location" in headers:
            way_out = Advice(f"Set the url to the target of the redirect: {self._excerpt(headers['Location'])}.")
        end = "" if what.endswith(('."', '!"', '?"')) else "."
        message = f"{shown}: {what}{end} {way_out.text}".strip()
        if error.about_prompt and self._accepted:
            return InfrastructureError(message)
        return RequestRefusedError(
            message, status=error.status, about_prompt=error.about_prompt, resumable=way_out.resumable
        )

    def _certificate_error(self, error: Exception, shown: str) -> RequestRefusedError:
        """Return the error for a certificate that is not trusted."""
        name = next((one for one in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(one)), None)
        trusted = f"only those of {name} are" if name else "set SSL_CERT_FILE to a file that contains it"
        return RequestRefusedError(
            f"{shown}: its certificate is not trusted ({self._excerpt(str(error))}); {trusted}.", resumable=True
        )

    def _quote(self, body: bytes) -> str:
        return f'"{self._excerpt(body[: 64 * 1024].decode(errors="replace"))}"'

    def _without_secrets(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text

    def _excerpt(self, text: str) -> str:
        """Return the beginning of a text as one printable line without secrets."""
        text = self._without_secrets(text)
        line = " ".join("".join(one if one.isprintable() else " " for one in text).split())
        return line if len(line) <= _EXCERPT else line[:_EXCERPT] + "..."


def _encode_json(body: Mapping[str, object]) -> bytes:
    try:
        return to_json(body)  # several times faster for a request with an image
    except ValueError:
        return json.dumps(body).encode()  # a lone surrogate, which UTF-8 cannot represent


def _check_headers(headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        if not re.fullmatch(r"[!#$%&'*+.^_`|~\w-]+", name, re.ASCII) or not re.fullmatch(r"[\x20-\x7e]*", value):
            raise ConfigurationError(
                f"header {name!r}: the name or value is invalid. Valid: printable ASCII characters on one line."
            )


def _checked_url(url: str) -> httpx.URL:
    named = url.rpartition("@")[2].partition("?")[0]
    try:
        parsed = httpx.URL(url.strip())
    except (httpx.InvalidURL, ValueError):
        raise ConfigurationError(f"url={named}: not a URL. Valid: for example http://127.0.0.1:25547.") from None
    if parsed.scheme not in ("http", "https") or not re.fullmatch(r"[\w.:-]+", parsed.host):
        raise ConfigurationError(f"url={named}: needs http:// or https:// and a host, such as http://127.0.0.1:25547.")
    if parsed.port is not None and not 0 < parsed.port < 65536:
        raise ConfigurationError(f"url={named}: the port has to be between 1 and 65535.")
    return parsed


def _secrets(urls: Iterable[httpx.URL], headers: Mapping[str, str]) -> list[str]:
    """Return header values, passwords and values of query strings, which must not be shown; the longest first."""
    found = {word for value in headers.values() for word in (value, value.split()[-1] if value.split() else "")}
    for url in urls:
        found |= {url.password, url.userinfo.decode(), base64.b64encode(url.userinfo).decode()}
        for pair in url.query.decode().split("&"):
            value = pair.partition("=")[2]
            found |= {value, urllib.parse.unquote_plus(value)}
    found |= {json.dumps(one)[1:-1] for one in found}  # as it stands in a server's JSON
    return sorted((one for one in found if len(one) > 3), key=len, reverse=True)


def _retry_after_s(headers: httpx.Headers) -> float | None:
    """Return the wait in Retry-After, which holds seconds or a date (RFC 9110, 10.2.3); None if there is none."""
    asked = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", asked):
        return float(asked)
    now = _http_date_s(headers.get("Date", "")) or time.time()  # by the server's clock if it sends the date
    then = _http_date_s(asked)
    return None if then is None else max(0.0, then - now)


def _http_date_s(text: str) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None

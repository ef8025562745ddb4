"""A client for servers that are down, slow or wrong now and then: it asks again, in bounds, and says what failed."""

from __future__ import annotations

import base64
import email.utils
import json
import logging
import math
import os
import re
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
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
from tracesim.models.event_stream import END_OF_STREAM, EventStream, decoded
from tracesim.models.proxy import EnvironmentProxy, certificates
from tracesim.models.server_error import Advice, ErrorInReply, ServerError, advice

LARGEST_ANSWER_BYTES: Final = 8 * 1024 * 1024
_LARGEST_STREAM_BYTES: Final = 8 * LARGEST_ANSWER_BYTES  # each token in an object of its own
_LONGEST_END: Final = 32
_LONGEST_CONNECT_S: Final = 10.0
_SHOWN: Final = 200

T = TypeVar("T")

# They log whole URLs and what servers repeat of them, and some servers want their key there.
for _name in ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.proxy"):
    logging.getLogger(_name).addFilter(lambda record: record.levelno >= logging.WARNING)


@dataclass(frozen=True)
class Patience:
    """How long a run waits for its server.

    timeout_s: for one request, from connecting to its answer's last byte. retries: requests after a query's first.
    backoff_s: the first wait between two, doubled each time, with jitter. longest_wait_s: the most it becomes, whatever
    the server's Retry-After asks. budget_queries, budget_s: the most requests, and seconds in requests, of a whole run.
    """

    timeout_s: float = 60.0
    retries: int = 4
    backoff_s: float = 0.5
    longest_wait_s: float = 30.0
    budget_queries: int | None = None
    budget_s: float | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.timeout_s) and self.timeout_s > 0):
            raise ConfigurationError(f"timeout_s={self.timeout_s}: seconds, above 0.")
        for name in ("retries", "backoff_s", "longest_wait_s", "budget_queries", "budget_s"):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise ConfigurationError(f"{name}={value}: 0 or more.")


class _PassingError(Exception):
    """A request that failed in a way that may pass; nobody: there was no server to be seen."""

    def __init__(self, what: str, *, nobody: bool = False, wait_s: float | None = None) -> None:
        super().__init__(what)
        self.nobody = nobody
        self.wait_s = wait_s


class Client:
    """Asks one server, as patiently as told; threads may share it, its connections and its budget.

    What may pass is tried again: no connection, a broken one, timeouts, HTTP 408, 409, 425, 429 and 5xx, and answers
    that are not what the protocol promises, such as an event stream that was cut off. Once nobody was found behind the
    url, queries are tried once only until one is answered. Other refusals are not tried again, and every further
    request would be refused as well, unless the server says that it is about this prompt and has answered others. No
    error and no log shows a header's value, a password or a query string.

    advise: returns what can be done about a refusal, in the terms of those who use the client.

    Raises:
        ConfigurationError: The url or a header cannot be one, or an environment variable that counts for this url
            names a proxy or certificates that cannot be used.
    """

    def __init__(
        self,
        url: str,
        patience: Patience = Patience(),
        headers: Mapping[str, str] = {},
        advise: Callable[[ServerError], Advice] = advice,
    ) -> None:
        self._url = _checked_url(url)
        self._proxy = EnvironmentProxy.to(self._url)
        self._secrets = _secrets([self._url] if self._proxy is None else [self._url, self._proxy.url], headers)
        self._patience = patience
        self._advise = advise
        self._accepted = False
        self._budget = Budget(patience.budget_queries, patience.budget_s)
        self._nobody_there = False
        self._closed = threading.Event()
        for name, value in headers.items():
            if not re.fullmatch(r"[!#$%&'*+.^_`|~\w-]+", name, re.ASCII) or not re.fullmatch(r"[\x20-\x7e]*", value):
                raise ConfigurationError(f"header {name!r}: a name or value that HTTP cannot carry (ASCII, one line).")
        encrypted = "https" in (self._url.scheme, self._proxy.url.scheme if self._proxy is not None else "")
        trusted = certificates(needed=encrypted)
        self._http = httpx.Client(
            headers={"Accept-Encoding": "identity", **headers},
            timeout=httpx.Timeout(patience.timeout_s, connect=min(patience.timeout_s, _LONGEST_CONNECT_S), pool=None),
            proxy=None if self._proxy is None else self._proxy.for_httpx(trusted),
            verify=trusted,
            trust_env=False,  # what counts of the environment was read above
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let connections go; queries that wait for another try end at once."""
        self._closed.set()
        self._http.close()

    def post(self, path: str, body: Mapping[str, object], understood: Callable[[Any], T]) -> tuple[T, float]:
        """Return what `understood` makes of the answer, and the seconds of the request that succeeded.

        Args:
            path: Appended to the url, such as "/query".
            body: The request, as JSON.
            understood: Takes the JSON value of the answer, or an `EventStream`. Raises ValueError, LookupError or
                TypeError where that is not what the protocol promises, ErrorInReply where it reports an error.

        Raises:
            BudgetSpentError: No further request is allowed.
            RequestRefusedError: The server refuses this request, and would refuse others like it.
            InfrastructureError: No answer.
        """
        return self._query("POST", path, _encoded(body), understood)

    def get(self, path: str, understood: Callable[[Any], T]) -> tuple[T, float]:
        """Do the same as `post` by a GET."""
        return self._query("GET", path, None, understood)

    def _query(self, method: str, path: str, content: bytes | None, understood: Callable[[Any], T]) -> tuple[T, float]:
        url = self._url.copy_with(path=self._url.path.rstrip("/") + path)
        shown = f"{url.scheme}://{url.netloc.decode('ascii')}{url.path}"
        if self._proxy is not None:
            shown += f" through {self._proxy}"
        faults: list[_PassingError] = []

        def once() -> tuple[T, float]:
            try:
                if self._closed.is_set():
                    raise InfrastructureError(f"{shown}: the client was closed.")
                with self._budget.request():
                    return self._request(method, url, shown, content, understood)
            except BudgetSpentError as error:
                last = f"; the last of this query: {faults[-1]}" if faults else ""
                raise BudgetSpentError(f"{shown}: {error}{last}.") from None
            except _PassingError as fault:
                faults.append(fault)
                raise

        tries = 1 if self._nobody_there else self._patience.retries + 1
        retrying = Retrying(
            stop=stop_after_attempt(tries),
            wait=self._wait,
            retry=retry_if_exception_type(_PassingError),
            sleep=self._sleep,
            reraise=True,
        )
        try:
            answer = retrying(once)
        except _PassingError as last:
            self._nobody_there = all(fault.nobody for fault in faults)
            often = "once" if len(faults) == 1 else f"{len(faults)} times"
            raise InfrastructureError(f"{shown}: {last}, tried {often}.") from None
        self._nobody_there = False
        return answer

    def _wait(self, state: RetryCallState) -> float:
        """Return the seconds until the next try: those asked for, or twice the last ones; with jitter."""
        patience = self._patience
        fault = state.outcome.exception() if state.outcome is not None else None
        if isinstance(fault, _PassingError) and fault.wait_s is not None:
            return min(fault.wait_s, patience.longest_wait_s)
        backoff = wait_exponential(patience.backoff_s) + wait_random(0.0, patience.backoff_s)
        return min(backoff(state), patience.longest_wait_s)

    def _sleep(self, seconds: float) -> None:
        self._closed.wait(seconds)

    def _request(
        self, method: str, url: httpx.URL, shown: str, content: bytes | None, understood: Callable[[Any], T]
    ) -> tuple[T, float]:
        started = time.perf_counter()
        try:
            headers = {} if content is None else {"Content-Type": "application/json"}
            request = self._http.build_request(method, url, content=content, headers=headers)
            response = self._http.send(request, stream=True)
            try:
                body = self._read(response, started)
            finally:
                response.close()
        except httpx.TimeoutException:
            raise _PassingError(f"no answer within {self._patience.timeout_s:g} s", nobody=True) from None
        except httpx.ConnectError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise self._mistrust(error, shown) from None
            raise _PassingError(f"cannot connect ({self._said(str(error))})", nobody=True) from None
        except httpx.ProxyError as error:
            said = self._said(str(error))
            if re.match("4[0-9][0-9] ", said):
                raise RequestRefusedError(f"{shown}: the proxy refuses ({said}).", resumable=True) from None
            raise _PassingError(f"the proxy failed ({said})", nobody=True) from None
        except httpx.RequestError as error:
            raise _PassingError(f"the connection broke ({self._said(str(error))})", nobody=True) from None
        latency_s = time.perf_counter() - started
        if not response.is_success:
            raise self._fault(ServerError.of(response.status_code, body), shown, response.headers)
        if not body.strip():
            raise _PassingError("an empty answer")
        try:
            value = decoded(body)
        except ValueError:
            raise _PassingError(f"an answer that is not JSON: {self._quoted(body)}") from None
        try:
            answer = understood(value)
        except ErrorInReply as report:
            raise self._fault(report.error, shown, response.headers) from None
        except (ValueError, LookupError, TypeError) as error:
            what = "an event stream" if isinstance(value, EventStream) else "JSON"
            why = self._said(f"{type(error).__name__}: {error}")
            raise _PassingError(f"{what} of another form than promised ({why}): {self._quoted(body)}") from None
        self._accepted = True
        return answer, latency_s

    def _read(self, response: httpx.Response, started: float) -> bytes:
        """Return an answer's bytes; a server that sends them one by one has no longer than one that is silent."""
        pieces, size, last = [], 0, b"\n"
        streams = response.headers.get("Content-Type", "").startswith("text/event-stream")
        largest = _LARGEST_STREAM_BYTES if streams else LARGEST_ANSWER_BYTES
        for piece in response.iter_bytes():
            pieces.append(piece)
            size += len(piece)
            if size > largest:
                raise _PassingError(f"an answer of more than {largest // 2**20} MiB")
            last = last[-_LONGEST_END:] + piece
            if streams and END_OF_STREAM.search(last):
                break  # the connection may stay open
            if time.perf_counter() - started > self._patience.timeout_s:
                raise _PassingError(f"no whole answer within {self._patience.timeout_s:g} s", nobody=True)
        return b"".join(pieces)

    def _fault(self, error: ServerError, shown: str, headers: httpx.Headers) -> Exception:
        """Return the exception for an error that a server reports: one that may pass, or a refusal."""
        said = self._said(error.message or error.text)
        what = error.status_line + (f': "{said}"' if said else "")
        if error.about_content:
            self._accepted = True
            return RequestRefusedError(f"{shown}: {what}", status=error.status, about_content=True)
        if error.may_pass:
            return _PassingError(what, nobody=error.nobody, wait_s=_retry_after_s(headers))
        way_out = self._advise(error)
        if 300 <= error.status < 400 and "Location" in headers:
            way_out = Advice(f"Set the url to where it leads: {self._said(headers['Location'])}.")
        end = "" if what.endswith(('."', '!"', '?"')) else "."
        message = f"{shown}: {what}{end} {way_out.text}".strip()
        if error.about_prompt and self._accepted:
            return InfrastructureError(message)
        return RequestRefusedError(
            message, status=error.status, about_prompt=error.about_prompt, resumable=way_out.resumable
        )

    def _mistrust(self, error: Exception, shown: str) -> RequestRefusedError:
        """Return the error for a certificate that does not check out."""
        name = next((one for one in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(one)), None)
        trusted = f"those of {name} count, and no others" if name else "SSL_CERT_FILE can name further ones"
        return RequestRefusedError(
            f"{shown}: its certificate is not trusted ({self._said(str(error))}); {trusted}.", resumable=True
        )

    def _quoted(self, body: bytes) -> str:
        return f'"{self._said(body[: 64 * 1024].decode(errors="replace"))}"'

    def _said(self, text: str) -> str:
        """Return the beginning of a text as one printable line without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        line = " ".join("".join(one if one.isprintable() else " " for one in text).split())
        return line if len(line) <= _SHOWN else line[:_SHOWN] + "..."


def _encoded(body: Mapping[str, object]) -> bytes:
    try:
        return to_json(body)  # several times as fast with a picture in it
    except ValueError:
        return json.dumps(body).encode()  # half of a surrogate pair, which UTF-8 cannot hold


def _checked_url(url: str) -> httpx.URL:
    named = url.rpartition("@")[2].partition("?")[0]
    try:
        parsed = httpx.URL(url.strip())
    except (httpx.InvalidURL, ValueError):
        raise ConfigurationError(f"url={named}: not a URL. One looks like http://127.0.0.1:25547.") from None
    if parsed.scheme not in ("http", "https") or not re.fullmatch(r"[\w.:-]+", parsed.host):
        raise ConfigurationError(f"url={named}: wants http:// or https:// and a host, such as http://127.0.0.1:25547.")
    if parsed.port is not None and not 0 < parsed.port < 65536:
        raise ConfigurationError(f"url={named}: ports are between 1 and 65535.")
    return parsed


def _secrets(urls: Iterable[httpx.URL], headers: Mapping[str, str]) -> list[str]:
    """Return what must not be shown, the longest first: headers' values, passwords, and the queries' values."""
    found = {word for value in headers.values() for word in (value, value.split()[-1] if value.split() else "")}
    for url in urls:
        found |= {url.password, url.userinfo.decode(), base64.b64encode(url.userinfo).decode()}
        for pair in url.query.decode().split("&"):
            value = pair.partition("=")[2]
            found |= {value, urllib.parse.unquote_plus(value)}
    return sorted((one for one in found if len(one) > 3), key=len, reverse=True)


def _retry_after_s(headers: httpx.Headers) -> float | None:
    """Return the seconds that Retry-After asks for, whether it gives them or a date (RFC 9110, 10.2.3)."""
    asked = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", asked):
        return float(asked)
    now = _http_date_s(headers.get("Date", "")) or time.time()  # the server's own clock, where it tells
    then = _http_date_s(asked)
    return None if then is None else max(0.0, then - now)


def _http_date_s(text: str) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None

"""Tests of proxies and certificates from environment variables: errors name them, and this machine ignores them."""

from __future__ import annotations

import re
import shutil
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.faulty_server import Fault, FaultyServer
from tests.playing import Playing
from tests.test_client import SWIFT, answer_in, ask
from tracesim.errors import ConfigurationError, InfrastructureError, RequestRefusedError
from tracesim.models.client import Client
from tracesim.models.proxy import EnvironmentProxy, is_this_machine
from tracesim.run import main

SECRET = "hunter2hunter2"
ELSEWHERE = "http://model.invalid:8000/v1"
BROKEN = [
    ("ALL_PROXY", "socks5://127.0.0.1:9", "pip install 'httpx[socks]'"),
    ("ALL_PROXY", "socks://127.0.0.1:9", "unknown kind of proxy 'socks'"),
    ("all_proxy", f"socks4://me:{SECRET}@127.0.0.1:9", "all_proxy=socks4://127.0.0.1:9: unknown kind"),
    ("HTTP_PROXY", "http://", "does not hold the address"),
    ("http_proxy", f"http://me:{SECRET}", "http_proxy does not hold the address"),
    ("HTTP_PROXY", "http://[::1", "does not hold the address"),
    ("HTTP_PROXY", "http://127.0.0.1:99999", "does not hold the address"),
    ("Http_Proxy", "ftp://127.0.0.1:9", "Http_Proxy=ftp"),
    ("HTTP_PROXY", "no address\x07\udcff", "HTTP_PROXY does not hold the address"),
]


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for scheme in ("http", "https", "all", "no"):
        for name in (f"{scheme}_proxy", f"{scheme}_proxy".upper()):
            monkeypatch.delenv(name, raising=False)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Return the error of a run, after checking that it is one line and nothing was played."""
    assert main(["task=water_flowers", "episodes=1", "hydra.run.dir=run", *words], Playing()) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert re.fullmatch(r"error: [^\n]+\n", said.err), said.err
    assert len(said.err) < 400
    assert SECRET not in said.err
    assert not Path("run").exists()
    return said.err


@pytest.mark.parametrize("policy", ["vlm", "robotracer"])
@pytest.mark.parametrize(("variable", "value", "why"), BROKEN)
def test_a_proxy_that_cannot_be_used_is_named_in_one_line(
    variable: str,
    value: str,
    why: str,
    policy: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(variable, value)
    line = refused(capsys, f"policy={policy}", f"policy.url={ELSEWHERE}")
    assert variable in line
    assert why in line
    assert "NO_PROXY" in line


@pytest.mark.parametrize(("variable", "value", "why"), BROKEN)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_nothing_of_it_counts_for_this_machine(
    variable: str, value: str, why: str, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    monkeypatch.setenv("SSL_CERT_FILE", "/nonexistent.pem")
    monkeypatch.setenv("SSL_CERT_DIR", "/nonexistent")
    monkeypatch.setenv("SSLKEYLOGFILE", "/nonexistent/log")
    with FaultyServer(share=0.0) as server, Client(server.url.replace("127.0.0.1", host), SWIFT) as client:
        assert ask(client, "what") == "what?"


@pytest.mark.parametrize(("variable", "value", "why"), BROKEN)
def test_nothing_of_it_counts_where_no_proxy_is_wanted(
    variable: str, value: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    for exceptions in ("*", "a.example, *", "model.invalid", ".invalid", "invalid", "model.invalid:8000", "x,invalid"):
        monkeypatch.setenv("NO_PROXY", exceptions)
        with Client(ELSEWHERE, SWIFT):
            pass
    monkeypatch.setenv("NO_PROXY", "other.invalid,::1,http://[,odel.invalid")
    with pytest.raises(ConfigurationError, match=variable):
        Client(ELSEWHERE, SWIFT)


def test_no_proxy_may_name_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "192.168.1.0/24, 10.1.2.3/8, fd00::/8, x/y")
    for host, directly in (("10.9.9.9", True), ("[fd00::1]", True), ("192.168.2.1", False), ("gpu.example", False)):
        assert (EnvironmentProxy.to(httpx.URL(f"http://{host}:8000/v1")) is None) is directly


def test_a_variable_of_the_other_scheme_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks://127.0.0.1:9")
    monkeypatch.setenv("HTTPS_PROXY", "rubbish://")
    monkeypatch.setenv("HTTP_PROXY", "proxy.example:3128")
    assert str(EnvironmentProxy.to(httpx.URL(ELSEWHERE))) == "the proxy http://proxy.example:3128 of HTTP_PROXY"
    with Client(ELSEWHERE, SWIFT):
        pass


@pytest.mark.parametrize(
    ("host", "here"),
    [
        *(("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("LocalHost", True), ("a.localhost.", True)),
        *(("0.0.0.0", True), ("::ffff:127.0.0.1", True), ("10.0.0.1", False), ("localhost.example", False)),
        *(("127.0.0.1.example", False), ("::2", False)),
    ],
)
def test_loopback_addresses_are_this_machine(host: str, here: bool) -> None:
    assert is_this_machine(host) is here


@pytest.mark.parametrize(
    ("variable", "value", "why"),
    [
        ("SSL_CERT_FILE", "/nonexistent.pem", "No such file"),
        ("SSL_CERT_FILE", "{folder}", "Is a directory|holds no certificate"),
        ("SSL_CERT_FILE", "{folder}/empty.pem", "holds no certificate"),
        ("SSL_CERT_FILE", "{folder}/text.pem", "holds no certificate"),
        ("SSL_CERT_DIR", "/nonexistent", "no such folder"),
        ("SSL_CERT_DIR", "{folder}/text.pem", "no such folder"),
        ("SSLKEYLOGFILE", "/nonexistent/log", "cannot be written"),
    ],
)
def test_certificates_that_are_none_are_named_where_they_count(
    variable: str,
    value: str,
    why: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "empty.pem").touch()
    (tmp_path / "text.pem").write_text("no certificate\n")
    monkeypatch.setenv(variable, value.format(folder=tmp_path))
    line = refused(capsys, "policy=vlm", "policy.url=https://model.invalid/v1")
    assert f"{variable}={value.format(folder=tmp_path)}: " in line
    assert re.search(why, line)
    with Client(ELSEWHERE, SWIFT):  # this connection is not encrypted
        pass


# --- requests through a proxy


def through(monkeypatch: pytest.MonkeyPatch, proxy: FaultyServer, variable: str = "HTTP_PROXY") -> str:
    """Send requests through a proxy, and return how error messages name it."""
    monkeypatch.setenv(variable, proxy.url.replace("http://", f"http://me:{SECRET}@"))
    return f"{proxy.url} of {variable}"


def test_a_proxy_is_asked_and_says_nothing_when_all_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def answer(path: str, body: Any) -> object:
        asked.append(path)
        return {"result": 1, "answer": "well"}

    with FaultyServer(answer, share=0.0) as proxy:
        through(monkeypatch, proxy)
        with Client(ELSEWHERE, SWIFT) as client:
            assert ask(client, "what") == "well"
    assert asked == [f"{ELSEWHERE}/query"]


@pytest.mark.parametrize("fault", ["502", "hang-up", "HTML", "timeout"])
def test_a_failure_names_the_proxy_that_stood_between(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultyServer(share=1.0, faults=(fault,), in_a_row=99) as proxy:
        named = through(monkeypatch, proxy)
        patience = SWIFT if fault != "timeout" else type(SWIFT)(timeout_s=0.3, retries=0)
        with Client(ELSEWHERE, patience) as client, pytest.raises(InfrastructureError) as raised:
            ask(client, "what")
    assert f"{ELSEWHERE}/query through the proxy {named}: " in str(raised.value)
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize(("scheme", "variable"), [("http", "HTTP_PROXY"), ("https", "HTTPS_PROXY")])
def test_a_proxy_that_wants_a_password_ends_the_run(
    scheme: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults: dict[str, Fault] = {"refusal": lambda it, answer: it.reply(407, b"")}
    with FaultyServer(lambda path, body: {}, share=1.0, faults=faults, in_a_row=99) as proxy:
        named = through(monkeypatch, proxy, variable)
        url = ELSEWHERE.replace("http:", f"{scheme}:")
        with Client(url, SWIFT) as client, pytest.raises(RequestRefusedError, match="407") as raised:
            client.post("/query", {"text": "what"}, answer_in)
        assert len(proxy.requests) == 1
    assert named in str(raised.value)
    assert SECRET not in str(raised.value)


def test_a_proxy_that_is_down_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with Client(ELSEWHERE, type(SWIFT)(retries=0)) as client, pytest.raises(InfrastructureError) as raised:
        ask(client, "what")
    assert "through the proxy http://127.0.0.1:9 of ALL_PROXY: cannot connect" in str(raised.value)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_a_certificate_that_is_not_trusted_ends_the_run_and_a_file_mends_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    words = f"req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout {key} -out {certificate}"
    subprocess.run(
        ["openssl", *words.split(), "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True
    )

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            answer = b'{"result": 1, "answer": "well"}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda request, client_address: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        url = f"https://localhost:{server.server_address[1]}"
        monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
        with Client(url, SWIFT) as client, pytest.raises(RequestRefusedError, match=r"not trusted.*SSL_CERT_DIR"):
            ask(client, "what")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with Client(url, SWIFT) as client:
            assert ask(client, "what") == "well"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

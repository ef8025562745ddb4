"""Proxies and trusted certificates given by environment variables."""

from __future__ import annotations

import importlib.util
import ipaddress
import os
import ssl
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import httpx

from tracesim.errors import ConfigurationError


@dataclass(frozen=True)
class EnvironmentProxy:
    """Proxy given by an environment variable."""

    variable: str
    """Name of the environment variable."""

    url: httpx.URL
    """Address of the proxy, with user and password."""

    @classmethod
    def to(cls, url: httpx.URL) -> Self | None:
        """Return the proxy for requests to a URL, or None if they go directly.

        `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` are read by the standard library; `NO_PROXY` may also
        contain networks (10.0.0.0/8). Requests to this machine always go directly, since a proxy could not reach it.

        Raises:
            ConfigurationError: The variable that applies does not hold a usable address.
        """
        named = urllib.request.getproxies()
        scheme = url.scheme if named.get(url.scheme) else "all"
        value = named.get(scheme, "")
        if not value or is_this_machine(url.host) or _goes_directly(url, named.get("no", "")):
            return None
        variable = _variable(f"{scheme}_proxy", value)
        return cls(variable, _parse_address(variable, value, url.host))

    def __str__(self) -> str:
        """Return the address, without user and password, and the variable."""
        return f"the proxy {_redact(self.url)} of {self.variable}"

    def for_httpx(self, certificates: ssl.SSLContext) -> httpx.Proxy:
        """Return the proxy for httpx.

        Args:
            certificates: Trusted certificates, for a proxy that is reached over HTTPS.
        """
        return httpx.Proxy(self.url, ssl_context=certificates if self.url.scheme == "https" else None)


def is_this_machine(host: str) -> bool:
    """Return whether a host name or address is that of this machine."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return address.is_loopback or address.is_unspecified or (mapped is not None and mapped.is_loopback)


def certificates(needed: bool) -> ssl.SSLContext:
    """Return the trusted certificates: those of `SSL_CERT_FILE` or `SSL_CERT_DIR` if set, else those of certifi.

    Args:
        needed: Whether any connection is encrypted; if not, no certificates are read.

    Raises:
        ConfigurationError: A variable does not name certificates.
    """
    if not needed:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    file, folders = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if file:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=file)
        except OSError as error:
            why = "holds no certificate in PEM form" if isinstance(error, ssl.SSLError) else error.strerror
            raise ConfigurationError(
                f"SSL_CERT_FILE={file}: {why}. Set it to a file of certificates, or unset it."
            ) from None
    elif folders and not any(Path(one).is_dir() for one in folders.split(os.pathsep) if one):
        raise ConfigurationError(
            f"SSL_CERT_DIR={folders}: no such folder. Set it to a folder of certificates, or unset it."
        )
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        log = os.environ.get("SSLKEYLOGFILE")
        raise ConfigurationError(
            f"SSLKEYLOGFILE={log}: cannot be written ({error.strerror}). Set it to another file, or unset it."
            if log
            else f"The trusted certificates cannot be read ({error})."
        ) from None


def _goes_directly(url: httpx.URL, exceptions: str) -> bool:
    """Return whether `NO_PROXY` applies to a URL."""
    excepted = [one.strip() for one in exceptions.split(",")]
    if "*" in excepted or any("/" in one and _is_in(url.host, one) for one in excepted):
        return True
    host = url.host if ":" in url.host or url.port is None else f"{url.host}:{url.port}"
    return bool(urllib.request.proxy_bypass(host))


def _is_in(host: str, network: str) -> bool:
    """Return whether a host is an address in a network such as 10.0.0.0/8, which the standard library ignores."""
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _variable(name: str, value: str) -> str:
    """Return the name of the variable with this value; the standard library ignores case and prefers lower case."""
    names = [one for one, held in os.environ.items() if one.lower() == name and held == value]
    return next((one for one in names if one.islower()), names[0] if names else name.upper())


def _parse_address(variable: str, value: str, host: str) -> httpx.URL:
    way_out = f"Correct or unset {variable}, or add {host} to NO_PROXY."
    try:
        url = httpx.URL(value.strip() if "://" in value else f"http://{value.strip()}")
        fine = bool(url.host) and (url.port is None or 0 < url.port < 65536)
    except (httpx.InvalidURL, ValueError):
        fine = False
    if not fine:  # the value may contain a password, so it is not shown
        raise ConfigurationError(
            f"{variable} does not hold the address of a proxy, such as http://127.0.0.1:3128. {way_out}"
        )
    try:
        httpx.Proxy(url)
    except ValueError:
        raise ConfigurationError(
            f"{variable}={_redact(url)}: unknown kind of proxy {url.scheme!r}. Valid: http, https, socks5. {way_out}"
        ) from None
    if url.scheme.startswith("socks") and importlib.util.find_spec("socksio") is None:
        raise ConfigurationError(
            f"{variable}={_redact(url)}: SOCKS proxies need the package socksio: pip install 'httpx[socks]'. {way_out}"
        )
    return url


def _redact(url: httpx.URL) -> str:
    """Return a URL without user and password."""
    host = f"[{url.host}]" if ":" in url.host else url.host
    return f"{url.scheme}://{host}" + (f":{url.port}" if url.port is not None else "")

"""An OAuth 2.0 authorization server of the tests' own: over TLS on loopback, in a thread.

Metadata (RFC 8414), client credentials, authorization code with PKCE (RFC 7636), device code
(RFC 8628), refresh tokens that it may rotate, introspection (RFC 7662; over plain HTTP too, for
Dovecot). It is strict where a client may be wrong, and every request is kept.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import itertools
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import TCPServer, ThreadingMixIn
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import pytest

from certs import files
from certs.material import AUTHORITY, local

HOST = "127.0.0.1"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
CLIENT, SECRET, USER = "imapgate-tests", "s3cret/ +:ü", "crm@example.org"
PUBLIC = "public-tests"
"""A client without a secret."""
Scripted = tuple[int, dict[str, str], bytes]


class Refusal(Exception):
    """error: of RFC 6749 5.2."""

    def __init__(self, error: str, description: str = "no", status: int = 400) -> None:
        self.error, self.description, self.status = error, description, status


@dataclass
class Device:
    user_code: str
    client: str
    approved: bool | None = None
    """None: the person hasn't decided."""


@dataclass
class Asked:
    """A request that came: form is what was posted or asked for in the query."""

    path: str
    form: dict[str, str]
    headers: dict[str, str]


class TokenServer:
    """lifetime: seconds of its access tokens; None: it doesn't say. rotate: whether a refresh token
    is good for once. methods: how a client may tell its secret. described: whether it has metadata.
    scripted: answers to the next requests at a path, instead of its own."""

    def __init__(self, root: Path) -> None:
        self.lifetime: float | None = 3600
        self.rotate = True
        self.methods = ["client_secret_basic", "client_secret_post"]
        self.described = True
        self.refreshes = True
        self.metadata: dict[str, Any] = {}
        self.interval: float | None = 5
        self.asked: list[Asked] = []
        self.scripted: dict[str, list[Scripted]] = {}
        self.before_answer: Callable[[str], None] = lambda _: None
        self.active: dict[str, str] = {}
        """Access token -> user."""
        self.refresh: dict[str, str] = {}
        """Good refresh token -> client."""
        self.devices: dict[str, Device] = {}
        self._codes: dict[str, tuple[str, str, str]] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        material = local(root, ("localhost", HOST), datetime.datetime.now(datetime.UTC))
        chain, key = root / "token.crt", root / "token.key"
        files.write(chain, files.certificate_pem(*material.chain))
        files.write(key, files.key_pem(material.key))
        self.authority = (root / AUTHORITY).read_text("ascii")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, key)
        self._servers = [_Server(self, context), _Server(self, None)]
        self.issuer = f"https://{HOST}:{self._servers[0].server_address[1]}/tenant"
        self._threads = [
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
            for server in self._servers
        ]
        for thread in self._threads:
            thread.start()

    @property
    def introspection(self) -> str:
        """Where Dovecot asks about tokens."""
        return f"http://{HOST}:{self._servers[1].server_address[1]}/introspect"

    def stop(self) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()
        for thread in self._threads:
            thread.join(10)

    def new_refresh(self, client: str = CLIENT) -> str:
        """A good refresh token, as if somebody had authorized the client."""
        token = f"refresh-{next(self._numbers)}"
        self.refresh[token] = client
        return token

    def decide(self, user_code: str, approved: bool) -> None:
        """The person has typed the code."""
        for device in self.devices.values():
            if device.user_code == user_code:
                device.approved = approved
                return
        raise KeyError(user_code)

    def paths(self) -> list[str]:
        return [one.path for one in self.asked]

    def forms(self, path: str) -> list[dict[str, str]]:
        return [one.form for one in self.asked if one.path == path]

    def answer(self, asked: Asked) -> Scripted:
        """What it says to a request."""
        self.before_answer(asked.path)
        with self._lock:
            self.asked.append(asked)
            if self.scripted.get(asked.path):
                return self.scripted[asked.path].pop(0)
            try:
                return self._answer(asked)
            except Refusal as no:
                return _json({"error": no.error, "error_description": no.description}, no.status)

    def _answer(self, asked: Asked) -> Scripted:
        match asked.path:
            case "/tenant/.well-known/openid-configuration" if self.described:
                return _json(self._metadata())
            case "/tenant/token":
                return _json(self._token(asked))
            case "/tenant/device":
                return _json(self._device(asked))
            case "/tenant/authorize":
                return self._authorize(asked.form)
            case "/introspect":
                user = self.active.get(asked.form.get("token", ""))
                if user is None:
                    return _json({"active": False})
                return _json({"active": True, "username": user})
        return 404, {}, b"nothing here"

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "token_endpoint": f"{self.issuer}/token",
            "device_authorization_endpoint": f"{self.issuer}/device",
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint_auth_methods_supported": self.methods,
            **self.metadata,
        }

    def _client(self, asked: Asked) -> str:
        header = asked.headers.get("authorization")
        if header is not None:
            if "client_secret" in asked.form or "client_secret_basic" not in self.methods:
                raise Refusal("invalid_client", "not that way", 401)
            name, _, secret = (
                base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
            )
            client, secret = unquote_plus(name), unquote_plus(secret)
        else:
            client, secret = asked.form.get("client_id", ""), asked.form.get("client_secret", "")
            if secret and "client_secret_post" not in self.methods:
                raise Refusal("invalid_client", "not that way", 401)
        if (client, secret) not in ((CLIENT, SECRET), (PUBLIC, "")):
            raise Refusal("invalid_client", f"unknown client or secret {secret}", 401)
        return client

    def _token(self, asked: Asked) -> dict[str, Any]:
        client, form = self._client(asked), asked.form
        match form.get("grant_type"):
            case "client_credentials":
                if client == PUBLIC:
                    raise Refusal("unauthorized_client")
                return self._granted(client, False)
            case "refresh_token":
                token = form.get("refresh_token", "")
                if self.refresh.get(token) != client:
                    raise Refusal("invalid_grant", f"The refresh token {token} is unknown")
                if self.rotate:
                    del self.refresh[token]
                return self._granted(client, self.rotate)
            case "authorization_code":
                known = self._codes.pop(form.get("code", ""), None)
                if known is None or known[:2] != (client, form.get("redirect_uri")):
                    raise Refusal("invalid_grant", "unknown code")
                digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
                if base64.urlsafe_b64encode(digest).decode().rstrip("=") != known[2]:
                    raise Refusal("invalid_grant", "wrong code_verifier")
                return self._granted(client, True)
            case kind if kind == DEVICE:
                return self._of_device(client, form.get("device_code", ""))
        raise Refusal("unsupported_grant_type")

    def _of_device(self, client: str, code: str) -> dict[str, Any]:
        device = self.devices.get(code)
        if device is None or device.client != client:
            raise Refusal("expired_token")
        if device.approved is None:
            raise Refusal("authorization_pending")
        del self.devices[code]
        if not device.approved:
            raise Refusal("access_denied", "The person said no")
        return self._granted(client, True)

    def _device(self, asked: Asked) -> dict[str, Any]:
        client = self._client(asked)
        if asked.form.get("client_id") != client:
            raise Refusal("invalid_request", "no client_id")
        number = next(self._numbers)
        self.devices[f"device-{number}"] = Device(f"WDJB-{number}", client)
        value: dict[str, Any] = {
            "device_code": f"device-{number}",
            "user_code": f"WDJB-{number}",
            "verification_uri": "https://login.example/device",
            "verification_uri_complete": f"https://login.example/device?user_code=WDJB-{number}",
            "expires_in": 600,
        }
        return value if self.interval is None else {**value, "interval": self.interval}

    def _authorize(self, form: dict[str, str]) -> Scripted:
        """The person signs in and agrees at once; the browser is sent back."""
        if form.get("response_type") != "code" or form.get("code_challenge_method") != "S256":
            raise Refusal("invalid_request")
        code = f"code-{next(self._numbers)}"
        self._codes[code] = (form["client_id"], form["redirect_uri"], form["code_challenge"])
        query = urlencode({"code": code, "state": form["state"], "iss": self.issuer})
        return 302, {"Location": f"{form['redirect_uri']}?{query}"}, b""

    def _granted(self, client: str, with_refresh: bool) -> dict[str, Any]:
        access = f"access-{next(self._numbers)}"
        self.active[access] = USER
        value: dict[str, Any] = {
            "access_token": access,
            "token_type": "Bearer",
            "scope": "more than was asked for",
        }
        if self.lifetime is not None:
            value["expires_in"] = self.lifetime
        if with_refresh and self.refreshes:
            value["refresh_token"] = self.new_refresh(client)
        return value


def _json(value: object, status: int = 200) -> Scripted:
    return status, {"Content-Type": "application/json"}, json.dumps(value).encode()


class _Server(ThreadingMixIn, TCPServer):
    daemon_threads = True
    block_on_close = True

    def __init__(self, owner: TokenServer, context: ssl.SSLContext | None) -> None:
        self.owner = owner
        self._context = context
        super().__init__((HOST, 0), _Handler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """In the connection's own thread, the handshake too."""
        request.settimeout(10)
        if self._context is None:
            super().finish_request(request, client_address)
            return
        try:
            secured = self._context.wrap_socket(request, server_side=True)
        except OSError:
            return  # A client that doesn't trust it has gone.
        with secured:
            super().finish_request(secured, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self._say(parse_qs(urlsplit(self.path).query))

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        self._say(parse_qs(self.rfile.read(length).decode(), keep_blank_values=True))

    def _say(self, form: dict[str, list[str]]) -> None:
        # A parameter that stands twice is wrong (RFC 6749 3.2).
        asked = Asked(
            urlsplit(self.path).path,
            {name: value for name, (value,) in form.items()},
            {name.lower(): value for name, value in self.headers.items()},
        )
        status, headers, content = self.server.owner.answer(asked)
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def token_server(tmp_path: Path) -> Iterator[TokenServer]:
    """A fresh one for each test."""
    root = tmp_path / "token-server"
    root.mkdir()
    server = TokenServer(root)
    try:
        yield server
    finally:
        server.stop()

"""Authorizing in a browser that comes back to a port of this machine (RFC 8252, PKCE: RFC 7636)."""

from __future__ import annotations

import hmac
import secrets as random
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

from oauthlib.oauth2 import WebApplicationClient

from imapgate.servers.oauth.grants import (
    Endpoints,
    Granted,
    TokenRefused,
    masked,
    request,
)
from imapgate.servers.oauth.web import Web
from imapgate.servers.server import OAuth, Secrets, ServerError

HOST = "127.0.0.1"
PATIENCE = 600.0
"""Seconds for the person to sign in and agree."""
_STEP = 0.5
_SLOWEST = 5.0
"""Seconds for a browser's request."""
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>imapgate</title></head>
<body><p>{}</p></body></html>
"""
AGREED = "imapgate has the answer. You can close this window and go back to the command."
STRANGE = "This isn't the answer that imapgate waits for."


class Browser:
    """One authorization: `address` is what the person opens, `wait_for_token` waits for the answer.
    A context manager, since a port is open while it waits. Raises ServerError where the server has
    no page to send a browser to."""

    def __init__(self, web: Web, endpoints: Endpoints, oauth: OAuth, secrets: Secrets) -> None:
        if endpoints.authorization is None:
            raise ServerError(
                "token",
                "The authorization server has no page for browsers.",
                "no authorization_endpoint",
                "Use --device; or is the authority a token endpoint? Give the issuer's address.",
                permanent=True,
            )
        self._web, self._endpoints, self._oauth, self._secrets = web, endpoints, oauth, secrets
        self._state = random.token_urlsafe(32)
        client = WebApplicationClient(oauth.client_id)
        self._verifier = client.create_code_verifier(64)
        self._server = _Listener(self._state)
        self._redirect = f"http://{HOST}:{self._server.server_address[1]}/"
        self.address = str(
            client.prepare_request_uri(
                endpoints.authorization,
                redirect_uri=self._redirect,
                scope=oauth.scope,
                state=self._state,
                code_challenge=client.create_code_challenge(self._verifier, "S256"),
                code_challenge_method="S256",
            )
        )

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._server.server_close()

    def wait_for_token(
        self, patience: float = PATIENCE, clock: Callable[[], float] = time.monotonic
    ) -> Granted:
        """patience: seconds. Raises TokenRefused, ServerError."""
        until = clock() + patience
        while self._server.answer is None:
            if clock() >= until:
                raise TokenRefused("expired_token", f"no browser within {patience:g} seconds")
            self._server.handle_request()
        answer = self._server.answer
        issuer = answer.get("iss")
        if issuer is not None and issuer != self._endpoints.issuer:
            # RFC 9207: another server's answer, to be sent to this one.
            raise ServerError(
                "token", "The answer came from another authorization server.", masked(issuer, ())
            )
        if "error" in answer:
            description = answer.get("error_description", "")
            code = answer["error"]
            raise TokenRefused(code, masked(f"{code}: {description}".rstrip(": "), ()))
        if not answer.get("code"):
            raise ServerError("token", "The browser came back without a code.")
        return request(
            self._web,
            self._endpoints,
            self._oauth,
            self._secrets,
            "authorization_code",
            code=answer["code"],
            redirect_uri=self._redirect,
            code_verifier=self._verifier,
        )


class _Listener(TCPServer):
    """Takes the one answer with the right state; whatever else comes is sent away."""

    timeout = _STEP
    request_queue_size = 5

    def __init__(self, state: str) -> None:
        self._state = state
        self.answer: dict[str, str] | None = None
        super().__init__((HOST, 0), _Redirected)

    def take(self, target: str) -> bool:
        """Whether that is the answer; target: what the browser asks for."""
        parts = urlsplit(target)
        try:
            query = parse_qs(parts.query, max_num_fields=20)
        except ValueError:
            return False
        answer = {name: values[0] for name, values in query.items() if len(values) == 1}
        right = hmac.compare_digest(answer.get("state", "").encode(), self._state.encode())
        if self.answer is not None or parts.path != "/" or not right:
            return False
        self.answer = answer
        return True

    def handle_error(self, _request: object, _client_address: object) -> None:
        """A browser that went away is nobody's trouble: the next request may be the answer."""
        if not isinstance(sys.exception(), OSError):
            raise  # It is called while one is handled.


class _Redirected(BaseHTTPRequestHandler):
    timeout = _SLOWEST
    server: _Listener
    server_version = "imapgate"
    sys_version = ""

    def do_GET(self) -> None:
        taken = self.server.take(self.path)
        page = _PAGE.format(AGREED if taken else STRANGE).encode()
        self.send_response(200 if taken else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.send_header("Content-Security-Policy", "default-src 'none'")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the code stands in what is asked for."""

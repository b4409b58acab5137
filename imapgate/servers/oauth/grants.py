"""What is asked of an authorization server: where its endpoints are (RFC 8414, OpenID Connect
Discovery), and tokens (RFC 6749)."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlsplit

from oauthlib.oauth2 import OAuth2Error
from oauthlib.oauth2.rfc6749.parameters import parse_token_response, prepare_token_request

from imapgate.servers.oauth.web import Answer, Web, split
from imapgate.servers.server import OAuth, Secrets, ServerError

LIFETIME = 300
"""Seconds that a token is taken to be good for if the server doesn't tell."""
WITHDRAWN = "invalid_grant"
_PERMANENT = frozenset(
    (WITHDRAWN, "invalid_client", "unauthorized_client", "invalid_scope", "unsupported_grant_type")
)
_TEXTS = {
    WITHDRAWN: "The authorization was withdrawn or has expired.",
    "invalid_client": "The authorization server does not take the client id or its secret.",
    "unauthorized_client": "The authorization server does not let this client do that.",
    "invalid_scope": "The authorization server does not know the scope or does not allow it.",
    "access_denied": "The authorization was denied.",
    "expired_token": "Nobody authorized it in time.",
}
_HINTS = {
    WITHDRAWN: "Authorize it anew: `imapgate account authorize`, `imapgate mailer authorize`.",
    "invalid_client": "Look at the client id and give its secret anew.",
    "unauthorized_client": "Look at what the client is registered for.",
    "invalid_scope": "Look at the scope.",
    "access_denied": "Run it once more, and agree.",
    "expired_token": "Run it once more.",
}


class TokenRefused(ServerError):
    """The server said no. code: as in RFC 6749 5.2 or RFC 8628 3.5."""

    def __init__(self, code: str, technical: str) -> None:
        text = _TEXTS.get(code, "The authorization server gave no token.")
        super().__init__("token", text, technical, _HINTS.get(code, ""), code in _PERMANENT)
        self.code = code


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Of an authorization server, all https. issuer, device, authorization: None where it doesn't
    tell. basic: whether a client's secret goes into the field Authorization, not into the form."""

    token: str
    issuer: str | None = None
    device: str | None = None
    authorization: str | None = None
    basic: bool = True


@dataclass(frozen=True, slots=True)
class Granted:
    """lifetime: seconds from now. refresh: the new refresh token; None: the old one stays."""

    access: str = field(repr=False)
    lifetime: float
    refresh: str | None = field(repr=False)


def find_endpoints(web: Web, authority: str) -> Endpoints:
    """authority: the issuer, or the token endpoint itself: what describes itself nowhere is taken
    for that. Raises ServerError."""
    for url in _descriptions(authority):
        answer = web.get(url)
        if answer.status >= 500:
            raise ServerError(
                "token",
                "The authorization server can't tell of itself just now.",
                f"GET {url}: {answer.status} {answer.reason}",
            )
        if answer.status == 200 and answer.value is not None and "token_endpoint" in answer.value:
            return _endpoints(answer.value, url)
    return Endpoints(authority)


def _descriptions(authority: str) -> tuple[str, ...]:
    split(authority)
    parts = urlsplit(authority)
    path = parts.path.rstrip("/")
    if path.startswith("/.well-known/") or "/.well-known/" in path:
        return (authority,)
    base = f"{parts.scheme}://{parts.netloc}"
    return (
        f"{base}{path}/.well-known/openid-configuration",
        f"{base}/.well-known/oauth-authorization-server{path}",
    )


def _endpoints(value: dict[str, Any], url: str) -> Endpoints:
    """Of a description. Its issuer need not be the authority, as it ought to (RFC 8414 3.3): a
    Microsoft tenant's isn't where the tenant is called by its name."""
    found: dict[str, str | None] = {}
    for key in ("token_endpoint", "device_authorization_endpoint", "authorization_endpoint"):
        endpoint = value.get(key)
        found[key] = endpoint if isinstance(endpoint, str) else None
        if found[key] is not None:
            split(str(endpoint))
    token = found["token_endpoint"]
    if token is None:
        raise ServerError("token", "The authorization server names no token endpoint.", url)
    methods = value.get("token_endpoint_auth_methods_supported")
    issuer = value.get("issuer")
    return Endpoints(
        token,
        issuer if isinstance(issuer, str) else None,
        found["device_authorization_endpoint"],
        found["authorization_endpoint"],
        not isinstance(methods, list) or "client_secret_basic" in methods,
    )


def request(
    web: Web, endpoints: Endpoints, oauth: OAuth, secrets: Secrets, grant: str, **parameters: str
) -> Granted:
    """A token by that grant (`grant_type`) and its parameters. Raises TokenRefused, ServerError."""
    headers, client = identified(endpoints, oauth, secrets)
    form = prepare_token_request(grant, **client, **parameters)
    answer = web.post(endpoints.token, form, headers)
    hidden = (secrets.client_secret, *parameters.values())
    refuse(answer, hidden)
    return _granted(answer, hidden)


def identified(
    endpoints: Endpoints, oauth: OAuth, secrets: Secrets
) -> tuple[dict[str, str], dict[str, str]]:
    """Header fields and parameters that say which client asks: by its secret, or without one by its
    id alone (a public client)."""
    if secrets.client_secret is None:
        return {}, {"client_id": oauth.client_id}
    if not endpoints.basic:
        return {}, {"client_id": oauth.client_id, "client_secret": secrets.client_secret}
    # RFC 6749 2.3.1: both are form-encoded before they are joined.
    pair = f"{quote_plus(oauth.client_id)}:{quote_plus(secrets.client_secret)}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}, {}


def refuse(answer: Answer, hidden: tuple[str | None, ...]) -> None:
    """Raises TokenRefused for an answer that says no, ServerError for one that isn't of an
    authorization server. hidden: secrets that it may repeat."""
    value = answer.value
    if value is not None and isinstance(code := value.get("error"), str):
        description = value.get("error_description")
        told = f"{code}: {description}" if isinstance(description, str) else code
        raise TokenRefused(code, masked(told, hidden))
    if answer.status != 200 or value is None:
        raise ServerError(
            "token",
            "That is no authorization server, or it is out of order.",
            f"{answer.status} {answer.reason}",
            "Look at the authority: the issuer's address, or that of its token endpoint.",
        )


def masked(text: str, hidden: tuple[str | None, ...]) -> str:
    """In one line of at most 300 printable characters, without those secrets."""
    for secret in hidden:
        if secret:
            text = text.replace(secret, "***")
    line = " ".join(text.split())[:300]
    return "".join(one if one.isprintable() else "?" for one in line)


def _granted(answer: Answer, hidden: tuple[str | None, ...]) -> Granted:
    try:
        # The scope isn't compared: servers name more, or name it otherwise, than was asked for.
        token = parse_token_response(answer.body)
        access, refresh = token["access_token"], token.get("refresh_token")
        lifetime = max(float(token.get("expires_in") or LIFETIME), 0.0)
        kind = str(token.get("token_type", "bearer"))
    except (OAuth2Error, ValueError, TypeError, AttributeError, OverflowError) as error:
        # The last four: values of a kind that nobody expects there.
        raise ServerError(
            "token", "The authorization server gave no token.", masked(str(error), hidden)
        ) from None
    if not isinstance(access, str) or not access or kind.casefold() != "bearer":
        raise ServerError(
            "token", "The authorization server gave no bearer token.", masked(kind, hidden)
        )
    if not (access.isascii() and access.isprintable() and " " not in access):
        raise ServerError("token", "The authorization server gave a token that is no text.")
    return Granted(access, lifetime, refresh if isinstance(refresh, str) and refresh else None)

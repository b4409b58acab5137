"""Authorizing by a code that a person types elsewhere (RFC 8628)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from oauthlib.oauth2 import DeviceClient

from imapgate.servers.oauth.grants import (
    Endpoints,
    Granted,
    TokenRefused,
    identified,
    refuse,
    request,
)
from imapgate.servers.oauth.web import Web
from imapgate.servers.server import OAuth, Secrets, ServerError

INTERVAL = 5.0
"""Seconds between two questions where the server names none; `slow_down` adds as many."""
LONGEST = 1800.0
"""Seconds that a code is waited for, whatever the server says."""


@dataclass(frozen=True, slots=True)
class Code:
    """user_code: what is typed at address; complete: an address that has it already, or None.
    lifetime, interval: seconds."""

    device_code: str = field(repr=False)
    user_code: str
    address: str
    complete: str | None
    lifetime: float
    interval: float


def ask_code(web: Web, endpoints: Endpoints, oauth: OAuth, secrets: Secrets) -> Code:
    """Raises TokenRefused, ServerError."""
    if endpoints.device is None:
        raise ServerError(
            "token",
            "The authorization server offers no device codes.",
            "no device_authorization_endpoint",
            "Use --browser; or is the authority a token endpoint? Give the issuer's address.",
            permanent=True,
        )
    headers, client = identified(endpoints, oauth, secrets)
    # The id stands in the form in any case: servers look for it there (RFC 8628 3.1).
    form = urlencode({"client_id": oauth.client_id, **client, "scope": oauth.scope})
    answer = web.post(endpoints.device, form, headers)
    refuse(answer, (secrets.client_secret,))
    return _code(answer.value or {})


def _code(value: dict[str, Any]) -> Code:
    # Google calls it verification_url.
    address = value.get("verification_uri", value.get("verification_url"))
    device_code, user_code = value.get("device_code"), value.get("user_code")
    complete = value.get("verification_uri_complete")
    if not (
        isinstance(address, str) and isinstance(device_code, str) and isinstance(user_code, str)
    ):
        raise ServerError("token", "The authorization server gave no device code.")
    return Code(
        device_code,
        user_code[:100],
        address[:2000],
        complete[:2000] if isinstance(complete, str) else None,
        _seconds(value.get("expires_in"), LONGEST, LONGEST),
        _seconds(value.get("interval"), INTERVAL, 60.0),
    )


def _seconds(value: object, missing: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        return missing
    return min(float(value), most)


def wait_for_token(
    web: Web,
    endpoints: Endpoints,
    oauth: OAuth,
    secrets: Secrets,
    code: Code,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Granted:
    """Asks until the person has agreed. Raises TokenRefused (access_denied, expired_token, ...),
    ServerError."""
    interval = code.interval
    until = clock() + code.lifetime
    while clock() + interval < until:
        sleep(interval)
        try:
            return request(
                web,
                endpoints,
                oauth,
                secrets,
                DeviceClient.grant_type,
                device_code=code.device_code,
            )
        except TokenRefused as error:
            if error.code == "slow_down":
                interval += INTERVAL
            elif error.code != "authorization_pending":
                raise
    raise TokenRefused("expired_token", f"after {code.lifetime:g} seconds")

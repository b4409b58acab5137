"""What each setting of a mailer may be by itself, and how long."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import PurePath
from typing import Any

from imapgate.activities.names import Mistake, checked_email
from imapgate.mime.writing import Unwritable, ascii_address
from imapgate.outgoing.mailer import MECHANISMS, SECURITIES, TO_FILE
from imapgate.servers.server import AUTHENTICATIONS, OAUTH_MECHANISMS
from imapgate.servers.settings import values
from imapgate.servers.settings.values import one_of, optional, switch


def checked(name: str, value: Any) -> Any:
    """The value of that setting (settings.flat) as it is kept. Raises Mistake."""
    return _CHECKS[name](value)


def sendable(address: str) -> str:
    """An address that mail can be written to and from, as it was typed. Raises Mistake."""
    kept = checked_email(address)
    try:
        ascii_address(kept)
    except Unwritable as error:
        raise Mistake(str(error)) from None
    return kept


def _port(value: Any) -> int | None:
    return None if value is None else values.number("port", 1, 65535, "", value)


def _sendmail(value: str | None) -> str | None:
    kept = optional("path of sendmail", value)
    # Looked up nowhere: what runs is what was named.
    if kept is not None and not PurePath(kept).is_absolute():
        raise Mistake("The path of sendmail is a whole one, as in /usr/sbin/sendmail.")
    return kept


def _intercept(value: str | None) -> str | None:
    if not value:
        return None
    return TO_FILE if value.strip().lower() == TO_FILE else sendable(value)


_CHECKS: dict[str, Callable[[Any], Any]] = {
    **values.SERVER,
    "active": partial(switch, "active"),
    "host": lambda value: values.host(value) if value else "",
    "port": _port,
    "security": partial(one_of, "security", SECURITIES),
    "sendmail": _sendmail,
    "connecting": partial(values.seconds, "time-out for connecting"),
    "sending": partial(values.seconds, "time-out for sending"),
    "authentication": partial(one_of, "authentication", AUTHENTICATIONS, or_none=True),
    "mechanism": partial(values.mechanism, (*MECHANISMS, *OAUTH_MECHANISMS)),
    "account": partial(optional, "account"),
    "from": lambda value: sendable(value) if value else "",
    "reply_to": lambda value: sendable(value) if value else None,
    "intercept": _intercept,
    "debug": partial(switch, "debug"),
}

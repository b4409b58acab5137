"""What each setting of an account may be by itself, and how long."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from imapgate.activities.names import checked_email
from imapgate.incoming.account import (
    AFTERWARDS,
    IMAP_MECHANISMS,
    POP3_MECHANISMS,
    PROTOCOLS,
    STRANGERS,
    UNKNOWN_SENDERS,
)
from imapgate.servers.server import OAUTH_MECHANISMS
from imapgate.servers.settings import values
from imapgate.servers.settings.values import needed, number, one_of, optional, switch

SECURITIES = ("none", "starttls")
MECHANISMS = tuple(dict.fromkeys((*IMAP_MECHANISMS, *POP3_MECHANISMS, *OAUTH_MECHANISMS)))


def checked(name: str, value: Any) -> Any:
    """The value of that setting (settings.settings_of) as it is kept. Raises Mistake."""
    return _CHECKS[name](value)


_CHECKS: dict[str, Callable[[Any], Any]] = {
    **values.SERVER,
    "label": partial(values.text, "label"),
    "active": partial(switch, "active"),
    "protocol": partial(one_of, "protocol", PROTOCOLS),
    "security": partial(one_of, "security", SECURITIES),
    "folder": partial(needed, "folder"),
    "timeout": partial(values.seconds, "time-out"),
    "mechanism": partial(values.mechanism, MECHANISMS),
    "after_reading": partial(one_of, "choice after reading", AFTERWARDS, or_none=True),
    "move_to": partial(optional, "folder to move to"),
    "interval": partial(number, "interval", 10, 7 * 24 * 3600, " seconds", or_none=True),
    "retries": partial(number, "number of retries", 0, 100, "", or_none=True),
    "debug": partial(switch, "debug", or_none=True),
    "per_round": partial(number, "number of messages per round", 1, 10_000, ""),
    "creator": partial(optional, "creator"),
    "logging_user": partial(optional, "logging user"),
    "use_linked_user": partial(switch, "use of linked users"),
    "unknown_sender": partial(one_of, "choice for unknown senders", UNKNOWN_SENDERS),
    "stranger": partial(one_of, "choice for strangers", STRANGERS),
    "hourly": partial(number, "number of mails per hour", 0, 1_000_000, ""),
    "plus": partial(values.listed, "plus addresses", checked_email),
    "approve": partial(values.listed, "approve words", partial(needed, "word")),
    "reject": partial(values.listed, "reject words", partial(needed, "word")),
}

"""A mailbox is opened: the name is looked up, the connection made, TLS, log-in, folder.

Missing still: the fetchers themselves; `open_source` and `walk` raise NotImplementedError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from imapgate.incoming.account import Place, Secrets
from imapgate.incoming.source import Source

STEPS = ("name", "connect", "tls", "greeting", "login", "folder")
"""What opening does, in this order, as in SourceError.step; tls comes after greeting where it is
STARTTLS."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step that went well. name: one of STEPS; text: what was found, for people; warning: what
    isn't as it should be (the certificate isn't verified), empty as a rule."""

    name: str
    text: str
    warning: str = ""


def open_source(
    place: Place,
    secrets: Secrets,
    *,
    token: Callable[[], str] | None = None,
    dialogue: Callable[[str], None] | None = None,
) -> Source:
    """Connects, logs in and opens the folder. token: gives an OAuth access token; dialogue: gets
    each line that is said, secrets masked. The source's `warnings` are for the log. Raises
    SourceError with its step."""
    raise NotImplementedError


def walk(
    place: Place,
    secrets: Secrets,
    *,
    token: Callable[[], str] | None = None,
    dialogue: Callable[[str], None] | None = None,
) -> Iterator[Step | Source]:
    """The same step by step: each step as soon as it went well, and the opened source last, which
    the caller closes. Raises SourceError where a step fails; nothing stays open then, nor when the
    iterator is closed before its end."""
    raise NotImplementedError

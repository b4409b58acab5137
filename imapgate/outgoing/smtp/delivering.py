"""Ways to hand mail over, by a mailer's settings. Still missing: what is behind these names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from imapgate.mime.index import Content
from imapgate.outgoing.delivery import Deliver, Envelope, Result
from imapgate.outgoing.mailer import Mailer
from imapgate.servers.server import Secrets, Step

Token = Callable[[], str]
Dialogue = Callable[[str], None]


def deliverer(
    mailer: Mailer,
    secrets: Secrets,
    *,
    token: Token | None = None,
    dialogue: Dialogue | None = None,
    intercepted: Path | None = None,
) -> Deliver:
    """By SMTP, by sendmail, or to where the mailer's `intercept` says: then nothing else leaves.
    token: gives an OAuth access token; dialogue: gets each line that is said, secrets masked;
    intercepted: the directory of what is written instead of being sent."""
    raise NotImplementedError


def walk(
    mailer: Mailer,
    secrets: Secrets,
    envelope: Envelope,
    content: Content,
    *,
    before_end: Callable[[], None] = lambda: None,
    token: Token | None = None,
    dialogue: Dialogue | None = None,
    intercepted: Path | None = None,
) -> Iterator[Step | tuple[Result, ...]]:
    """The same step by step: each as soon as it went well, and last what came of the recipients.
    Raises ServerError where a step fails; nothing stays open then, nor when the iterator is closed
    before its end."""
    raise NotImplementedError


def steps_of(mailer: Mailer) -> list[str]:
    """Names of the steps, in the order in which they are tried."""
    raise NotImplementedError

"""An account is tried step by step, as far as it goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing

from imapgate.incoming.account import Place
from imapgate.incoming.mailboxes.connecting import walk
from imapgate.incoming.source import Source, TooLarge, Unreadable
from imapgate.mime.reading import read
from imapgate.servers import trying
from imapgate.servers.server import Secrets, ServerError, Step
from imapgate.servers.trying import OK, Result

LARGEST = 1024 * 1024
"""Octets of a message whose text is shown."""
LINES = 10
LINE = 100
"""Characters that are shown of each line."""
PROBING = ("send", "arrive")
Probe = Callable[[Source], Iterator[str]]
"""Given the opened mailbox: what each of PROBING came to. Raises ServerError."""


def steps_of(place: Place, probing: bool) -> list[str]:
    """In the order in which they are tried."""
    steps = ["token"] if place.login.oauth is not None else []
    steps += ["name", "connect"]
    if place.protocol.endswith("s"):
        steps += ["tls", "greeting"]
    elif place.tls.starttls:
        steps += ["greeting", "tls"]
    else:
        steps += ["greeting"]
    steps += ["login", "folder", "count", "newest"]
    return steps + list(PROBING) if probing else steps


def tried(
    place: Place,
    secrets: Secrets,
    token: Callable[[], str] | None = None,
    probe: Probe | None = None,
) -> Iterator[Result]:
    """Each step as soon as it is done; after one that failed the others are NOT_TRIED. token: gives
    an OAuth access token. Nothing stays open when the iterator ends or is closed."""
    steps = steps_of(place, probe is not None)
    return trying.tried(steps, lambda: _results(place, secrets, token, probe))


def _results(
    place: Place, secrets: Secrets, token: Callable[[], str] | None, probe: Probe | None
) -> Iterator[Result]:
    if token is not None:
        began = time.monotonic()
        token()
        yield Result("token", OK, f"an access token came after {time.monotonic() - began:.1f} s")
    source: Source | None = None
    for one in walk(place, secrets, token=token):
        if isinstance(one, Step):
            yield trying.result_of(one)
        else:
            source = one
    assert source is not None
    with closing(source):
        count = source.count()
        yield Result("count", OK, "1 message" if count == 1 else f"{count} messages")
        yield Result("newest", OK, _newest(source))
        if probe is not None:
            for step, text in zip(PROBING, probe(source), strict=True):
                yield Result(step, OK, text)


def _newest(source: Source) -> str:
    """Sender, subject, and the beginning of the text."""
    newest = source.newest()
    if newest is None:
        return "the mailbox is empty"
    try:
        mail = read(source.read(newest.key, LARGEST)).mail
    except KeyError:
        return "it has gone meanwhile"
    except TooLarge as error:
        return f"it has {error.size:,} octets, so it isn't shown"
    except Unreadable as error:
        raise ServerError("newest", error.text, error.technical) from error
    sender = mail.from_[0].address if mail.from_ else "nobody"
    lines = [f"from {sender}", f"subject: {' '.join(mail.subject.split())}"]
    # What is longer is cut before it is looked at by lines.
    text = mail.text[: LINES * LINE * 2].split("\n")
    lines += [line.rstrip() for line in text if line.strip()]
    return "\n".join(line[:LINE] for line in lines[: LINES + 2])

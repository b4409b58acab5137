"""Mail of a test system that goes to one address, or into files, instead of to whom it is for."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from imapgate.mime.index import Content
from imapgate.mime.writing_fields import text_field
from imapgate.outgoing.delivery import SENT, Envelope, Result
from imapgate.outgoing.smtp import transmitted
from imapgate.servers.server import ServerError, Step
from storage import files

FOR = "X-Imapgate-Intercepted-For"
"""A header field for each recipient whom the mail would have gone to."""
FROM = "X-Imapgate-Intercepted-From"
"""Whom a server would have been told as sender."""


def added(envelope: Envelope) -> bytes:
    """The header lines that tell it. envelope: its addresses are checked."""
    lines = [text_field(FOR, address) for address in envelope.recipients]
    return b"".join((text_field(FROM, envelope.sender or "<>"), *lines))


def redirected(address: str) -> Envelope:
    """To that address alone, and from it: not even a mail that comes back goes to anybody else."""
    return Envelope(address, (address,))


def results(envelope: Envelope, of_address: Result) -> tuple[Result, ...]:
    """What came of the one address, for each recipient of the mail."""
    text = f"Intercepted: for {of_address.address} instead. {of_address.text}"
    return tuple(
        Result(one, of_address.outcome, of_address.code, text) for one in envelope.recipients
    )


def written(
    directory: Path, envelope: Envelope, content: Content, before_end: Callable[[], None]
) -> Iterator[Step | tuple[Result, ...]]:
    """Into a file of its own there, mode 0600, on the disk once this says so. Raises ServerError
    where that can't be."""
    name = f"{time.time_ns()}-{secrets.token_hex(4)}"
    new = directory / f".{name}.new"
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
        files.owned_like(directory, directory.parent)
        try:
            made = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(made, "wb") as out:
                for piece in transmitted.pieces(content, added(envelope)):
                    out.write(piece)
                out.flush()
                os.fsync(made)
            before_end()
            files.owned_like(new, directory)
            target = directory / f"{name}.eml"
            files.put(new, target, replace=False)
        finally:
            new.unlink(missing_ok=True)
    except OSError as error:
        raise ServerError(
            "data",
            "The mail, which isn't to leave, could not be written into a file.",
            str(error),
            f"Look at {directory}.",
        ) from error
    text = f"Intercepted: written to {target} instead of being sent."
    yield Step("data", text)
    yield tuple(Result(one, SENT, None, text) for one in envelope.recipients)

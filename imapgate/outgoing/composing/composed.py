"""What making a mail of an activity gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from imapgate.activities.names import Mistake
from imapgate.folders.octets import Octets
from imapgate.limits import MIB
from imapgate.mime.index import Content
from storage import Tx

LARGEST = 150 * MIB
"""Octets of a mail that is made; attachments of 50 MB come to 70 in base64."""
SHOWN = 5
"""Recipients that a sentence names; it tells how many more there are."""


@dataclass(frozen=True, slots=True)
class Came:
    """What came of an action. text: one or more plain sentences for whoever took the transition.
    row_id: of the mail in the outbox, None: there is none. gone: False: it is tried again."""

    text: str
    row_id: int | None = None
    gone: bool = True


Finish = Callable[[Tx], Came]
"""What is left to be done when the mail is made: in the transaction in which the action's event
goes. Raises Mistake."""


def gathered(pieces: Iterable[bytes]) -> Content:
    """The mail as one; a large one in a temporary file. Raises Mistake where it would be larger
    than LARGEST, OSError."""
    with Octets(LARGEST) as octets:
        for piece in pieces:
            octets.add(piece)
            if octets.size > LARGEST:
                raise Mistake(f"It would be larger than {LARGEST // MIB} MiB.")
        return octets.content()


def named(addresses: Iterable[str]) -> str:
    """For a sentence."""
    known = list(addresses)
    more = f" and {len(known) - SHOWN} more" if len(known) > SHOWN else ""
    return ", ".join(known[:SHOWN]) + more

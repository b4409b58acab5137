"""What every mailbox can do, whatever its protocol: the queue knows nothing else of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from imapgate.mime.index import Content

Position = Mapping[str, Any]
"""Where in a mailbox the next round begins, as JSON; empty before the first round."""
EVERYTHING: Position = {"everything": True}
"""For a copy of a mailbox: all that it holds, whether anybody has seen it or not."""


class TooLarge(Exception):
    """A message has more octets than may be taken; size: what the server told, or what had come."""

    def __init__(self, size: int) -> None:
        super().__init__(f"{size} octets")
        self.size = size


class Unreadable(Exception):
    """The server doesn't give this one message (NO to its FETCH), though the connection is well and
    others can be read. text: one plain sentence; technical: what the server said."""

    def __init__(self, text: str, technical: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.technical = technical


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message in a mailbox. key: what it is called there (`UIDVALIDITY.UID` or a UIDL), the same
    in each round. size: octets as the server tells, 0: it doesn't. internal_at: seconds since 1970,
    None: it doesn't tell; internal_zone: minutes east."""

    key: str
    size: int
    internal_at: int | None = None
    internal_zone: int = 0


class Source(Protocol):
    """An opened mailbox. All methods wait, in a thread; all raise ServerError. Nothing in a mailbox
    changes but by `settle`. warnings: sentences about what isn't as it should be (the certificate
    isn't verified), for the log at each opening."""

    @property
    def warnings(self) -> Sequence[str]: ...

    def waiting(self, position: Position) -> Sequence[Waiting]:
        """What may be new since that position, in the mailbox's order, oldest first; what is in the
        queue already may be among it. The sequence asks the server in blocks while it is walked
        (a mailbox may hold half a million): take from it what a round needs, don't copy it."""
        ...

    def read(self, key: str, most: int) -> Content:
        """The message's bytes, held in memory up to 1 MiB, else in a temporary file's map. Raises
        TooLarge for more than most octets, Unreadable if the server won't give it though it goes on
        serving, and KeyError if it is gone (of IMAP: or the key's UIDVALIDITY isn't that of the
        folder)."""
        ...

    def settle(self, keys: Collection[str], afterwards: str, move_to: str | None) -> None:
        """Mark, move or delete these (account.AFTERWARDS); those that are gone are passed over."""
        ...

    def position(self, whole: bool = True) -> Position:
        """Where the next round begins. whole: all that is waiting was taken. Else it keeps what
        waits now: whoever reads it meanwhile, `waiting` gives it again."""
        ...

    def count(self) -> int:
        """Messages in the mailbox."""
        ...

    def newest(self) -> Waiting | None:
        """The message that came last; None: the mailbox is empty."""
        ...

    def wait(self, seconds: float) -> bool:
        """Waits so long for new mail (IDLE); True: something came. False at once where the server
        can't tell."""
        ...

    def interrupt(self) -> None:
        """From another thread: ends at once what this source waits for (`wait` gives False, all
        else raises ServerError); only `close` is of use afterwards."""
        ...

    def close(self) -> None:
        """Ends the connection, politely where that is possible; never raises."""
        ...

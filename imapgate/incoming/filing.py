"""What is in the queue becomes an activity: each row in one transaction with its change of state,
so that it is filed once, however often it is tried and wherever the process dies.

Still missing: the filing itself; every row stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from imapgate.folders.ready import Prepared
from imapgate.limits import Limits
from storage import Database


@dataclass(frozen=True, slots=True)
class Came:
    """What a row came to. state: of storage.incoming.STATES; code, text: why it isn't filed, or
    what it became, for people; number: of its activity."""

    row_id: int
    state: str
    code: str | None
    text: str
    activity_id: int | None
    number: int | None


def file_one(
    db: Database,
    row_id: int,
    limits: Limits,
    prepared: Prepared | None = None,
    by_hand: bool = False,
) -> Came:
    """File a row that is fetched, or failed or held and tried again; any other stays what it is.
    prepared: as `queue.take` gave it; None: its bytes are read. by_hand: somebody asked for it, so
    that no number of mails holds it. Never raises for what a message contains or causes: that is a
    failed row. Raises Unavailable: nothing has happened."""
    raise NotImplementedError


def retry(db: Database, row_id: int, limits: Limits) -> Came:
    """By hand: a failed or held row is filed now; one whose bytes could not be taken is read by its
    account's next round."""
    raise NotImplementedError


def discard(db: Database, row_id: int) -> Came:
    """By hand: a failed or held row isn't to be filed; its bytes stay."""
    raise NotImplementedError

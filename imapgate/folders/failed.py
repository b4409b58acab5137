"""Incoming/Failed: a folder for each person who may decide what becomes of mail that came in by
itself and could not be filed.

Still missing: the folder itself; nothing is shown yet.
"""

from __future__ import annotations

from imapgate.folders import recovered
from storage import Tx

NO_CREATOR = recovered.NO_CREATOR
NO_RIGHT = recovered.NO_RIGHT
NO_NUMBER = "$NoNumber"
REFUSED = recovered.REFUSED
FAILED = recovered.FAILED
REASONS = frozenset((NO_CREATOR, NO_RIGHT, NO_NUMBER, REFUSED, FAILED))
"""Keywords that tell why a message stands here: the queue's `code`. Another code is shown as
$Failed."""


def show(tx: Tx, row_id: int) -> None:
    """Call when a row of the queue (`incoming.id`) has become failed, or failed again: its message
    stands in the Incoming/Failed of everybody who is entitled. Nothing to show of one whose bytes
    were never taken."""


def settle(tx: Tx, stored_message_id: int) -> None:
    """Call when a row with this message isn't failed any more (filed, discarded, tried again): it
    leaves everybody's Incoming/Failed, unless another row with the same bytes is still failed."""


def entitle(tx: Tx, segment_id: int) -> None:
    """Call when accounts, administrators, members, creators' groups or the segment's default
    creator have changed: who is entitled now has the folder and sees what is open; who isn't any
    more loses sight of it. Quick in a segment without accounts."""

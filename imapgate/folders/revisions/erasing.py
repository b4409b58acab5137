"""What activities' messages say of an activity that is erased goes with it; they are written anew
without it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from storage import Tx, erasing, references, revisions


@dataclass(frozen=True, slots=True)
class Written:
    """messages: stored ones; identities: of them."""

    messages: frozenset[int]
    identities: frozenset[bytes]


def telling(tx: Tx, segment_id: int, activity_ids: Collection[int]) -> frozenset[int]:
    """Ids of the activities whose messages may say something of these, themselves included. Reads
    much: every drop record is looked at."""
    return frozenset(references.telling_of(tx, segment_id, activity_ids))


def written(tx: Tx, segment_id: int, telling_ids: Collection[int]) -> Written:
    """All their messages, of any revision, wherever somebody has a copy; but for those that became
    an e-mail activity of their own, whose mail they are."""
    found = references.written_of(tx, telling_ids)
    filed = {
        identity
        for _, identity in erasing.other_activities(tx, segment_id, set(found.values()), ())
    }
    gone = {one: identity for one, identity in found.items() if identity not in filed}
    return Written(frozenset(gone), frozenset(gone.values()))


def due_again(tx: Tx, telling_ids: Collection[int], gone: Collection[int]) -> None:
    """Before anything is changed: they are written anew, and nobody finds that unread. gone: their
    messages, which are about to be detached; that they were written stays known, so that who drops
    one brings nothing back."""
    for activity_id in sorted(telling_ids):
        revisions.mark(tx, activity_id, quiet=True)
    references.forget_renderings(tx, gone)

"""What belongs into an activity's folder: its own message, and the mails that are linked to it, as
far as the folder's owner may see them in any group."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from imapgate.folders import marks
from storage import Tx
from storage.activity_entries import Kept, Source
from storage.schema import SEEN


def belonging(
    sources: Iterable[Source],
    place: int,
    groups: Collection[int],
    standing: Sequence[Kept] = (),
) -> list[Source]:
    """In the order of their UIDs where none has one yet: the mails by their time, then the
    activity's message, whose References name them (Thunderbird shows a thread twice where what is
    answered comes after its answer). groups: the owner's. standing: what the folder has; where a
    mail came in several forms, that one stays.

    The activity's message is that of the group that is the place, else of the oldest one that the
    owner sees. Of a mail in several forms, or twice as two activities, one is shown.
    """
    here = {(one.activity_id, one.stored_message_id) for one in standing}
    own: list[Source] = []
    mails: dict[int, list[Source]] = {}
    for one in sources:
        if one.group_id not in groups:
            continue
        if not one.rendered:
            mails.setdefault(one.activity_id, []).append(one)
        elif place <= 0 or one.group_id == place:
            own.append(one)

    def rank(one: Source) -> tuple[bool, bool, int, int]:
        stands = (one.activity_id, one.stored_message_id) in here
        return not stands, one.group_id != place, one.folder_id, one.uid

    chosen = sorted(
        (min(forms, key=rank) for forms in mails.values()),
        key=lambda one: ((one.activity_id, one.stored_message_id) not in here, one.activity_id),
    )
    last = [min(own, key=lambda one: (one.group_id, one.uid))] if own else []
    once = {one.identity: one for one in reversed(chosen)}
    by_time = sorted(once.values(), key=lambda one: (one.internal_at, one.activity_id))
    return by_time + last


def seen_in_groups(
    tx: Tx, principal_id: int, sources: Iterable[Source]
) -> frozenset[tuple[int, int]]:
    """(folder, UID) of those that this person has seen where they stand in a group."""
    by_folder: dict[int, set[int]] = {}
    for one in sources:
        by_folder.setdefault(one.folder_id, set()).add(one.uid)
    return frozenset(
        (folder_id, uid)
        for folder_id, uids in by_folder.items()
        for uid, own in marks.own_of(tx, principal_id, folder_id, sorted(uids)).items()
        if own & SEEN
    )

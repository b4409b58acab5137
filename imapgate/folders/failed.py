"""Incoming/Failed: a folder for each person who may decide what becomes of mail that came in by
itself and could not be filed.

Those are the segment's administrators, and of the groups that an account files into their managers.
Each sees what is theirs to decide: dragged onto a group it is filed, and leaves everybody's folder.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence

from imapgate.activities.names import key
from imapgate.activities.outcome import Cause
from imapgate.activities.people import Person
from imapgate.folders import names, recovered
from imapgate.folders.folder import Folder, Kind
from storage import (
    Tx,
    accounts,
    creators,
    entries,
    folders,
    incoming,
    keywords,
    standing,
    subscriptions,
)
from storage import failed as rows
from storage.failed import Waiting

NO_CREATOR = recovered.NO_CREATOR
NO_RIGHT = recovered.NO_RIGHT
NO_NUMBER = "$NoNumber"
TOO_MANY = "$TooMany"
REFUSED = recovered.REFUSED
FAILED = recovered.FAILED
BY_CAUSE = {
    Cause.NO_CREATOR: NO_CREATOR,
    Cause.UNKNOWN_NAME: NO_CREATOR,
    Cause.UNKNOWN_NUMBER: NO_NUMBER,
    Cause.NO_RIGHT: NO_RIGHT,
    Cause.NO_MESSAGE: REFUSED,
}
"""Why activities files nothing."""
REASONS = frozenset((NO_CREATOR, NO_RIGHT, NO_NUMBER, TOO_MANY, REFUSED, FAILED))
"""Keywords that tell why a message stands here: the queue's `code`. Another code is shown as
$Failed."""
SERVERS = REASONS | recovered.REASONS
"""Keywords that don't go along when a message leaves the folder that imapgate put it into."""


def show(tx: Tx, row_id: int) -> None:
    """Call when a row of the queue (`incoming.id`) has become failed or held, or fails again: its
    message stands in the Incoming/Failed of everybody who is entitled, but of who took it out of
    their sight before. Nothing to show of one whose bytes were never taken."""
    row = rows.by_id(tx, row_id)
    if row is None:
        return
    people = _Entitled(tx, row.segment_id).to(row) - rows.hidden_from(tx, row_id)
    known = rows.folders(tx, row.segment_id, names.FAILED_KEY)
    here = {
        owner_id: (folder_id, uid)
        for folder_id, owner_id, uid in rows.shown(tx, row.stored_message_id, names.FAILED_KEY)
    }
    for principal_id in sorted(people):
        if principal_id in here:
            _tell_reason(tx, *here[principal_id], row)
        else:
            folder_id = known.get(principal_id) or _make(tx, row.segment_id, principal_id)
            entries.add(tx, folder_id, [_entry(row)])


def entitled(tx: Tx, row_id: int) -> frozenset[int]:
    """Principals who decide about a row of the queue that failed or is held; of one whose bytes
    were never taken the administrators."""
    row = rows.by_id(tx, row_id)
    if row is not None:
        return frozenset(_Entitled(tx, row.segment_id).to(row))
    untaken = incoming.by_id(tx, row_id)
    return frozenset(rows.administrators(tx, untaken.segment_id) if untaken else ())


def settle(tx: Tx, stored_message_id: int) -> None:
    """Call when a row with this message waits no more (filed, discarded, tried again): it leaves
    everybody's Incoming/Failed, unless another row with the same bytes still waits for their
    word."""
    _settle(tx, [stored_message_id])


def entitle(tx: Tx, segment_id: int) -> None:
    """Call when accounts, administrators, members, creators' groups or the segment's default
    creator have changed: who is entitled now has the folder and sees what waits; who isn't any more
    loses sight of it. Quick in a segment into which no mail comes by itself."""
    known = rows.folders(tx, segment_id, names.FAILED_KEY)
    anything = rows.anything(tx, segment_id)
    if not known and not anything:
        return
    entitled = _Entitled(tx, segment_id)
    waiting: dict[int, list[Waiting]] = {}
    if anything:
        waiting.update((one, []) for one in entitled.by_accounts())
    for row in rows.of_segment(tx, segment_id):
        for principal_id in entitled.to(row):
            waiting.setdefault(principal_id, []).append(row)
    for principal_id, folder_id in sorted(known.items()):
        if principal_id not in waiting and not (anything and entitled.ever(principal_id)):
            rows.forget_hidden(tx, principal_id)
            folders.remove(tx, folder_id)
            tx.touch_people()
        else:
            _bring(tx, principal_id, folder_id, waiting.get(principal_id, ()))
    for principal_id in sorted(waiting.keys() - known.keys()):
        made = _make(tx, segment_id, principal_id)
        _bring(tx, principal_id, made, waiting[principal_id])


def dropped(tx: Tx, person: Person, filed: Mapping[int, int | None]) -> None:
    """Messages of this person's Incoming/Failed were filed: their rows are filed, too, and they
    leave everybody's. filed: stored message -> activity."""
    entitled = _Entitled(tx, person.segment_id)
    for stored_message_id, activity_id in filed.items():
        for row in rows.of_message(tx, stored_message_id):
            if person.id in entitled.to(row):
                text = f"Filed from {names.FAILED} by {person.name}."
                rows.filed(tx, row.id, activity_id, text)
                if row.account_id is not None:
                    accounts.count(tx, row.account_id, filed=1)
    _settle(tx, filed)


def take_out(tx: Tx, person: Person, folder: Folder, uids: Sequence[int]) -> int:
    """Takes messages out of this person's sight: they wait on in the queue. Returns the folder's
    modseq after it."""
    leaving = standing.load(tx, folder.id, uids)
    entitled = _Entitled(tx, person.segment_id)
    seen = {
        row.id
        for one in leaving
        for row in rows.of_message(tx, one.stored_message_id)
        if person.id in entitled.to(row)
    }
    rows.hide(tx, person.id, sorted(seen - rows.hidden(tx, person.id)))
    return entries.remove(tx, folder.id, [one.uid for one in leaving])


class _Entitled:
    """Who decides about what waits in a segment, as it is now."""

    def __init__(self, tx: Tx, segment_id: int) -> None:
        self._tx = tx
        self._segment_id = segment_id
        self._administrators = rows.administrators(tx, segment_id)
        self._managers = rows.managers(tx, segment_id)
        self._known: dict[tuple[int | None, str], set[int]] = {}

    def to(self, row: Waiting) -> set[int]:
        """Principals. What a user sent is that user's matter alone."""
        sender = json.loads(row.wanted).get("sender")
        return {sender} if sender is not None else self._to(row.creator_id, row.wanted)

    def by_accounts(self) -> set[int]:
        """Principals who decide about what any account of the segment may bring."""
        creator_ids = rows.creators(self._tx, self._segment_id)
        return self._administrators.union(*(self._to(one, "{}") for one in creator_ids))

    def ever(self, principal_id: int) -> bool:
        """Whether it can be that something waits for this person: their folder stays."""
        return principal_id in self._administrators or any(
            principal_id in some for some in self._managers.values()
        )

    def _to(self, creator_id: int | None, wanted: str) -> set[int]:
        found = self._known.get((creator_id, wanted))
        if found is None:
            group_ids = self._groups(creator_id, wanted)
            found = self._administrators.union(*(self._managers.get(one, ()) for one in group_ids))
            self._known[creator_id, wanted] = found
        return found

    def _groups(self, creator_id: int | None, wanted: str) -> Collection[int]:
        """That a row is filed into: what was asked for it, else what its account says, else the
        segment's default."""
        asked = json.loads(wanted)
        if asked.get("group_id") is not None:
            return [asked["group_id"]]
        if asked.get("creator") is not None:
            found = creators.by_key(self._tx, self._segment_id, key(asked["creator"]))
            if found is None:
                return ()
            creator_id = found.id
        if creator_id is None:
            creator_id = rows.default_creator(self._tx, self._segment_id)
        return () if creator_id is None else creators.groups_of(self._tx, creator_id)


def _settle(tx: Tx, stored_message_ids: Collection[int]) -> None:
    entitled: _Entitled | None = None
    leaving: dict[int, list[int]] = {}
    for one in stored_message_ids:
        rows.forget_settled(tx, one)
        shown = rows.shown(tx, one, names.FAILED_KEY)
        staying: set[int] = set()
        for row in rows.of_message(tx, one) if shown else ():
            entitled = entitled or _Entitled(tx, row.segment_id)
            staying |= entitled.to(row)
        for folder_id, owner_id, uid in shown:
            if owner_id not in staying:
                leaving.setdefault(folder_id, []).append(uid)
    for folder_id, uids in sorted(leaving.items()):
        entries.remove(tx, folder_id, sorted(uids))


def _bring(tx: Tx, principal_id: int, folder_id: int, waiting: Sequence[Waiting]) -> None:
    """A folder holds what waits for its owner, and nothing else."""
    hidden = rows.hidden(tx, principal_id)
    wanted: dict[int, Waiting] = {}
    for row in waiting:
        if row.id not in hidden:
            wanted.setdefault(row.stored_message_id, row)
    here = rows.contents(tx, folder_id)
    gone = sorted(uid for one, uids in here.items() if one not in wanted for uid in uids)
    if gone:
        entries.remove(tx, folder_id, gone)
    entries.add(tx, folder_id, [_entry(row) for one, row in wanted.items() if one not in here])


def _make(tx: Tx, segment_id: int, principal_id: int) -> int:
    """The folder, subscribed; and so is the heading above it, unless its owner said otherwise: as
    an unsubscribed parent LSUB would show it as \\Noselect, in which Outlook loses mail."""
    heading = folders.by_key(tx, principal_id, segment_id, names.INCOMING_KEY)
    if heading is None:
        heading_id, decided = _add(tx, segment_id, Kind.HEADING, names.INCOMING), None
    else:
        heading_id, decided = heading.id, heading.subscribed
    if decided is None:
        subscriptions.decide(tx, principal_id, heading_id, True)
    made = _add(tx, segment_id, Kind.PERSONAL, names.FAILED, principal_id)
    subscriptions.decide(tx, principal_id, made, True)
    tx.touch_people()
    return made


def _add(tx: Tx, segment_id: int, kind: Kind, name: str, owner_id: int | None = None) -> int:
    uidvalidity = entries.next_uidvalidity(tx)
    return folders.add(
        tx, segment_id, kind.value, name, names.key(name), uidvalidity, owner_id=owner_id
    )


def _entry(row: Waiting) -> entries.NewEntry:
    return entries.NewEntry(
        stored_message_id=row.stored_message_id,
        size=row.size,
        internal_at=row.internal_at,
        internal_zone=row.internal_zone,
        keywords=_reason(row),
    )


def _reason(row: Waiting) -> str:
    return row.code if row.code in REASONS else FAILED


def _tell_reason(tx: Tx, folder_id: int, uid: int, row: Waiting) -> None:
    """It failed again, perhaps for another reason."""
    for one in standing.load(tx, folder_id, [uid]):
        now = set(one.keywords.split()) - REASONS | {_reason(row)}
        if now != set(one.keywords.split()):
            modseq = entries.next_modseq(tx, folder_id)
            standing.set_keywords(tx, folder_id, uid, " ".join(sorted(now)), modseq)
            keywords.add(tx, folder_id, [_reason(row)])

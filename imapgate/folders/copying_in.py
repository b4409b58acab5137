"""COPY and MOVE into a group or an activity's folder, inside their transactions: drops, and undoing
them by dropping elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from imapgate.activities import filing, regrouping
from imapgate.activities.filing import Filed, Refusal
from imapgate.activities.people import Person
from imapgate.folders import (
    activity_drop,
    failed,
    marks,
    ready,
    records,
    taking_out,
    unlinking,
    wrapped,
)
from imapgate.folders.appending import attached
from imapgate.folders.folder import Folder, Kind
from imapgate.folders.group_drop import Came, Dropped, drop_into_group
from imapgate.folders.verdict import plain
from imapgate.limits import Limits
from storage import Tx, activities, again, entries, folders, groups, standing
from storage.schema import SEEN
from storage.standing import Standing


def staying(
    tx: Tx, person: Person, source: Folder, target: Folder, chosen: Sequence[Standing]
) -> frozenset[int]:
    """UIDs of those that a MOVE takes out of nothing, since they belong into both folders: a mail
    that is dragged from its group to an activity of that group, or from one of an activity's
    folders to another. It is as if they were copied; each comes again in the source."""
    if target.kind is not Kind.ACTIVITY:
        return frozenset()
    mails = [one for one in chosen if one.activity_id is not None and not one.rendered]
    if source.kind is Kind.ACTIVITY:
        same = source.activity_id == target.activity_id
        return frozenset(one.uid for one in mails if same)
    if source.group_id is None:
        return frozenset()
    return frozenset(
        one.uid
        for one in mails
        if activity_drop.common_group(tx, person, target, source.group_id, one.activity_id or 0)
        == source.group_id
    )


def come_again(tx: Tx, person: Person, source: Folder, uids: Sequence[int]) -> None:
    """Those that stay leave their UIDs (ascending) and stand in the source under new ones."""
    readers = [person.id] if source.group_id is None else groups.member_ids(tx, source.group_id)
    again.come_again(tx, source.id, uids, readers)


@dataclass(frozen=True, slots=True)
class Transfer:
    """One COPY or MOVE. target: made. stays: see staying, of a MOVE. command: its word."""

    tx: Tx
    person: Person
    source: Folder
    target: Folder
    chosen: Sequence[Standing]
    wrappers: Mapping[int, ready.Prepared]
    moving: bool
    stays: frozenset[int]
    command: str
    client: str
    limits: Limits

    def carry_out(self) -> tuple[list[Came], int]:
        """What each came to, with all records; the source's modseq after a MOVE, else 0. Raises
        Refused."""
        before = self._whose() if self._leaves else {}
        regrouped = self._regrouped() if self._leaves else frozenset()
        by_message = {one.stored_message_id: one for one in self.chosen}

        def file(dropped: Dropped) -> Filed | Refusal:
            return self._file(dropped, by_message[dropped.stored_message_id], regrouped)

        came = drop_into_group(
            self.tx, self.person, self.target, self._dropped(before), self.limits, file
        )
        if self._leaves:
            self._record_leaving()
        return came, self._leave() if self.moving else 0

    @property
    def _leaves(self) -> bool:
        return self.moving and self.source.files

    def _file(self, dropped: Dropped, one: Standing, regrouped: Collection[int]) -> Filed | Refusal:
        tx, person, source, target = self.tx, self.person, self.source, self.target
        group_id = activity_drop.group_for(tx, person, target)
        if not self._leaves or one.activity_id is None:
            return filing.file_into_group(tx, person, dropped.stored, group_id, target.activity_id)
        here = activity_drop.group_for(tx, person, source)
        if target.kind is Kind.ACTIVITY:
            group_id = activity_drop.common_group(tx, person, target, here, one.activity_id)
        if one.uid in self.stays or (source.kind is Kind.GROUP and one.uid not in regrouped):
            return filing.file_into_group(tx, person, dropped.stored, group_id, target.activity_id)
        if source.kind is Kind.GROUP:
            return regrouping.regroup(
                tx, person, one.activity_id, dropped.stored, here, group_id, target.activity_id
            )
        assert source.activity_id is not None
        return regrouping.turn(
            tx,
            person,
            one.activity_id,
            dropped.stored,
            source.activity_id,
            here,
            group_id,
            target.activity_id,
        )

    def _dropped(self, whose: Mapping[int, Sequence[int]]) -> Iterator[Dropped]:
        tx, person, source = self.tx, self.person, self.source
        own = marks.own_of(tx, person.id, source.id, [one.uid for one in self.chosen])
        mails = wrapped.mails(tx, [one.stored_message_id for one in self.chosen])
        between_groups = self.moving and self.target.kind is Kind.GROUP
        for one, (_, mail) in zip(self.chosen, mails, strict=True):
            kept = tuple(sorted(set(one.keywords.split()) - failed.SERVERS))
            marked = marks.Marks(own[one.uid] & SEEN, one.flags, kept)
            prepared = self.wrappers.get(one.stored_message_id)
            inside: tuple[Dropped, ...] = ()
            if prepared is not None and not (source.failed and prepared.is_cut):
                inside = attached(tx, person, prepared, one.internal_at, one.internal_zone, marked)
            yield Dropped(
                one.stored_message_id,
                one.sha256,
                one.identity,
                one.size,
                mail,
                one.internal_at,
                one.internal_zone,
                marked,
                inside,
                tuple(whose.get(one.uid, ())),
                # It failed as a wrapper once: who drags it from there says where it is to stand.
                as_it_is=source.failed,
                from_group=source.group_id if between_groups else None,
                is_filed=source.files and not one.rendered,
            )

    def _whose(self) -> dict[int, Sequence[int]]:
        """UID -> whose drop it was, where it stands in the group that it leaves perhaps."""
        uids = [one.uid for one in self.chosen]
        if self.source.kind is Kind.GROUP:
            return dict(standing.droppers(self.tx, self.source.id, uids))
        here = activity_drop.group_for(self.tx, self.person, self.source)
        mails = {one.activity_id for one in self.chosen if one.activity_id and not one.rendered}
        known = standing.group_droppers(self.tx, mails)
        return {
            one.uid: [
                principal_id
                for (group_id, _), found in known.get(one.activity_id or 0, {}).items()
                for principal_id in found
                if group_id == here
            ]
            for one in self.chosen
        }

    def _regrouped(self) -> frozenset[int]:
        """UIDs of those whose activity leaves the source's group with them. Two mails may be one
        activity (same Message-ID, other bytes): it leaves with the last of them."""
        concerned = {one.activity_id for one in self.chosen if one.activity_id is not None}
        without = [one.uid for one in self.chosen]
        elsewhere = standing.activities_elsewhere(self.tx, self.source.id, concerned, without)
        return frozenset(one.uid for one in self.chosen if one.activity_id not in elsewhere)

    def _record_leaving(self) -> None:
        """Where it went is told there."""
        tx, person, source = self.tx, self.person, self.source
        road = records.Road(self.command, self.client, source.id, source.name)
        to = self.target.short_title
        gone = [one for one in self.chosen if one.uid not in self.stays]
        if source.kind is Kind.ACTIVITY:
            mails = [one for one in gone if not one.rendered]
            unlinking.record_moved(tx, person, source, mails, road, to)
            self._leave_group(mails, to)
            return
        if self.target.kind is Kind.ACTIVITY:
            gone = [one for one in gone if not one.rendered]
        records.write(tx, person, road, _removed(tx, gone, to))

    def _leave_group(self, mails: Sequence[Standing], to: str) -> None:
        """Out of an activity's folder they were moved, and so out of its group, too."""
        tx, person = self.tx, self.person
        group_id = activity_drop.group_for(tx, person, self.source)
        place, group = folders.of_group(tx, group_id), groups.by_id(tx, group_id)
        if place is None or group is None:
            return
        left = [
            one.activity_id
            for one in mails
            if one.activity_id and not activities.in_group(tx, one.activity_id, group_id)
        ]
        there = standing.by_activity(tx, place[0], left)
        gone = standing.load(tx, place[0], [uid for uids in there.values() for uid in uids])
        road = records.Road(self.command, self.client, place[0], place[1])
        records.write(tx, person, road, _removed(tx, gone, to))
        entries.remove(tx, place[0], [one.uid for one in gone])

    def _leave(self) -> int:
        """The source's entries."""
        tx, person, source = self.tx, self.person, self.source
        back = [one.uid for one in self.chosen if one.uid in self.stays]
        gone = [one for one in self.chosen if one.uid not in self.stays]
        if back:
            come_again(tx, person, source, back)
        if source.kind is Kind.ACTIVITY:
            return unlinking.remove(tx, person, source, gone)
        if source.group_id is not None and self.target.kind is Kind.ACTIVITY:
            taking_out.bring_again(tx, person, source, gone)
            gone = [one for one in gone if not one.rendered]
        entries.remove(tx, source.id, [one.uid for one in gone])
        return folders.modseq(tx, source.id)


def _removed(
    tx: Tx, gone: Sequence[Standing], to: str
) -> list[tuple[records.Message, records.Result]]:
    text = plain(f"Moved to {to}.")
    return [
        (
            message,
            records.Result(records.REMOVED, text, activity_id=one.activity_id, uid=one.uid),
        )
        for one, message in zip(gone, records.messages(tx, gone), strict=True)
    ]

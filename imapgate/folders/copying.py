"""COPY and MOVE inside their transactions, from any folder into any other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from imapgate.activities import filing, regrouping
from imapgate.activities.filing import Filed, Refusal
from imapgate.activities.people import Person
from imapgate.folders import (
    copies,
    failed,
    filed_text,
    leaving,
    marks,
    quota,
    ready,
    records,
    refusals,
    taking_out,
    wrapped,
)
from imapgate.folders.appending import attached
from imapgate.folders.folder import Folder, Kind
from imapgate.folders.group_drop import Came, Dropped, drop_into_group
from imapgate.folders.listing import find, find_by_id
from imapgate.folders.refusals import Refused
from imapgate.folders.verdict import Outcome, Verdict, plain
from imapgate.limits import Limits
from storage import Database, Tx, entries, standing
from storage.schema import SEEN
from storage.standing import Standing


@dataclass(frozen=True, slots=True)
class Command:
    """A COPY, or a MOVE. source: as the session found it; uids: ascending; name: the target's.
    whole: all of uids, or none. read_only: nothing may leave the source."""

    source: Folder
    uids: Sequence[int]
    name: str
    client: str
    limits: Limits
    moving: bool
    whole: bool = False
    read_only: bool = False

    @property
    def word(self) -> str:
        return "MOVE" if self.moving else "COPY"

    @property
    def verb(self) -> str:
        return "moved" if self.moving else "copied"


def read_wrappers(db: Database, person: Person, command: Command) -> dict[int, ready.Prepared]:
    """What `transfer` needs to know of messages that look like wrappers, if this is a drop from a
    personal folder into a group. Reads only; raises Refused."""
    target = db.read(lambda tx: find(tx, person, command.name))
    into_group = target is not None and target.kind is Kind.GROUP
    if not into_group or command.source.kind is not Kind.PERSONAL:
        return {}
    if len(command.uids) > command.limits.drop_messages:
        return {}
    return wrapped.read(db, command.source.id, command.uids, command.limits)


def transfer(
    tx: Tx, person: Person, command: Command, wrappers: Mapping[int, ready.Prepared]
) -> Verdict:
    """Copies or moves what is still there, with the records of a drop. Raises Refused: nothing is
    to be kept of this transaction."""
    limits = command.limits
    source = find_by_id(tx, person, command.source.id)
    if source is None:
        raise Refused("NONEXISTENT", f"{command.source.title} is gone", verb=command.verb)
    if command.read_only:
        raise Refused("CANNOT", f"{source.title} is open for reading only", verb=command.verb)
    target = refusals.target(tx, person, command.name, limits)
    if target.id == source.id and (command.moving or target.kind is Kind.GROUP):
        raise refusals.same_folder(source, command.verb)
    if target.kind is Kind.GROUP and len(command.uids) > limits.drop_messages:
        raise refusals.too_many(limits)
    if target.kind is Kind.PERSONAL and len(command.uids) > limits.copy_messages:
        raise refusals.too_many_copied(limits, command.verb)
    chosen = standing.load(tx, source.id, command.uids)
    uids = [one.uid for one in chosen]
    if command.whole and len(uids) < len(command.uids):
        raise Refused("EXPUNGEISSUED", "some of these messages are gone", verb=command.verb)
    if command.moving and not leaving.may_remove(tx, person, source, uids).issuperset(uids):
        raise refusals.may_not_go(source)
    if not chosen:
        return Verdict(Outcome.DONE, f"Nothing to be {command.verb}: the messages are gone.")
    if target.kind is Kind.PERSONAL:
        if not (command.moving and quota.is_counted(source)):
            octets = sum(one.size for one in chosen)
            quota.check(tx, person, len(chosen), octets, limits, command.verb)
        return _to_personal(tx, person, command, source, target, chosen)
    came = _to_group(tx, person, command, source, target, chosen, wrappers)
    if command.moving and source.kind is Kind.GROUP:
        _record_leaving(tx, person, command, source, target, chosen)
    road = records.Road(command.word, command.client, target.id, target.name)
    records.write(tx, person, road, filed_text.as_drops(came))
    modseq = entries.remove(tx, source.id, uids) if command.moving else 0
    if source.failed:
        failed.dropped(
            tx,
            person,
            {
                chosen_one.stored_message_id: one.result[0]
                for chosen_one, one in zip(chosen, came, strict=True)
            },
        )
    return Verdict(
        Outcome.DONE,
        filed_text.filed(came),
        uidvalidity=target.uidvalidity,
        folder=target,
        source_uids=tuple(uids),
        uids=tuple(one.uid for one in came),
        removed=tuple(uids) if command.moving else (),
        modseq=modseq,
    )


def record_refusal(
    tx: Tx, person: Person, command: Command, uids: Sequence[int], verdict: Verdict
) -> None:
    """One record for each message; `recovered.keep_if_refused` looks at them."""
    road = records.Road(command.word, command.client, None, command.name)
    result = records.Result(records.REFUSED, verdict.text, verdict.code)
    dropped = records.messages(tx, standing.load(tx, command.source.id, uids))
    records.write(tx, person, road, [(one, result) for one in dropped])


def _record_leaving(
    tx: Tx,
    person: Person,
    command: Command,
    source: Folder,
    target: Folder,
    chosen: Sequence[Standing],
) -> None:
    """MOVE between two groups takes out of the one, too; where it went is told there."""
    road = records.Road(command.word, command.client, source.id, source.name)
    text = plain(f"Moved to {target.short_title}.")
    written = [
        (
            message,
            records.Result(records.REMOVED, text, activity_id=one.activity_id, uid=one.uid),
        )
        for one, message in zip(chosen, records.messages(tx, chosen), strict=True)
    ]
    records.write(tx, person, road, written)


def _to_personal(
    tx: Tx,
    person: Person,
    command: Command,
    source: Folder,
    target: Folder,
    chosen: Sequence[Standing],
) -> Verdict:
    made = copies.copy_plain(tx, person, source.id, chosen, target.id, command.limits)
    uids = [one.uid for one in chosen]
    modseq = 0
    if command.moving and source.kind is Kind.GROUP:
        modseq = taking_out.take_out(tx, person, source, uids, command.word, command.client)
    elif command.moving and source.failed:
        modseq = failed.take_out(tx, person, source, uids)
    elif command.moving:
        modseq = entries.remove(tx, source.id, uids)
    return Verdict(
        Outcome.DONE,
        f"Messages {command.verb}.",
        uidvalidity=target.uidvalidity,
        folder=target,
        source_uids=tuple(uids),
        uids=tuple(made),
        removed=tuple(uids) if command.moving else (),
        modseq=modseq,
    )


def _to_group(
    tx: Tx,
    person: Person,
    command: Command,
    source: Folder,
    target: Folder,
    chosen: Sequence[Standing],
    wrappers: Mapping[int, ready.Prepared],
) -> list[Came]:
    assert target.group_id is not None
    group_id = target.group_id
    uids = [one.uid for one in chosen]
    regrouped: dict[int, int] = {}
    droppers: dict[int, list[int]] = {}
    if command.moving and source.kind is Kind.GROUP:
        droppers = standing.droppers(tx, source.id, uids)
        regrouped = _leaving_activities(tx, source, chosen)

    def file(one: Dropped) -> Filed | Refusal:
        activity_id = regrouped.get(one.stored_message_id)
        if activity_id is None or source.group_id is None:
            return filing.file_into_group(tx, person, one.stored, group_id)
        return regrouping.regroup(tx, person, activity_id, one.stored, source.group_id, group_id)

    dropped = _dropped(tx, person, source, chosen, wrappers, droppers)
    return drop_into_group(tx, person, target, dropped, command.limits, file)


def _dropped(
    tx: Tx,
    person: Person,
    source: Folder,
    chosen: Sequence[Standing],
    wrappers: Mapping[int, ready.Prepared],
    droppers: Mapping[int, Sequence[int]],
) -> Iterator[Dropped]:
    own = marks.own_of(tx, person.id, source.id, [one.uid for one in chosen])
    mails = wrapped.mails(tx, [one.stored_message_id for one in chosen])
    for one, (_, mail) in zip(chosen, mails, strict=True):
        kept = tuple(sorted(set(one.keywords.split()) - failed.SERVERS))
        marked = marks.Marks(own[one.uid] & SEEN, one.flags, kept)
        prepared = wrappers.get(one.stored_message_id)
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
            tuple(droppers.get(one.uid, ())),
            # It failed as a wrapper once: who drags it from there says where it is to stand.
            as_it_is=source.failed,
        )


def _leaving_activities(tx: Tx, source: Folder, chosen: Sequence[Standing]) -> dict[int, int]:
    """stored_message_id -> activity that leaves the source's group with it. Two mails may be one
    activity (same Message-ID, other bytes): it leaves with the last of them."""
    concerned = {one.activity_id for one in chosen if one.activity_id is not None}
    staying = standing.activities_elsewhere(tx, source.id, concerned, [one.uid for one in chosen])
    return {
        one.stored_message_id: one.activity_id
        for one in chosen
        if one.activity_id is not None and one.activity_id not in staying
    }

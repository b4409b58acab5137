"""COPY and MOVE inside their transactions, from any folder into any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from imapgate.activities.people import Person
from imapgate.folders import (
    copying_in,
    copying_out,
    failed,
    filed_text,
    leaving,
    quota,
    ready,
    records,
    refusals,
    wrapped,
)
from imapgate.folders.activity_folders import making
from imapgate.folders.folder import Folder, Kind
from imapgate.folders.listing import find, find_by_id
from imapgate.folders.refusals import Refused
from imapgate.folders.verdict import Outcome, Verdict
from imapgate.limits import Limits
from storage import Database, Tx, standing
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
    personal folder. Reads only; raises Refused."""
    target = db.read(lambda tx: find(tx, person, command.name))
    if target is None or not target.files or command.source.kind is not Kind.PERSONAL:
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
    taken_out = command.moving and source.files
    target = refusals.target(tx, person, command.name, limits, taken_out)
    if target.id == source.id and (command.moving or target.files):
        raise refusals.same_folder(source, command.verb)
    if target.files and len(command.uids) > limits.drop_messages:
        raise refusals.too_many(limits)
    if target.kind is Kind.PERSONAL and len(command.uids) > limits.copy_messages:
        raise refusals.too_many_copied(limits, command.verb)
    chosen = standing.load(tx, source.id, command.uids)
    uids = [one.uid for one in chosen]
    if command.whole and len(uids) < len(command.uids):
        raise Refused("EXPUNGEISSUED", "some of these messages are gone", verb=command.verb)
    stays = frozenset[int]()
    if command.moving:
        stays = copying_in.staying(tx, person, source, target, chosen)
        _check_leaving(tx, person, source, target, [one for one in chosen if one.uid not in stays])
    if not chosen:
        return Verdict(Outcome.DONE, f"Nothing to be {command.verb}: the messages are gone.")
    if target.kind is Kind.PERSONAL:
        if not (command.moving and quota.is_counted(source)) and quota.is_counted(target):
            octets = sum(one.size for one in chosen)
            quota.check(tx, person, len(chosen), octets, limits, command.verb)
        return _to_personal(tx, person, command, source, target, chosen)
    target = making.make(tx, person, target)
    transfer = copying_in.Transfer(
        tx,
        person,
        source,
        target,
        chosen,
        wrappers,
        command.moving,
        stays,
        command.word,
        command.client,
        limits,
    )
    came, modseq = transfer.carry_out()
    road = records.Road(command.word, command.client, target.id, target.name)
    records.write(tx, person, road, filed_text.as_drops(came))
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


def _check_leaving(
    tx: Tx, person: Person, source: Folder, target: Folder, going: Sequence[Standing]
) -> None:
    """Raises Refused if one of them may not leave the source (rule 16). An activity itself leaves
    its group only for another one, by the word of a manager."""
    uids = [one.uid for one in going]
    if not leaving.may_remove(tx, person, source, uids).issuperset(uids):
        raise refusals.may_not_go(source)
    regroups = source.kind is Kind.GROUP and target.kind is Kind.GROUP
    if regroups and "a" not in source.rights and any(one.rendered for one in going):
        raise refusals.activity_may_not_go(source)


def _to_personal(
    tx: Tx,
    person: Person,
    command: Command,
    source: Folder,
    target: Folder,
    chosen: Sequence[Standing],
) -> Verdict:
    made, modseq = copying_out.to_personal(
        tx,
        person,
        source,
        target,
        chosen,
        command.moving,
        command.word,
        command.client,
        command.limits,
    )
    uids = tuple(one.uid for one in chosen)
    return Verdict(
        Outcome.DONE,
        f"Messages {command.verb}.",
        uidvalidity=target.uidvalidity,
        folder=target,
        source_uids=uids,
        uids=tuple(made),
        removed=uids if command.moving else (),
        modseq=modseq,
    )

"""Messages dropped on a group or an activity become activities with entries (the main road)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from imapgate.activities import wrapped_before
from imapgate.activities.filing import Filed, Refusal, StoredMail
from imapgate.activities.people import Person
from imapgate.activities.wrapper import Unwrapped, unwrap
from imapgate.activities.wrapper_plan import outlook_files
from imapgate.folders import activity_drop, dropped_back, landing, records, recovered, refusals
from imapgate.folders.folder import Folder, Kind
from imapgate.folders.marks import Marks
from imapgate.folders.verdict import plain
from imapgate.limits import Limits
from imapgate.mime.mail import Mail
from storage import Tx, drops, entries, groups


@dataclass(frozen=True, slots=True)
class Dropped:
    """A stored message on its way into a group.

    attached: the stored messages inside what looks like a wrapper, else empty. internal_at: seconds
    since 1970 UTC; internal_zone: minutes east. droppers: see landing.Lander. as_it_is: a wrapper
    that can't be carried out is filed itself, as any other mail. from_group: see
    dropped_back.bring. is_filed: it comes as a mail of a group or an activity, which it stays.
    """

    stored_message_id: int
    sha256: bytes | None
    identity: bytes
    size: int
    mail: Mail
    internal_at: int
    internal_zone: int
    marks: Marks
    attached: tuple[Dropped, ...] = ()
    droppers: tuple[int, ...] = ()
    as_it_is: bool = False
    from_group: int | None = None
    is_filed: bool = False

    @property
    def stored(self) -> StoredMail:
        return StoredMail(self.stored_message_id, self.identity, self.mail)

    @property
    def message(self) -> records.Message:
        return records.Message(
            self.stored_message_id,
            self.sha256,
            self.identity,
            self.mail.message_id,
            self.mail.subject,
        )

    def lander(self, filed: Filed) -> landing.Lander:
        return landing.Lander(
            self.stored_message_id,
            self.size,
            self.identity,
            self.internal_at,
            self.internal_zone,
            self.marks,
            filed,
            self.droppers,
        )


@dataclass(frozen=True, slots=True)
class Came:
    """What one message came to. filed: one, or of a wrapper one for each attached message. named:
    what the wrapper named or made, None if it was none. group_name: where the first was filed.
    attached: of a wrapper, the messages inside it, each with its UID where it stands in the folder
    that the wrapper was dropped on. uid: 0: of a wrapper that came in by itself. text: what is said
    of it, where that isn't told by the others."""

    message: records.Message
    filed: tuple[Filed, ...]
    group_name: str
    named: Unwrapped | None
    uid: int
    attached: tuple[tuple[records.Message, int | None], ...] = ()
    text: str | None = None

    @property
    def result(self) -> tuple[int | None, bool]:
        """For the record: (activity's id, whether it is a wrapper)."""
        if self.named is None:
            return self.filed[0].activity_id, False
        return self.named.activity_id, True


@dataclass(frozen=True, slots=True)
class _Filing:
    """back: an activity's own message, which was dropped back, with its UID."""

    message: records.Message
    identity: bytes
    stored_message_id: int
    landers: tuple[landing.Lander, ...]
    named: Unwrapped | None
    attached: tuple[records.Message, ...] = ()
    back: tuple[Filed, int] | None = None


def drop_into_group(
    tx: Tx,
    person: Person,
    folder: Folder,
    dropped: Iterable[Dropped],
    limits: Limits,
    file: Callable[[Dropped], Filed | Refusal],
) -> list[Came]:
    """One result for each message, in order. What is filed leaves the person's Recovered Messages.
    folder: a group's, or an activity's that is made (activity_folders.making).

    dropped: taken one at a time, since a message's text may be large. file: files one that is no
    wrapper. Raises refusals.Refused for the first that can't be filed: the transaction is then
    given up.
    """
    filings: list[_Filing] = []
    wrappers: dict[bytes, _Filing] = {}
    for one in dropped:
        filing = wrappers.get(one.identity) or _file(tx, person, folder, one, file, limits)
        if filing.named is not None:
            wrappers[one.identity] = filing
        filings.append(filing)
    landers = [lander for filing in filings for lander in filing.landers]
    in_groups = landing.land(tx, person, landers, limits)
    if folder.kind is Kind.ACTIVITY:
        uids = activity_drop.land(tx, person, folder, landers, in_groups, limits)
    else:
        uids = {one: uid for (group, one), uid in in_groups.items() if group == folder.group_id}
    for identity, filing in wrappers.items():
        uids[identity] = _wrapper_uid(tx, person, folder, filing)
    concerned = {one.stored_message_id for one in landers}
    concerned.update(one.stored_message_id for one in filings)
    recovered.filed(tx, person.id, concerned)
    return [_came(tx, folder, filing, uids) for filing in filings]


def _file(
    tx: Tx,
    person: Person,
    folder: Folder,
    dropped: Dropped,
    file: Callable[[Dropped], Filed | Refusal],
    limits: Limits,
) -> _Filing:
    own_id = None if dropped.is_filed else dropped_back.recognised(tx, person, dropped.stored)
    if own_id is not None:
        back = dropped_back.bring(tx, person, folder, own_id, limits, dropped.from_group)
        return _Filing(
            dropped.message, dropped.identity, dropped.stored_message_id, (), None, back=back
        )
    may_be_wrapper = dropped.attached or outlook_files(dropped.mail)
    if may_be_wrapper and (named := _unwrap(tx, person, folder, dropped)) is not None:
        pairs = zip(dropped.attached, named.filed, strict=True)
        landers = tuple(one.lander(filed) for one, filed in pairs)
        inside = tuple(one.message for one in dropped.attached)
        return _Filing(
            dropped.message, dropped.identity, dropped.stored_message_id, landers, named, inside
        )
    filed = file(dropped)
    if isinstance(filed, Refusal):
        raise refusals.by_activities(filed)
    return _Filing(
        dropped.message,
        dropped.identity,
        dropped.stored_message_id,
        (dropped.lander(filed),),
        None,
    )


def _unwrap(tx: Tx, person: Person, folder: Folder, dropped: Dropped) -> Unwrapped | None:
    earlier = _earlier(tx, person, dropped.identity)
    named = unwrap(
        tx,
        person,
        dropped.stored,
        [one.stored for one in dropped.attached],
        activity_drop.group_for(tx, person, folder),
        wrapped_before.ids(tx, person.segment_id, earlier),
        folder.activity_id,
    )
    if not isinstance(named, Refusal):
        return named
    if dropped.as_it_is:
        return None
    raise refusals.by_activities(named)


def _earlier(tx: Tx, person: Person, identity: bytes) -> list[drops.WrapperRow]:
    return drops.wrappers(tx, person.segment_id, person.id, identity)


def _wrapper_uid(tx: Tx, person: Person, folder: Folder, filing: _Filing) -> int:
    """Given out and expunged at once; the same wrapper again has the same (rule 11)."""
    for one in _earlier(tx, person, filing.identity):
        if one.folder_id == folder.id and one.uid is not None:
            return one.uid
    return entries.allocate_expunged(tx, folder.id)


def _came(tx: Tx, folder: Folder, filing: _Filing, uids: Mapping[bytes, int]) -> Came:
    if filing.back is not None:
        filed, uid = filing.back
        name = _group_name(tx, filed)
        text = plain(f"This is #{filed.number} itself, which stands in {name}.")
        return Came(filing.message, (filed,), name, None, uid, text=text)
    landed = tuple(lander.filed for lander in filing.landers)
    # A wrapper may name another place than the folder.
    elsewhere = filing.named is not None or folder.group_id is None
    return Came(
        filing.message,
        landed,
        _group_name(tx, landed[0]) if elsewhere else folder.short_title,
        filing.named,
        uids[filing.identity],
        tuple(
            (message, uids.get(lander.identity))
            for message, lander in zip(filing.attached, filing.landers, strict=False)
        ),
    )


def _group_name(tx: Tx, filed: Filed) -> str:
    group = groups.by_id(tx, filed.groups[0])
    return "" if group is None else group.name

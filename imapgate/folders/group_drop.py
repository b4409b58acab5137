"""Messages dropped on a group become activities with entries (the main road, step 5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from imapgate.activities import wrapped_before
from imapgate.activities.filing import Filed, Refusal, StoredMail
from imapgate.activities.people import Person
from imapgate.activities.wrapper import Unwrapped, unwrap
from imapgate.folders import landing, records, recovered, refusals
from imapgate.folders.folder import Folder
from imapgate.folders.marks import Marks
from imapgate.limits import Limits
from imapgate.mime.mail import Mail
from storage import Tx, drops, entries, groups


@dataclass(frozen=True, slots=True)
class Dropped:
    """A stored message on its way into a group.

    attached: the stored messages inside what looks like a wrapper, else empty. internal_at: seconds
    since 1970 UTC; internal_zone: minutes east. droppers: see landing.Lander. as_it_is: a wrapper
    that can't be carried out is filed itself, as any other mail.
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
    that the wrapper was dropped on. uid: 0: of a wrapper that came in by itself."""

    message: records.Message
    filed: tuple[Filed, ...]
    group_name: str
    named: Unwrapped | None
    uid: int
    attached: tuple[tuple[records.Message, int | None], ...] = ()

    @property
    def result(self) -> tuple[int | None, bool]:
        """For the record: (activity's id, whether it is a wrapper)."""
        if self.named is None:
            return self.filed[0].activity_id, False
        return self.named.activity_id, True


@dataclass(frozen=True, slots=True)
class _Filing:
    message: records.Message
    identity: bytes
    stored_message_id: int
    landers: tuple[landing.Lander, ...]
    named: Unwrapped | None
    attached: tuple[records.Message, ...] = ()


def drop_into_group(
    tx: Tx,
    person: Person,
    folder: Folder,
    dropped: Iterable[Dropped],
    limits: Limits,
    file: Callable[[Dropped], Filed | Refusal],
) -> list[Came]:
    """One result for each message, in order. What is filed leaves the person's Recovered Messages.

    dropped: taken one at a time, since a message's text may be large. file: files one that is no
    wrapper. Raises refusals.Refused for the first that can't be filed: the transaction is then
    given up.
    """
    filings: list[_Filing] = []
    wrappers: dict[bytes, _Filing] = {}
    for one in dropped:
        filing = wrappers.get(one.identity) or _file(tx, person, folder, one, file)
        if filing.named is not None:
            wrappers[one.identity] = filing
        filings.append(filing)
    landers = [lander for filing in filings for lander in filing.landers]
    uids = landing.land(tx, person, landers, limits)
    for identity, filing in wrappers.items():
        assert folder.group_id is not None
        uids[folder.group_id, identity] = _wrapper_uid(tx, person, folder, filing)
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
) -> _Filing:
    if dropped.attached and (named := _unwrap(tx, person, folder, dropped)) is not None:
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
        folder.group_id,
        wrapped_before.ids(tx, person.segment_id, earlier),
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


def _came(tx: Tx, folder: Folder, filing: _Filing, uids: dict[tuple[int, bytes], int]) -> Came:
    assert folder.group_id is not None
    filed = tuple(lander.filed for lander in filing.landers)
    group_name = folder.short_title
    if filing.named is not None:
        group = groups.by_id(tx, filed[0].groups[0])
        group_name = group.name if group is not None else group_name
    return Came(
        filing.message,
        filed,
        group_name,
        filing.named,
        uids[folder.group_id, filing.identity],
        tuple(
            (message, uids.get((folder.group_id, lander.identity)))
            for message, lander in zip(filing.attached, filing.landers, strict=False)
        ),
    )

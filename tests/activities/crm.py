"""A segment with people, groups and creators, and mails made by hand, for the tests of
activities."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import insert, select

from imapgate.activities import by_hand, creators, filing, groups, segments, show, users, wrapper
from imapgate.activities.filing import Filed, Refusal, StoredMail
from imapgate.activities.people import Person
from imapgate.mime.mail import Attachment, Mail, Mailbox
from storage import Database, Tx, messages, schema

T = TypeVar("T")

IDS = messages.ObjectIds("M1", "T1")

GROUPS = ("E-Mails", "Support", "Sales", "Archive", "Meetings", "Büro & Ablage")
CREATORS = (
    ("E-Mails", "E-Mail", "E-Mails"),
    ("Support E-Mails", "E-Mail", "Support"),
    ("Support", "Bug", "Support"),
    ("GadgetASupport", "Bug", "Support"),
    ("Sales E-Mails", "E-Mail", "Sales"),
    ("Only meetings", "Meeting", "Meetings"),
    ("Büro E-Mails", "E-Mail", "Büro & Ablage"),
)


def mail(subject: str = "Question", **fields: Any) -> Mail:
    """A mail of Erika's to support, with what is given in fields instead."""
    plain: dict[str, Any] = {
        "subject": subject,
        "from_": (Mailbox("Erika Example", "erika@example.net"),),
        "to": (Mailbox("", "support@example.org"),),
        "cc": (),
        "bcc": (),
        "sent_at": 1_736_150_400,
        "sent_on": "2025-01-06",
        "message_id": None,
        "in_reply_to": (),
        "references": (),
        "importance": "normal",
        "text": "It does not boot.",
        "headers": f"Subject: {subject}",
        "attachments": (),
        "messages": (),
    }
    return Mail(**{**plain, **fields})


def attachment(name: str = "boot.log", section: str = "2") -> Attachment:
    return Attachment(section, name, "text/plain", 42, None, False)


@dataclass
class Crm:
    """alice: contributor everywhere; bob: manager everywhere; carol: viewer of Support; dave:
    member of nothing."""

    db: Database
    segment_id: int = 0
    people: dict[str, Person] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)

    def do(self, work: Callable[[Tx], T]) -> T:
        return self.db.write(work)

    def store(self, one: Mail, variant: bytes = b"") -> StoredMail:
        """The mail as a stored message; another variant has other bytes."""
        content = one.to_json().encode() + variant
        digest = hashlib.sha256(content).digest()

        def work(tx: Tx) -> StoredMail:
            row, new = messages.add(
                tx,
                self.segment_id,
                content,
                digest,
                digest,
                one.sent_on,
                IDS,
            )
            if new:
                tx.connection.execute(
                    insert(schema.message_digest).values(stored_message_id=row, mail=one.to_json())
                )
            return StoredMail(row, digest, one)

        return self.do(work)

    def drop(
        self, one: Mail, group: str = "Support", who: str = "alice", variant: bytes = b""
    ) -> Filed | Refusal:
        stored = self.store(one, variant)
        return self.do(
            lambda tx: filing.file_into_group(tx, self.people[who], stored, self.groups[group])
        )

    def file(
        self, one: Mail, group: str = "Support", who: str = "alice", variant: bytes = b""
    ) -> Filed:
        """As `drop`, where it must not be refused."""
        filed = self.drop(one, group, who, variant)
        assert isinstance(filed, Filed), filed
        return filed

    def unwrap(
        self,
        one: Mail,
        *attached: Mail,
        group: str | None = "E-Mails",
        who: str = "alice",
        made_before: Sequence[int | None] = (),
        beside: int | None = None,
    ) -> wrapper.Unwrapped | Refusal | None:
        outer = self.store(one)
        inner = [self.store(each) for each in attached]
        group_id = None if group is None else self.groups[group]
        before = [one for one in made_before if one is not None]
        beside_id = None if beside is None else self.id_of(beside)
        return self.do(
            lambda tx: wrapper.unwrap(
                tx, self.people[who], outer, inner, group_id, before, beside_id
            )
        )

    def incident(self, name: str = "Gadget does not boot", creator: str = "GadgetASupport") -> int:
        """The number of a new incident."""
        return self.do(lambda tx: by_hand.new_activity(tx, self.segment_id, name, creator=creator))

    def show(self, number: int) -> dict[str, Any]:
        return self.db.read(lambda tx: show.show_activity(tx, self.segment_id, number))

    def id_of(self, number: int) -> int:
        found: int = self.db.read(
            lambda tx: tx.connection.execute(
                select(schema.activity.c.id).where(
                    schema.activity.c.segment_id == self.segment_id,
                    schema.activity.c.number == number,
                )
            ).scalar_one()
        )
        return found

    def count(self) -> int:
        """How many activities there are."""
        return len(self.db.read(lambda tx: show.list_activities(tx, self.segment_id)))


def make(db: Database) -> Crm:
    crm = Crm(db)

    def work(tx: Tx) -> None:
        segment, admin = segments.add_segment(tx, "Standard", "admin", "admin@example.org", "hash")
        assert admin is not None
        crm.segment_id = segment.id
        crm.people = {"admin": admin}
        for name in ("alice", "bob", "carol", "dave"):
            crm.people[name] = users.add_user(tx, segment.id, name, f"{name}@example.org", "hash")
        made = {name: groups.add_group(tx, segment.id, name) for name in GROUPS}
        crm.groups = {name: group.id for name, group in made.items()}
        for name, kind, group in CREATORS:
            creators.add_creator(tx, segment.id, name, kind, [made[group]])
        segments.set_default_creator(tx, segment.id, "E-Mails")
        for group in made.values():
            groups.set_member(tx, group, "alice@Standard", "contributor")
            groups.set_member(tx, group, "bob@Standard", "manager")
        groups.set_member(tx, made["Support"], "carol@Standard", "viewer")

    db.write(work)
    return crm

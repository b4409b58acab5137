"""An account of kind approvals, requests, and replies as mail clients write them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import SMTP
from itertools import count
from typing import Any

from coming_in import LIMITS, add_account, row
from sqlalchemy import update
from world import World

from imapgate.activities import approvals, by_hand, processes
from imapgate.activities.deciding import Words
from imapgate.activities.show import show_activity
from imapgate.folders.asking import request_mail
from imapgate.incoming import filing, queue
from storage import schema

BOT = "approvals@example.org"
WORDS = Words(("approve", "ja", "in Ordnung"), ("reject", "nein"))
_numbers = count()


def offer(
    world: World,
    transition: str = "Complete",
    rejected_by: str | None = None,
    on: bool = True,
    approvers: Sequence[str] = (),
) -> None:
    """Of the process of incidents."""
    world.db.write(
        lambda tx: processes.offer_by_mail(
            tx,
            world.segment_id,
            "Bug and feature",
            transition,
            on,
            rejected_by,
            "anna@host",
            approvers=approvers,
        )
    )


@dataclass(frozen=True)
class Office:
    """A world with an account of kind approvals."""

    world: World
    account_id: int

    def incident(self, *steps: str) -> int:
        """A new incident's number, after these transitions."""

        def work(tx: Any) -> int:
            number = by_hand.new_activity(
                tx, self.world.segment_id, "Gadget is hot", creator="GadgetASupport"
            )
            for step in steps:
                by_hand.follow_up(tx, self.world.segment_id, number, transition=step)
            return number

        return self.world.db.write(work)

    def request(
        self, number: int, *approvers: str, transition: str = "Complete"
    ) -> approvals.Approval:
        wanted = approvers or ("bob@example.org",)
        return self.world.db.write(
            lambda tx: approvals.request(tx, self.world.segment_id, number, transition, wanted)
        )

    def mail(self, approval: approvals.Approval) -> bytes:
        """The request as it goes out."""
        return self.world.db.read(
            lambda tx: request_mail(tx, self.world.segment_id, approval.id, BOT, WORDS)
        )

    def token(self, approval: approvals.Approval) -> str:
        """The request mail's Message-ID, in angle brackets."""
        return str(message_from_bytes(self.mail(approval), policy=SMTP)["Message-ID"])

    def take(self, content: bytes) -> int:
        """It comes into the account's folder; its row."""
        origin = queue.Origin(self.world.segment_id, "approvals INBOX", self.account_id)
        fetched = queue.Fetched(f"1.{next(_numbers)}", content)
        (taken,) = queue.take(self.world.db, origin, [fetched], LIMITS)
        return taken.row_id

    def comes(self, content: bytes) -> filing.Came:
        """The same, and it is filed."""
        return filing.file_one(self.world.db, self.take(content), LIMITS)

    def shown(self, number: int | None) -> dict[str, Any]:
        assert number is not None
        return self.world.db.read(lambda tx: show_activity(tx, self.world.segment_id, number))

    def state(self, approval: approvals.Approval) -> str:
        return self.world.db.read(
            lambda tx: approvals.find(tx, self.world.segment_id, approval.id).state
        )

    def row(self, row_id: int) -> Any:
        return row(self.world, row_id)


def office(world: World) -> Office:
    account_id = add_account(world, "approvals")
    settings = {"approve": WORDS.approve, "reject": WORDS.reject, "reply_to": BOT}
    world.db.write(
        lambda tx: tx.connection.execute(
            update(schema.account)
            .where(schema.account.c.id == account_id)
            .values(kind="approvals", settings=json.dumps(settings))
        )
    )
    return Office(world, account_id)


def reply(
    answers: str | None,
    text: str,
    sender: str = "Bob <bob@example.org>",
    extra: str = "",
    subject: str = "Re: Approval",
) -> bytes:
    """answers: a Message-ID in angle brackets, None: of a mail that answers nothing."""
    cited = "" if answers is None else f"In-Reply-To: {answers}\r\nReferences: {answers}\r\n"
    return (
        f"From: {sender}\r\nTo: {BOT}\r\nSubject: {subject}\r\n{cited}{extra}"
        f"Message-ID: <reply{next(_numbers)}@example.org>\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n\r\n" + text.replace("\n", "\r\n")
    ).encode()

"""An activity's message after its contacts were merged or got another first address."""

from __future__ import annotations

import email
import email.policy

import world as worlds
from desk import Desk, mail
from revising import SUPPORT, case, make

from imapgate.activities import contacts, merging
from storage import Database, Tx
from storage import activities as activity_rows


def test_the_next_message_is_from_the_one_that_is_left(db: Database) -> None:
    """At its first address, and a follow-up's author has its name."""
    world = worlds.build(db)
    alice = Desk(world, world.alice)
    one = case(world)
    alice.append(SUPPORT, mail(f"Re: #{one.number}"))

    def reports(tx: Tx) -> None:
        erika = contacts.find_contact(tx, world.segment_id, "erika@example.com")
        activity_rows.change(tx, one.id, reporting_contact_id=erika)
        contacts.add_contact(
            tx, world.segment_id, "Eva Muster", ["old@example.net", "eva@example.net"]
        )
        contacts.edit_contact(tx, world.segment_id, "Eva Muster", first="eva@example.net")

    world.db.write(reports)
    make(world.db)

    def shown() -> tuple[str, str]:
        (row,) = [row for row in alice.rows(SUPPORT) if row.activity_id == one.id]
        read = email.message_from_bytes(row.content, policy=email.policy.default)
        text = read.get_body(("plain",))
        assert text is not None
        return str(read["From"]), text.get_content()

    sender, text = shown()
    assert sender == "Erika <erika@example.com>"
    assert "Erika" in text
    make(world.db)
    assert shown() == (sender, text)
    world.db.write(
        lambda tx: merging.merge(tx, world.segment_id, "Eva Muster", ["Erika"], "anna@desk")
    )
    assert make(world.db) == 1
    sender, text = shown()
    assert sender == "Eva Muster <eva@example.net>"
    assert "Eva Muster" in text
    assert "Erika" not in text

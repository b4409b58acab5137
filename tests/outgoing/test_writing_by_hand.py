"""Mails and faxes that are written by hand go out to whom they are for."""

from __future__ import annotations

import pytest
from desk import LIMITS, mail
from going_out import Posting, Sent, add_mailer
from world import World

from imapgate.activities import address_groups, addressing
from imapgate.outgoing.writing_by_hand import Written, write_mail
from storage import Tx

GATEWAY = "noreply@fax-gateway.example.org"


@pytest.fixture
def alice(world: World) -> Posting:
    add_mailer(world)
    return Posting(world, world.alice)


def _sent(alice: Posting, *recipients: tuple[str, str], gateway: str | None = None) -> Sent:
    written = Written("Offer", "20 gadgets.", recipients, gateway, creator="Support E-Mails")
    number = write_mail(alice.world.db, alice.person, written, LIMITS)
    alice.take(number, "Assign")
    return alice.sent(number)


def test_a_mail_goes_out_as_it_was_written(alice: Posting) -> None:
    """To whom it names; who gets a copy unseen isn't named."""
    came = _sent(alice, ("to", "ann@x.example"), ("cc", "bob@x.example"), ("bcc", "cat@x.example"))
    assert came.recipients == [
        ("to", "ann@x.example"),
        ("cc", "bob@x.example"),
        ("bcc", "cat@x.example"),
    ]
    assert came.field("From") == ["alice <alice@example.org>"]
    assert (came.field("To"), came.field("Cc")) == (["ann@x.example"], ["bob@x.example"])
    assert came.field("Subject") == ["[#10000001] Offer"]
    assert b"cat@" not in came.content
    assert came.mail.text.strip() == "20 gadgets."


def test_a_fax_goes_to_the_gateway(alice: Posting) -> None:
    """The mail names the address that the number became, and a group's members."""

    def group(tx: Tx) -> None:
        address_groups.add_group(tx, alice.world.segment_id, "Dealers")
        for one in ("ann@x.example", "0800 flowers"):
            address_groups.add_member(tx, alice.world.segment_id, "Dealers", one)

    alice.world.db.write(group)
    came = _sent(alice, ("to", "+41 (44) 111-2233"), ("cc", "Dealers"), gateway=GATEWAY)
    assert came.recipients == [
        ("to", "_41441112233@fax-gateway.example.org"),
        ("cc", "ann@x.example"),
        ("cc", "0800FLOWERS@fax-gateway.example.org"),
    ]
    assert came.field("To") == ["_41441112233@fax-gateway.example.org"]
    assert [box.address for box in came.mail.cc] == [
        "ann@x.example",
        "0800FLOWERS@fax-gateway.example.org",
    ]
    assert came.mail.text.strip() == "20 gadgets."


def test_what_no_gateway_takes_is_on_the_record_and_the_rest_goes(alice: Posting) -> None:
    """One follow-up, with the sentence."""
    came = _sent(alice, ("to", "+41 44 111"), ("to", "ann@x.example"))
    assert came.recipients == [("to", "ann@x.example")]
    last = alice.show(10000001)["follow_ups"][-1]
    assert last["title"] == "Not sent to everybody"
    assert last["text"] == '"+41 44 111" is a phone number, and no gateway is named.'


def test_whom_nobody_reaches_is_sent_nothing(alice: Posting) -> None:
    """That is told, too."""
    written = Written("Fax", "Hello", (("to", "044 111"),), creator="Support E-Mails")
    number = write_mail(alice.world.db, alice.person, written, LIMITS)
    alice.take(number, "Assign")
    came = alice.send(number)
    assert came.row_id is None
    assert "no gateway is named" in alice.show(number)["follow_ups"][-1]["text"]


def test_a_draft_that_is_for_others_now_names_them(alice: Posting) -> None:
    """It was dropped as a mail to somebody else."""
    draft = mail("Offer").replace(b"erika@example.com", b"alice@example.org")
    number = alice.file(draft)
    add = [("to", "+41 44 111")]
    gone = ["support@example.org"]
    alice.world.db.write(
        lambda tx: addressing.address(tx, alice.world.segment_id, number, add, gone, GATEWAY)
    )
    came = alice.sent(number)
    assert came.field("To") == ["_4144111@fax-gateway.example.org"]
    assert b"support@example.org" not in came.content.partition(b"\r\n\r\n")[0]


def test_its_subject_links_it(alice: Posting) -> None:
    """As a drop's would, by the rights of whoever writes."""
    first = alice.file(mail())
    written = Written(f"About #{first}", "Hello", creator="Support E-Mails")
    number = write_mail(alice.world.db, alice.person, written, LIMITS)
    assert alice.show(number)["links"] == [{"number": first, "kind": "RELATES_TO"}]

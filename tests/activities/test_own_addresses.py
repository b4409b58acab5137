"""A mail from a user's own address was sent: its direction, and whose it is."""

from __future__ import annotations

import pytest
from crm import Crm, mail

from imapgate.activities import contacts, users, x500
from imapgate.activities.filing import Filed
from imapgate.mime.mail import Mailbox
from storage import Tx, mail_accounts

STAFF = Mailbox("", "bob@example.org")
CUSTOMER = Mailbox("", "erika@example.net")
OWN_DOMAIN = Mailbox("", "support@example.org")
"""Of nobody's, but the segment's domain, since its users have addresses there."""


def sent(crm: Crm, sender: str, *to: Mailbox, subject: str = "Offer", who: str = "bob") -> Filed:
    return crm.file(mail(subject, from_=(Mailbox("", sender),), to=to), who=who)


def account(crm: Crm, name: str, address: str) -> None:
    """A mail account of that user's."""
    person = crm.people[name]
    crm.do(lambda tx: mail_accounts.add(tx, person.id, address, address, subject_prefix=""))


@pytest.mark.parametrize(
    ("to", "direction"),
    [
        ((CUSTOMER,), "out"),
        ((STAFF, CUSTOMER), "out"),
        ((STAFF,), "internal"),
        ((STAFF, OWN_DOMAIN), "internal"),
        ((Mailbox("", "own@example.net"),), "internal"),
        ((Mailbox("", "carol@private.example"),), "internal"),
        ((), "out"),
    ],
)
def test_a_drop_from_a_user_s_address_went_out(
    crm: Crm, to: tuple[Mailbox, ...], direction: str
) -> None:
    """Internal where all are staff, users or of the house's domains; whoever drops it."""
    account(crm, "carol", "carol@private.example")
    crm.do(
        lambda tx: contacts.add_contact(
            tx, crm.segment_id, "Own", ["own@example.net"], is_customer=False, is_staff=True
        )
    )
    shown = crm.show(sent(crm, "ALICE@example.org", *to).number)
    assert (shown["direction"], shown["reporting_contact"]) == (direction, "alice")


def test_what_others_wrote_has_none(crm: Crm) -> None:
    """Nor has what staff wrote who is no user: nothing tells whether it came or went."""
    crm.do(
        lambda tx: contacts.add_contact(
            tx, crm.segment_id, "Own", ["own@example.net"], is_customer=False, is_staff=True
        )
    )
    for n, sender in enumerate(("erika@example.net", "own@example.net", "support@example.org")):
        number = sent(crm, sender, STAFF, subject=f"{n}").number
        assert crm.show(number)["direction"] is None


def test_an_address_of_a_mail_account_is_the_user_s(crm: Crm) -> None:
    """Though another contact has it: the user reports the activity, and the follow-up is theirs.
    The recipients' rows keep the address' contact."""
    crm.do(lambda tx: contacts.add_contact(tx, crm.segment_id, "Desk", ["desk@private.example"]))
    account(crm, "alice", "desk@private.example")
    incident = crm.incident()
    shown = crm.show(sent(crm, "desk@private.example", CUSTOMER, subject=f"Re: #{incident}").number)
    assert (shown["direction"], shown["reporting_contact"]) == ("out", "alice")
    assert shown["recipients"][0]["contact"] == "Desk"
    assert crm.show(incident)["follow_ups"][0]["author"] == "alice"


def test_an_address_that_several_share_went_out_from_nobody_in_particular(crm: Crm) -> None:
    for name in ("alice", "bob"):
        account(crm, name, "desk@private.example")
    shown = crm.show(sent(crm, "desk@private.example", CUSTOMER).number)
    assert (shown["direction"], shown["reporting_contact"]) == ("out", "desk@private.example")


def test_dropped_again_the_direction_is_told(crm: Crm) -> None:
    """Once the address is a user's; a direction that was told stays."""
    first = sent(crm, "new@private.example", CUSTOMER)
    assert crm.show(first.number)["direction"] is None
    account(crm, "alice", "new@private.example")
    again = sent(crm, "new@private.example", CUSTOMER)
    assert again.number == first.number
    assert crm.show(first.number)["direction"] == "out"

    def staff(tx: Tx) -> None:
        contacts.edit_contact(tx, crm.segment_id, CUSTOMER.address, is_staff=True)

    crm.do(staff)
    sent(crm, "new@private.example", CUSTOMER)
    assert crm.show(first.number)["direction"] == "out"


@pytest.mark.parametrize(
    ("domain", "direction"), [("example.org", "out"), ("elsewhere.example", None)]
)
def test_an_x500_name_from_another_domain_was_not_sent_from_here(
    crm: Crm, domain: str, direction: str | None
) -> None:
    crm.do(lambda tx: x500.remember(tx, crm.segment_id, "/O=ACME/CN=ALICE", "alice@example.org"))
    number = sent(crm, f"IMCEAEX-_O=ACME_CN=ALICE@{domain}", CUSTOMER).number
    assert crm.show(number)["direction"] == direction


def test_who_is_disabled_sends_nothing_any_more(crm: Crm) -> None:
    """From can be forged; whose login is closed counts as anybody."""
    crm.do(lambda tx: users.set_disabled(tx, "alice@Standard"))
    number = sent(crm, "alice@example.org", CUSTOMER, who="bob").number
    assert crm.show(number)["direction"] is None

"""Recipients of an e-mail activity that are set by hand."""

from __future__ import annotations

import pytest
from crm import Crm, mail

from imapgate.activities import address_groups, addressing, contacts
from imapgate.activities.addressing import Addressed, Addressee
from imapgate.activities.names import Mistake
from imapgate.mime.mail import Mailbox
from storage import Tx, events, notifications

CC = mail(cc=(Mailbox("Otto", "otto@x.example"),))


def _set(
    crm: Crm, number: int, *add: tuple[str, str], remove: str | None = None, **more: str
) -> Addressed:
    gone = () if remove is None else (remove,)
    return crm.do(lambda tx: addressing.address(tx, crm.segment_id, number, add, gone, **more))


def test_recipients_are_added_moved_and_removed(crm: Crm) -> None:
    """The sender stays, even where it is named."""
    where = crm.segment_id
    crm.do(lambda tx: address_groups.add_group(tx, where, "Customers"))
    number = crm.file(CC).number
    now = _set(crm, number, ("to", "+41 44 111"), ("bcc", "CUSTOMERS"), ("bcc", "OTTO@x.example"))
    assert now.recipients == (
        Addressee("to", "support@example.org"),
        Addressee("to", "+41 44 111"),
        Addressee("bcc", "otto@x.example"),
        Addressee("bcc", "Customers", True),
    )
    for named in ("+4144111", "customers", "support@example.org"):
        now = _set(crm, number, remove=named)
    assert now.recipients == (Addressee("bcc", "otto@x.example"),)
    assert crm.show(number)["sender"] == "erika@example.net"
    with pytest.raises(Mistake, match=f'"erika@example.net" is no recipient of #{number}'):
        _set(crm, number, remove="erika@example.net")
    now = _set(crm, number, ("to", "erika@example.net"))
    assert Addressee("to", "erika@example.net") in now.recipients
    assert crm.show(number)["sender"] == "erika@example.net"


def test_a_gateway_is_named_kept_and_taken_away(crm: Crm) -> None:
    """None asked for: it stays."""
    number = crm.file(CC).number
    assert _set(crm, number).gateway is None
    assert _set(crm, number, gateway="noreply@fax.example.org").gateway == "noreply@fax.example.org"
    assert _set(crm, number).gateway == "noreply@fax.example.org"
    assert _set(crm, number, gateway="").gateway is None
    for wrong in (
        "fax.example.org",
        "a@b\r\nBcc: x",
        "ä@fax.example.org",
        "a b@fax.example.org",
        "a@b>c",
    ):
        with pytest.raises(Mistake):
            _set(crm, number, gateway=wrong)


def test_what_was_set_by_hand_outlives_the_same_mail(crm: Crm) -> None:
    """Dropped again, or into another group, its own recipients don't come back."""
    number = crm.file(CC).number
    _set(crm, number, ("to", "044 111"), remove="otto@x.example")
    assert crm.file(CC).number == number
    assert crm.file(CC, "Sales").number == number
    shown = [one["address"] for one in crm.show(number)["recipients"]]
    assert shown == ["erika@example.net", "support@example.org", "044 111"]


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("nobody here", "there is no address group of that name"),
        ("a b@x.example", "is no e-mail address"),
        ("a@x.example\r\nBcc: b@x.example", "control characters"),
    ],
)
def test_what_can_be_no_recipient(crm: Crm, named: str, said: str) -> None:
    """Nothing is changed then, and no contact is made."""
    number = crm.file(CC).number
    before = crm.show(number), crm.db.read(lambda tx: contacts.list_contacts(tx, crm.segment_id))
    with pytest.raises(Mistake, match=said):
        _set(crm, number, ("to", "new@x.example"), ("to", named))
    after = crm.show(number), crm.db.read(lambda tx: contacts.list_contacts(tx, crm.segment_id))
    assert after == before


def test_only_mails_have_recipients(crm: Crm) -> None:
    """An incident has none, nor has what isn't there."""
    number = crm.incident()
    with pytest.raises(Mistake, match=f"#{number} is no e-mail activity"):
        _set(crm, number, ("to", "a@x.example"))
    with pytest.raises(Mistake, match="There is no activity #1"):
        _set(crm, 1, ("to", "a@x.example"))


def test_recipients_are_bounded(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Groups count as one; what is too much changes nothing; taking away always works."""
    monkeypatch.setattr(addressing, "MOST_NAMED", 2)
    number = crm.file(CC).number

    def group(tx: Tx) -> None:
        address_groups.add_group(tx, crm.segment_id, "Customers")

    crm.do(group)
    for extra in ("a@x.example", "customers"):
        with pytest.raises(Mistake, match="more than 2 recipients: use a group"):
            _set(crm, number, ("to", extra))
    monkeypatch.setattr(addressing, "MOST_NAMED", 0)
    assert len(_set(crm, number, remove="otto@x.example").recipients) == 1


def test_that_others_get_it_now_is_told(crm: Crm) -> None:
    """To whoever wants to know of changes, once."""
    number = crm.file(CC).number
    alice = crm.people["alice"].id

    def left() -> list[tuple[str, object]]:
        found = crm.db.read(lambda tx: events.of_activity(tx, crm.id_of(number)))
        return [(one.event, one.detail.get("what")) for one in found]

    _set(crm, number, ("to", "a@x.example"))
    assert left() == []
    crm.do(
        lambda tx: notifications.add(
            tx, crm.segment_id, alice, ("changed",), by_mail=True, to_inbox=False
        )
    )
    _set(crm, number, ("to", "b@x.example"))
    assert left() == [("changed", "recipients")]

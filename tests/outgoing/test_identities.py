"""As whom is sent, by which mailer, and which addresses are a user's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mailing import PostOffice, office_of
from world import World

from imapgate.activities import segments, users
from imapgate.activities.names import Mistake
from imapgate.activities.people import Person
from imapgate.outgoing import mail_accounts
from imapgate.outgoing.choosing import mailer_for
from imapgate.outgoing.identities import (
    FALLBACK,
    Identity,
    default_address,
    identity_of,
    own_addresses,
)
from imapgate.outgoing.mail_accounts import MailAccount
from storage import Tx, settings_history


@pytest.fixture
def office(world: World, tmp_path: Path) -> PostOffice:
    return office_of(world, tmp_path)


def _add(world: World, person: Person, account: str, **said: Any) -> MailAccount:
    flags = {name: said.pop(name) for name in ("is_default", "shared") if name in said}
    return world.db.write(
        lambda tx: mail_accounts.add_mail_account(
            tx, person, account, said, "anna@desk", "new", **flags
        )
    )


def _edit(world: World, person: Person, account: str, **said: Any) -> MailAccount:
    return world.db.write(
        lambda tx: mail_accounts.edit_mail_account(tx, person, account, said, "anna@desk")
    )


def _identity(world: World, person: Person | None) -> Identity:
    of = None if person is None else person.id
    return world.db.read(lambda tx: identity_of(tx, world.segment_id, of))


def _nameless(world: World, name: str, is_admin: bool = False) -> Person:
    """A user without an e-mail address."""
    return world.db.write(
        lambda tx: users.add_user(tx, world.segment_id, name, None, "hash", is_admin=is_admin)
    )


def _own(world: World, person: Person) -> frozenset[str]:
    return world.db.read(lambda tx: own_addresses(tx, person.id))


def _written_to(world: World, person: Person) -> str | None:
    return world.db.read(lambda tx: default_address(tx, person.id))


def _chosen(world: World, person: Person | None, address: str | None = None) -> str | None:
    of = None if person is None else person.id
    found = world.db.read(lambda tx: mailer_for(tx, world.segment_id, of, address))
    return None if found is None else found.name


def test_a_user_without_a_mail_account_has_the_e_mail_address(world: World) -> None:
    assert _identity(world, world.alice) == Identity("alice@example.org", "alice")
    assert _own(world, world.alice) == {"alice@example.org"}
    assert _written_to(world, world.alice) == "alice@example.org"


def test_a_user_sends_by_the_default_mail_account_s_reply_address(world: World) -> None:
    """The first one is the default; there the user is written to."""
    link = "https://crm.example.org/{number}"
    _add(
        *(world, world.alice, "Alice.A@example.org"),
        reply_address="support@example.org",
        subject_prefix="[CRM]",
        link_pattern=link,
    )
    _add(world, world.alice, "other@example.org")
    assert _identity(world, world.alice) == Identity(
        "support@example.org", "alice", None, "[CRM]", link
    )
    assert _written_to(world, world.alice) == "Alice.A@example.org"
    assert _own(world, world.alice) == {
        *("alice@example.org", "alice.a@example.org"),
        *("support@example.org", "other@example.org"),
    }
    world.db.write(
        lambda tx: mail_accounts.set_default(tx, world.alice, "OTHER@example.org", "anna@desk")
    )
    assert _identity(world, world.alice) == Identity("other@example.org", "alice")


def test_who_has_no_address_sends_by_the_administrator_s(world: World) -> None:
    """Without the administrator's prefix and link, which are for the administrator."""
    eve = _nameless(world, "eve")
    assert _identity(world, eve).address == "admin@example.org"
    _add(world, world.admin, "crm@example.org", subject_prefix="[A]")
    assert _identity(world, eve) == Identity("crm@example.org", "admin")
    assert _own(world, eve) == frozenset()
    assert _written_to(world, eve) is None


def test_the_system_sends_by_the_mailer_s_address(office: PostOffice, world: World) -> None:
    """Who has no address and no administrator with one, too; at last nobody can answer."""
    assert _identity(world, None) == Identity(FALLBACK, is_fallback=True)
    office.add("all", everywhere=True, **{"from": "all@example.org"})
    assert _identity(world, None).address == "all@example.org"
    office.add(**{"from": "crm@example.org", "reply_to": "desk@example.org"})
    assert _identity(world, None) == Identity("crm@example.org", reply_to="desk@example.org")

    def elsewhere(tx: Tx) -> tuple[Identity, Identity]:
        segment, _ = segments.add_segment(tx, "Other")
        eve = users.add_user(tx, segment.id, "eve", None, "hash")
        return identity_of(tx, segment.id, eve.id), identity_of(tx, segment.id, None)

    assert {one.address for one in world.db.write(elsewhere)} == {"all@example.org"}


def test_a_mailer_without_an_address_falls_back(office: PostOffice, world: World) -> None:
    office.add(**{"from": ""})
    assert _identity(world, None).is_fallback


def test_the_order_of_mailers(office: PostOffice, world: World) -> None:
    """The user's own, the segment's default, the default for all; else none."""
    assert _chosen(world, world.alice) is None
    office.add("all", everywhere=True)
    assert _chosen(world, world.alice) == "all"
    segment_s = office.add("segment")
    office.add("alice's")
    office.add("other's")
    assert _chosen(world, world.alice) == "segment"
    _add(world, world.alice, "alice@example.org", mailer="Alice's")
    assert _chosen(world, world.alice) == "alice's"
    assert (_chosen(world, world.bob), _chosen(world, None)) == ("segment", "segment")
    office.default(segment_s, is_default=False)
    assert _chosen(world, world.bob) == "all"


def test_an_address_may_have_a_mailer_of_its_own(office: PostOffice, world: World) -> None:
    """A mail From it goes out by that one, else by the default mail account's."""
    office.add("default")
    office.add("other")
    _add(world, world.alice, "alice@example.org")
    _add(world, world.alice, "shop@example.org", mailer="other")
    assert _chosen(world, world.alice) == "default"
    assert _chosen(world, world.alice, "SHOP@example.org") == "other"
    assert _chosen(world, world.alice, "alice@example.org") == "default"


def test_a_mailer_that_a_user_sends_by_stays(office: PostOffice, world: World) -> None:
    own = office.add("own")
    _add(world, world.alice, "alice@example.org", mailer="own")
    assert office.standing(own).users == (("alice", "alice@example.org"),)
    with pytest.raises(Mistake, match=r"is alice's for alice@example\.org"):
        office.remove(own)
    assert _edit(world, world.alice, "alice@example.org", mailer="").mailer is None
    office.remove(own)


def test_an_address_that_another_has_is_shared_only_if_somebody_says_so(world: World) -> None:
    """In a mail account or as the e-mail address."""
    _add(world, world.alice, "support@example.org")
    for address in ("SUPPORT@example.org", "alice@example.org"):
        with pytest.raises(Mistake, match="is alice's"):
            _add(world, world.bob, address)
    _add(world, world.bob, "bob@example.org")
    with pytest.raises(Mistake, match="is alice's"):
        _edit(world, world.bob, "bob@example.org", address="support@example.org")
    _add(world, world.bob, "support@example.org", shared=True)
    assert "support@example.org" in _own(world, world.bob)
    assert "support@example.org" in _own(world, world.alice)
    with pytest.raises(Mistake, match="alice has a mail account"):
        _add(world, world.alice, "support@example.org")


def test_a_new_user_does_not_take_another_s_mail_account(world: World) -> None:
    """Else both would be one contact."""
    _add(world, world.alice, "eve@example.org")
    with pytest.raises(Mistake, match="is a mail account of alice"):
        world.db.write(
            lambda tx: users.add_user(tx, world.segment_id, "eve", "EVE@example.org", "hash")
        )


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"reply_address": "nobody"}, "no e-mail address"),
        ({"reply_address": "a@b.example\r\nBcc: c@d.example"}, "control characters"),
        ({"mailer": "none"}, "There is no mailer"),
        ({"subject_prefix": "a\r\nBcc: c@d.example"}, "control characters"),
        ({"subject_prefix": "a" * 61}, "longer than 60"),
        ({"link_pattern": "https://crm.example.org/"}, "has no {number}"),
        ({"link_pattern": "javascript:alert({number})"}, "is no web address"),
        ({"link_pattern": "https://crm.example.org/{number}/{name}"}, "is no web address"),
        ({"link_pattern": 'https://crm.example.org/"{number}'}, "is no web address"),
        ({"link_pattern": "https://[/{number}"}, "is no web address"),
    ],
)
def test_what_can_not_be_is_refused(world: World, said: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Mistake, match=sentence):
        _add(world, world.alice, "alice@example.org", **said)
    with pytest.raises(Mistake, match="isn't ASCII"):
        _add(world, world.alice, "älice@example.org")


def test_of_what_is_left_the_oldest_is_the_default(world: World) -> None:
    for address in ("a@example.org", "b@example.org", "c@example.org"):
        _add(world, world.alice, address, is_default=address[0] == "b")

    def remove(tx: Tx, address: str) -> str | None:
        left = mail_accounts.remove_mail_account(tx, world.alice, address, "anna@desk")
        return None if left is None else left.address

    assert world.db.write(lambda tx: remove(tx, "c@example.org")) is None
    assert world.db.write(lambda tx: remove(tx, "B@example.org")) == "a@example.org"
    assert world.db.write(lambda tx: remove(tx, "a@example.org")) is None
    with pytest.raises(Mistake, match="no mail account"):
        world.db.write(lambda tx: remove(tx, "a@example.org"))


def test_each_change_is_on_record(world: World) -> None:
    _add(world, world.alice, "alice@example.org", subject_prefix="[CRM]")
    _edit(world, world.alice, "alice@example.org", address="new@example.org")
    records = world.db.read(lambda tx: settings_history.records(tx, world.segment_id))
    assert [(one.subject, one.changes) for one in records] == [
        (
            "mail account new@example.org of alice",
            {"address": ("alice@example.org", "new@example.org")},
        ),
        (
            "mail account alice@example.org of alice",
            {
                "address": (None, "alice@example.org"),
                "default": (None, True),
                "subject prefix": (None, "[CRM]"),
            },
        ),
    ]
    assert (records[1].who, records[1].reason) == ("anna@desk", "new")

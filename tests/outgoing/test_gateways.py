"""Phone numbers as addresses at a gateway, and address groups as whom they stand for."""

from __future__ import annotations

import pytest
from desk import Desk, mail
from desk import activities as dropped
from world import World

from imapgate.activities import address_groups, addressing, x500
from imapgate.activities.names import Mistake
from imapgate.outgoing import gateways, settings
from imapgate.outgoing.gateways import Reached, Resolved, Unreachable, address_at, resolve
from storage import Tx, activities

GATEWAY = "noreply@fax-gateway.example.org"


@pytest.mark.parametrize(
    ("number", "address"),
    [
        ("+41 (44) 111-2233", "_41441112233@fax-gateway.example.org"),
        ("044 111 22 33", "0441112233@fax-gateway.example.org"),
        ("0800 flowers", "0800FLOWERS@fax-gateway.example.org"),
        ("+41+44", "_4144@fax-gateway.example.org"),
        ("  +1\u00e9\r\nRCPT TO:<x>2", "_1RCPTTOX2@fax-gateway.example.org"),
    ],
)
def test_a_number_becomes_an_address_at_the_gateway(number: str, address: str) -> None:
    """Digits and letters only, the latter as capitals; a leading `+` becomes `_`."""
    assert address_at(GATEWAY, number) == address


@pytest.mark.parametrize(("gateway", "number"), [(GATEWAY, "+"), (GATEWAY, ""), ("fax", "123")])
def test_what_can_be_no_address(gateway: str, number: str) -> None:
    """No number, no gateway."""
    with pytest.raises(Mistake):
        address_at(gateway, number)


def _dropped(world: World, content: bytes) -> int:
    """The number of its activity."""
    assert Desk(world, world.alice).append("Trackers/Support", content).uids
    return int(dropped(world)[-1].number)


def _mail(world: World, *add: tuple[str, str], gateway: str = "") -> int:
    """A new e-mail activity's number, with these recipients alone."""
    number = _dropped(world, mail(n=len(str(add))))

    def work(tx: Tx) -> None:
        where = world.segment_id
        addressing.address(tx, where, number, add, ["support@example.org"], gateway)

    world.db.write(work)
    return number


def _resolved(world: World, number: int) -> Resolved:
    def work(tx: Tx) -> Resolved:
        row = activities.by_number(tx, world.segment_id, number)
        assert row is not None
        return resolve(tx, row.id)

    return world.db.read(work)


def _group(world: World, *members: str, name: str = "Customers") -> None:
    def work(tx: Tx) -> None:
        address_groups.add_group(tx, world.segment_id, name)
        for one in members:
            address_groups.add_member(tx, world.segment_id, name, one)

    world.db.write(work)


def test_a_fax_to_a_mixed_group(world: World) -> None:
    """Each once, under the first of its kinds, numbers by the gateway; nobody who isn't named."""
    _group(world, "a@x.example", "+41 44 111", "b@x.example")
    named = (
        ("to", "B@x.example"),
        ("cc", "customers"),
        ("bcc", "+4144111"),
        ("bcc", "c@x.example"),
    )
    assert _resolved(world, _mail(world, *named, gateway=GATEWAY)) == Resolved(
        (
            Reached("to", "b@x.example", ""),
            Reached("cc", "a@x.example", ""),
            Reached("cc", "_4144111@fax-gateway.example.org", "+41 44 111"),
            Reached("bcc", "c@x.example", ""),
        ),
        (),
    )


def test_a_number_without_a_gateway_keeps_nobody_from_their_mail(world: World) -> None:
    """It is told, once, and the rest goes on; an empty group is told, too."""
    _group(world, "+41 44 111", "b@x.example")
    _group(world, name="Nobody")
    named = (("to", "customers"), ("to", "+41 44 111"), ("cc", "nobody"))
    assert _resolved(world, _mail(world, *named)) == Resolved(
        (Reached("to", "b@x.example", ""),),
        (
            Unreachable(
                "to",
                "+41 44 111",
                '"+41 44 111" is a phone number, and no gateway is named.',
            ),
            Unreachable("cc", "Nobody", 'Address group "Nobody" has no members.'),
        ),
    )


def test_an_x500_name_is_reached_by_the_contact_s_address(world: World) -> None:
    """Where it has none, that is told."""
    name, unknown = "/O=ACME/CN=ERIKA", "/O=ACME/CN=OTTO"
    world.db.write(lambda tx: x500.remember(tx, world.segment_id, name, "erika@acme.example"))
    found = _resolved(world, _mail(world, ("to", name), ("to", unknown)))
    assert found == Resolved(
        (Reached("to", "erika@acme.example", ""),),
        (Unreachable("to", unknown, f'"{unknown}" is no e-mail address.'),),
    )


def test_an_address_that_can_be_none_keeps_nobody_from_their_mail(world: World) -> None:
    """A mail's header may say anything; a domain with other letters is one that servers know."""
    content = mail().replace(
        b"support@example.org", "<ä@x.example>, <b@bücher.example>, garbage".encode()
    )
    found = _resolved(world, _dropped(world, content))
    assert found.recipients == (Reached("to", "b@xn--bcher-kva.example", ""),)
    name, garbage = (one.text for one in found.unreachable)
    assert name.startswith('The part of "ä@x.example" before the @ isn\'t ASCII')
    assert garbage == '"garbage" is no e-mail address.'


def test_recipients_of_a_mail_are_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last ones are told of, by their number."""
    monkeypatch.setattr(gateways, "MOST_RECIPIENTS", 2)
    _group(world, *(f"{one}@x.example" for one in "abcd"))
    found = _resolved(world, _mail(world, ("to", "customers"), ("cc", "a@x.example")))
    assert [one.address for one in found.recipients] == ["a@x.example", "b@x.example"]
    (missed,) = found.unreachable
    assert missed.text == ("There are more than 2 recipients: nothing was sent to the last 2.")


def test_the_sender_gets_nothing_and_what_was_never_addressed_has_its_own(world: World) -> None:
    """A mail's To, as it came."""
    number = _dropped(world, mail())
    assert _resolved(world, number).recipients == (Reached("to", "support@example.org", ""),)


def test_a_segment_s_gateway_counts_where_the_activity_names_none(world: World) -> None:
    """Else the activity's."""
    where = world.segment_id
    world.db.write(lambda tx: settings.change(tx, where, settings.GATEWAY, "a@fax.example", "anna"))
    own = _mail(world, ("to", "+41 44 111"), gateway=GATEWAY)
    usual = _mail(world, ("to", "+41 44 1112"))
    assert [one.address for one in _resolved(world, own).recipients] == [
        "_4144111@fax-gateway.example.org"
    ]
    assert [one.address for one in _resolved(world, usual).recipients] == ["_41441112@fax.example"]
    with pytest.raises(Mistake, match="gateway can't be set to that"):
        world.db.write(lambda tx: settings.change(tx, where, settings.GATEWAY, "fax", "anna"))
    world.db.write(lambda tx: settings.change(tx, where, settings.GATEWAY, "", "anna"))
    assert _resolved(world, usual).recipients == ()

"""Phone numbers of contacts, address groups, recipients of e-mail activities, and mails that are
written at the command line."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from command import Command
from doctoring import broken, sql

GATEWAY = "noreply@fax-gateway.example.org"
NEW = ("activity", "new", "Offer", "--creator", "Sales E-Mails")


def test_numbers_stand_beside_addresses(office: Command) -> None:
    """Of contacts; added, shown and removed."""
    office.ok("contact", "add", "Erika", "erika@example.net", "--number", "+41 44 111 22 33")
    office.ok("contact", "edit", "erika@example.net", "--number", "044 444", "--number", "055 555")
    shown = office.json("contact", "show", "+41 (44) 1112233")
    assert shown["name"] == "Erika"
    assert shown["addresses"] == ["erika@example.net"]
    assert shown["numbers"] == ["+41 44 111 22 33", "044 444", "055 555"]
    office.ok("contact", "edit", "Erika", "--remove-number", "044444")
    assert "055 555" in office.ok("contact", "show", "Erika")
    assert "+41 44 111 22 33, 055 555" in office.ok("contact", "list")
    assert office.refused("contact", "edit", "Erika", "--number", "call me") == (
        '"call me" is no phone number.'
    )


def test_an_address_group_is_kept(office: Command) -> None:
    """Made with members, changed, shown and removed; a question comes first."""
    said = office.ok("address-group", "add", "Dealers", "erika@example.net", "+41 44 111")
    assert said == 'Added address group "Dealers" with 2 members.\n'
    office.ok("address-group", "add-member", "dealers", "otto@example.net")
    said = office.ok("address-group", "remove-member", "dealers", "erika@example.net")
    assert said == 'Address group "Dealers" has 2 members.\n'
    shown = office.json("address-group", "show", "DEALERS")
    assert [(one["address"], one["kind"]) for one in shown["members"]] == [
        ("+41 44 111", "phone"),
        ("otto@example.net", "email"),
    ]
    assert "otto@example.net" in office.ok("address-group", "show", "Dealers")
    assert office.json("address-group", "list") == [{"name": "Dealers", "members": 2}]
    result = office.run("address-group", "remove", "Dealers", input="n\n")
    assert result.exit_code == 1
    assert result.stderr.endswith("Nothing was changed.\n")
    assert office.ok("address-group", "remove", "Dealers", "--yes") == (
        'Removed address group "Dealers".\n'
    )
    assert "no address groups" in office.ok("address-group", "list")
    assert office.refused("address-group", "show", "Dealers") == (
        'There is no address group "Dealers".'
    )


def test_a_mail_is_written(office: Command) -> None:
    """It has a message, stands in the group's folder, and is sound; a fax among its recipients."""
    office.ok("address-group", "add", "Dealers", "+41 44 111")
    made = office.json(
        *NEW,
        *("--to", "erika@example.net", "--cc", "Dealers", "--bcc", "044 222"),
        *("--gateway", GATEWAY, "--detailed-description", "Hello,\n20 gadgets."),
        *("--priority", "high", "--description", "For Erika"),
    )
    assert (made["class"], made["subject"], made["name"]) == ("E-Mail", "Offer", "Offer")
    assert made["body"].splitlines() == ["Hello,", "20 gadgets."]
    assert (made["sender"], made["direction"]) == ("anna@acme.example", "out")
    assert (made["priority"], made["description"]) == ("high", "For Erika")
    assert (made["created_by"], made["gateway"]) == ("anna", GATEWAY)
    assert made["address_groups"] == [{"kind": "cc", "name": "Dealers"}]
    assert len(made["sha256"]) == 64
    number = str(made["number"])
    assert "Dealers (address group)" in office.ok("activity", "show", number)
    with closing(sqlite3.connect(office.data / "imapgate.db")) as connection:
        folders = connection.execute("SELECT name FROM folder WHERE messages = 1").fetchall()
    assert folders == [("Trackers/Sales",)]
    found = office.json("activity", "recipients", number)
    assert [(one["kind"], one["address"]) for one in found["sent_to"]] == [
        ("to", "erika@example.net"),
        ("cc", "_4144111@fax-gateway.example.org"),
        ("bcc", "044222@fax-gateway.example.org"),
    ]
    assert broken(office) == {}


def test_recipients_are_shown_and_changed(office: Command) -> None:
    """Whom nothing reaches is told."""
    number = str(office.json(*NEW)["number"])
    assert f"#{number} has no recipients." in office.ok("activity", "recipients", number)
    said = office.ok("activity", "recipients", number, "--to", "+41 44 111", "--cc", "a@b.example")
    assert said == (
        f'#{number} has 2 recipients; 1 can\'t be reached: "+41 44 111" is a phone number, and '
        "no gateway is named.\n"
    )
    shown = office.ok("activity", "recipients", number)
    assert "no gateway is named" in shown
    said = office.ok("activity", "recipients", number, "--gateway", GATEWAY)
    assert said == f"#{number} has 2 recipients.\n"
    assert "_4144111@fax-gateway.example.org" in office.ok("activity", "recipients", number)
    office.ok("activity", "recipients", number, "--remove", "+4144111", "--gateway", "")
    said = office.ok("activity", "recipients", number, "--cc", "a@b.example")
    assert said == f"#{number} has 1 recipient.\n"
    now = office.json("activity", "recipients", number)
    assert [one["named"] for one in now["recipients"]] == ["a@b.example"]
    assert now["gateway"] is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*NEW, "--to", "nobody"), '"nobody" is neither an address nor a phone number'),
        ((*NEW, "--to", "ä@x.example"), 'The part of "ä@x.example" before the @ isn\'t ASCII'),
        ((*NEW, "--gateway", "fax"), '"fax" is no e-mail address.'),
        ((*NEW, "--to", "a@b.example", "--group", "Nothing"), 'There is no group "Nothing"'),
        (("activity", "new", "A\r\nBcc: x@y", "--type", "E-Mail"), "The subject holds control"),
        (
            ("activity", "new", "Case", "--type", "Bug", "--to", "a@b.example"),
            "Only e-mail activities have recipients.",
        ),
    ],
)
def test_what_can_not_be_written(office: Command, words: tuple[str, ...], said: str) -> None:
    """One sentence, and nothing is made: no activity, no contact."""
    contacts = office.json("contact", "list")
    assert office.refused(*words).startswith(said)
    assert office.json("activity", "list") == []
    assert office.json("contact", "list") == contacts


def test_a_gateway_is_among_the_addresses(office: Command) -> None:
    """One of an activity, and the segment's."""
    office.ok(*NEW, "--to", "044 111", "--gateway", GATEWAY)
    office.ok("outgoing", "set", "gateway", "sms@sms.example.org")
    found = {one["address"]: one["what"] for one in office.json("addresses")}
    assert found[GATEWAY].startswith("the gateway of 1 e-mail activity")
    assert found["sms@sms.example.org"] == "the gateway of e-mail activities that name none"


def test_the_doctor_finds_what_leads_into_another_segment(office: Command) -> None:
    """Members, and groups that are recipients."""
    office.ok("address-group", "add", "Dealers", "a@b.example")
    office.ok(*NEW, "--to", "Dealers")
    assert broken(office) == {}
    sql(
        office,
        "INSERT INTO segment (id, name, name_key, next_number, created_at, object_key)"
        " SELECT 9, 'Other', 'other', 20000001, created_at, x'' FROM segment",
        "UPDATE address_group SET segment_id = 9",
    )
    found = broken(office)
    assert set(found) == {"address groups"}
    assert len(found["address groups"]) == 2

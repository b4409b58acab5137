"""X.500 names in mails: whoever has one beside an address is the mail's sender or recipient."""

from __future__ import annotations

import pytest
from crm import Crm, mail

from imapgate.activities import contacts, merging, x500
from imapgate.activities.contacts import Contact
from imapgate.activities.names import Mistake, key
from imapgate.mime.mail import Mailbox
from storage import Tx
from storage import contacts as rows

NAME = "/O=ACME/OU=First Group (FYD)/CN=RECIPIENTS/CN=ERIKA"
ADDRESS = "erika@acme.example"
FORMS = (
    NAME,
    NAME.lower(),
    f"EX:{NAME}",
    f"X500:{NAME}",
    "/O=ACME/OU=FirstGroup/CN=RECIPIENTS/CN=ERIKA",
    "IMCEAEX-_O=ACME_OU=FIRST+20GROUP+20+28FYD+29_CN=RECIPIENTS_CN=ERIKA@acme.example",
)


def _add(crm: Crm, name: str, *addresses: str) -> Contact:
    return crm.do(lambda tx: contacts.add_contact(tx, crm.segment_id, name, addresses))


def _known(crm: Crm) -> dict[str, tuple[str, ...]]:
    found = crm.db.read(lambda tx: contacts.list_contacts(tx, crm.segment_id))
    return {one.name: one.addresses for one in found}


def _remember(crm: Crm, name: str, address: str) -> bool:
    return crm.do(lambda tx: x500.remember(tx, crm.segment_id, name, address))


@pytest.mark.parametrize("form", FORMS)
def test_a_mail_from_or_to_it_is_the_contact_s(crm: Crm, form: str) -> None:
    """Linked to the contact's address, by which an answer reaches it; nobody new is made."""
    _add(crm, "Erika", NAME, ADDRESS)
    _add(crm, "Otto", "otto@acme.example")
    before = _known(crm)
    filed = crm.file(
        mail(from_=(Mailbox("E", form),), to=(Mailbox("", form), Mailbox("", "otto@acme.example")))
    )
    shown = crm.show(filed.number)
    assert (shown["sender"], shown["reporting_contact"]) == (ADDRESS, "Erika")
    assert [(one["kind"], one["address"]) for one in shown["recipients"]] == [
        ("from", ADDRESS),
        ("to", ADDRESS),
        ("to", "otto@acme.example"),
    ]
    assert _known(crm) == before


def test_the_first_address_counts_and_of_several_contacts_the_oldest_with_one(crm: Crm) -> None:
    _add(crm, "Name alone", NAME)
    _add(crm, "Erika", "old@acme.example", NAME, ADDRESS)
    _add(crm, "Younger", "young@acme.example", NAME)
    edit = contacts.edit_contact
    crm.do(lambda tx: edit(tx, crm.segment_id, ADDRESS, first=ADDRESS))
    filed = crm.file(mail(from_=(Mailbox("", NAME),)))
    shown = crm.show(filed.number)
    assert (shown["sender"], shown["reporting_contact"]) == (ADDRESS, "Erika")


def test_an_unknown_one_becomes_a_contact_with_it_as_address(crm: Crm) -> None:
    """Decoded, and the same whatever form comes next."""
    for n, form in enumerate(FORMS):
        crm.file(mail(f"Question {n}", from_=(Mailbox("", form),)))
    assert _known(crm)[NAME] == (NAME,)
    crm.file(mail("With a name", from_=(Mailbox("Erika Muster", FORMS[1]),)))
    assert _known(crm)["Erika Muster"] == (NAME,)


def test_a_name_that_came_before_names_were_decoded_is_found(crm: Crm) -> None:
    """It stands under what was written then."""
    other = _add(crm, "Erika", ADDRESS)
    written = FORMS[-1]

    def before(tx: Tx) -> None:
        rows.add_address(tx, crm.segment_id, other.id, written, key(written))

    crm.do(before)
    filed = crm.file(mail(from_=(Mailbox("", written.lower()),)))
    assert crm.show(filed.number)["sender"] == ADDRESS
    assert not _remember(crm, written, ADDRESS)
    edit = contacts.edit_contact
    now = crm.do(lambda tx: edit(tx, crm.segment_id, "Erika", without_addresses=[NAME]))
    assert now.addresses == (ADDRESS,)


def test_mapped_later_the_mails_are_those_of_who_has_the_address(crm: Crm) -> None:
    """Who was known by the X.500 name alone goes into the contact of the address, mails too."""
    _add(crm, "Erika", ADDRESS)
    filed = crm.file(mail(from_=(Mailbox("E. Muster", NAME),)))
    assert crm.show(filed.number)["reporting_contact"] == "E. Muster"
    assert _remember(crm, FORMS[-1], ADDRESS)
    assert not _remember(crm, NAME, ADDRESS)
    assert _known(crm)["Erika"] == (ADDRESS, NAME)
    assert "E. Muster" not in _known(crm)
    assert crm.show(filed.number)["reporting_contact"] == "Erika"
    again = crm.file(mail(from_=(Mailbox("E. Muster", NAME),)))
    assert again.number == filed.number
    assert crm.show(filed.number)["sender"] == ADDRESS


def test_one_that_has_more_than_the_name_stays(crm: Crm) -> None:
    """Only the X.500 name goes over, with the mails that name it."""
    _add(crm, "Erika", ADDRESS)
    crm.do(lambda tx: contacts.add_contact(tx, crm.segment_id, "Fax", [NAME], numbers=["044 111"]))
    filed = crm.file(mail(from_=(Mailbox("", NAME),)))
    _remember(crm, NAME, ADDRESS)
    assert _known(crm)["Fax"] == ()
    assert _known(crm)["Erika"] == (ADDRESS, NAME)
    assert crm.show(filed.number)["recipients"][0]["contact"] == "Erika"


def test_pairs_are_listed_and_mapped_by_hand(crm: Crm) -> None:
    _add(crm, "Erika", ADDRESS)
    _add(crm, "Unmapped", "/O=ACME/CN=OTTO")

    def work(tx: Tx) -> list[x500.Pair]:
        assert x500.map_by_hand(tx, crm.segment_id, f"EX:{NAME}", ADDRESS)
        return x500.pairs(tx, crm.segment_id)

    assert [(one.x500, one.address, one.contact) for one in crm.do(work)] == [
        ("/O=ACME/CN=OTTO", None, "Unmapped"),
        (NAME, ADDRESS, "Erika"),
    ]
    for name, address, said in (
        ("erika@x.example", ADDRESS, "no X.500 name"),
        ("nonsense", ADDRESS, "no e-mail address"),
        (NAME, "nonsense", "no e-mail address"),
        (NAME, "other@acme.example", f"stands already for {ADDRESS}"),
    ):
        with pytest.raises(Mistake, match=said):
            crm.do(lambda tx, name=name, to=address: x500.map_by_hand(tx, crm.segment_id, name, to))


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([], []),
        (['"LegacyExchangeDN","PrimarySmtpAddress"', f'"{NAME}","{ADDRESS}"'], [(NAME, ADDRESS)]),
        ([f"{NAME};{ADDRESS}", "", f"EX:{NAME} ; {ADDRESS}"], [(NAME, ADDRESS)] * 2),
        ([f'"/O=A, Inc/CN=B",{ADDRESS}'], [("/O=A, Inc/CN=B", ADDRESS)]),
    ],
)
def test_a_file_of_pairs(lines: list[str], found: list[tuple[str, str]]) -> None:
    assert [(one.removeprefix("EX:"), address) for one, address in x500.pairs_in(lines)] == found


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([f"{NAME},{ADDRESS}", "x,y@z.example"], "Line 2 is no X.500 name"),
        ([f"{NAME},{ADDRESS},x"], "Line 1"),
        ([f"{NAME},{ADDRESS}", f"{NAME},erika"], "Line 2: .* is no e-mail address"),
        ([f"{NAME},nobody", f"{NAME},nobody"], "no e-mail address"),
        (['"' + NAME], "can't be read as CSV"),
        (["a," + "x" * 200_000 + "@x.example"], "can't be read as CSV|Line 1"),
        ([f"{NAME},{ADDRESS}"] * (x500.MOST_PAIRS + 1), "more than 10000 lines"),
    ],
)
def test_a_file_that_is_wrong(lines: list[str], said: str) -> None:
    """One sentence, with the line."""
    with pytest.raises(Mistake, match=said):
        x500.pairs_in(lines)


def test_a_user_s_contact_is_never_taken_in(crm: Crm) -> None:
    """A user may have been known by the X.500 name alone; only the name goes over."""
    _add(crm, "Erika", ADDRESS)

    def work(tx: Tx) -> None:
        found = contacts.find_contact(tx, crm.segment_id, "dave")
        contacts.edit_contact(
            tx,
            crm.segment_id,
            "dave",
            addresses=[NAME],
            without_addresses=["dave@example.org"],
        )
        x500.remember(tx, crm.segment_id, NAME, ADDRESS)
        assert merging.users_of(tx, [found]) == ["dave"]

    crm.do(work)
    assert _known(crm)["dave"] == ()
    assert _known(crm)["Erika"] == (ADDRESS, NAME)

"""What a dropped mail becomes."""

from __future__ import annotations

import pytest
from crm import Crm, attachment, mail

from imapgate.activities import contacts, creators, filing, groups, regrouping
from imapgate.activities.filing import Cause, Filed, Refusal
from imapgate.mime.mail import Mailbox


def test_a_mail_becomes_an_email_activity_with_all_that_it_says(crm: Crm) -> None:
    filed = crm.file(
        mail(
            "Printer",
            message_id="a@example.net",
            cc=(Mailbox("Bob", "BOB@Example.org"),),
            bcc=(Mailbox("", "not an address"),),
            attachments=(attachment(),),
            messages=("3",),
            message_parts=(attachment("forwarded.eml", "3"),),
        )
    )
    assert (filed.created, filed.numbers, filed.groups) == (True, (), (crm.groups["Support"],))
    shown = crm.show(filed.number)
    assert shown["number"] == 10_000_001
    assert (shown["class"], shown["name"], shown["state"]) == ("E-Mail", "Printer", "New")
    assert (shown["groups"], shown["priority"]) == (["Support"], "normal")
    assert (shown["subject"], shown["body"]) == ("Printer", "It does not boot.")
    assert (shown["sender"], shown["reporting_contact"]) == ("erika@example.net", "Erika Example")
    assert shown["recipients"] == [
        {"kind": "from", "address": "erika@example.net", "contact": "Erika Example"},
        {"kind": "to", "address": "support@example.org", "contact": "support@example.org"},
        {"kind": "cc", "address": "bob@example.org", "contact": "bob"},
        {"kind": "bcc", "address": "not an address", "contact": "not an address"},
    ]
    assert (shown["message_id"], shown["sent_at"]) == ("a@example.net", "2025-01-06T08:00:00Z")
    assert len(shown["sha256"]) == 64
    assert [(one["name"], one["size"]) for one in shown["media"]] == [
        ("boot.log", 42),
        ("forwarded.eml", 42),
    ]
    assert shown["notes"] == [{"title": "Headers", "text": "Subject: Printer"}]


def test_a_mail_without_anything_is_filed_all_the_same(crm: Crm) -> None:
    filed = crm.file(mail("", from_=(), to=(), sent_at=None, sent_on=None, text="", headers=""))
    shown = crm.show(filed.number)
    assert shown["name"] == "(no subject)"
    assert (shown["subject"], shown["sender"], shown["sent_at"]) == ("", None, None)
    assert (shown["recipients"], shown["reporting_contact"]) == ([], None)


@pytest.mark.parametrize(
    ("importance", "preset", "priority"),
    [("low", "urgent", "low"), ("high", "low", "high"), ("normal", "urgent", "urgent")],
)
def test_importance_is_the_mails_word_else_the_creators_priority_counts(
    crm: Crm, importance: str, preset: str, priority: str
) -> None:
    crm.do(
        lambda tx: creators.edit_creator(
            tx, crm.segment_id, "Support E-Mails", priority=preset, assigned_to="bob@Standard"
        )
    )
    shown = crm.show(crm.file(mail(importance=importance)).number)
    assert (shown["priority"], shown["assigned_to"]) == (priority, "bob")


@pytest.mark.parametrize(
    ("who", "group", "cause", "text"),
    [
        ("carol", "Support", Cause.NO_RIGHT, 'you may not add mail to group "Support"'),
        ("dave", "Archive", Cause.NO_RIGHT, 'you may not add mail to group "Archive"'),
        ("alice", "Archive", Cause.NO_CREATOR, 'group "Archive" has no e-mail creator'),
        (
            "bob",
            "Meetings",
            Cause.NO_CREATOR,
            'group "Meetings" has no e-mail creator (only for Meeting)',
        ),
    ],
)
def test_without_right_or_creator_nothing_is_filed(
    crm: Crm, who: str, group: str, cause: Cause, text: str
) -> None:
    assert crm.drop(mail(), group, who) == Refusal(cause, text)
    assert crm.count() == 0
    known = crm.db.read(lambda tx: contacts.list_contacts(tx, crm.segment_id))
    assert "Erika Example" not in [one.name for one in known]


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_contributors_and_managers_may_file(crm: Crm, who: str) -> None:
    assert crm.file(mail(), who=who).created


def test_of_several_email_creators_the_oldest_counts(crm: Crm) -> None:
    group = crm.db.read(lambda tx: groups.find_group(tx, crm.segment_id, "support"))
    crm.do(
        lambda tx: creators.add_creator(
            tx, crm.segment_id, "Another", "E-Mail", [group], priority="urgent"
        )
    )
    assert crm.show(crm.file(mail()).number)["priority"] == "normal"
    wanted = crm.db.read(lambda tx: creators.find_creator(tx, crm.segment_id, "support e-mails"))
    assert crm.db.read(lambda tx: filing.email_creator(tx, group.id)) == wanted.id
    assert crm.db.read(lambda tx: filing.email_creator(tx, crm.groups["Meetings"])) is None


def test_the_same_mail_again_is_the_same_activity_and_changes_nothing(crm: Crm) -> None:
    first = crm.file(mail(attachments=(attachment(),)))
    before = crm.show(first.number)
    again = crm.file(mail(attachments=(attachment(),)), who="bob")
    assert again == Filed(first.activity_id, first.number, False, first.groups, ())
    assert crm.show(first.number) == before
    assert crm.count() == 1


def test_in_another_group_the_same_activity_gains_that_group(crm: Crm) -> None:
    first = crm.file(mail())
    second = crm.file(mail(), "Sales")
    assert (second.activity_id, second.created) == (first.activity_id, False)
    assert second.groups == (crm.groups["Sales"],)
    assert crm.show(first.number)["groups"] == ["Support", "Sales"]


def test_who_may_not_see_the_activity_gets_one_of_their_own(crm: Crm) -> None:
    first = crm.file(mail())
    sales = crm.db.read(lambda tx: groups.find_group(tx, crm.segment_id, "Sales"))
    crm.do(lambda tx: groups.set_member(tx, sales, "dave@Standard", "contributor"))
    own = crm.file(mail(), "Sales", "dave")
    assert own.created
    assert own.number != first.number
    # Alice sees both; in Sales the one that stands there counts.
    assert crm.file(mail(), "Sales").number == own.number
    assert crm.file(mail(), "Support").number == first.number


def test_the_same_message_id_with_other_bytes_is_one_activity_if_the_mails_agree(crm: Crm) -> None:
    one = mail(message_id="a@example.net")
    first = crm.file(one)
    assert crm.file(one, variant=b"X-Other: line").number == first.number
    other = crm.file(mail(message_id="a@example.net", text="Something else entirely."))
    assert other.created
    assert crm.count() == 2


def test_a_message_id_of_an_unseen_group_proves_nothing(crm: Crm) -> None:
    crm.file(mail(message_id="a@example.net"), "Sales")
    support = crm.db.read(lambda tx: groups.find_group(tx, crm.segment_id, "Support"))
    crm.do(lambda tx: groups.set_member(tx, support, "dave@Standard", "contributor"))
    assert crm.file(mail(message_id="a@example.net"), "Support", "dave", b"x").created


def test_a_group_is_left_but_the_activity_stays(crm: Crm) -> None:
    filed = crm.file(mail())
    crm.do(
        lambda tx: regrouping.take_out(
            tx, crm.people["bob"], filed.activity_id, crm.groups["Support"]
        )
    )
    assert crm.show(filed.number)["groups"] == []
    assert crm.file(mail()).created


def test_regrouping_moves_the_activity_and_keeps_its_number(crm: Crm) -> None:
    one = mail()
    filed = crm.file(one)
    stored = crm.store(one)
    support, sales, archive = (crm.groups[name] for name in ("Support", "Sales", "Archive"))
    alice = crm.people["alice"]
    moved = crm.do(
        lambda tx: regrouping.regroup(tx, alice, filed.activity_id, stored, support, sales)
    )
    assert moved == Filed(filed.activity_id, filed.number, False, (sales,), ())
    assert crm.show(filed.number)["groups"] == ["Sales"]
    refused = crm.do(
        lambda tx: regrouping.regroup(tx, alice, filed.activity_id, stored, sales, archive)
    )
    assert isinstance(refused, Refusal)
    assert crm.show(filed.number)["groups"] == ["Sales"]


def test_numbers_are_never_given_out_twice(crm: Crm) -> None:
    first = crm.file(mail("one"))
    crm.do(
        lambda tx: regrouping.take_out(
            tx, crm.people["bob"], first.activity_id, crm.groups["Support"]
        )
    )
    assert crm.file(mail("two")).number == first.number + 1


def test_removing_a_creator_or_a_group_keeps_the_activities(crm: Crm) -> None:
    filed = crm.file(mail())
    crm.do(lambda tx: creators.remove_creator(tx, crm.segment_id, "Support E-Mails"))
    crm.do(lambda tx: groups.remove_group(tx, crm.segment_id, "Sales"))
    assert crm.show(filed.number)["subject"] == "Question"
    assert isinstance(crm.drop(mail("two")), Refusal)

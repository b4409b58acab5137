"""APPEND: plain mail in personal folders, activities in groups (rules 1, 4-8)."""

from __future__ import annotations

import dataclasses
import json

import pytest
from corpus import MESSAGES
from desk import LIMITS, Desk, activities, groups_of, links, mail, message_count, records
from world import World, build

from imapgate.folders.appending import EARLIEST, LATEST
from imapgate.folders.ready import prepare
from imapgate.folders.verdict import Outcome
from imapgate.limits import Limits
from storage import Database
from storage.schema import ANSWERED, DELETED, DRAFT, FLAGGED

SUPPORT = "Trackers/Support"


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def alice(world: World) -> Desk:
    return Desk(world, world.alice)


@pytest.fixture
def bob(world: World) -> Desk:
    return Desk(world, world.bob)


def limited(desk: Desk, **changes: int) -> Desk:
    limits: Limits = dataclasses.replace(LIMITS, **changes)
    return Desk(desk.world, desk.person, limits)


# -- personal folders --------------------------------------------------------------------------


def test_a_personal_folder_keeps_bytes_flags_and_date(alice: Desk) -> None:
    flags = [b"\\seen", b"\\Answered", b"\\Draft", b"$Forwarded", b"\\Recent", b"\\Unknown"]
    verdict = alice.append("Drafts/", mail(), flags=flags, at=1_700_000_000)
    assert (verdict.outcome, verdict.text) == (Outcome.DONE, "Saved in Drafts.")
    assert (verdict.uidvalidity, verdict.uids) == (alice.folder("Drafts").uidvalidity, (1,))
    (row,) = alice.rows("Drafts")
    assert row.content == mail()
    assert (row.seen, row.deleted, row.flags) == (True, False, ANSWERED | DRAFT)
    assert (row.keywords, row.internal_at) == (("$Forwarded",), 1_700_000_000)
    assert activities(alice.world) == []


def test_personal_folders_never_merge_but_bytes_are_stored_once(alice: Desk) -> None:
    alice.append("INBOX", mail(), mail())
    alice.append("INBOX", mail())
    assert [one.uid for one in alice.rows("INBOX")] == [1, 2, 3]
    assert message_count(alice.world) == 1


@pytest.mark.parametrize(
    ("at", "shown"),
    [(EARLIEST - 5, EARLIEST), (0, 0), (2**40, LATEST), (EARLIEST + 1, EARLIEST + 1)],
)
def test_a_date_that_cant_be_written_is_clamped(alice: Desk, at: int, shown: int) -> None:
    alice.append("INBOX", mail(), at=at)
    assert alice.rows("INBOX")[0].internal_at == shown


def test_a_keyword_takes_the_folders_spelling_and_too_many_are_left_out(alice: Desk) -> None:
    desk = limited(alice, keywords=2, keyword=5)
    desk.append("INBOX", mail(n=1), flags=[b"Work", b"overlong"])
    desk.append("INBOX", mail(n=2), flags=[b"wORK", b"b", b"c"])
    first, second = desk.rows("INBOX")
    assert first.keywords == ("Work",)
    assert second.keywords == ("Work", "b")


def test_an_empty_message_cancels_the_whole_command(alice: Desk) -> None:
    assert alice.append("INBOX", mail(), b"").outcome is Outcome.REFUSED
    assert alice.rows("INBOX") == []
    assert alice.recovered() == []


# -- groups ------------------------------------------------------------------------------------


def test_a_drop_becomes_an_activity_and_its_text_names_it(alice: Desk) -> None:
    verdict = alice.append(SUPPORT, mail("Gadget is loud"))
    assert (verdict.outcome, verdict.code) == (Outcome.DONE, None)
    assert verdict.text == "Filed as #10000001 in Support."
    assert (verdict.uidvalidity, verdict.uids) == (alice.folder(SUPPORT).uidvalidity, (1,))
    (row,) = alice.rows(SUPPORT)
    (activity,) = activities(alice.world)
    assert (row.content, row.activity_id) == (mail("Gadget is loud"), activity.id)
    assert (activity.number, activity.name) == (10000001, "Gadget is loud")
    assert groups_of(alice.world, activity.id) == {alice.world.groups["Support"]}
    assert alice.droppers(SUPPORT) == {1: [alice.person.id]}


def test_numbers_are_linked_and_unknown_ones_told(alice: Desk) -> None:
    alice.append(SUPPORT, mail("First", 1))
    verdict = alice.append(SUPPORT, mail("Re: #10000001 and #10009999", 2))
    assert verdict.text == (
        "Filed as #10000002 in Support, linked to #10000001. #10009999 is unknown, not linked."
    )
    first, second = activities(alice.world)
    assert links(alice.world) == [(second.id, first.id)]
    assert [one.keywords for one in alice.rows(SUPPORT)] == [(), ("$NumberUnknown",)]
    record = records(alice.world)[-1]
    assert json.loads(record.numbers) == [
        {"number": 10000001, "outcome": "linked"},
        {"number": 10009999, "outcome": "unknown"},
    ]


def test_every_drop_leaves_a_record(alice: Desk) -> None:
    alice.append(SUPPORT, mail("First", 1))
    (record,) = records(alice.world)
    folder = alice.folder(SUPPORT)
    (activity,) = activities(alice.world)
    assert (record.principal_id, record.client, record.command) == (
        alice.person.id,
        "Test 1.0",
        "APPEND",
    )
    assert (record.folder_id, record.folder_name) == (folder.id, SUPPORT)
    assert (record.verdict, record.activity_id, record.uid) == ("filed", activity.id, 1)
    assert (record.message_id, record.subject) == ("m1@example.com", "First")
    assert record.sha256
    assert not record.is_wrapper


def test_several_messages_are_filed_in_order(alice: Desk) -> None:
    verdict = alice.append(SUPPORT, mail(n=1), mail(n=2), mail(n=3))
    assert verdict.text == "Filed 3 messages in Support."
    assert verdict.uids == (1, 2, 3)
    assert len(records(alice.world)) == 3


def test_flags_of_a_drop_are_own_or_shared(alice: Desk, bob: Desk) -> None:
    alice.append(SUPPORT, mail(), flags=[b"\\Seen", b"\\Flagged", b"$Label1"])
    mine, others = alice.rows(SUPPORT)[0], bob.rows(SUPPORT)[0]
    assert (mine.seen, mine.flags, mine.keywords) == (True, FLAGGED, ("$Label1",))
    assert (others.seen, others.flags, others.keywords) == (False, FLAGGED, ("$Label1",))


# -- the same mail again (rule 7) ----------------------------------------------------------------


def test_the_same_mail_again_is_the_same_entry(alice: Desk, bob: Desk) -> None:
    alice.append(SUPPORT, mail(), at=1_700_000_000)
    verdict = bob.append(SUPPORT, mail(), flags=[b"\\Flagged"])
    assert (verdict.outcome, verdict.uids) == (Outcome.DONE, (1,))
    assert verdict.text == "Filed as #10000001 in Support."
    (row,) = alice.rows(SUPPORT)
    assert (row.flags, row.internal_at) == (0, 1_700_000_000)
    assert len(activities(alice.world)) == 1
    assert alice.droppers(SUPPORT) == {1: [alice.person.id, bob.person.id]}


def test_what_clients_add_makes_no_other_mail_and_is_kept_with_the_record(alice: Desk) -> None:
    alice.append(SUPPORT, mail())
    marked = b"X-Mozilla-Status: 0001\r\n" + mail()
    assert alice.append(SUPPORT, marked).uids == (1,)
    assert alice.contents(SUPPORT) == [mail()]
    first, second = records(alice.world)
    assert first.identity == second.identity
    assert first.stored_message_id != second.stored_message_id


def test_the_same_mail_again_clears_the_droppers_deleted(alice: Desk, bob: Desk) -> None:
    alice.append(SUPPORT, mail())
    for desk in (alice, bob):
        desk.set_own(SUPPORT, [1], DELETED)
    alice.append(SUPPORT, mail())
    assert not alice.rows(SUPPORT)[0].deleted
    assert bob.rows(SUPPORT)[0].deleted


def test_a_number_made_since_is_linked_and_the_keyword_goes(alice: Desk) -> None:
    alice.append(SUPPORT, mail("About #10000002", 1))
    assert alice.rows(SUPPORT)[0].keywords == ("$NumberUnknown",)
    alice.append(SUPPORT, mail("Other", 2))
    verdict = alice.append(SUPPORT, mail("About #10000002", 1))
    assert verdict.text == "Filed as #10000001 in Support, linked to #10000002."
    assert alice.rows(SUPPORT)[0].keywords == ()


def test_the_same_mail_twice_in_one_command_is_one_entry(alice: Desk) -> None:
    assert alice.append(SUPPORT, mail(), mail()).uids == (1, 1)
    assert len(alice.rows(SUPPORT)) == 1


def test_an_entry_taken_out_counts_as_absent(alice: Desk) -> None:
    alice.append(SUPPORT, mail())
    alice.move(SUPPORT, [1], "Trash")
    assert alice.append(SUPPORT, mail()).uids == (2,)
    (row,) = alice.rows(SUPPORT)
    assert row.activity_id is not None
    assert groups_of(alice.world, row.activity_id) == {alice.world.groups["Support"]}


def test_into_another_group_the_activity_gains_that_group(alice: Desk) -> None:
    alice.append(SUPPORT, mail())
    assert alice.append("Trackers/Sales", mail()).text == "Filed as #10000001 in Sales."
    (activity,) = activities(alice.world)
    assert groups_of(alice.world, activity.id) == {
        alice.world.groups["Support"],
        alice.world.groups["Sales"],
    }


def test_other_bytes_under_the_same_message_id_are_both_kept(alice: Desk) -> None:
    alice.append(SUPPORT, mail("One", 1))
    alice.append(SUPPORT, mail("Two", 1, body="Quite another text."))
    assert len(alice.rows(SUPPORT)) == 2
    assert len(activities(alice.world)) == 2


# -- any mail (rule 5) ---------------------------------------------------------------------------


def test_every_message_of_the_corpus_is_filed_once_and_kept_byte_for_byte(alice: Desk) -> None:
    alice.append(SUPPORT, mail("What a wrapper of the corpus names", "first"))
    told = {name: alice.append(SUPPORT, content) for name, content in MESSAGES.items() if content}
    for name, verdict in told.items():
        assert verdict.outcome is Outcome.DONE, (name, verdict)
    entries = {row.uid: row.content for row in alice.rows(SUPPORT)}
    assert len({prepare(content).identity for content in entries.values()}) == len(entries)
    again = {name: alice.append(SUPPORT, MESSAGES[name]) for name in told}
    for name, verdict in told.items():
        prepared = prepare(MESSAGES[name])
        (uid,) = verdict.uids
        assert again[name].uids == (uid,), name
        if prepared.attached:
            assert uid not in entries, name
        else:
            assert prepare(entries[uid]).identity == prepared.identity, name
            first = next(one for one in told if told[one].uids == (uid,))
            assert entries[uid] == MESSAGES[first], name
    assert len(alice.rows(SUPPORT)) == len(entries)

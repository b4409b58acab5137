"""What an erased activity leaves: its number, links and records, and nothing else."""

from __future__ import annotations

import hashlib

import pytest
from desk import Desk, links, mail, records
from erasures import (
    MARK,
    PRIVATE,
    SUPPORT,
    check_whole,
    erase,
    everything,
    shown,
    spread_about,
)
from sqlalchemy import update
from world import World, build

from imapgate.activities import contacts
from storage import Database
from storage.schema import contact


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def alice(world: World) -> Desk:
    return Desk(world, world.alice)


@pytest.fixture
def spread(world: World) -> World:
    return spread_about(world)


def test_the_activity_keeps_number_links_and_history(spread: World) -> None:
    """Closed, with who erased it, when and why."""
    before = links(spread)
    erased = erase(spread, 10000002)
    assert erased.numbers == (10000002,)
    one = shown(spread, 10000002)
    assert (one["name"], one["closed"], one["class"]) == ("[erased]", True, "E-Mail")
    assert one["created_by"] == "alice"
    assert (one["subject"], one["body"], one["recipients"], one["notes"]) == (None, None, [], [])
    assert one["links"] == [{"number": 10000001, "kind": "RELATES_TO"}]
    (written,) = one["follow_ups"]
    assert (written["title"], written["text"], written["author"]) == (
        "Erased",
        "private",
        "admin",
    )
    assert links(spread) == before
    (follow_up,) = shown(spread, 10000001)["follow_ups"]
    assert (follow_up["title"], follow_up["text"]) == ("[erased]", "[erased]")
    assert (follow_up["from_activity"], follow_up["author"]) == (10000002, "alice")


def test_the_record_keeps_who_where_when_verdict_and_hash(spread: World) -> None:
    """Neither subject nor Message-ID; the hash tells nothing, but proves which mail it was."""
    before = [one for one in records(spread) if one.message_id == f"m{MARK}@example.com"]
    assert {one.verdict for one in before} == {"filed", "refused", "removed"}
    erase(spread, 10000002)
    after = {one.id: one for one in records(spread)}
    for one in before:
        now = after[one.id]
        assert (now.subject, now.message_id, now.identity, now.stored_message_id) == (
            *("[erased]", None, None),
            None,
        )
        assert (now.at, now.principal_id, now.verdict, now.folder_name, now.sha256) == (
            *(one.at, one.principal_id, one.verdict, one.folder_name),
            hashlib.sha256(PRIVATE).digest(),
        )
        assert now.activity_id == one.activity_id
    assert after[1].subject == "An incident"


def test_the_same_mail_again_is_a_new_activity(spread: World, alice: Desk) -> None:
    """Numbers and UIDs go on."""
    erase(spread, 10000002)
    verdict = alice.append(SUPPORT, PRIVATE)
    assert verdict.text == "Filed as #10000003 in Support, linked to #10000001."
    assert verdict.uids == (3,)
    assert alice.rows(SUPPORT)[-1].content == PRIVATE
    assert shown(spread, 10000002)["name"] == "[erased]"


def test_an_answer_to_it_and_a_mention_of_its_number_are_filed(spread: World, alice: Desk) -> None:
    """The number is known still; its Message-ID isn't."""
    erase(spread, 10000002)
    assert "linked to #10000002" in alice.append(SUPPORT, mail("Re: #10000002", "r")).text
    answer = mail("Re:", "s", extra=f"In-Reply-To: <m{MARK}@example.com>\r\n")
    assert alice.append(SUPPORT, answer).text == "Filed as #10000004 in Support."


def test_contacts_that_it_alone_brought_go(world: World, alice: Desk) -> None:
    """Not those that were there before, nor those that another mail needs."""
    world.db.write(
        lambda tx: contacts.add_contact(tx, world.segment_id, "Known", ["known@example.org"])
    )
    world.db.write(lambda tx: tx.connection.execute(update(contact).values(created_at=tx.now - 60)))
    head = b"To: private@example.org, both@example.org, known@example.org\r\nSubject: x\r\n\r\n"
    alice.append(SUPPORT, b"From: Doctor <doctor@example.org>\r\n" + head)
    alice.append(SUPPORT, b"From: both@example.org\r\n\r\ntext\r\n")

    def addresses() -> set[str]:
        found = world.db.read(lambda tx: contacts.list_contacts(tx, world.segment_id))
        return {address for one in found for address in one.addresses}

    before = addresses()
    erase(world, 10000001)
    assert before - addresses() == {"doctor@example.org", "private@example.org"}
    assert "doctor" not in everything(world)
    check_whole(world)

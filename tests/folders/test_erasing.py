"""Erasing an activity for good: bytes, texts and everybody's copies go, the number stays."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from desk import LIMITS, Desk, activities, content_of, links, mail, records, wrapper
from mailroom import body, fetch, item, opened
from sqlalchemy import func, select, update
from world import World, build

from imapgate.activities import by_hand, contacts, groups, segments, show, users
from imapgate.activities.names import Mistake
from imapgate.folders import erasing, leaving, opening
from imapgate.folders import groups as folder_groups
from imapgate.folders.erasing import Erased, Plan
from storage import Database, Tx, messages
from storage import erasing as rows
from storage.schema import DELETED, contact, expunged_entry, message, message_chunk, metadata

SUPPORT, SALES, ARCHIVE = "Trackers/Support", "Trackers/Sales", "Trackers/Archive"
MARK = "Zyxwmark"
PRIVATE = mail(
    f"{MARK} and #10000001",
    MARK,
    body=f"{MARK} text\r\n" * 400,
    extra=f"X-Note: {MARK}\r\n",
)


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def alice(world: World) -> Desk:
    return Desk(world, world.alice)


@pytest.fixture
def bob(world: World) -> Desk:
    return Desk(world, world.bob)


def planned(world: World, *numbers: int) -> Plan:
    return erasing.plan(world.db, world.segment_id, numbers, LIMITS)


def erase(world: World, *numbers: int) -> Erased:
    plan = planned(world, *numbers)
    return erasing.erase(world.db, world.segment_id, plan, "private", world.admin)


def shown(world: World, number: int) -> dict[str, Any]:
    return world.db.read(lambda tx: show.show_activity(tx, world.segment_id, number))


def expunge(desk: Desk, name: str, uids: Sequence[int]) -> None:
    desk.set_own(name, uids, DELETED)
    here = desk.folder(name)
    desk.world.db.write(lambda tx: leaving.expunge(tx, desk.person, here, None))


def everything(world: World) -> str:
    """All that stands in any table, as text."""

    def work(tx: Tx) -> str:
        cells = [
            cell
            for table in metadata.sorted_tables
            for row in tx.connection.execute(select(table))
            for cell in row
            if isinstance(cell, str | bytes)
        ]
        return "\n".join(
            cell if isinstance(cell, str) else cell.decode("latin-1") for cell in cells
        ).casefold()

    return world.db.read(work)


def count(world: World, table: Any) -> int:
    found: int = world.db.read(
        lambda tx: tx.connection.execute(select(func.count()).select_from(table)).scalar_one()
    )
    return found


def check_whole(world: World) -> None:
    """No row refers to what isn't there, and nothing is left half erased."""

    def work(tx: Tx) -> list[Any]:
        return list(tx.connection.exec_driver_sql("PRAGMA foreign_key_check"))

    assert world.db.read(work) == []
    left = select(message.c.id).where(message.c.identity == messages.LEAVING)
    assert world.db.read(lambda tx: tx.connection.execute(left).all()) == []


@pytest.fixture
def spread(world: World, alice: Desk, bob: Desk) -> World:
    """A private mail, #10000002, wherever a mail can get to."""
    alice.append(SUPPORT, mail("An incident", "i"))
    alice.append("INBOX", PRIVATE)
    alice.copy("INBOX", [1], SUPPORT)
    alice.copy("INBOX", [1], ARCHIVE)
    bob.copy(SUPPORT, [2], SALES)
    bob.copy(SUPPORT, [2], "Trash")
    bob.append(ARCHIVE, PRIVATE)
    expunge(bob, SALES, [1])
    Desk(world, world.carol).copy(SUPPORT, [2], "INBOX")
    alice.append("Drafts", b"X-Mozilla-Status: 0001\r\n" + PRIVATE + b"\r\n")
    alice.append("INBOX", mail("Nothing secret", 7))
    assert MARK.casefold() in everything(world)
    return world


# -- what goes -----------------------------------------------------------------------------------


def test_nothing_of_it_stands_in_any_table(spread: World) -> None:
    """Bytes, header, structure, search text, digest, names, follow-ups, records, media, notes."""
    erase(spread, 10000002)
    assert MARK.casefold() not in everything(spread)
    assert "erika@example.com" in everything(spread), "other mails' texts stay"
    check_whole(spread)


def test_nothing_of_it_stands_in_the_database_s_files(
    spread: World, alice: Desk, db_path: Path
) -> None:
    """Neither in the file nor in the log, though rows moved from page to page before; by another
    process than the one that serves."""
    for n in range(60):
        alice.append(SUPPORT, mail(f"Noise {n}", n, body="word " * (n * n % 1700)))
    log = db_path.with_name(db_path.name + "-wal")

    def found() -> bool:
        files = [one.read_bytes() for one in (db_path, log) if one.exists()]
        return any(MARK.lower().encode() in one.lower() for one in files)

    assert found()
    command_line = Database.open(db_path)
    try:
        plan = erasing.plan(command_line, spread.segment_id, [10000002], LIMITS)
        erased = erasing.erase(command_line, spread.segment_id, plan, "private", None)
        assert erased.overwritten
        assert not found()
    finally:
        command_line.close()
    assert not found()
    assert len(alice.rows(SUPPORT)) == 61


def test_every_connection_overwrites_what_it_deletes(db: Database) -> None:
    """However SQLite was built: what rows leave behind when they move counts too."""
    for work in (db.read, db.write):
        found = work(lambda tx: tx.connection.exec_driver_sql("PRAGMA secure_delete").scalar())
        assert found == 1


def test_a_reader_that_stays_keeps_the_log_and_that_is_told(
    spread: World, db_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the next run does it."""
    monkeypatch.setattr(rows, "PATIENCE", 0.0)
    monkeypatch.setattr("storage.sqlite.BUSY_SECONDS", 0.01)
    plan = planned(spread, 10000002)

    def work(tx: Tx) -> Erased:
        tx.connection.execute(select(message.c.id)).all()
        return erasing.erase(spread.db, spread.segment_id, plan, "private", None)

    assert not spread.db.read(work).overwritten
    assert erasing.finish(spread.db)
    log = db_path.with_name(db_path.name + "-wal")
    assert log.stat().st_size == 0


def test_it_is_gone_from_every_folder_of_everybody(spread: World, alice: Desk, bob: Desk) -> None:
    """Groups, Recovered Messages, personal folders; what else stands there stays."""
    plan = planned(spread, 10000002)
    assert (plan.groups, plan.people, plan.kept_by, plan.wrappers) == (1, 3, (), 0)
    assert (
        plan.folders
        == plan.personal
        == len(["INBOX", "Drafts", "Trash", "carol's INBOX", "bob's recovered"])
    )
    erase(spread, 10000002)
    assert [one.content for one in alice.rows(SUPPORT)] == [mail("An incident", "i")]
    assert alice.contents("INBOX") == [mail("Nothing secret", 7)]
    for desk, name in ((alice, "Drafts"), (bob, "Trash"), (bob, "Recovered Messages")):
        assert desk.rows(name) == []
    assert Desk(spread, spread.carol).rows("INBOX") == []


def test_open_sessions_hear_of_it_and_can_fetch_nothing_any_more(
    spread: World, alice: Desk
) -> None:
    """EXPUNGE; until then a FETCH of it is answered, with nothing in it (RFC 2180 4.1.3)."""
    before = opened(spread, spread.alice, SUPPORT)
    trash = opened(spread, spread.bob, "Trash")
    erase(spread, 10000002)
    news = spread.db.read(
        lambda tx: opening.changes(
            tx, spread.alice, before.folder.id, before.modseq, before.uidnext
        )
    )
    assert news.expunged == [2]
    assert spread.db.read(
        lambda tx: (
            opening.changes(tx, spread.bob, trash.folder.id, trash.modseq, trash.uidnext).expunged
        )
    ) == [1]
    items = [item("ENVELOPE"), item("RFC822.SIZE"), body(), body((), "HEADER")]
    said = fetch(spread, spread.alice, SUPPORT, [1, 2], items)
    assert said[1]["BODY[]"] == mail("An incident", "i")
    assert not said[2]["BODY[]"]
    assert not said[2]["BODY[HEADER]"]
    assert MARK not in str(said[2])
    # Sales' entry was expunged before; what is kept of it for a day goes as well.
    assert count(spread, expunged_entry) == 0


# -- what stays ----------------------------------------------------------------------------------


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


# -- the same bytes elsewhere --------------------------------------------------------------------


@pytest.fixture
def twice(spread: World, alice: Desk) -> World:
    """The same mail is #10000003 too: of dave, who doesn't see #10000002."""

    def work(tx: Tx) -> None:
        group = groups.find_group(tx, spread.segment_id, "Meetings")
        member, new = groups.set_member(tx, group, "dave@Standard", "contributor")
        folder_groups.members_changed(tx, group.id, member if new else None)
        other = groups.find_group(tx, spread.segment_id, "Büro & Ablage")
        member, _ = groups.set_member(tx, other, "dave@Standard", "contributor")
        folder_groups.members_changed(tx, other.id, member)

    spread.db.write(work)
    verdict = Desk(spread, spread.dave).append("Trackers/Büro & Ablage", PRIVATE)
    assert verdict.text.startswith("Filed as #10000003")
    return spread


def test_another_activity_of_the_same_mail_keeps_its_bytes(twice: World, alice: Desk) -> None:
    plan = planned(twice, 10000002)
    assert plan.kept_by == (10000003,)
    assert (plan.groups, plan.personal) == (1, 0)
    erase(twice, 10000002)
    assert [one.content for one in alice.rows(SUPPORT)] == [mail("An incident", "i")]
    assert alice.contents("Trackers/Büro & Ablage") == [PRIVATE]
    assert PRIVATE in alice.contents("INBOX")
    assert shown(twice, 10000002)["body"] is None
    assert MARK in shown(twice, 10000003)["body"]
    said = fetch(twice, twice.alice, SUPPORT, [1, 2], [body()])
    assert not said[2]["BODY[]"]
    check_whole(twice)


def test_both_go_when_both_are_named(twice: World) -> None:
    plan = planned(twice, 10000002, 10000003)
    assert (plan.kept_by, plan.groups, plan.people) == ((), 2, 3)
    assert erase(twice, 10000003, 10000002).numbers == (10000003, 10000002)
    assert MARK.casefold() not in everything(twice)
    check_whole(twice)


def test_another_segment_s_mail_is_its_own(spread: World) -> None:
    def work(tx: Tx) -> Any:
        other, admin = segments.add_segment(tx, "Other", "otto", "otto@example.org", "hash")
        assert admin is not None
        folder_groups.make_home(tx, admin)
        users.set_disabled(tx, "otto@Other", False)
        return World(spread.db, other.id, {"otto": admin}, {})

    other = spread.db.write(work)
    otto = Desk(other, other.people["otto"])
    otto.append("INBOX", PRIVATE)
    erase(spread, 10000002)
    assert otto.contents("INBOX") == [PRIVATE]


# -- wrappers ------------------------------------------------------------------------------------


def test_a_wrapper_with_the_mail_inside_goes_too(world: World, alice: Desk) -> None:
    """Its bytes hold the mail's; the other mail inside has its own. What is named after it isn't
    any more."""
    inner = PRIVATE.replace(b" and #10000001", b"")
    outer = wrapper("> #GadgetASupport", inner, mail("Harmless", "h"), text="Both are new.")
    alice.append("Drafts", outer)
    alice.append(SUPPORT, outer)
    assert shown(world, 10000001)["name"] == MARK
    alice.append(SUPPORT, wrapper("> #GadgetASupport  Other", mail("Other", "o")))
    plan = planned(world, 10000002)
    assert (plan.wrappers, plan.groups, plan.personal) == (1, 1, 1)
    assert erase(world, 10000002).renamed == (10000001,)
    assert MARK.casefold() not in everything(world)
    incident = shown(world, 10000001)
    assert (incident["name"], incident["detailed_description"]) == ("[erased]", "Both are new.")
    assert alice.rows("Drafts") == []
    assert [one.content.rstrip() for one in alice.rows(SUPPORT)] == [
        mail("Harmless", "h").rstrip(),
        mail("Other", "o").rstrip(),
    ]
    assert len([one for one in records(world) if one.is_wrapper and one.stored_message_id]) == 1
    check_whole(world)


def test_media_that_a_wrapper_brought_are_told(world: World, alice: Desk) -> None:
    outer = wrapper("> #GadgetASupport  Loud", mail("Inner", "a"))
    log = (
        b'Content-Type: text/plain; name="boot.log"\r\n'
        b'Content-Disposition: attachment; filename="boot.log"\r\n\r\nMarkedLog\r\n'
    )
    alice.append(SUPPORT, outer.replace(b"--=_b--", b"--=_b\r\n" + log + b"--=_b--"))
    assert [one["name"] for one in shown(world, 10000001)["media"]] == ["boot.log"]
    assert planned(world, 10000002).media == ((10000001, "boot.log"),)
    erase(world, 10000002)
    assert shown(world, 10000001)["media"] == []
    assert "markedlog" not in everything(world)
    check_whole(world)


def test_an_incident_goes_with_the_wrapper_that_made_it(world: World, alice: Desk) -> None:
    """Its texts; the mails that were filed with it are activities of their own, and stay."""
    alice.append(SUPPORT, wrapper("> #GadgetASupport  Loud", mail("Inner", "a"), text=MARK))
    plan = planned(world, 10000001)
    assert (plan.wrappers, plan.groups) == (0, 0)
    erase(world, 10000001)
    incident = shown(world, 10000001)
    assert (incident["name"], incident["closed"]) == ("[erased]", True)
    assert MARK.casefold() not in everything(world)
    assert len(alice.rows(SUPPORT)) == 1
    check_whole(world)


# -- large ones, cuts, mistakes ------------------------------------------------------------------


def test_a_large_one_goes_in_short_transactions_and_a_cut_is_made_good(
    world: World, alice: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Out of sight at once; what an interrupted run left is removed by the next."""
    content = mail("Large", 1, body="x" * 9 * 1024 * 1024)
    alice.append(SUPPORT, content)
    sizes = []
    remove = rows._remove_chunks

    def counted(tx: Tx, stored_message_id: int) -> bool:
        if len(sizes) == 2:
            raise KeyboardInterrupt
        before = tx.connection.execute(select(func.count()).select_from(message_chunk)).scalar()
        more = remove(tx, stored_message_id)
        after = tx.connection.execute(select(func.count()).select_from(message_chunk)).scalar()
        sizes.append((before or 0) - (after or 0))
        return more

    monkeypatch.setattr(rows, "_remove_chunks", counted)
    plan = planned(world, 10000001)
    with pytest.raises(KeyboardInterrupt):
        erasing.erase(world.db, world.segment_id, plan, "private", None)
    assert sizes == [16, 16], "4 MiB at a time"
    assert alice.rows(SUPPORT) == []
    assert shown(world, 10000001)["name"] == "[erased]"
    assert count(world, message_chunk) == 5
    again = alice.append(SUPPORT, content)
    assert again.text == "Filed as #10000002 in Support."
    monkeypatch.setattr(rows, "_remove_chunks", remove)
    assert erasing.finish(world.db)
    assert count(world, message) == 1
    check_whole(world)
    (row,) = alice.rows(SUPPORT)
    assert row.content == content


def test_a_copy_that_came_between_plan_and_erasing_goes_too(spread: World, alice: Desk) -> None:
    plan = planned(spread, 10000002)
    alice.append("Sent", b"X-Mozilla-Status: 0009\r\n" + PRIVATE)
    alice.copy("INBOX", [1], "Junk")
    erasing.erase(spread.db, spread.segment_id, plan, "private", None)
    assert alice.rows("Sent") == alice.rows("Junk") == []
    assert MARK.casefold() not in everything(spread)


def test_dropped_again_between_plan_and_erasing_nothing_is_done(twice: World) -> None:
    plan = planned(twice, 10000002, 10000003)
    before = everything(twice)
    stale = replace(plan, numbers=(10000002,))
    with pytest.raises(Mistake, match="dropped again"):
        erasing.erase(twice.db, twice.segment_id, stale, "private", None)
    assert everything(twice) == before


def test_unknown_numbers_and_erased_ones_are_told(spread: World) -> None:
    with pytest.raises(Mistake, match="There is no activity #99"):
        planned(spread, 10000002, 99)
    erase(spread, 10000002)
    with pytest.raises(Mistake, match="was erased already"):
        planned(spread, 10000002)


def test_an_activity_without_a_mail_loses_its_texts(world: World, alice: Desk) -> None:
    number = world.db.write(
        lambda tx: by_hand.new_activity(
            tx, world.segment_id, MARK, creator="GadgetASupport", description=MARK
        )
    )
    erase(world, number)
    assert MARK.casefold() not in everything(world)
    assert len(activities(world)) == 1


def test_other_mails_are_read_as_before(spread: World, alice: Desk) -> None:
    kept = alice.contents("INBOX")[-1]
    erase(spread, 10000002)
    found = spread.db.read(
        lambda tx: [
            content_of(tx, one) for one in tx.connection.execute(select(message.c.id)).scalars()
        ]
    )
    assert sorted(found) == sorted([kept, mail("An incident", "i")])
    assert messages.CHUNK == 256 * 1024


def test_a_refused_wrapper_with_the_mail_inside_goes_too(alice: Desk) -> None:
    """It stands in Recovered Messages."""
    refused = wrapper("> @Support E-Mails #99999999 look", PRIVATE)
    assert alice.append(SUPPORT, refused).code == "CANNOT"
    assert [content for content, _ in alice.recovered()] == [refused]
    alice.append(SUPPORT, PRIVATE)
    (number,) = (one.number for one in activities(alice.world))
    planned = erasing.plan(alice.world.db, alice.world.segment_id, [number], LIMITS)
    assert planned.wrappers == 1
    erasing.erase(alice.world.db, alice.world.segment_id, planned, "private mail", alice.person)
    assert alice.recovered() == []

"""Every drop leaves a record, whatever becomes of it (rule 6)."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from desk import LIMITS, Desk, mail, records, wrapper
from sqlalchemy import update
from world import World, build

from imapgate.folders import appending, drops, leaving, recovered
from imapgate.folders.drops import Arrival
from storage import Database, Tx
from storage.drops import COUNTED_FOR
from storage.schema import DELETED, drop_record

SUPPORT, SALES, ARCHIVE = "Trackers/Support", "Trackers/Sales", "Trackers/Archive"


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def alice(world: World) -> Desk:
    return Desk(world, world.alice)


def expunge(desk: Desk, name: str, command: str = "EXPUNGE") -> None:
    desk.set_own(name, [one.uid for one in desk.rows(name)], DELETED)
    here = desk.folder(name)
    desk.world.db.write(
        lambda tx: leaving.expunge(tx, desk.person, here, None, command, "Test 1.0")
    )


def aged(world: World, seconds: int) -> None:
    """As if the records had been made so long ago."""

    def work(tx: Tx) -> None:
        at, first = drop_record.c.at - seconds, drop_record.c.first_at - seconds
        tx.connection.execute(update(drop_record).values(at=at, first_at=first))

    world.db.write(work)


def test_a_refused_copy_says_of_which_mail(alice: Desk) -> None:
    """Subject, Message-ID and hash, though no byte of it was read again."""
    alice.append("INBOX", mail("Büro", 7))
    for word, transfer in (("COPY", alice.copy), ("MOVE", alice.move)):
        transfer("INBOX", [1], ARCHIVE)
        one = records(alice.world)[-1]
        assert (one.command, one.verdict, one.code) == (word, "refused", "CANNOT")
        assert (one.subject, one.message_id) == ("Büro", "m7@example.com")
        assert one.sha256 == hashlib.sha256(mail("Büro", 7)).digest()
        assert (one.folder_name, one.client) == (ARCHIVE, "Test 1.0")


@pytest.mark.parametrize("command", ["EXPUNGE", "UID EXPUNGE", "CLOSE"])
def test_what_is_taken_out_says_of_which_mail(alice: Desk, command: str) -> None:
    alice.append(SUPPORT, mail("Loud", 7))
    expunge(alice, SUPPORT, command)
    one = records(alice.world)[-1]
    assert (one.command, one.verdict, one.text) == (command, "removed", "Taken out of Support.")
    assert (one.subject, one.message_id, one.uid) == ("Loud", "m7@example.com", 1)
    assert one.sha256 == hashlib.sha256(mail("Loud", 7)).digest()
    assert one.activity_id


def test_a_move_between_groups_is_on_record_in_both(alice: Desk) -> None:
    """Who looks for it where it was learns where it went."""
    alice.append(SUPPORT, mail("Loud", 7))
    alice.move(SUPPORT, [1], SALES)
    removed, filed = records(alice.world)[-2:]
    assert (removed.verdict, removed.folder_name) == ("removed", SUPPORT)
    assert (removed.text, removed.subject, removed.uid) == ("Moved to Sales.", "Loud", 1)
    assert (filed.verdict, filed.folder_name, filed.uid) == ("filed", SALES, 1)
    assert removed.activity_id == filed.activity_id


def test_a_filed_copy_has_its_hash(alice: Desk) -> None:
    alice.append("INBOX", mail())
    alice.copy("INBOX", [1], SUPPORT)
    (one,) = records(alice.world)
    assert one.sha256 == hashlib.sha256(mail()).digest()


def test_what_a_wrapper_named_elsewhere_has_no_uid_in_its_folder(alice: Desk) -> None:
    alice.append(SUPPORT, wrapper("> @Sales E-Mails  x", mail("Inner", "a")))
    outer, inner = records(alice.world)
    assert (outer.is_wrapper, inner.is_wrapper) == (True, False)
    assert (inner.subject, inner.message_id, inner.uid) == ("Inner", "ma@example.com", None)
    assert inner.text == "Filed as #10000001, from a wrapper mail."


def test_an_error_of_ours_is_on_record_even_if_no_message_was_read(
    alice: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a slip")

    monkeypatch.setattr(appending, "prepare", broken)
    verdict = alice.append(SUPPORT, mail(n=1))
    (one,) = records(alice.world)
    assert (one.verdict, one.code, one.text) == ("refused", "SERVERBUG", verdict.text)
    assert verdict.text.endswith("no copy was kept.")
    arrivals = [Arrival(mail(), (), None, 0)]
    upload = drops.Upload(alice.world.db, alice.person, SALES, arrivals, "Test 1.0", LIMITS)
    upload.cut_short("LIMIT", "one APPEND takes at most 1 message")
    # One for the message that arrived, one for the message that was announced.
    assert [(one.folder_name, one.times) for one in records(alice.world)[1:]] == [(SALES, 1)] * 2


def test_an_error_of_ours_is_on_record_even_if_no_copy_can_be_kept(
    alice: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a slip")

    monkeypatch.setattr(recovered, "keep_all", broken)
    verdict = alice.append(ARCHIVE, mail())
    (one,) = records(alice.world)
    assert (one.verdict, one.code, one.text) == ("refused", "CANNOT", verdict.text)
    assert one.stored_message_id is None


# -- repeats -------------------------------------------------------------------------------------


def test_a_client_that_tries_for_ever_makes_one_record_a_day(alice: Desk, world: World) -> None:
    for _ in range(3):
        alice.append(ARCHIVE, mail())
    (first,) = records(world)
    aged(world, COUNTED_FOR // 2)
    alice.append(ARCHIVE, mail())
    (counted,) = records(world)
    assert counted.times == 4
    assert counted.first_at < first.at <= counted.at, "the first and the last time are known"
    aged(world, COUNTED_FOR // 2)
    alice.append(ARCHIVE, mail())
    assert [one.times for one in records(world)] == [4, 1]


def test_a_client_that_files_the_same_mail_for_ever_makes_one_record_a_day(
    alice: Desk, world: World
) -> None:
    """The answer differs once: the number was linked, then it is already."""
    alice.append(SUPPORT, mail("First", 1))
    for _ in range(4):
        alice.append(SUPPORT, mail("#10000001", 2))
    assert [one.times for one in records(world)] == [1, 1, 3]
    expunge(alice, SUPPORT)
    alice.append(SUPPORT, mail("#10000001", 2))
    assert [one.verdict for one in records(world)][3:] == ["removed", "removed", "filed"]


def test_only_the_very_same_refusal_is_counted(alice: Desk, world: World) -> None:
    """Another mail, folder, command, person or answer is another record."""
    alice.append(ARCHIVE, mail())
    alice.append(ARCHIVE, mail(n=2))
    alice.append("Trackers/Meetings", mail(n=2))
    alice.append("INBOX", mail(n=2))
    alice.copy("INBOX", [1], "Trackers/Meetings")
    Desk(world, world.bob).append(ARCHIVE, mail())
    small = Desk(world, world.alice, replace(LIMITS, recovered=1))
    small.append(ARCHIVE, mail(n=3))
    Desk(world, world.alice).append(ARCHIVE, mail(n=3))
    assert {one.times for one in records(world)} == {1}
    assert len(records(world)) == 7


def test_a_refusal_after_it_was_filed_is_the_last_word_again(alice: Desk, world: World) -> None:
    """Refused, filed, refused, deleted: it is kept, as if the first refusal had not been."""
    alice.append("INBOX", mail())
    alice.copy("INBOX", [1], ARCHIVE)
    alice.copy("INBOX", [1], SUPPORT)
    alice.copy("INBOX", [1], ARCHIVE)
    verdicts = [(one.verdict, one.times) for one in records(world)]
    assert verdicts == [("refused", 1), ("filed", 1), ("refused", 1)]
    expunge(alice, "INBOX")
    assert alice.recovered() == [(mail(), ("$Refused",))]


def test_a_counted_refusal_is_as_young_as_its_last_time(alice: Desk, world: World) -> None:
    """A mail that is deleted within a day after the last refusal is kept."""
    alice.append("INBOX", mail())
    alice.copy("INBOX", [1], ARCHIVE)
    aged(world, recovered.EXPUNGED_AFTER - 60)
    alice.copy("INBOX", [1], ARCHIVE)
    assert [one.times for one in records(world)] == [2]
    aged(world, 3600)
    expunge(alice, "INBOX")
    assert alice.recovered() == [(mail(), ("$Refused",))]

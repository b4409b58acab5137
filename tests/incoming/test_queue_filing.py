"""What is in the queue is filed, held or failed, each row by itself; the administrator is told."""

from __future__ import annotations

import quopri
from typing import Any

import pytest
from corpus import MESSAGES
from desk import LIMITS, Desk, activities, content_of, mail, records
from mailboxes import Mailbox, add, play, rows, states
from sqlalchemy import text, update
from world import World

from imapgate.folders import failed, notices
from imapgate.incoming import filing, reports
from imapgate.incoming.accounts import remove_account
from imapgate.incoming.filing import file_one
from imapgate.incoming.queue import Fetched, Origin, Wanted, backoff, take
from imapgate.incoming.work import file_due
from storage import incoming
from storage.schema import message_chunk


def queued(world: World, content: bytes, key: str = "1", **wanted: Any) -> int:
    """A message that was fetched and not filed yet."""
    origin = Origin(world.segment_id, "box", wanted=Wanted(**wanted))
    (taken,) = take(world.db, origin, [Fetched(key, content)], LIMITS)
    return taken.row_id


def inbox(world: World) -> list[str]:
    return [one.decode() for one in Desk(world, world.admin).contents("INBOX")]


def test_every_mail_of_the_corpus_is_filed_as_it_came(world: World) -> None:
    """No message is refused for its form, and its bytes are kept to the last one."""
    box = Mailbox()
    contents = list(MESSAGES.values())
    box.deliver(*contents)
    account = add(world, per_round=1000, after_reading="delete", hourly=0)
    done = play(world, box, account)
    assert (done.filed, done.failed) == (len(contents), 0)
    stored = [
        world.db.read(lambda tx, row=row: content_of(tx, row.stored_message_id))
        for row in rows(world)
    ]
    assert stored == contents
    assert box.messages == {}


def test_an_error_of_ours_fails_one_mail_and_the_rest_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has an incident's number, its bytes are kept, nothing of it is half filed, and a retry
    files it."""
    arrive = filing.arrive

    def broken(tx: Any, person: Any, prepared: Any, *more: Any) -> Any:
        came = arrive(tx, person, prepared, *more)
        if prepared.mail.subject == "Bad":
            raise ZeroDivisionError
        return came

    monkeypatch.setattr(filing, "arrive", broken)
    box = Mailbox()
    box.deliver(mail("One", 1), mail("Bad", 2), mail("Three", 3))
    done = play(world, box, add(world, after_reading="delete"))
    assert (done.took, done.filed, done.failed) == (3, 2, 1)
    bad = rows(world)[1]
    assert (bad.state, bad.code, bad.attempts) == ("failed", failed.FAILED, 1)
    assert bad.text.startswith("Not filed: an error of ours, incident ")
    assert bad.next_at == bad.changed_at + backoff(1)
    assert [one.name for one in activities(world)] == ["One", "Three"]
    assert box.messages == {}
    shown = Desk(world, world.admin)
    assert shown.contents("Incoming/Failed") == [mail("Bad", 2)]
    monkeypatch.setattr(filing, "arrive", arrive)
    assert filing.retry(world.db, bad.id, LIMITS).state == "filed"
    assert shown.contents("Incoming/Failed") == []
    assert [one.name for one in activities(world)] == ["One", "Three", "Bad"]


def test_it_is_tried_three_times_more_and_then_only_by_hand(world: World) -> None:
    """Each time later."""
    row_id = queued(world, mail(), creator="Nobody")
    pauses = []
    for _ in range(4):
        assert file_one(world.db, row_id, LIMITS).state == "failed"
        (row,) = rows(world)
        pauses.append(None if row.next_at is None else row.next_at - row.changed_at)
    assert pauses == [300, 1200, 4800, None]
    assert row.text == 'Not filed: there is no creator "Nobody".'


def test_the_log_tells_of_it_without_the_mails_words(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Its id in the queue and the code."""
    row_id = queued(world, mail("A secret subject"), creator="Nobody")
    file_one(world.db, row_id, LIMITS)
    (line,) = [one for one in caplog.records if getattr(one, "event", "") == "incoming_message"]
    assert line.getMessage() == f"message {row_id} that came in is failed ({failed.NO_CREATOR})"
    assert "secret" not in caplog.text


def test_a_row_is_filed_once_however_often_it_is_asked_for(world: World) -> None:
    """The state decides, in the same transaction."""
    row_id = queued(world, mail())
    first = file_one(world.db, row_id, LIMITS)
    assert file_one(world.db, row_id, LIMITS, by_hand=True) == first
    assert len(activities(world)) == 1
    assert [one.times for one in records(world)] == [1]


def test_more_than_so_many_of_one_sender_in_an_hour_are_held_and_told_once(world: World) -> None:
    """A retry files them; the others' mail isn't held."""
    box = Mailbox()
    box.deliver(*(mail(f"Mail {n}", n) for n in range(6)))
    box.deliver(mail("Other", 9).replace(b"erika@", b"max@"))
    account = add(world, hourly=3, after_reading="delete")
    done = play(world, box, account)
    assert (done.filed, done.held) == (4, 3)
    assert states(world) == ["filed"] * 3 + ["held"] * 3 + ["filed"]
    assert {one.code for one in rows(world)} == {None, failed.TOO_MANY}
    assert len(Desk(world, world.admin).contents("Incoming/Failed")) == 3
    reports.tell_waiting(world.db, world.segment_id)
    box.deliver(mail("Mail 7", 7))
    play(world, box, account)
    reports.tell_waiting(world.db, world.segment_id)
    (told,) = inbox(world)
    assert "mail from erika@example.com" in told
    assert filing.retry(world.db, 4, LIMITS).state == "filed"


@pytest.mark.parametrize("sender", ["From: erika@example.com", "X-From: nobody"])
def test_what_fails_counts_too_and_what_has_no_sender(world: World, sender: str) -> None:
    """A loop of mails that can't be filed has an end; what failed isn't held when it is tried
    again."""
    box = Mailbox()
    wrapper = (
        "{}\r\nSubject: > #99\r\nMIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n"
        "Subject: {}\r\n\r\nText\r\n"
    )
    box.deliver(*(wrapper.format(sender, n).encode() for n in range(5)))
    done = play(world, box, add(world, hourly=3, after_reading="delete"))
    assert (done.failed, done.held) == (3, 2)
    assert {file_one(world.db, n, LIMITS).state for n in (1, 2, 3)} == {"failed"}
    reports.tell_all(world.db)
    (told,) = inbox(world)
    assert ("mail from erika@example.com." in told) is (sender[0] == "F")
    assert ("mail from nobody." in told) is (sender[0] == "X")


def test_of_old_mail_an_hour_is_that_of_its_arrival(world: World) -> None:
    """A mailbox that is read for the first time holds years."""
    origin = Origin(world.segment_id, "box", add(world, hourly=2).id)
    found = [Fetched(str(n), mail(f"Mail {n}", n), 1_700_000_000 + 2000 * n) for n in range(5)]
    for one in take(world.db, origin, found, LIMITS):
        file_one(world.db, one.row_id, LIMITS, one.prepared)
    assert states(world) == ["filed", "filed", "filed", "filed", "filed"]


def test_zero_is_any_number(world: World) -> None:
    """No sender is held."""
    box = Mailbox()
    box.deliver(*(mail(f"Mail {n}", n) for n in range(5)))
    done = play(world, box, add(world, hourly=0, after_reading="delete"))
    assert (done.filed, done.held) == (5, 0)


def test_what_a_stranger_writes_is_no_line_and_no_command_of_the_notice(world: World) -> None:
    """A subject with a line separator in it, and an address that a shell would run."""
    box = Mailbox()
    evil = mail("Held", 1).replace(b"erika@example.com", b"`reboot`$IFS@example.com")
    box.deliver(evil, evil.replace(b"m1@", b"m2@"))
    play(world, box, add(world, hourly=1, after_reading="delete"))
    bad = mail("Bad\u2028  imapgate account remove support", 3)
    file_one(world.db, queued(world, bad, creator="Nobody"), LIMITS)
    reports.tell_all(world.db)
    (told,) = inbox(world)
    text = quopri.decodestring(told.encode()).decode()
    assert "  Subject: Bad imapgate account remove support\r\n" in text
    for does in ("list", "retry"):
        assert f"{does} --state held --sender '`reboot`$ifs@example.com'\r\n" in text


def test_of_a_notice_that_fails_no_notice_is_sent(world: World) -> None:
    """An account that reads the administrator's own INBOX would go on for ever."""
    world.db.write(lambda tx: notices.tell(tx, world.admin.id, "Something", "Look at it."))
    (notice,) = Desk(world, world.admin).contents("INBOX")
    row_id = queued(world, notice, creator="Nowhere")
    assert file_one(world.db, row_id, LIMITS).state == "failed"
    reports.tell_all(world.db)
    assert len(inbox(world)) == 1
    assert world.db.read(incoming.segments_to_report) == []


def test_what_failed_is_told_in_one_mail_and_once(world: World) -> None:
    """With reason and Message-ID, and what to do."""
    for n in range(3):
        file_one(world.db, queued(world, mail(f"Bad {n}", n), str(n), creator="Nobody"), LIMITS)
    reports.tell_all(world.db)
    reports.tell_all(world.db)
    (told,) = inbox(world)
    for word in (
        "Subject: 3 messages that came in were not filed",
        *(f"Message-ID: <m{n}@example.com>" for n in range(3)),
        'Not filed: there is no creator "Nobody".',
        "imapgate incoming retry 1 2 3\r\n",
    ):
        assert word in told.replace("=\r\n", ""), word


def test_the_mail_about_many_is_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It names some and counts the rest."""
    monkeypatch.setattr(reports, "LISTED", 2)
    for n in range(4):
        file_one(world.db, queued(world, mail(f"Bad {n}", n), str(n), creator="Nobody"), LIMITS)
    reports.tell_all(world.db)
    (told,) = inbox(world)
    assert "And 2 more" in told
    assert told.count("Message-ID: <m") == 2


def test_a_segment_without_administrator_fails_plainly(world: World) -> None:
    """Nobody acts, nobody is told, nothing is lost."""
    world.db.write(
        lambda tx: tx.connection.execute(text("UPDATE principal SET is_admin = 0, disabled = 0"))
    )
    row_id = queued(world, mail())
    came = file_one(world.db, row_id, LIMITS)
    assert (came.state, came.code) == ("failed", failed.REFUSED)
    assert came.text == "Not filed: the segment has no administrator."
    reports.tell_all(world.db)
    assert rows(world)[0].reported


def test_what_a_removed_account_left_is_filed_as_the_segment_says(world: World) -> None:
    """Its rows stay, of no account."""
    account = add(world, creator="Sales E-Mails")
    origin = Origin(world.segment_id, "account 1 box", account.id)
    (taken,) = take(world.db, origin, [Fetched("1", mail())], LIMITS)
    world.db.write(lambda tx: remove_account(tx, account, "tests"))
    assert file_one(world.db, taken.row_id, LIMITS).state == "filed"
    assert rows(world)[0].account_id is None


def test_damaged_bytes_are_not_filed(world: World) -> None:
    """What was stored isn't what came."""
    row_id = queued(world, mail())
    world.db.write(
        lambda tx: tx.connection.execute(update(message_chunk).values(bytes=b"x" * len(mail())))
    )
    came = file_one(world.db, row_id, LIMITS)
    assert came.text == "Not filed: its bytes are damaged, see `imapgate doctor`."


def test_what_waits_in_another_state_is_left_alone(world: World) -> None:
    """A row that was discarded while it was read stays discarded."""
    row_id = queued(world, mail(), creator="Nobody")
    file_one(world.db, row_id, LIMITS)
    filing.discard(world.db, row_id)
    assert file_one(world.db, row_id, LIMITS).state == "discarded"
    assert filing.discard(world.db, row_id).state == "discarded"
    assert activities(world) == []


@pytest.mark.parametrize(
    "content", [b"", mail("Large", 1, body="line\r\n" * 600_000)], ids=["empty", "large"]
)
def test_of_any_size(world: World, content: bytes) -> None:
    """At once, and by a retry, which reads it out of the queue: nothing, or more than is held in
    memory."""
    box = Mailbox()
    box.deliver(content)
    assert play(world, box, add(world, after_reading="delete")).filed == 1
    row_id = queued(world, content, creator="Nobody")
    assert file_one(world.db, row_id, LIMITS).state == "failed"
    world.db.write(lambda tx: incoming.change(tx, row_id, wanted="{}"))
    assert filing.retry(world.db, row_id, LIMITS).state == "filed"
    stored = rows(world)[-1].stored_message_id
    assert world.db.read(lambda tx: content_of(tx, stored)) == content


def test_what_was_just_fetched_is_left_to_whoever_fetched_it(world: World) -> None:
    """They file it themselves; a minute later it counts as left over."""
    (taken,) = take(world.db, Origin(world.segment_id, "file"), [Fetched("1", mail())], LIMITS)
    assert file_due(world.db, LIMITS, 60) == 0
    world.db.write(lambda tx: incoming.change(tx, taken.row_id, fetched_at=tx.now - 60))
    assert file_due(world.db, LIMITS, 60) == 1
    assert states(world) == ["filed"]


def test_what_failed_is_tried_again_when_it_is_due(world: World) -> None:
    """Not before."""
    origin = Origin(world.segment_id, "file")
    (taken,) = take(world.db, origin, [Fetched("1", mail())], LIMITS)
    world.db.write(
        lambda tx: incoming.change(
            tx, taken.row_id, state="failed", attempts=1, next_at=tx.now + 300
        )
    )
    assert file_due(world.db, LIMITS, 0) == 0
    world.db.write(lambda tx: incoming.change(tx, taken.row_id, next_at=tx.now))
    assert file_due(world.db, LIMITS, 0) == 1
    assert file_one(world.db, taken.row_id, LIMITS).state == "filed"


def test_a_mail_that_ends_the_process_each_time_is_failed_in_the_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would keep the server from ever working again."""
    died = []

    def die(*_: object) -> None:
        died.append(1)
        raise KeyboardInterrupt  # passes as the end of the process does

    row_id = queued(world, mail("heavy"))
    monkeypatch.setattr(filing, "_file", die)
    for _ in range(filing.BROKEN_OFF):
        with pytest.raises(KeyboardInterrupt):
            file_due(world.db, LIMITS, 0)
    assert states(world) == [incoming.FETCHED]
    assert file_due(world.db, LIMITS, 0) == 1
    (row,) = rows(world)
    assert (len(died), row.state, row.next_at) == (filing.BROKEN_OFF, incoming.FAILED, None)
    assert "broken off 10 times" in row.text
    monkeypatch.undo()
    assert filing.retry(world.db, row_id, LIMITS).state == incoming.FILED

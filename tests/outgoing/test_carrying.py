"""Events are carried out once, and one that fails never stops the others."""

from __future__ import annotations

from typing import Any

import pytest
from desk import Desk, mail
from going_out import EXPORT, SEND, Posting, add_mailer, queued
from world import World

from imapgate.outgoing import carrying, notifying
from imapgate.outgoing.composing import activity_mail, exporting
from imapgate.outgoing.composing.composed import Came
from storage import Database, Tx, events
from storage.engine import Unavailable
from storage.events import EventRow


@pytest.fixture
def alice(world: World) -> Posting:
    add_mailer(world)
    return Posting(world, world.alice)


def left(world: World) -> list[str]:
    return [one.event for one in world.db.read(lambda tx: events.oldest(tx, 0, 1000))]


def test_all_that_was_left_is_carried_out_in_order(alice: Posting) -> None:
    number = alice.file(mail())
    for _ in range(3):
        alice.take(number, SEND)
    assert left(alice.world) == ["send as mail"] * 3
    assert carrying.carry_out(alice.world.db, most=2) == 2
    assert carrying.carry_out(alice.world.db) == 1
    assert (left(alice.world), queued(alice.world)) == ([], 3)
    assert carrying.carry_out(alice.world.db) == 0


def test_an_event_that_is_carried_out_again_after_a_crash_gives_one_mail(
    alice: Posting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the process ended between the mail and the event's end, were they not one commit."""
    number = alice.file(mail())
    alice.take(number, SEND)
    remove = events.remove
    monkeypatch.setattr(events, "remove", lambda tx, ids: None)
    assert carrying.carry_out(alice.world.db, most=1) == 1
    monkeypatch.setattr(events, "remove", remove)
    assert left(alice.world) == ["send as mail"]
    assert carrying.carry_out(alice.world.db) == 1
    assert queued(alice.world) == 1


def test_two_at_the_same_time_make_one_mail(
    alice: Posting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server is faster than the command line: both tell of the same mail."""
    ids = alice.take(alice.file(mail()), SEND)
    compose = activity_mail.compose
    others: list[Came] = []

    def meanwhile(db: Database, event: EventRow) -> Any:
        finish = compose(db, event)
        if not others:
            others.append(Came(""))
            others[:] = carrying.carry_out_actions(db, ids)
        return finish

    monkeypatch.setattr(carrying, "ACTIONS", {"send as mail": meanwhile})
    (mine,) = carrying.carry_out_actions(alice.world.db, ids)
    assert queued(alice.world) == 1
    assert others[0].row_id == mine.row_id
    assert mine.text == f"The server has done what follows from it already: mail {mine.row_id}."


def test_of_what_needs_no_mail_the_activity_tells_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An export without a mailer, which a server carried out in the same moment."""
    alice = Posting(world, world.alice)
    number = alice.file(mail())
    ids = alice.take(number, EXPORT)
    compose = exporting.export
    others: list[Came] = []

    def meanwhile(db: Database, event: EventRow) -> Any:
        finish = compose(db, event)
        if not others:
            others.append(Came(""))
            others[:] = carrying.carry_out_actions(db, ids)
        return finish

    monkeypatch.setattr(carrying, "ACTIONS", {"export as mail attachment": meanwhile})
    (mine,) = carrying.carry_out_actions(alice.world.db, ids)
    assert others[0].text.startswith("It stands in the INBOX")
    assert mine.text.endswith(f"already: `imapgate activity show {number}` tells.")
    assert len(Desk(alice.world, alice.person).rows("INBOX")) == 1


def test_one_that_fails_is_noted_and_the_others_go_on(
    alice: Posting, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first, second, third = (alice.file(mail(n=n)) for n in (1, 2, 3))
    for number in (first, second, third):
        alice.take(number, SEND)
    compose = activity_mail.compose
    bad = alice.world.db.read(lambda tx: alice.id(tx, second))

    def failing(db: Database, event: EventRow) -> Any:
        if event.activity_id == bad:
            raise KeyError("the subject of a mail")
        return compose(db, event)

    monkeypatch.setattr(carrying, "ACTIONS", {"send as mail": failing})
    assert carrying.carry_out(alice.world.db) == 3
    assert (left(alice.world), queued(alice.world)) == ([], 2)
    told = alice.show(second)["follow_ups"][-1]
    assert told["title"] == "Not sent as mail"
    incidents = [one for one in caplog.records if getattr(one, "event", "") == "incident"]
    assert len(incidents) == 1
    assert incidents[0].fields["incident"] in told["text"]  # type: ignore[attr-defined]
    assert "the subject of a mail" not in told["text"]
    assert [one["title"] for one in alice.show(third)["follow_ups"]][-1] == SEND


def test_one_that_can_t_even_be_noted_goes(alice: Posting, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise KeyError

    alice.take(alice.file(mail()), SEND)
    monkeypatch.setattr(activity_mail.outbox, "put", broken)
    monkeypatch.setattr(carrying.record, "add", broken)
    assert carrying.carry_out(alice.world.db) == 1
    assert left(alice.world) == []


def test_where_there_is_no_room_it_is_tried_again(
    alice: Posting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk passes; the mail isn't lost meanwhile, and others go on."""
    one, other = alice.file(mail(n=1)), alice.file(mail(n=2))
    alice.take(one, SEND)
    alice.take(other, SEND)
    compose = activity_mail.compose
    bad = alice.world.db.read(lambda tx: alice.id(tx, one))

    def full(db: Database, event: EventRow) -> Any:
        if event.activity_id == bad:
            raise OSError(28, "No space left on device")
        return compose(db, event)

    with monkeypatch.context() as patched:
        patched.setattr(carrying, "ACTIONS", {"send as mail": full})
        assert carrying.carry_out(alice.world.db) == 1
        assert left(alice.world) == ["send as mail"]
    assert carrying.carry_out(alice.world.db) == 1
    assert queued(alice.world) == 2


def test_while_the_database_is_away_nothing_is_given_up(
    alice: Posting, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice.take(alice.file(mail()), SEND)

    def away(*_: Any) -> None:
        raise Unavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr(activity_mail.outbox, "put", away)
        with pytest.raises(Unavailable):
            carrying.carry_out(alice.world.db)
    assert left(alice.world) == ["send as mail"]
    assert carrying.carry_out(alice.world.db) == 1


def test_what_is_no_action_is_told_each_in_its_turn(
    alice: Posting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Together in one commit; where one fails, each alone, and the bad one goes."""
    number = alice.file(mail())
    seen: list[str] = []

    def leave(tx: Tx) -> None:
        for event in ("one", "bad", "two"):
            events.add(tx, alice.world.segment_id, alice.id(tx, number), event, None)

    def note(tx: Tx, event: EventRow) -> None:
        if event.event == "bad":
            raise ValueError
        seen.append(event.event)

    alice.world.db.write(leave)
    alice.take(number, EXPORT)
    monkeypatch.setattr(notifying, "note", note)
    assert carrying.carry_out(alice.world.db) == 4
    assert seen[-2:] == ["one", "two"]
    assert (left(alice.world), queued(alice.world)) == ([], 1)


def test_many_to_be_told_keep_nobody_s_drop_waiting(
    alice: Posting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One transaction notes only as many events as it has time for."""
    number = alice.file(mail())
    seen: list[tuple[str, Tx]] = []

    def leave(tx: Tx) -> None:
        for event in ("one", "two", "three"):
            events.add(tx, alice.world.segment_id, alice.id(tx, number), event, None)

    alice.world.db.write(leave)
    before = len(left(alice.world)) - 3
    monkeypatch.setattr(notifying, "note", lambda tx, event: seen.append((event.event, tx)))
    monkeypatch.setattr(carrying, "NOTING", -1.0)
    assert carrying.carry_out(alice.world.db) == before + 3
    assert [event for event, _ in seen[-3:]] == ["one", "two", "three"]
    assert len({id(tx) for _, tx in seen}) == len(seen)
    assert left(alice.world) == []

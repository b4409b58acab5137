"""The same mail again: sent once where the client couldn't know, and as often as it is meant."""

from __future__ import annotations

import pytest
from desk import Desk
from posting import REFUSED, UNCERTAIN, row_of
from submitting import ALICE, BOB, CUSTOMER, Post, letter, octets_of
from world import World

from imapgate.outgoing import left_over, sending, telling
from imapgate.outgoing import outbox as outgoing
from imapgate.submission import delivering
from storage import outbox, people

BEFORE = "250 2.0.0 It has been sent before; it isn't sent twice."


def _hang_up_before_the_answer(post: Post, content: bytes, *to: str) -> None:
    """The mail is whole, and its client gone before anything was answered."""
    post.hold_sending = True
    assert post.submit(content, *to, who="alice9") == ""
    post.hold_sending = False
    post.relay.before = lambda: post.clients["alice9"].lose()
    post.release()
    post.relay.before = lambda: None
    del post.clients["alice9"]


@pytest.fixture(autouse=True)
def nine(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """alice9 is alice."""
    submit = Post.submit

    def submitted(post: Post, content: bytes, *to: str, who: str = "alice", **more: str) -> str:
        sender = more.get("sender", ALICE if who.startswith("alice") else None)
        return submit(post, content, *to, who=who, sender=sender)

    monkeypatch.setattr(Post, "submit", submitted)


def test_who_hung_up_before_the_answer_and_tries_again_sends_once(post: Post) -> None:
    """Thunderbird after its time-out, msmtp's queue: same bytes, same recipients, same user."""
    _hang_up_before_the_answer(post, letter(), CUSTOMER, BOB)
    assert post.relay.got() == [CUSTOMER, BOB]
    assert post.submit(letter(), BOB, CUSTOMER) == BEFORE
    assert post.relay.got() == [CUSTOMER, BOB]
    (row,) = post.rows()
    assert row.state == outbox.SENT


def test_whoever_heard_the_answer_may_send_the_same_again(post: Post) -> None:
    """A script that writes the same line every night means it; one more command shows that the
    answer was heard."""
    assert post.submit(letter()).startswith("250 2.0.0 Handed over")
    assert post.submit(letter()).startswith("250 2.0.0 Handed over")
    post.run("C: QUIT\n S: 221 ...\n S: closed")
    post.clients["alice"].lose()
    del post.clients["alice"]
    _hang_up_before_the_answer(post, letter())
    assert post.submit(letter()) == BEFORE
    assert post.submit(letter()).startswith("250 2.0.0 Handed over")
    assert len(post.relay.taken) == 4


def test_another_user_other_recipients_or_other_bytes_are_another_mail(post: Post) -> None:
    content = letter(sender=f"{ALICE}")
    _hang_up_before_the_answer(post, content)
    assert post.submit(content, BOB).startswith("250 2.0.0 Handed over")
    assert post.submit(letter(n=2)).startswith("250 2.0.0 Handed over")
    assert post.submit(content, sender="").startswith("250 2.0.0 Handed over")
    assert len(post.relay.taken) == 4


def test_a_day_later_it_is_another_mail(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    _hang_up_before_the_answer(post, letter())
    monkeypatch.setattr(delivering, "DAY", -1)
    assert post.submit(letter()).startswith("250 2.0.0 Handed over")


def test_what_was_refused_unheard_is_tried_again(post: Post) -> None:
    post.relay.script = [REFUSED]
    _hang_up_before_the_answer(post, letter())
    assert post.submit(letter()).startswith("250 2.0.0 Handed over")
    assert [one.state for one in post.rows()] == [outbox.FAILED, outbox.SENT]


def test_what_may_have_been_sent_unheard_isn_t_sent_again_before_its_user_knows(
    post: Post,
) -> None:
    post.relay.script = [UNCERTAIN]
    _hang_up_before_the_answer(post, letter())
    assert post.submit(letter()).startswith("554 5.4.2 It may have been sent")
    assert post.submit(letter()).startswith("250 2.0.0 Handed over")


def test_a_client_gone_while_it_waits_for_its_turn_sends_nothing(post: Post) -> None:
    """It knows that it heard of no success."""
    post.hold_sending = True
    assert post.submit(letter(), who="alice9") == ""
    post.clients["alice9"].lose()
    post.hold_sending = False
    post.release()
    assert post.rows() == []
    assert post.relay.attempts == []


def test_the_same_mail_while_it_is_being_sent(post: Post) -> None:
    """It isn't begun a second time; the client is to look again in a minute."""
    said: list[str] = []
    post.relay.during = lambda: said.append(post.submit(letter(), who="alice2"))
    assert post.submit(letter()).startswith("250 ")
    assert said == ["451 4.4.5 This mail is being sent just now. Try again in a minute."]
    assert post.relay.got() == [CUSTOMER]


class _Killed(BaseException):
    """The process dies here."""


def _die(post: Post, monkeypatch: pytest.MonkeyPatch, where: str) -> int:
    """Up to there, and no further; the mail's number in the outbox."""

    def dies() -> None:
        raise _Killed

    who = delivering.Sender(post.world.alice, _hash(post.world))
    mail = delivering.Submitted(ALICE, (CUSTOMER,), octets_of(letter()))
    if where == "record":
        monkeypatch.setattr(sending, "_record", lambda *_: dies())
    else:
        setattr(post.relay, where, dies)
    with pytest.raises(_Killed):
        delivering.submit(post.world.db, who, mail, post.relay)
    monkeypatch.undo()
    post.relay.before = post.relay.during = lambda: None
    left_over.tidy(post.world.db, (), everything=True)
    (row,) = post.rows()
    return row.id


def _hash(world: World) -> str:
    return world.db.read(lambda tx: people.enabled(tx, [world.alice.id]))[world.alice.id]


def test_a_crash_before_the_mail_s_end_lets_it_be_sent_again(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing had left; nothing is sent by itself after the start."""
    died = _die(post, monkeypatch, "before")
    assert row_of(post.world.db, died).state == outbox.CANCELLED
    assert post.relay.taken == []
    assert post.submit(letter()).startswith("250 2.0.0 Handed over")
    assert post.relay.got() == [CUSTOMER]


@pytest.mark.parametrize("where", ["during", "record"])
def test_a_crash_behind_the_mail_s_end_is_told_and_nothing_is_sent_twice(
    post: Post, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """Between the other server's answer and its commit nobody knows: told as that, once; then it is
    the user's word."""
    died = _die(post, monkeypatch, where)
    assert row_of(post.world.db, died).state == outbox.UNCERTAIN
    assert post.submit(letter()).startswith("554 5.4.2 It may have been sent")
    assert post.relay.got() == [CUSTOMER]


def test_a_crash_between_the_commit_and_the_client_s_answer(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is known to be sent: 250, and not sent again."""

    def dies(*_: object) -> None:
        raise _Killed

    monkeypatch.setattr(telling, "tell_one", dies)
    mail = delivering.Submitted(ALICE, (CUSTOMER,), octets_of(letter()))
    with pytest.raises(_Killed):
        delivering.submit(
            post.world.db,
            delivering.Sender(post.world.alice, _hash(post.world)),
            mail,
            post.relay,
        )
    monkeypatch.undo()
    assert post.submit(letter()) == BEFORE
    assert post.relay.got() == [CUSTOMER]


def test_whoever_has_it_sent_once_more_isn_t_there_to_hear_it(post: Post, world: World) -> None:
    """The client heard of the first attempt itself; of what an administrator tries again its sender
    is told."""
    post.relay.script = [REFUSED, REFUSED]
    assert post.submit(letter("Gadget")).startswith("550 ")
    assert Desk(world, world.alice).contents("INBOX") == []
    (row,) = post.rows()
    world.db.write(lambda tx: outgoing.retry(tx, row.id))
    sending.send_one(world.db, row.id, post.relay)
    (told,) = Desk(world, world.alice).contents("INBOX")
    assert CUSTOMER.encode() in told

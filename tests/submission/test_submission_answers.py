"""What the client hears of what the mailer's server said; and what becomes of the mail's rows."""

from __future__ import annotations

from typing import Any

import posting
import pytest
from posting import LATER, REFUSED, UNCERTAIN, states
from submitting import CUSTOMER, Post, letter

from imapgate.outgoing import sending
from imapgate.servers.server import ServerError
from imapgate.submission import delivering
from storage import incoming, mailers, outbox
from storage.engine import Unavailable

SECOND = "ben@example.com"


def _queue_state(post: Post, outbox_id: int) -> str | None:
    """Of its row in the queue; None: nothing is left of it."""
    row = post.world.db.read(
        lambda tx: incoming.by_keys(tx, post.world.segment_id, "submission", [str(outbox_id)]).get(
            str(outbox_id)
        )
    )
    return None if row is None else row.state


def test_a_refused_recipient_refuses_the_mail_to_all(post: Post) -> None:
    """The client shows one answer: the other server's, with the recipient's name. Nobody got it,
    nothing is filed, and nothing goes out later."""
    post.relay.script = [{SECOND: REFUSED}]
    answer = post.submit(letter(), CUSTOMER, SECOND)
    assert answer == f"550 5.1.1 Not sent to anybody: {SECOND}: no such user"
    assert post.relay.taken == []
    (row,) = post.rows()
    assert row.next_at is None
    assert states(post.world.db, row.id) == {CUSTOMER: outbox.CANCELLED, SECOND: outbox.FAILED}
    assert _queue_state(post, row.id) == incoming.DISCARDED
    assert post.came[0].text.startswith("Not sent, so not filed.")


def test_a_recipient_for_later_is_for_the_client_to_try_again(post: Post) -> None:
    """The client keeps its draft, so nothing is sent behind its back."""
    post.relay.script = [{SECOND: LATER}]
    answer = post.submit(letter(), CUSTOMER, SECOND)
    assert answer == f"451 4.7.1 Not sent to anybody: {SECOND}: come back later"
    (row,) = post.rows()
    assert (row.state, row.next_at) == (outbox.CANCELLED, None)
    assert post.relay.taken == []


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ServerError("connect", "The server can't be reached."), "The server can't be reached."),
        (ServerError("tls", "Its certificate isn't trusted."), "Its certificate isn't trusted."),
        (ServerError("login", "The login failed.", permanent=True), "The login failed."),
        (ValueError("ours"), "An error of ours, incident "),
    ],
)
def test_a_server_that_is_away_is_told_as_try_again(
    post: Post, error: Exception, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Down, another certificate, a wrong password, an error of ours: nothing was sent, 4xx."""
    post.relay.script = [error]
    answer = post.submit(letter())
    assert answer.startswith(f"451 4.4.0 Not sent to anybody: {CUSTOMER}: {said}")
    (row,) = post.rows()
    assert row.state == outbox.CANCELLED
    assert _queue_state(post, row.id) == incoming.DISCARDED
    assert "Hello" not in caplog.text
    assert post.submit(letter()).startswith("250 ")


def test_lost_behind_the_mail_s_end_it_may_have_been_sent(post: Post) -> None:
    """A permanent error that says so: nobody is to send it twice unknowingly."""
    post.relay.script = [UNCERTAIN]
    answer = post.submit(letter())
    assert answer.startswith("554 5.4.2 It may have been sent: ")
    (row,) = post.rows()
    assert row.state == outbox.UNCERTAIN


def test_what_a_server_says_makes_no_line_of_its_own(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CR, LF and what isn't ASCII; and no line is too long."""
    said = "no\r\n250 2.0.0 really\nsent\0 \u2028 für " + "x" * 1000
    monkeypatch.setitem(posting.ANSWERS, REFUSED, ("550 5.7.1", said))
    post.relay.script = [REFUSED]
    answer = post.submit(letter())
    assert answer.startswith(f"550 5.7.1 Not sent to anybody: {CUSTOMER}: no 250 2.0.0 really sent")
    assert len(answer) < 512 - 2
    assert not post.client("alice").read()


@pytest.mark.parametrize("code", ["421 4.3.2", "250 2.0.0", "5x0 5.1.1", "", "550", None])
def test_a_code_that_doesn_t_fit_is_not_passed_on(
    post: Post, monkeypatch: pytest.MonkeyPatch, code: str | None
) -> None:
    """A 421 of the other server doesn't end this connection."""
    monkeypatch.setitem(posting.ANSWERS, LATER, (code, "later"))
    monkeypatch.setitem(posting.ANSWERS, REFUSED, (code, "never"))
    post.relay.script = [LATER, REFUSED]
    assert post.submit(letter()).startswith("451 4.4.0 ")
    expected = "550 5.0.0 " if code == "550" else "554 5.0.0 "
    assert post.submit(letter()).startswith(expected)
    assert not post.client("alice").closed


def test_a_database_that_is_away_behind_the_mail_s_end(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client hears the truth, and it is committed once that works."""
    real, tries = sending._record, []

    def record(*arguments: Any) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise Unavailable("away")
        real(*arguments)

    monkeypatch.setattr(sending, "_record", record)
    assert post.submit(letter()).startswith("250 ")
    assert [one.state for one in post.rows()] == [outbox.HANDING_OVER]
    post.clock.advance(5.0)
    assert [one.state for one in post.rows()] == [outbox.SENT]
    assert post.relay.got() == [CUSTOMER]


def test_a_database_that_is_away_before_it_is_try_again(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.client("alice")

    def away(*_: object) -> None:
        raise Unavailable("away")

    monkeypatch.setattr(post.world.db, "read", away)
    assert post.submit(letter()) == (
        "451 4.3.0 The database can't be reached just now. Try again later."
    )
    monkeypatch.undo()
    monkeypatch.setattr(delivering, "_put", away)
    assert post.submit(letter()).startswith("451 4.3.0 ")
    assert post.relay.attempts == []


def test_without_a_mailer_it_is_said_before_the_mail_comes(post: Post) -> None:
    post.world.db.write(lambda tx: mailers.remove(tx, 1))
    assert post.submit(letter()).startswith("451 4.3.5 Not sent. There is no mailer ")
    assert post.rows() == []


def test_what_is_sent_is_sent_once_whatever_else_happens(post: Post) -> None:
    """The row holds it before anything goes out, and the filing is beside it."""
    seen: list[str] = []
    post.relay.before = lambda: seen.extend(one.state for one in post.rows())
    post.relay.during = lambda: seen.extend(one.state for one in post.rows())
    assert post.submit(letter()).startswith("250 ")
    assert seen == [outbox.SENDING, outbox.HANDING_OVER]
    assert [one.state for one in post.rows()] == [outbox.SENT]
    assert post.relay.got() == [CUSTOMER]

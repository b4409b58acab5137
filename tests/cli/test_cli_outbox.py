"""The outbox on the command line: listed, filtered, shown, retried, cancelled, and sent by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import posting
import pytest
from command import Command
from posting import ANN, BEN, Relay, mail, with_mailer
from smtp_sink import Sink
from world import World

from imapgate.outgoing import outbox
from imapgate.outgoing.delivery import LATER, REFUSED, SENT, UNCERTAIN
from imapgate.outgoing.sending import send_one
from storage import Database, activities, mailers, outbox_keeping
from storage import outbox as rows
from storage.occupancy import serving


@pytest.fixture
def post(demo: Command) -> Iterator[World]:
    """The demo's database, as a server beside the command line would hold it."""
    opened = Database.open(demo.data / "imapgate.db")
    try:
        yield World(opened, 1, {}, {})
    finally:
        opened.close()


def state(post: World, number: int) -> str:
    return posting.row_of(post.db, number).state


def test_list_filters_and_says_how_many_are_left_out(demo: Command, post: World) -> None:
    """By state, kind, recipient, time and number; newest last, with age and last answer."""
    with_mailer(post)
    sent = posting.put(post, (ANN,), mail("One"))
    bad = posting.put(post, (ANN, BEN), mail("Two"), kind=outbox.REPORT)
    waiting = posting.put(post, (BEN,), mail("Three"))
    send_one(post.db, sent, Relay())
    send_one(post.db, bad, Relay([{ANN: SENT, BEN: REFUSED}]))
    listed = demo.ok("outbox", "list")
    assert listed.index("One") < listed.index("Two") < listed.index("Three")
    assert "550 5.1.1 no such user" in " ".join(listed.split())
    for words, found in (
        ((), [sent, bad, waiting]),
        (("--state", "failed"), [bad]),
        (("--kind", "report"), [bad]),
        (("--to", BEN.upper()), [bad, waiting]),
        (("--segment", "Standard", "--since", "1h"), [sent, bad, waiting]),
        (("--until", "1h"), []),
        (("--activity", "10000001"), []),
        (("--limit", "1"), [waiting]),
    ):
        assert [one["id"] for one in demo.json("outbox", "list", *words)] == found, words
    assert "2 older ones aren't shown" in demo.ok("outbox", "list", "--limit", "1")


def test_show_tells_each_recipients_result_and_saves_the_mail(
    demo: Command, post: World, tmp_path: Path
) -> None:
    """And of what may have been sent, what to do."""
    with_mailer(post)
    content = mail("One")
    number = posting.put(post, (ANN, BEN), content)
    send_one(post.db, number, Relay([{ANN: SENT, BEN: UNCERTAIN}]))
    shown = " ".join(demo.ok("outbox", "show", str(number)).split())
    assert f"Mail {number}: uncertain" in shown
    assert "250 2.0.0 taken as 4711" in shown
    assert f"{BEN}: uncertain" in shown
    assert f"imapgate outbox retry {number} --though-it-may-have-been-sent" in shown
    file = tmp_path / "mail.eml"
    told = demo.json("outbox", "show", str(number), "--save", str(file))
    assert file.read_bytes() == content
    assert [one["state"] for one in told["recipients"]] == [rows.SENT, rows.UNCERTAIN]
    assert (told["mailer"], told["message_id"]) == ("main", "One@example.org")
    assert demo.refused("outbox", "show", "99") == "There is no mail 99 in the outbox."


def test_retry_takes_what_waits_or_failed(demo: Command, post: World) -> None:
    """Not what may have been sent, unless that is said; and says that nobody sends it."""
    with_mailer(post)
    # Of notices nobody is told that they failed: no mail comes of it.
    failed, unsure, waits, gone = (posting.put(post, kind=outbox.NOTIFICATION) for _ in range(4))
    for number, said in ((failed, REFUSED), (unsure, UNCERTAIN), (waits, LATER)):
        send_one(post.db, number, Relay([said]))
    post.db.write(lambda tx: outbox.cancel(tx, gone))
    told = demo.ok("outbox", "retry", "--all")
    assert "2 mails wait to be sent." in told
    assert "outbox send" in told
    assert [state(post, one) for one in (failed, waits, gone)] == [
        rows.WAITING,
        rows.WAITING,
        rows.CANCELLED,
    ]
    assert state(post, unsure) == rows.UNCERTAIN
    assert "may have been sent" in demo.refused("outbox", "retry", str(unsure))
    demo.ok("outbox", "retry", str(unsure), "--though-it-may-have-been-sent")
    assert state(post, unsure) == rows.WAITING
    assert demo.json("outbox", "retry", "--state", "cancelled") == [gone]
    assert "Say which mails" in demo.refused("outbox", "retry")
    assert "Either ids or filters" in demo.refused("outbox", "retry", "1", "--all")
    with serving(demo.data):
        assert "outbox send" not in demo.ok("outbox", "retry", str(gone))


def test_what_a_client_submitted_is_tried_again_only_if_it_is_named(
    demo: Command, post: World
) -> None:
    """The client was told that it wasn't sent; its user may have sent it once more."""
    with_mailer(post)
    kinds = (outbox.SUBMISSION, outbox.NOTIFICATION)
    submitted, notice = (posting.put(post, kind=kind) for kind in kinds)
    for number in (submitted, notice):
        send_one(post.db, number, Relay([REFUSED]))
    assert demo.json("outbox", "retry", "--state", "failed") == [notice]
    assert submitted not in demo.json("outbox", "retry", "--all")
    assert state(post, submitted) == rows.FAILED
    assert demo.json("outbox", "retry", "--kind", "submission") == [submitted]
    assert demo.json("outbox", "retry", str(submitted)) == [submitted]


def test_what_was_erased_keeps_nothing_else_from_a_retry(demo: Command, post: World) -> None:
    with_mailer(post)
    erased, failed = (
        posting.put(post, content=mail(one), kind=outbox.NOTIFICATION) for one in ("One", "Two")
    )
    for number in (erased, failed):
        send_one(post.db, number, Relay([REFUSED]))
    bytes_of_it = posting.row_of(post.db, erased).stored_message_id
    assert bytes_of_it is not None
    post.db.write(lambda tx: outbox_keeping.blank(tx, [bytes_of_it], [], "[erased]"))
    assert "was erased" in demo.refused("outbox", "retry", str(erased))
    assert demo.json("outbox", "retry", "--all") == [failed]


def test_cancel_asks(demo: Command, post: World) -> None:
    """And takes only what waits."""
    with_mailer(post)
    sent, waits = posting.put(post), posting.put(post, (BEN,))
    send_one(post.db, sent, Relay())
    refused = demo.run("outbox", "cancel", str(waits), input="n\n")
    assert refused.exit_code == 1
    assert state(post, waits) == rows.WAITING
    assert demo.json("outbox", "cancel", "--all", "--yes") == [waits]
    assert state(post, waits) == rows.CANCELLED
    told = demo.refused("outbox", "cancel", str(sent), "--yes")
    assert told == f"Mail {sent} is sent: it can't be cancelled any more."


def test_send_is_one_pass_by_the_real_mailer(demo: Command, post: World, tmp_path: Path) -> None:
    """Where no server runs; a running one does it by itself."""
    with Sink(tmp_path) as sink:
        settings = {"host": "127.0.0.1", "port": sink.port, "security": "none"}
        mailer_id = with_mailer(post)
        post.db.write(
            lambda tx: mailers.change(
                tx, mailer_id, "main", "main", None, {**settings, "from": "crm@example.org"}
            )
        )
        content = mail("One")
        number = posting.put(post, (ANN, BEN), content)
        with serving(demo.data):
            assert "by itself" in demo.refused("outbox", "send")
        assert sink.messages == []
        assert "1 of 1 sent." in demo.ok("outbox", "send")
        assert (sink.messages, sink.to) == ([content], [ANN, BEN])
        assert state(post, number) == rows.SENT
        assert demo.ok("outbox", "send") == "Nothing is due.\n"


def test_an_activity_shows_what_was_sent_of_it(demo: Command, post: World) -> None:
    """Each recipient's result, and the text as sent."""
    with_mailer(post)
    activity_id = post.db.read(lambda tx: activities.by_number(tx, 1, 10000001))
    assert activity_id is not None
    number = posting.put(post, (ANN,), mail("One", "As sent.\n"), activity_id=activity_id.id)
    send_one(post.db, number, Relay())
    shown = demo.ok("activity", "show", "10000001")
    assert f"Outgoing mail {number}" in shown
    assert f"To: {ANN}, sent" in shown
    assert "As sent." in shown

"""One attempt: what is committed before, between and after it, and what it makes of the mail."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from posting import ANN, BEN, CAT, Relay, make_due, put, row_of, states, with_mailer
from world import World

from imapgate.activities.names import Mistake
from imapgate.mime.index import Content
from imapgate.outgoing import choosing, left_over, outbox, outcome
from imapgate.outgoing.delivery import LATER, REFUSED, SENT, UNCERTAIN, Deliver, Envelope, Result
from imapgate.outgoing.mailer import Mailer
from imapgate.outgoing.sending import NotRecorded, send_one
from imapgate.servers.secrets import SecretsError
from imapgate.servers.server import ServerError
from storage import Database, mailers
from storage import outbox as rows
from storage.engine import Unavailable


@pytest.fixture
def mailer_id(world: World) -> int:
    return with_mailer(world)


@pytest.mark.usefixtures("mailer_id")
def test_everybody_gets_it_once(world: World) -> None:
    """Each address once, whatever the letter says; a sent mail isn't sent again."""
    relay = Relay()
    number = put(world, (ANN, BEN, "ANN@example.net"))
    results = send_one(world.db, number, relay)
    assert [one.outcome for one in results] == [SENT, SENT]
    assert relay.got() == [ANN, BEN]
    assert states(world.db, number) == {ANN: rows.SENT, BEN: rows.SENT}
    row = row_of(world.db, number)
    assert (row.state, row.next_at, row.attempts) == (rows.SENT, None, 1)
    assert send_one(world.db, number, relay) == ()
    assert relay.got() == [ANN, BEN]


def test_the_end_goes_out_only_after_it_is_committed_that_it_does(
    world: World, mailer_id: int
) -> None:
    """Whoever looks while the server has all but the end sees that it may have been sent."""
    seen: list[str] = []
    number = put(world)
    relay = Relay(
        before=lambda: seen.append(row_of(world.db, number).state),
        during=lambda: seen.append(row_of(world.db, number).state),
    )
    send_one(world.db, number, relay)
    assert seen == [rows.SENDING, rows.HANDING_OVER]
    assert row_of(world.db, number).mailer_id == mailer_id
    assert world.db.read(lambda tx: mailers.state(tx, mailer_id)).succeeded_at is not None


@pytest.mark.usefixtures("mailer_id")
def test_later_waits_longer_each_time(world: World) -> None:
    """4xx then 2xx; in between nobody but those who wait is tried."""
    relay = Relay([{ANN: SENT, BEN: LATER}, LATER, SENT])
    number = put(world, (ANN, BEN))
    waited = []
    for _ in range(2):
        send_one(world.db, number, relay)
        row = row_of(world.db, number)
        assert row.state == rows.WAITING
        assert row.next_at is not None
        waited.append(row.next_at - row.changed_at)
        make_due(world.db, [number])
    send_one(world.db, number, relay)
    assert waited == list(outcome.PAUSES[:2])
    assert relay.attempts == [(ANN, BEN), (BEN,), (BEN,)]
    assert relay.got() == [ANN, BEN]
    assert row_of(world.db, number).state == rows.SENT


@pytest.mark.usefixtures("mailer_id")
@pytest.mark.parametrize(
    ("code", "at_once"),
    [("452 4.5.3", True), ("552", True), ("452 4.3.1", False), ("452 4.2.2", False)],
)
def test_a_server_that_takes_a_few_recipients_at_a_time_gets_the_others_at_once(
    world: World, code: str, at_once: bool
) -> None:
    """However many turns that needs: none of them counts as a failure."""
    to = [f"r{n}@example.net" for n in range(2 * outcome.ATTEMPTS + 1)]
    got: list[str] = []

    def open_mailer(_: Mailer) -> Deliver:
        def deliver(
            envelope: Envelope, _: Content, before_end: Callable[[], None]
        ) -> tuple[Result, ...]:
            taken, others = envelope.recipients[:2], envelope.recipients[2:]
            before_end()
            got.extend(taken)
            return (
                *(Result(one, SENT, "250", "taken") for one in taken),
                *(Result(one, LATER, code, "too many") for one in others),
            )

        return deliver

    number = put(world, to)
    send_one(world.db, number, open_mailer)
    row = row_of(world.db, number)
    assert row.next_at is not None
    assert (row.next_at <= row.changed_at) is at_once
    while at_once and row_of(world.db, number).state == rows.WAITING:
        assert send_one(world.db, number, open_mailer)
    assert got == (to if at_once else to[:2])


@pytest.mark.usefixtures("mailer_id")
def test_what_is_never_taken_is_given_up(world: World) -> None:
    """After nearly four days, with what the server said last."""
    number = put(world)
    relay = Relay([LATER] * outcome.ATTEMPTS)
    for _ in range(outcome.ATTEMPTS):
        make_due(world.db, [number])
        send_one(world.db, number, relay)
    assert row_of(world.db, number).state == rows.FAILED
    (one,) = world.db.read(lambda tx: rows.recipients(tx, number))
    assert one.text == f"Given up after {outcome.ATTEMPTS} attempts: come back later"
    days = sum(map(outcome.pause, range(1, outcome.ATTEMPTS))) / 86400
    assert 3.5 < days < 4
    assert max(map(outcome.pause, range(1, outcome.ATTEMPTS))) < rows.FARTHEST


@pytest.mark.usefixtures("mailer_id")
def test_some_are_refused(world: World) -> None:
    """Those who got it never get it again, also when a person tries those who were refused."""
    relay = Relay([{ANN: SENT, BEN: REFUSED, CAT: LATER}, {CAT: SENT}, {BEN: SENT}])
    number = put(world, (ANN, BEN, CAT))
    send_one(world.db, number, relay)
    assert states(world.db, number) == {ANN: rows.SENT, BEN: rows.FAILED, CAT: rows.WAITING}
    assert row_of(world.db, number).state == rows.WAITING
    make_due(world.db, [number])
    send_one(world.db, number, relay)
    assert row_of(world.db, number).state == rows.FAILED
    world.db.write(lambda tx: outbox.retry(tx, number))
    send_one(world.db, number, relay)
    assert relay.attempts[1:] == [(CAT,), (BEN,)]
    assert relay.got() == [ANN, CAT, BEN]
    assert row_of(world.db, number).state == rows.SENT


@pytest.mark.usefixtures("mailer_id")
def test_cut_after_the_end(world: World) -> None:
    """Uncertain: only who says so sends it again."""
    relay = Relay([UNCERTAIN])
    number = put(world)
    send_one(world.db, number, relay)
    row = row_of(world.db, number)
    assert (row.state, row.next_at) == (rows.UNCERTAIN, None)
    assert send_one(world.db, number, relay) == ()
    with pytest.raises(Mistake, match="may have been sent"):
        world.db.write(lambda tx: outbox.retry(tx, number))
    world.db.write(lambda tx: outbox.retry(tx, number, though_it_may_have_been_sent=True))
    send_one(world.db, number, relay)
    assert len(relay.taken) == 2
    assert row_of(world.db, number).state == rows.SENT


@pytest.mark.usefixtures("mailer_id")
def test_an_error_of_ours_after_the_end_is_uncertain_before_it_later(world: World) -> None:
    """What the deliverer raises decides nothing; how far it had come does."""
    early, late = put(world), put(world, (BEN,))
    send_one(world.db, early, Relay([RuntimeError("a fault")]))
    assert row_of(world.db, early).state == rows.WAITING

    def fault() -> None:
        raise RuntimeError("a fault")

    send_one(world.db, late, Relay(during=fault))
    assert row_of(world.db, late).state == rows.UNCERTAIN


@pytest.mark.parametrize(
    ("error", "pause"),
    [
        (ServerError("connect", "Nobody answers there."), outcome.PAUSES[0]),
        (ServerError("login", "The password is wrong.", permanent=True), outcome.PERMANENT_PAUSE),
        (SecretsError("The key is gone."), outcome.PERMANENT_PAUSE),
        (OSError(28, "No space left on device"), outcome.PAUSES[0]),
    ],
    ids=lambda one: type(one).__name__,
)
def test_a_server_that_cannot_be_used(
    world: World, mailer_id: int, error: Exception, pause: int
) -> None:
    """Nothing was sent, so it waits; and the mailer is known to fail."""
    number = put(world)
    send_one(world.db, number, Relay([error]))
    row = row_of(world.db, number)
    assert row.state == rows.WAITING
    assert row.next_at is not None
    assert row.next_at - row.changed_at == pause
    failed = world.db.read(lambda tx: mailers.state(tx, mailer_id)).failures
    assert failed == (0 if isinstance(error, OSError) else 1)


def test_without_a_mailer_it_fails_until_there_is_one(world: World) -> None:
    """With one plain sentence; then a person tries it again."""
    relay = Relay()
    number = put(world)
    (result,) = send_one(world.db, number, relay)
    assert (result.outcome, result.text) == (REFUSED, choosing.NONE)
    assert row_of(world.db, number).state == rows.FAILED
    with_mailer(world, segment=False)
    world.db.write(lambda tx: outbox.retry(tx, number))
    send_one(world.db, number, relay)
    assert [name for name, _, _ in relay.taken] == ["main"]


def test_the_mailer_is_removed_while_it_sends(world: World, mailer_id: int) -> None:
    """That it was sent is kept all the same."""
    number = put(world)
    relay = Relay(during=lambda: world.db.write(lambda tx: mailers.remove(tx, mailer_id)))
    send_one(world.db, number, relay)
    row = row_of(world.db, number)
    assert (row.state, row.mailer_id) == (rows.SENT, None)


@pytest.mark.usefixtures("mailer_id")
def test_two_never_send_the_same(world: World) -> None:
    """Whoever comes second finds it taken; nothing is tried."""
    second = Relay()
    number = put(world)
    first = Relay(before=lambda: assert_nothing(send_one(world.db, number, second)))
    send_one(world.db, number, first)
    assert (len(first.taken), second.attempts) == (1, [])


@pytest.mark.usefixtures("mailer_id")
def test_a_mail_that_was_taken_for_abandoned_is_not_handed_over(world: World) -> None:
    """Its first sender was slow: it was given back, and another has sent it meanwhile."""
    number = put(world)
    second = Relay()

    def given_back_and_sent() -> None:
        left_over.tidy(world.db, (), everything=True)
        send_one(world.db, number, second)

    first = Relay(before=given_back_and_sent)
    assert send_one(world.db, number, first) == ()
    assert (first.taken, len(second.taken)) == ([], 1)
    assert row_of(world.db, number).state == rows.SENT


@pytest.mark.usefixtures("mailer_id")
def test_a_late_answer_still_counts(world: World) -> None:
    """What was given up for uncertain is sent once its sender says so, and not if somebody has let
    it be sent again since."""
    number = put(world)
    relay = Relay(during=lambda: left_over.tidy(world.db, (), everything=True))
    send_one(world.db, number, relay)
    assert row_of(world.db, number).state == rows.SENT

    def retried() -> None:
        left_over.tidy(world.db, (), everything=True)
        assert row_of(world.db, other).state == rows.UNCERTAIN
        world.db.write(lambda tx: outbox.retry(tx, other, though_it_may_have_been_sent=True))
        send_one(world.db, other, Relay([LATER]))

    other = put(world, (BEN,))
    send_one(world.db, other, Relay(during=retried))
    assert row_of(world.db, other).state == rows.WAITING


@pytest.mark.usefixtures("mailer_id")
def test_cancelled_while_it_is_begun(world: World) -> None:
    """Before the handing over it can be taken back, after it no more."""
    number = put(world)
    relay = Relay(before=lambda: cancelled(world.db, number))
    assert send_one(world.db, number, relay) == ()
    assert (relay.taken, row_of(world.db, number).state) == ([], rows.CANCELLED)
    other = put(world)

    def too_late() -> None:
        with pytest.raises(Mistake, match="handing over"):
            cancelled(world.db, other)

    send_one(world.db, other, Relay(during=too_late))
    assert row_of(world.db, other).state == rows.SENT


@pytest.mark.usefixtures("mailer_id")
def test_database_away_before_the_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is sent; once it is back the mail waits as before."""
    number = put(world)
    relay = Relay(before=lambda: away(world.db, monkeypatch))
    with pytest.raises(NotRecorded) as caught:
        send_one(world.db, number, relay)
    monkeypatch.undo()
    assert relay.taken == []
    caught.value.record(world.db)
    assert row_of(world.db, number).state == rows.WAITING


@pytest.mark.usefixtures("mailer_id")
def test_database_away_between_the_end_and_the_commit_of_its_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is sent, or, if nobody lives to say so, uncertain; never sent again."""
    numbers = [put(world), put(world, (BEN,))]
    unrecorded = []
    for number in numbers:
        relay = Relay(during=lambda: away(world.db, monkeypatch))
        with pytest.raises(NotRecorded) as caught:
            send_one(world.db, number, relay)
        monkeypatch.undo()
        assert [one.outcome for one in caught.value.results] == [SENT]
        assert len(relay.taken) == 1
        unrecorded.append(caught.value)
        assert send_one(world.db, number, relay) == ()
    unrecorded[0].record(world.db)
    left_over.tidy(world.db, (), everything=True)
    assert [row_of(world.db, one).state for one in numbers] == [rows.SENT, rows.UNCERTAIN]


@pytest.mark.usefixtures("mailer_id")
def test_what_is_submitted_is_tried_once(world: World) -> None:
    """Whoever waits for the answer keeps the mail: it isn't sent behind their back."""
    relay = Relay([LATER, ServerError("connect", "Nobody answers.")])
    numbers = [put(world, kind=outbox.SUBMISSION, by_itself=False) for _ in range(2)]
    for number in numbers:
        assert world.db.read(lambda tx: rows.due(tx, 10)) == []
        send_one(world.db, number, relay)
        row = row_of(world.db, number)
        assert (row.state, row.next_at) == (rows.CANCELLED, None)
    assert [relay.attempts[0]] == [(ANN,)]


@pytest.mark.usefixtures("mailer_id")
def test_left_by_whoever_died(world: World) -> None:
    """Before the handing over: sent again. After it: uncertain. Submitted: cancelled, for whoever
    submitted it heard of no success."""
    begun, over, asked, fresh = (
        put(world),
        put(world, (BEN,)),
        put(world, kind=outbox.SUBMISSION, by_itself=False),
        put(world, kind=outbox.SUBMISSION, by_itself=False),
    )
    for one in (begun, over, asked):
        world.db.write(lambda tx, one=one: rows.claim(tx, one))  # type: ignore[misc]
    world.db.write(lambda tx: rows.hand_over(tx, over, 1))
    left_over.tidy(world.db, (), everything=False)
    assert row_of(world.db, begun).state == rows.SENDING  # perhaps another process is at it
    left_over.tidy(world.db, (begun, over, asked), everything=True)
    assert row_of(world.db, over).state == rows.HANDING_OVER
    left_over.tidy(world.db, (), everything=True)
    found = [row_of(world.db, one).state for one in (begun, over, asked, fresh)]
    assert found == [rows.WAITING, rows.UNCERTAIN, rows.CANCELLED, rows.CANCELLED]
    due = world.db.read(lambda tx: rows.due(tx, 10))
    assert [one.id for one in due if one.kind != outbox.REPORT] == [begun]


@pytest.mark.usefixtures("mailer_id")
def test_a_mail_that_ends_the_process_each_time_ends_too(world: World) -> None:
    """It waits longer after the third time, and is given up in the end."""
    number = put(world)
    for attempt in range(1, outcome.ATTEMPTS + 1):
        world.db.write(lambda tx: rows.claim(tx, number))
        left_over.tidy(world.db, (), everything=True)
        is_due = bool(world.db.read(lambda tx: rows.due(tx, 10)))
        assert is_due == (attempt <= outcome.BROKEN_OFF or attempt == outcome.ATTEMPTS)
        if attempt < outcome.ATTEMPTS:
            make_due(world.db, [number])
    assert row_of(world.db, number).state == rows.FAILED


def assert_nothing(results: tuple[object, ...]) -> None:
    assert results == ()


def cancelled(db: Database, number: int) -> None:
    db.write(lambda tx: outbox.cancel(tx, number))


def away(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on nothing can be written, until the patch is undone."""

    def refuse(_work: object) -> object:
        raise Unavailable("the database's disk is full")

    monkeypatch.setattr(db, "write", refuse)

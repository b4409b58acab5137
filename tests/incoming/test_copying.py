"""A mailbox is copied once: each of its messages is filed once, and nothing changes there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from desk import LIMITS, activities, mail
from mailboxes import Mailbox, MailboxSource, broken, rows, states
from world import World

from imapgate.incoming import copying, filing, queue
from imapgate.incoming.account import Place
from imapgate.incoming.copying import KNOWN, NEW, Copied
from imapgate.incoming.queue import Origin, Wanted
from imapgate.limits import Limits
from imapgate.servers.server import Login, ServerError

IMAP = Place("imaps", "mail.example.org", 993, login=Login(user="crm"))
POP3 = Place("pop3", "mail.example.org", 110, login=Login(user="crm"))


@pytest.fixture
def box() -> Mailbox:
    made = Mailbox()
    made.deliver(mail("One", 1), mail("Two", 2), mail("Three", 3))
    return made


def _origin(world: World, place: Place = IMAP, **wanted: str) -> Origin:
    return copying.origin_of(world.segment_id, place, Wanted(**wanted))


def _copy(
    world: World,
    box: Mailbox,
    most: int | None = None,
    limits: Limits = LIMITS,
    place: Place = IMAP,
    **wanted: str,
) -> list[Copied]:
    origin = _origin(world, place, **wanted)
    return list(copying.copy(world.db, origin, MailboxSource(box), limits, most))


def _states(copied: list[Copied]) -> list[str]:
    return [one.state for one in copied]


def test_everything_is_filed_and_the_mailbox_stays_as_it_is(world: World, box: Mailbox) -> None:
    """Also what somebody has seen there."""
    box.seen = {"1", "2"}
    copied = _copy(world, box)
    assert _states(copied) == ["filed"] * 3
    assert [one.name for one in activities(world)] == ["One", "Two", "Three"]
    assert [(one.number, one.subject, one.sender) for one in copied] == [
        (activity.number, activity.name, "erika@example.com") for activity in activities(world)
    ]
    assert [(one.settled, one.account_id) for one in rows(world)] == [(True, None)] * 3
    assert {one.origin for one in rows(world)} == {"imap://crm@mail.example.org/INBOX"}
    assert len(box.messages) == 3
    assert not [step for step in box.steps if step.startswith("settle")]


def test_fetched_twice_is_filed_once(world: World, box: Mailbox) -> None:
    """What came since is new; nothing that is known is read again."""
    _copy(world, box)
    box.deliver(mail("Four", 4))
    box.steps.clear()
    assert _states(_copy(world, box)) == [KNOWN] * 3 + ["filed"]
    assert [step for step in box.steps if step.startswith("read")] == ["read 4"]
    assert len(activities(world)) == 4


def test_equal_mails_are_two_and_stay_two(world: World) -> None:
    """In the queue, that is; under a new UIDVALIDITY each is still the one that it was."""
    box = Mailbox()
    box.deliver(mail("One", 1), mail("One", 1))
    assert _states(_copy(world, box)) == ["filed", "filed"]
    box.renew()
    assert _states(_copy(world, box)) == [KNOWN, KNOWN]
    box.deliver(mail("One", 1))
    assert _states(_copy(world, box)) == [KNOWN, KNOWN, "filed"]
    assert len(rows(world)) == 3


def test_uidls_alone_tell_on_pop3(world: World) -> None:
    box = Mailbox(validity=None)
    box.deliver(mail("One", 1), mail("One", 1))
    assert _states(_copy(world, box, place=POP3)) == ["filed", "filed"]
    assert _states(_copy(world, box, place=POP3)) == [KNOWN, KNOWN]
    assert {one.origin for one in rows(world)} == {"pop3://crm@mail.example.org"}


def test_at_most_so_many_new_ones(world: World, box: Mailbox) -> None:
    """Known ones don't count, so that the next copy goes on where this one stopped."""
    assert _states(_copy(world, box, most=2)) == ["filed", "filed"]
    assert _states(_copy(world, box, most=2)) == [KNOWN, KNOWN, "filed"]
    assert _states(_copy(world, box, most=2)) == [KNOWN] * 3


def test_the_creator_that_was_asked_for_makes_the_activities(world: World, box: Mailbox) -> None:
    copied = _copy(world, box, most=1, creator="Sales E-Mails")
    assert "Sales" in copied[0].text


def test_what_can_t_be_filed_doesn_t_stop_the_rest(world: World, box: Mailbox) -> None:
    """Too large by what the server says and by what comes, unreadable, and gone."""
    box.deliver(mail("Four", 4), mail("Five", 5, body="x" * 5000), mail("Six", 6))
    box.unreadable.add("2")
    box.sizes = {"3": 10_000, "5": 10}

    def before(step: str) -> None:
        if step == "read 4":
            box.messages.pop("4")

    box.before = before
    copied = _copy(world, box, limits=replace(LIMITS, message=2000))
    assert sorted((one.key, one.state) for one in copied) == [
        ("7.1", "filed"),
        ("7.2", "failed"),
        ("7.3", "failed"),
        ("7.5", "failed"),
        ("7.6", "filed"),
    ]
    by_key = {one.key: one for one in copied}
    assert by_key["7.2"].text == "The server doesn't give this message."
    assert (
        by_key["7.3"].text == "The message has 10,000 octets, more than the 2,000 that are taken."
    )
    assert states(world).count("failed") == 3


def test_what_could_not_be_taken_is_tried_again(world: World, box: Mailbox) -> None:
    """Its row becomes the filed one."""
    box.unreadable.add("2")
    _copy(world, box)
    box.unreadable.clear()
    assert sorted(_states(_copy(world, box))) == ["filed", KNOWN, KNOWN]
    assert states(world) == ["filed"] * 3


def test_a_broken_connection_loses_nothing_that_had_come(world: World, box: Mailbox) -> None:
    """What was read is filed, the rest comes with the next copy."""

    def before(step: str) -> None:
        if step == "read 3":
            raise broken("read")

    box.before = before
    with pytest.raises(ServerError):
        _copy(world, box)
    assert [one.name for one in activities(world)] == ["One", "Two"]
    box.before = lambda step: None
    assert _states(_copy(world, box)) == [KNOWN, KNOWN, "filed"]


def test_a_copy_that_was_stopped_goes_on(
    world: World, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in the queue but not filed yet is filed then."""

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(filing, "file_together", stopped)
        with pytest.raises(KeyboardInterrupt):
            _copy(world, box, most=2)
    assert states(world) == ["fetched", "fetched"]
    assert _states(_copy(world, box)) == ["filed"] * 3
    assert [one.name for one in activities(world)] == ["One", "Two", "Three"]


def test_a_message_that_filing_refuses_is_told(world: World, box: Mailbox) -> None:
    copied = _copy(world, box, most=1, creator="Meetings gone")
    assert (copied[0].state, copied[0].number) == ("failed", None)
    assert "Meetings gone" in copied[0].text
    assert _states(_copy(world, box, most=0)) == [KNOWN]


def test_a_large_message_that_can_t_be_unpacked_stands_alone(
    world: World, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk fails the one that needs it."""
    real = queue.ready.prepare

    def prepare(content: bytes, with_attached: bool = False) -> object:
        if b"Subject: Two" in content:
            raise OSError(28, "No space left on device")
        return real(content, with_attached)

    monkeypatch.setattr(queue.ready, "prepare", prepare)
    copied = _copy(world, box)
    assert [(one.key, one.state) for one in copied] == [
        ("7.1", "filed"),
        ("7.2", "failed"),
        ("7.3", "filed"),
    ]
    assert copied[1].text == "It can't be unpacked: No space left on device."


def test_many_are_taken_together(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """And filed together, 16 at a time."""
    box = Mailbox()
    box.deliver(*(mail(f"M{n}", n) for n in range(40)))
    sizes = []
    real = queue.take

    def take(db: object, origin: Origin, fetched: list[object], *rest: object) -> object:
        sizes.append(len(fetched))
        return real(db, origin, fetched, *rest)

    monkeypatch.setattr(queue, "take", take)
    assert _states(_copy(world, box)) == ["filed"] * 40
    assert sizes == [16, 16, 8]


def test_a_look_writes_nothing(world: World, box: Mailbox) -> None:
    """It shows what would be fetched, and what is there already."""
    _copy(world, box, most=1)
    box.unreadable.add("3")
    origin, source = _origin(world), MailboxSource(box)
    seen = list(copying.look(world.db, origin, source, LIMITS))
    assert [(one.state, one.subject) for one in seen] == [
        (KNOWN, ""),
        (NEW, "Two"),
        ("failed", ""),
    ]
    assert len(rows(world)) == 1
    assert _states(list(copying.look(world.db, origin, source, LIMITS, 1))) == [KNOWN, NEW]

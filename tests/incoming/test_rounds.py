"""One round of an account: what is new is taken, filed and settled at its source, each message
once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from desk import activities, mail
from mailboxes import Mailbox, add, broken, play, rows, states
from world import World

from imapgate.incoming import filing
from imapgate.incoming.account import Account, Place
from imapgate.incoming.rounds import Round
from imapgate.incoming.rounds import mailbox as called
from imapgate.servers.server import ServerError
from storage import accounts
from storage.engine import Unavailable

WAYS = [
    ("imap", "keep"),
    ("imap", "move"),
    ("imap", "delete"),
    ("pop3", "keep"),
    ("pop3", "delete"),
]


def made(protocol: str) -> Mailbox:
    return Mailbox(validity=7 if protocol == "imap" else None)


def account_of(world: World, protocol: str, afterwards: str, **more: Any) -> Account:
    move = {"move_to": "Done"} if afterwards == "move" else {}
    return add(world, protocol=protocol, after_reading=afterwards, **move, **more)


def breaks_at(wanted: str) -> Callable[[str], None]:
    """The connection breaks before this step."""

    def before(step: str) -> None:
        if step == wanted:
            raise broken(step.split()[0])

    return before


@pytest.mark.parametrize(("protocol", "afterwards"), WAYS)
def test_what_waits_is_filed_once_and_settled(world: World, protocol: str, afterwards: str) -> None:
    """The next round finds nothing to do, and the account's counts are right."""
    box = made(protocol)
    box.deliver(mail("One", 1), mail("Two", 2))
    account = account_of(world, protocol, afterwards)
    done = play(world, box, account)
    assert (done.took, done.filed, done.failed, done.more) == (2, 2, 0, False)
    assert states(world) == ["filed", "filed"]
    assert all(one.settled for one in rows(world))
    assert [one.name for one in activities(world)] == ["One", "Two"]
    assert len(box.messages) == (2 if afterwards == "keep" else 0)
    assert play(world, box, account).took == 0
    assert len(rows(world)) == 2
    state = world.db.read(lambda tx: accounts.state(tx, account.id))
    assert (state.fetched, state.filed) == (2, 2)


def test_nothing_is_touched_at_the_source_before_it_is_committed(world: World) -> None:
    """When the mailbox is told to delete, the queue has the bytes; a mailbox that fails there keeps
    its mail, and the next round settles what was filed already, once."""
    box = Mailbox()
    content = mail("One", 1)
    box.deliver(content)
    account = account_of(world, "imap", "delete")

    def before(step: str) -> None:
        if step == "settle":
            (row,) = rows(world)
            assert row.stored_message_id is not None
            assert not row.settled
            raise broken("settle")

    box.before = before
    with pytest.raises(ServerError):
        play(world, box, account)
    assert list(box.messages.values()) == [content]
    assert states(world) == ["filed"]
    box.before = lambda step: None
    assert play(world, box, account).took == 0
    assert box.messages == {}
    assert [one.settled for one in rows(world)] == [True]
    assert len(activities(world)) == 1


def test_what_had_come_when_the_connection_broke_is_filed(world: World) -> None:
    """The rest comes with the next round."""
    box = Mailbox()
    box.deliver(mail("One", 1), mail("Two", 2), mail("Three", 3))
    account = account_of(world, "imap", "delete")

    box.before = breaks_at("read 3")
    with pytest.raises(ServerError):
        play(world, box, account)
    assert states(world) == ["filed", "filed"]
    assert len(box.messages) == 3
    box.before = lambda step: None
    done = play(world, box, account)
    assert (done.took, box.messages) == (1, {})
    assert len(rows(world)) == len(activities(world)) == 3


def test_two_equal_mails_are_two_rows_and_one_entry(world: World) -> None:
    """Each stands in the queue; in the group the same bytes are one activity anyway."""
    box = Mailbox()
    box.deliver(mail("Same", 1), mail("Same", 1))
    account = account_of(world, "imap", "delete")
    assert play(world, box, account).filed == 2
    assert states(world) == ["filed", "filed"]
    assert len(activities(world)) == 1
    assert box.messages == {}


def test_a_uidl_that_is_given_anew_is_another_message(world: World) -> None:
    """A POP3 server may use the UIDL of what was deleted once more (RFC 1939 7): the new message is
    taken before it is deleted."""
    box = Mailbox(validity=None)
    box.deliver(mail("Old", 1))
    account = account_of(world, "pop3", "delete")
    play(world, box, account)
    box.messages["1"] = mail("New", 2)
    assert play(world, box, account).took == 1
    assert [one.subject for one in rows(world)] == ["Old", "New"]
    assert [one.origin_key for one in rows(world)] == [None, "1"]
    assert box.messages == {}


def test_a_uidl_given_anew_before_the_first_was_settled(world: World) -> None:
    """The process died between commit and deletion, somebody else deleted the message, and another
    one got its UIDL: it isn't deleted unread."""
    box = Mailbox(validity=None)
    box.deliver(mail("Old", 1))
    account = account_of(world, "pop3", "delete")
    box.before = breaks_at("settle")
    with pytest.raises(ServerError):
        play(world, box, account)
    box.messages["1"] = mail("New", 2)
    box.before = lambda step: None
    assert play(world, box, account).took == 1
    assert [one.subject for one in rows(world)] == ["Old", "New"]
    assert [one.settled for one in rows(world)] == [True, True]
    assert box.messages == {}


def test_what_a_server_did_not_delete_is_deleted_again_and_not_filed_again(world: World) -> None:
    """It said OK, and the message is there all the same."""
    box = Mailbox(validity=None)
    content = mail("One", 1)
    box.deliver(content)
    account = account_of(world, "pop3", "delete")
    play(world, box, account)
    box.messages["1"] = content
    assert play(world, box, account).took == 0
    assert box.messages == {}
    assert len(rows(world)) == 1


def test_under_a_new_uidvalidity_what_stayed_is_known_by_its_bytes(world: World) -> None:
    """Each row once: of two equal mails each finds its own, and a third one is new."""
    box = Mailbox()
    box.deliver(mail("One", 1), mail("Same", 2), mail("Same", 2))
    account = account_of(world, "imap", "keep")
    play(world, box, account)
    box.renew()
    box.seen.clear()
    box.deliver(mail("Same", 2))
    done = play(world, box, account)
    assert done.took == 1
    assert [one.origin_key for one in rows(world)] == ["8.101", "8.102", "8.103", "8.104"]
    assert len(box.seen) == 4


def test_an_equal_mail_after_a_new_uidvalidity_is_another(world: World) -> None:
    """What was marked is still marked, and isn't taken for the one that came since."""
    box = Mailbox()
    box.deliver(mail("Other", 1), mail("Same", 2))
    account = account_of(world, "imap", "keep")
    play(world, box, account)
    box.renew()
    box.deliver(mail("Same", 2))
    assert play(world, box, account).took == 1
    assert [one.origin_key for one in rows(world)] == ["7.1", "7.2", "8.103"]


def test_what_an_earlier_round_left_is_settled_in_several(world: World) -> None:
    """So many in each, and the last one says that nothing is left."""
    box = Mailbox(validity=None)
    box.deliver(*(mail(f"Mail {n}", n) for n in range(5)))
    account = account_of(world, "pop3", "delete")
    box.before = breaks_at("settle")
    with pytest.raises(ServerError):
        play(world, box, account)
    box.before = lambda step: None
    few = replace(account, reading=replace(account.reading, per_round=2))
    assert [play(world, box, few).more for _ in range(3)] == [True, True, False]
    assert box.messages == {}
    assert all(one.settled for one in rows(world))
    assert len(rows(world)) == 5


def test_a_new_uidvalidity_between_commit_and_deletion(world: World) -> None:
    """What was taken and is still there isn't filed again, but deleted."""
    box = Mailbox()
    box.deliver(mail("One", 1))
    account = account_of(world, "imap", "delete")
    box.before = breaks_at("settle")
    with pytest.raises(ServerError):
        play(world, box, account)
    box.renew()
    box.before = lambda step: None
    assert play(world, box, account).took == 0
    assert (box.messages, len(rows(world))) == ({}, 1)
    assert rows(world)[0].settled


def test_what_is_gone_under_a_new_uidvalidity_is_settled(world: World) -> None:
    """Once all that waits was looked at, and its bytes weren't among it."""
    box = Mailbox()
    box.deliver(mail("One", 1))
    account = account_of(world, "imap", "delete")
    box.before = breaks_at("settle")
    with pytest.raises(ServerError):
        play(world, box, account)
    box.messages.clear()
    box.renew()
    box.deliver(mail("Two", 2))
    box.before = lambda step: None
    play(world, box, account)
    assert [one.settled for one in rows(world)] == [True, True]


def test_an_equal_mail_isnt_taken_for_one_whose_settling_was_cut_short(world: World) -> None:
    """The first was deleted, which the queue didn't come to note; the second came since."""
    box = Mailbox()
    box.deliver(mail("Same", 1))
    account = account_of(world, "imap", "delete")
    box.before = breaks_at("settle")
    with pytest.raises(ServerError):
        play(world, box, account)
    box.messages.clear()
    box.renew()
    box.deliver(mail("Same", 1))
    box.before = lambda step: None
    assert play(world, box, account).took == 1
    assert (states(world), box.messages, len(activities(world))) == (["filed", "filed"], {}, 1)


def test_after_a_deletion_equal_bytes_under_a_new_uidvalidity_are_a_new_mail(world: World) -> None:
    """What was deleted can't be what is there now."""
    box = Mailbox()
    box.deliver(mail("One", 1))
    account = account_of(world, "imap", "delete")
    play(world, box, account)
    box.renew()
    box.deliver(mail("One", 1))
    assert play(world, box, account).took == 1
    assert len(rows(world)) == 2


def test_what_is_gone_before_it_was_settled_is_settled(world: World) -> None:
    """Nothing is left to be done there."""
    box = Mailbox()
    box.deliver(mail("One", 1))
    account = account_of(world, "imap", "move")
    box.before = breaks_at("settle")
    with pytest.raises(ServerError):
        play(world, box, account)
    box.messages.clear()
    box.before = lambda step: None
    play(world, box, account)
    assert [one.settled for one in rows(world)] == [True]


def test_the_same_mail_in_two_accounts_is_of_both(world: World) -> None:
    """Each mailbox has its own row and is emptied by itself."""
    first, second = Mailbox(), Mailbox()
    first.deliver(mail("One", 1))
    second.deliver(mail("One", 1))
    one = account_of(world, "imap", "delete")
    other = add(world, "sales", after_reading="delete", creator="Sales E-Mails")
    play(world, first, one)
    play(world, second, other)
    assert states(world) == ["filed", "filed"]
    assert len(activities(world)) == 1
    assert (first.messages, second.messages) == ({}, {})


def test_a_round_takes_so_many_and_says_that_there_are_more(world: World) -> None:
    """The position is noted only when nothing waits any more."""
    box = Mailbox()
    box.deliver(*(mail(f"Mail {n}", n) for n in range(5)))
    account = account_of(world, "imap", "keep", per_round=2)
    assert [play(world, box, account) for _ in range(3)] == [
        Round(2, 2, more=True),
        Round(2, 2, more=True),
        Round(1, 1, more=False),
    ]
    state = world.db.read(lambda tx: accounts.state(tx, account.id))
    assert state.position["at"] == {"validity": 7, "next": 6}


def test_what_somebody_read_elsewhere_is_filed_too(world: World) -> None:
    """From the noted position on, seen or not."""
    box = Mailbox()
    box.deliver(mail("Old", 1))
    account = account_of(world, "imap", "keep")
    play(world, box, account)
    box.seen.update(box.deliver(mail("Read in webmail", 2)))
    assert play(world, box, account).filed == 1


def test_another_mailbox_begins_anew(world: World) -> None:
    """A position of the old one would hide its mail."""
    box = Mailbox()
    box.deliver(*(mail(f"Mail {n}", n) for n in range(3)))
    account = account_of(world, "imap", "keep")
    play(world, box, account)
    other = Mailbox()
    other.deliver(mail("Elsewhere", 9))
    moved = replace(account, place=replace(account.place, host="other.example.org"))
    assert play(world, other, moved).filed == 1
    assert len(rows(world)) == 4


def test_stopped_between_two_messages(world: World) -> None:
    """What was taken is filed and settled; the rest stays untouched."""
    box = Mailbox()
    box.deliver(*(mail(f"Mail {n}", n) for n in range(3)))
    account = account_of(world, "imap", "delete")
    play(world, box, account, stopping=lambda: "read 1" in box.steps)
    assert states(world) == ["filed"]
    assert list(box.messages) == ["2", "3"]


def test_without_a_database_nothing_is_marked(world: World) -> None:
    """The mailbox stays as it is when the commit can't be made."""
    box = Mailbox()
    box.deliver(mail("One", 1))
    account = account_of(world, "imap", "delete")
    away = world.db.path.with_suffix(".away")

    def before(step: str) -> None:
        if step == "read 1":
            world.db.path.rename(away)

    box.before = before
    with pytest.raises(Unavailable):
        play(world, box, account)
    away.rename(world.db.path)
    box.before = lambda step: None
    assert list(box.messages) == ["1"]
    assert "settle" not in box.steps
    assert play(world, box, account).filed == 1


def test_a_database_that_goes_away_before_the_settling(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is marked that couldn't be noted as marked."""
    box = Mailbox()
    box.deliver(mail("One", 1))
    account = account_of(world, "imap", "delete")
    away = world.db.path.with_suffix(".away")
    file_one = filing.file_one

    def filed(*arguments: Any, **more: Any) -> filing.Came:
        came = file_one(*arguments, **more)
        world.db.path.rename(away)
        return came

    monkeypatch.setattr(filing, "file_one", filed)
    with pytest.raises(Unavailable):
        play(world, box, account)
    away.rename(world.db.path)
    assert "settle" not in box.steps
    assert list(box.messages) == ["1"]


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (Place("imaps", "Mail.Example.org", 993), "imap://@mail.example.org/INBOX"),
        (Place("imap", "mail.example.org", 143), "imap://@mail.example.org/INBOX"),
        (Place("imap", "mail.example.org", 1143, "A/B"), "imap://@mail.example.org:1143/A/B"),
        (Place("pop3s", "mail.example.org", 995), "pop3://@mail.example.org"),
    ],
)
def test_what_a_mailbox_is_called(place: Place, name: str) -> None:
    """With TLS or without it is the same."""
    assert called(place) == name

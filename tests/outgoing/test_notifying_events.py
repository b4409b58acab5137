"""What happens is told to whom it concerns: event by event."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from desk import LIMITS, Desk, wrapper
from sqlalchemy import update
from telling import Bell, changes, letter, text_of

from imapgate.activities import addressing, groups, happenings, users
from imapgate.folders.verdict import Outcome
from imapgate.incoming import filing, queue
from imapgate.incoming.account import RETRIES
from imapgate.incoming.source import Waiting
from storage import notifications
from storage.schema import activity_event, principal


def events_of(bell: Bell) -> list[tuple[str, str | None]]:
    return bell.pass_on()


def new_case(bell: Bell) -> None:
    bell.case(who="bob")


def drops_mail(bell: Bell) -> None:
    bell.drop(letter())


def answers_a_case(bell: Bell) -> None:
    bell.drop(letter(f"Re: #{bell.case(who='bob')}"))


def closes(bell: Bell) -> None:
    number = bell.case(who="bob")
    for step in ("Assign", "Complete", "Close"):
        bell.follow_up(number, transition=step)


def notes(bell: Bell) -> None:
    number = bell.case(who="bob")
    bell.follow_up(number, transition="Assign")
    bell.follow_up(number, transition="Add Note", text="It is warm.")


def takes_a_mail(bell: Bell) -> None:
    bell.drop(letter())
    bell.follow_up(10_000_001, transition="Assign")


def moves_a_mail(bell: Bell) -> None:
    bell.drop(letter())
    desk = Desk(bell.world, bell.world.bob)
    verdict = desk.move("Trackers/Support", [1], "Trackers/Sales")
    assert verdict.outcome is Outcome.DONE


def wraps(bell: Bell) -> None:
    number = bell.case(who="bob")
    bell.drop(wrapper(f"> #{number} Look", letter(n=2)))


def addresses(bell: Bell) -> None:
    bell.drop(letter())
    address = partial(addressing.address, add=[("to", "otto@example.net")])
    bell.world.db.write(lambda tx: address(tx, bell.world.segment_id, 10_000_001))


CREATED, CHANGED, ASSIGNED = happenings.CREATED, happenings.CHANGED, happenings.ASSIGNED
FOLLOW_UP, STATE, CONTACT = happenings.FOLLOW_UP, happenings.STATE, happenings.CONTACT


@pytest.mark.parametrize(
    ("work", "left"),
    [
        (new_case, [CREATED]),
        (drops_mail, [CREATED]),
        (answers_a_case, [CREATED, CREATED, CONTACT]),
        (closes, [CREATED, *[STATE, FOLLOW_UP] * 3]),
        (notes, [CREATED, STATE, FOLLOW_UP, FOLLOW_UP]),
        (takes_a_mail, [CREATED, STATE, ASSIGNED, FOLLOW_UP]),
        (moves_a_mail, [CREATED, CHANGED, CHANGED]),
        (addresses, [CREATED, (CHANGED, None)]),
        (wraps, [CREATED, FOLLOW_UP, CREATED, CONTACT]),
    ],
)
def test_what_happens_leaves_its_events(
    bell: Bell, work: Callable[[Bell], None], left: list[str | tuple[str, None]]
) -> None:
    """In order, and with who did it."""
    bell.wish("alice", *happenings.WANTED)
    work(bell)
    expected = [(event, "bob") if isinstance(event, str) else event for event in left]
    assert events_of(bell) == expected


def test_nothing_is_left_where_nobody_wants_to_be_told(bell: Bell) -> None:
    """Nor what nobody wants, nor what people of other segments want."""
    for work in (closes, drops_mail):
        work(bell)
    assert events_of(bell) == []
    bell.wish("alice", "state")
    answers_a_case(bell)
    assert events_of(bell) == []
    bell.world.db.write(lambda tx: tx.connection.execute(activity_event.delete()) and None)


def test_who_wants_what_is_looked_up_once_in_a_transaction(bell: Bell) -> None:
    """A drop of many mails asks once; what is added in the same transaction counts."""

    def work(tx: Any) -> list[frozenset[str]]:
        asked = [notifications.wanted(tx, bell.world.segment_id)]
        notifications.add(
            tx, bell.world.segment_id, bell.world.bob.id, ["state"], by_mail=True, to_inbox=False
        )
        return [*asked, notifications.wanted(tx, bell.world.segment_id)]

    assert bell.world.db.write(work) == [frozenset(), frozenset({"state"})]


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("created", ["New: Bug, by bob"]),
        ("changed", []),
        ("assigned", []),
        ("follow-up", ["Follow-up: Note, by bob", "A customer wrote"]),
        ("state", ["State: In Progress (was New, by Assign), by bob"]),
        ("contact", ["A customer wrote"]),
    ],
)
def test_only_what_is_wanted_is_told(bell: Bell, wanted: str, told: list[str]) -> None:
    """A mail of a customer is a follow-up, too."""
    bell.wish("alice", wanted)
    number = bell.case(who="bob")
    bell.follow_up(number, transition="Assign", title="Note")
    bell.comes_in(letter(f"#{number} It burns"), stranger="link")
    bell.tell()
    lines = [line for one in bell.inbox("alice") for line in _of(one, number)]
    expected = [
        f"{one}: #{number} It burns (#10000002), by Erika" if "customer" in one else one
        for one in told
    ]
    assert lines == expected


def _of(mail: Any, number: int) -> list[str]:
    return changes(mail) if mail["Subject"].startswith(f"[#{number}]") else []


def test_who_did_it_is_not_told(bell: Bell) -> None:
    """Others are."""
    for name in ("alice", "bob"):
        bell.wish(name, "created")
    bell.case(who="bob")
    assert bell.tell() == 1
    assert (bell.told("alice"), bell.told("bob")) == (["New: Bug, by bob"], [])


def test_what_comes_in_by_itself_is_done_by_who_wrote_it(bell: Bell) -> None:
    """Not by the administrator in whose name it is filed; a user's own mail is their own doing."""
    for name in ("admin", "alice", "bob"):
        bell.wish(name, "created", "follow-up")
    bell.world.db.write(lambda tx: _join(bell, tx, "admin"))
    bell.comes_in(letter(sender="bob@example.org"))
    bell.comes_in(letter("Question", 2))
    bell.tell()
    mails = {name: len(bell.inbox(name)) for name in ("admin", "alice", "bob")}
    assert mails == {"admin": 2, "alice": 2, "bob": 1}
    assert bell.told("bob") == ["New: E-Mail, by Erika"]


def _join(bell: Bell, tx: Any, name: str) -> None:
    group = groups.find_group(tx, bell.world.segment_id, "Support")
    groups.set_member(tx, group, f"{name}@Standard", "viewer")


def test_an_import_is_no_news_and_neither_is_a_notice_that_comes_back(bell: Bell) -> None:
    """Else of each notice a notice would be sent."""
    bell.wish("alice", *happenings.WANTED)
    number = bell.case()
    bell.tell()
    (notice,) = bell.inbox("alice")
    for automatic in ("notification", None):
        told = automatic is not None
        bell.comes_in(
            notice.as_bytes().replace(b"no-reply", b"%d" % told),
            automatic=automatic,
            told=told,
            stranger="link",
        )
    assert events_of(bell) == []
    bell.comes_in(letter(f"Re: {notice['Subject']}", sender="alice@example.org"))
    assert [event for event, _ in events_of(bell)] == [CREATED, FOLLOW_UP]
    assert number


def test_a_new_assignee_is_told_once_and_others_of_a_change(bell: Bell) -> None:
    """`assigned` is: to me."""
    for name in ("alice", "carol"):
        bell.wish(name, "assigned")
    bell.wish("admin", "changed")
    bell.world.db.write(lambda tx: _join(bell, tx, "admin"))
    bell.drop(letter())
    bell.follow_up(10_000_001, "alice", transition="Assign")
    bell.tell()
    assert (bell.told("alice"), bell.told("carol")) == ([], [])
    assert bell.told("admin") == ["Assigned to alice, by alice"]
    bell.drop(letter(n=2))
    bell.world.db.write(
        lambda tx: happenings.assigned(
            tx, bell.world.segment_id, bell.id_of(10_000_002), None, bell.world.alice.id
        )
    )
    assert bell.tell() == 2
    assert bell.told("alice") == ["Assigned to alice"]
    assert bell.tell() == 0


def test_scope_is_all_a_group_or_an_activity(bell: Bell) -> None:
    """The group as it is when it happens, and the one that it left."""
    number = bell.case(who="bob")
    bell.wish("alice", "follow-up", number=number)
    bell.wish("carol", "follow-up", group="Support")
    bell.wish("alice", "changed", group="Support")
    bell.follow_up(number, title="One")
    bell.follow_up(bell.case(who="bob"), title="Two")
    bell.drop(letter(), folder="Trackers/Sales")
    bell.follow_up(10_000_003, title="Three")
    bell.drop(letter(n=4))
    Desk(bell.world, bell.world.bob).move("Trackers/Support", [1], "Trackers/Sales")
    bell.tell()
    assert bell.told("alice") == ["Follow-up: One, by bob", "Left tracker Support, by bob"]
    assert bell.told("carol") == ["Follow-up: One, by bob", "Follow-up: Two, by bob"]


def test_who_does_not_see_it_is_not_told(bell: Bell) -> None:
    """A member of none of its groups, by rights as they are when it is told; who is disabled."""
    for name in ("alice", "carol", "dave"):
        bell.wish(name, "created", "changed")
    bell.case(who="bob")
    bell.drop(letter(), folder="Trackers/Sales")
    bell.pass_on()
    assert bell.waiting() == 3
    bell.world.db.write(
        lambda tx: groups.remove_member(
            tx, groups.find_group(tx, bell.world.segment_id, "Support"), "carol@Standard"
        )
    )
    bell.world.db.write(lambda tx: users.set_disabled(tx, "alice@Standard"))
    assert bell.tell() == 0
    assert bell.waiting() == 0
    bell.world.db.write(lambda tx: users.set_disabled(tx, "alice@Standard", False))
    assert bell.tell() == 0


def test_a_group_s_name_is_told_to_its_members_alone(bell: Bell) -> None:
    """carol sees the activity, which comes into a group that she doesn't know of."""
    bell.wish("carol", "created", "changed")
    bell.drop(letter())
    Desk(bell.world, bell.world.bob).copy("Trackers/Support", [1], "Trackers/Sales")
    bell.tell()
    (mail,) = bell.inbox("carol")
    assert "Sales" not in mail.as_string()
    assert bell.told("carol") == ["New: E-Mail, by bob"]
    assert "Groups: Support" in text_of(mail).splitlines()


def test_mail_that_is_tried_again_is_not_told_yet(bell: Bell) -> None:
    """Nor is what was told already, when somebody tries it once more in vain."""
    bell.wish("admin", "incoming-failed")
    row_id = bell.fails(tries=1)
    assert bell.waiting() == 0
    for _ in range(RETRIES):
        filing.file_one(bell.world.db, row_id, LIMITS)
    assert bell.tell() == 1
    filing.file_one(bell.world.db, row_id, LIMITS, by_hand=True)
    assert bell.waiting() == 0


def test_mail_that_was_settled_meanwhile_is_not_told(bell: Bell) -> None:
    """Nor to who doesn't decide about it any more."""
    bell.wish("admin", "incoming-failed")
    row_id = bell.fails()
    assert bell.waiting() == 1
    filing.discard(bell.world.db, row_id)
    assert bell.tell() == 0
    bell.fails(letter(n=2))
    bell.world.db.write(
        lambda tx: tx.connection.execute(update(principal).values(is_admin=False)) and None
    )
    assert bell.tell() == 0
    assert bell.waiting() == 0


def test_mail_whose_bytes_were_never_taken_is_told_to_administrators(bell: Bell) -> None:
    """Bob decides about what goes into his groups, once it is here."""
    for name in ("admin", "bob"):
        bell.wish(name, "incoming-failed")
    db = bell.world.db
    origin = queue.Origin(bell.world.segment_id, "1 imap://support@host/INBOX")
    large = Waiting("7.1", 10**9)
    for told in (0, 1, 0):
        queue.refuse(db, origin, large, large.size, queue.TOO_LARGE, "It is too large.", 1)
        assert bell.tell() == told
    assert (len(bell.inbox("admin")), len(bell.inbox("bob"))) == (1, 0)
    assert "It is too large." in text_of(bell.inbox("admin")[0])


def test_mail_that_cannot_be_filed_is_told_to_who_decides(bell: Bell) -> None:
    """Once, when it isn't tried again by itself; not of our own notices; not once it is settled."""
    for name in ("admin", "alice"):
        bell.wish(name, "incoming-failed")
    row_id = bell.fails(letter("Secret plans"))
    bell.fails(letter("Notice", 2).replace(b"To:", b"X-imapgate: 1; notice\r\nTo:"))
    assert bell.tell() == 1
    assert bell.told("alice") == []
    (mail,) = [one for one in bell.inbox("admin") if "could not be filed" in one["Subject"]]
    assert mail["Subject"] == f"Mail that came in could not be filed (message {row_id})"
    text = mail.get_body(("plain",)).get_content()
    assert "From: erika@example.com" in text
    assert 'there is no creator "Nobody"' in text

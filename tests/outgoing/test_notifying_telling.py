"""When it is told: gathered for a while, bounded, once, and never what has gone meanwhile."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from desk import LIMITS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from telling import START, Bell, changes, letter, text_of

from imapgate.activities import erasing, groups
from imapgate.activities.names import Mistake
from imapgate.folders import erasing as folder_erasing
from imapgate.folders import groups as folder_groups
from imapgate.outgoing import outbox
from imapgate.outgoing import settings as segment_settings
from imapgate.outgoing.carrying import carry_out
from imapgate.outgoing.notifying import gathering, notice, subscriptions
from storage import Database, Tx, events, notifications, pending_notifications, restoring
from storage.schema import notice as notice_table
from storage.schema import notification, pending_notification
from storage.schema import outbox as outbox_table


def set_to(bell: Bell, key: str, value: int) -> None:
    bell.world.db.write(
        lambda tx: segment_settings.change(tx, bell.world.segment_id, key, str(value), "anna@host")
    )


def test_all_of_a_while_is_one_notice(bell: Bell) -> None:
    """From the first on for two minutes; what comes later begins anew."""
    number = bell.case()
    bell.wish("alice", "follow-up", "state")
    bell.follow_up(number, transition="Assign")
    assert bell.tell(later=100) == 0
    bell.follow_up(number, title="Looked", text="It is cold.\nAnd dark.")
    assert bell.tell(later=19) == 0
    assert bell.tell(later=1) == 1
    bell.follow_up(number, title="Again")
    assert bell.tell() == 1
    first, second = bell.inbox("alice")
    assert changes(first) == [
        "State: In Progress (was New, by Assign), by bob",
        "Follow-up: Looked, by bob",
    ]
    assert "> It is cold.\n> And dark." in text_of(first).replace("\r", "")
    assert changes(second) == ["Follow-up: Again, by bob"]
    assert bell.tell() == 0


def test_the_while_is_the_segment_s(bell: Bell) -> None:
    """0: at once."""
    set_to(bell, segment_settings.NOTIFY_AFTER, 0)
    bell.wish("alice", "created")
    bell.case()
    assert bell.tell(later=0) == 1


def test_what_a_follow_up_s_mail_says_is_not_repeated(bell: Bell) -> None:
    """It stands in the group's folder, to which its number leads."""
    number = bell.case()
    bell.wish("alice", "follow-up")
    bell.drop(letter(f"Re: #{number}"))
    bell.tell()
    (mail,) = bell.inbox("alice")
    assert changes(mail) == [f"A customer wrote: Re: #{number} (#10000002), by Erika"]
    assert "Good morning" not in mail.as_string()


def test_many_lines_are_counted(bell: Bell, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is gathered, and what a mail tells, is bounded."""
    monkeypatch.setattr(gathering, "MOST_LINES", 4)
    monkeypatch.setattr(notice, "MOST_LINES", 3)
    number = bell.case()
    bell.wish("alice", "follow-up")
    for n in range(6):
        bell.follow_up(number, title=f"Note {n}")
    bell.pass_on()
    (row,) = bell.world.db.read(
        lambda tx: pending_notifications.of_principal(tx, bell.world.alice.id, 10)
    )
    assert (len(row.lines), row.more) == (4, 2)
    assert bell.tell() == 1
    assert bell.told("alice") == [
        *(f"Follow-up: Note {n}, by bob" for n in range(3)),
        "- and 3 more",
    ]


def test_an_hour_has_so_many_notices_then_one_digest(bell: Bell) -> None:
    """Nothing is lost by it; another one's aren't held up."""
    set_to(bell, segment_settings.NOTIFY_PER_HOUR, 2)
    for name in ("alice", "carol"):
        bell.wish(name, "created", "follow-up")
    numbers = [bell.case(f"Case {n}") for n in range(2)]
    assert bell.tell() == 4
    for number in numbers:
        bell.follow_up(number, title="Held")
    assert bell.tell() == 0
    assert bell.tell(later=3000) == 0
    bell.follow_up(numbers[0], title="Later")
    assert bell.tell(later=3600 - 3120) == 2
    digest = bell.inbox("alice")[-1]
    assert digest["Subject"] == "3 changes of 2 activities"
    assert changes(digest) == [
        "#10000001 Case 0: Follow-up: Held, by bob",
        "#10000001 Case 0: Follow-up: Later, by bob",
        "#10000002 Case 1: Follow-up: Held, by bob",
    ]
    assert digest["References"] is None
    assert bell.waiting() == 0


def test_mails_that_could_not_be_filed_are_counted(bell: Bell) -> None:
    """In one notice, or in the digest with the rest."""
    bell.wish("admin", "incoming-failed")
    for n in range(2):
        bell.fails(letter(n=n))
    bell.tell()
    assert bell.inbox("admin")[-1]["Subject"] == "2 mails that came in could not be filed"
    set_to(bell, segment_settings.NOTIFY_PER_HOUR, 2)
    bell.world.db.write(
        lambda tx: groups.set_member(
            tx, groups.find_group(tx, bell.world.segment_id, "Support"), "admin@Standard", "viewer"
        )
    )
    bell.wish("admin", "created")
    bell.case()
    bell.fails(letter(n=3))
    assert bell.tell() == 1
    (digest,) = bell.inbox("admin")[1:]
    assert digest["Subject"] == "1 change of 1 activity; mail that could not be filed: 1"


def test_more_at_once_than_there_is_room_for_is_one_digest(bell: Bell) -> None:
    """A drop of many mails."""
    set_to(bell, segment_settings.NOTIFY_PER_HOUR, 3)
    bell.wish("alice", "created")
    for n in range(4):
        bell.drop(letter(f"Mail {n}", n))
    assert bell.tell() == 1
    assert len(bell.told("alice")) == 4


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_every_change_is_told_once_and_in_time(bell: Bell, data: st.DataObject) -> None:
    """Whatever happens when: each wanted change stands in exactly one notice, in order for each
    activity, no later than the window after it where the hour has room; never more notices in an
    hour than may be."""
    set_to(bell, segment_settings.NOTIFY_PER_HOUR, 3)
    bell.now += 7200
    if not bell.wished:
        bell.wished = [bell.case(f"Case {n}") for n in range(2)]
        bell.wish("alice", "follow-up")
        bell.pass_on()
    before = len(bell.inbox("alice"))
    written: dict[str, int] = {}
    told_at: dict[str, int] = {}
    starts: list[int] = []
    seen = before

    def look(later: int) -> None:
        nonlocal seen
        count = bell.tell(later)
        new = bell.inbox("alice")[seen:] if count else []
        seen += len(new)
        assert count == len(new)
        starts.extend([bell.now] * count)
        for mail in new:
            for line in changes(mail):
                title = line.partition("Follow-up: ")[2].partition(",")[0]
                assert title not in told_at
                told_at[title] = bell.now

    for n in range(data.draw(st.integers(1, 8))):
        title = f"{bell.now} {n}"
        bell.follow_up(data.draw(st.sampled_from(bell.wished)), title=title)
        written[title] = bell.now
        look(data.draw(st.sampled_from([0, 1, 60, 119, 120, 1000])))
    while bell.pass_on() or bell.waiting():
        look(1000)
    assert set(told_at) == set(written)
    for title, at in written.items():
        late = told_at[title] - at
        assert late <= 120 + 1000 or sum(one >= at - 3600 for one in starts) > 3
    for n, at in enumerate(starts):
        assert sum(at <= one < at + 3600 for one in starts[n:]) <= 2 * 3


def test_an_error_keeps_what_is_gathered_and_holds_up_nobody_else(
    bell: Bell, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """All of one person's telling is one transaction: it is told once, then."""
    for name in ("alice", "carol"):
        bell.wish(name, "created")
    bell.case("Gadget")
    written = notice.written

    def breaks(tx: Tx, person: Any, *rest: Any) -> bytes:
        octets = written(tx, person, *rest)
        if person.name == "alice":
            raise ZeroDivisionError
        return octets

    monkeypatch.setattr(notice, "written", breaks)
    assert bell.tell() == 1
    assert (len(bell.inbox("carol")), bell.inbox("alice"), bell.waiting()) == (1, [], 1)
    assert "telling somebody what happened" in caplog.text
    assert "Gadget" not in caplog.messages[0]
    assert bell.tell() == 0
    monkeypatch.undo()
    monkeypatch.setattr("time.time", lambda: float(bell.now))
    assert bell.tell(later=600) == 1
    assert (len(bell.inbox("carol")), len(bell.inbox("alice"))) == (1, 1)


def test_what_failed_while_it_was_told_is_told_by_one_mail(
    bell: Bell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The outbox's row, the notice in the INBOX and the end of what was gathered stand or fall
    together."""
    bell.mail_goes_out()
    bell.wish("alice", "created", by="both")
    bell.case()
    put = outbox.put

    def puts_and_breaks(*given: Any) -> int:
        put(*given)
        raise ZeroDivisionError

    monkeypatch.setattr(outbox, "put", puts_and_breaks)
    assert bell.tell() == 0
    assert (bell.sent(), bell.inbox("alice")) == ([], [])
    monkeypatch.setattr(outbox, "put", put)
    assert bell.tell(later=600) == 1
    assert (len(bell.sent()), len(bell.inbox("alice"))) == (1, 1)


def test_a_wish_that_is_withdrawn_ends_what_is_gathered(bell: Bell) -> None:
    """So does its group's removal; the wish goes with the group."""
    made = bell.wish("alice", "created")
    bell.wish("bob", "created", group="Support")
    bell.case()
    bell.pass_on()
    assert bell.waiting() == 2
    segment_id = bell.world.segment_id
    bell.world.db.write(lambda tx: subscriptions.remove(tx, segment_id, made, "anna@host"))
    assert bell.tell() == 1
    assert (bell.told("alice"), bell.told("bob")) == ([], ["New: Bug"])
    bell.case()
    bell.pass_on()
    assert bell.waiting() == 1

    def removed(tx: Tx) -> None:
        folder_groups.group_removed(tx, bell.world.groups["Support"])
        groups.remove_group(tx, segment_id, "Support")

    bell.world.db.write(removed)
    assert bell.tell() == 0
    assert bell.world.db.read(lambda tx: notifications.of_segment(tx, segment_id)) == []
    with pytest.raises(Mistake):
        bell.world.db.write(lambda tx: subscriptions.remove(tx, segment_id, made, "anna@host"))


def test_what_is_erased_is_not_told_and_notices_of_it_go(bell: Bell) -> None:
    """Also those of the case to which the mail was linked, since it came; older ones stay."""
    number = bell.case("Gadget")
    bell.mail_goes_out()
    bell.wish("alice", "created", "follow-up", by="both")
    bell.follow_up(number, title="Old")
    bell.tell()
    bell.now += 10
    bell.drop(letter(f"Private #{number}"))
    bell.tell()
    bell.follow_up(10_000_002, title="Waits")
    bell.pass_on()
    assert (len(bell.inbox("alice")), len(bell.sent()), bell.waiting()) == (3, 3, 1)
    db, segment_id = bell.world.db, bell.world.segment_id
    planned = folder_erasing.plan(db, segment_id, [10_000_002], LIMITS)
    folder_erasing.erase(db, segment_id, planned, "private", None)
    (left,) = bell.inbox("alice")
    rows = db.read(lambda tx: tx.connection.execute(select(outbox_table.c.state)).all())
    states = [row.state for row in rows]
    assert sorted(states) == ["cancelled", "cancelled", "waiting"]
    assert changes(left) == ["Follow-up: Old, by bob"]
    assert bell.tell() == 0
    assert bell.waiting() == 0
    found = db.read(lambda tx: tx.connection.execute(select(notice_table.c.activity_id)).all())
    assert [row.activity_id for row in found] == [bell.id_of(number)]
    assert erasing.ERASED not in bell.told("alice")


def test_nothing_old_is_told_after_a_restore(bell: Bell) -> None:
    """It may have been told since the backup; the wishes stay."""
    bell.wish("alice", "created")
    bell.case()
    bell.pass_on()
    bell.case()
    path = bell.world.db.path
    bell.world.db.close()
    restoring.settle(path)
    restoring.renew(path, None)
    bell.world = replace(bell.world, db=Database.open(path))
    try:
        assert bell.pass_on() == []
        assert bell.tell() == 0
        tables = (pending_notification, notification)
        rows = [
            bell.world.db.read(lambda tx, one=one: len(tx.connection.execute(select(one)).all()))
            for one in tables
        ]
        assert rows == [0, 1]
    finally:
        bell.world.db.close()


def test_a_clock_that_was_set_back_holds_nobody_up_for_long(bell: Bell) -> None:
    """An hour that would begin in the future is none."""
    set_to(bell, segment_settings.NOTIFY_PER_HOUR, 1)
    bell.wish("alice", "created")
    bell.case()
    assert bell.tell() == 1
    bell.now = START - 10_000
    bell.case()
    assert bell.tell() == 1


def test_an_unknown_event_is_an_error_and_stops_no_other(
    bell: Bell, caplog: pytest.LogCaptureFixture
) -> None:
    """What is to be carried out isn't told."""
    bell.wish("alice", "created")
    bell.case()
    bell.world.db.write(
        lambda tx: events.add(tx, bell.world.segment_id, bell.id_of(10_000_001), "sneezed", None)
    )
    bell.case()
    assert bell.tell() == 2
    assert "telling of sneezed" in caplog.text


def test_gathering_and_the_end_of_the_event_are_one(
    bell: Bell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever the process dies, it is told once: what isn't committed is looked at again."""
    bell.wish("alice", "created")
    bell.case()
    removed = events.remove

    def dies(*given: Any) -> None:
        removed(*given)
        raise KeyboardInterrupt

    monkeypatch.setattr(events, "remove", dies)
    with pytest.raises(KeyboardInterrupt):
        carry_out(bell.world.db)
    monkeypatch.setattr(events, "remove", removed)
    assert bell.waiting() == 0
    assert bell.tell() == 1
    assert bell.told("alice") == ["New: Bug"]

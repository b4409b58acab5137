"""A change of an activity becomes a new revision of its message in its groups' folders."""

from __future__ import annotations

import email
import email.policy
from typing import Any

import pytest
from desk import Desk, mail, records
from revising import AT_ONCE, SALES, SUPPORT, ago, calm, case, make, unseen
from sqlalchemy import select
from world import World, build

from imapgate.folders.activity_folders import making as folders_of_activities
from imapgate.folders.rendering import message
from imapgate.folders.revisions import entry_identity, making
from imapgate.limits import Limits
from storage import Database, Tx, activity_folders, expunged, revisions
from storage.schema import FLAGGED, activity_event, entry

PATIENT = Limits(revision_time=120)


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def alice(world: World) -> Desk:
    return Desk(world, world.alice)


@pytest.fixture
def bob(world: World) -> Desk:
    return Desk(world, world.bob)


def header(content: bytes, name: str) -> str:
    return str(email.message_from_bytes(content, policy=email.policy.default)[name])


def test_a_new_activity_stands_in_each_of_its_groups(world: World, alice: Desk) -> None:
    """One message in each, known as the activity's; nothing is due afterwards, nobody dropped it
    and nobody is told of it."""
    one = case(world, beside=["Sales"])
    assert make(world.db) == 1
    for name in (SUPPORT, SALES):
        (row,) = alice.rows(name)
        assert f"[#{one.number}] Gadget does not boot" in header(row.content, "Subject")
        assert row.activity_id == one.id
    assert (one.due(), one.revision(), make(world.db)) == (None, 1, 0)
    assert records(world) == []
    assert alice.droppers(SUPPORT) == {}
    told = world.db.read(lambda tx: tx.connection.execute(select(activity_event)).all())
    assert told == []
    kept = world.db.read(lambda tx: tx.connection.execute(select(entry)).all())
    assert {(row.rendered, row.identity) for row in kept} == {(True, entry_identity(one.id))}


def test_a_change_is_a_new_message_in_the_place_of_the_old_one(world: World, alice: Desk) -> None:
    """Under a new UID; the old one is expunged for everybody who looks."""
    one = case(world)
    make(world.db)
    (before,) = alice.rows(SUPPORT)
    one.write(world.bob, "Tried another cable")
    assert make(world.db) == 1
    (after,) = alice.rows(SUPPORT)
    assert after.uid > before.uid
    assert b"Tried another cable" in after.content
    assert b"Tried another cable" not in before.content
    assert header(after.content, "Message-ID") != header(before.content, "Message-ID")
    assert header(before.content, "Message-ID") in header(after.content, "References")
    folder = alice.folder(SUPPORT)
    gone = world.db.read(lambda tx: expunged.since(tx, folder.id, 1))
    assert gone == [(before.uid, before.uid)]
    assert one.revision() == 2


def test_equal_octets_are_stored_once(world: World) -> None:
    """Groups that show the same, to the same people, have one message."""
    one = case(world, beside=["Sales", "Archive"])
    one.leave("Support")
    make(world.db)
    stored = {row.stored_message_id for row in one.renderings()}
    assert len(one.renderings()) == len(stored) == 1
    assert len(one.stands()) == 2


def test_what_is_marked_without_a_change_stays_as_it_is(world: World, alice: Desk) -> None:
    """No new revision, hence nothing to be read again."""
    one = case(world)
    make(world.db)
    before = one.stands()
    world.db.write(lambda tx: revisions.mark(tx, one.id))
    assert make(world.db) == 1
    assert (one.stands(), one.revision(), one.due()) == (before, 1, None)


def test_later_changes_wait_and_are_shown_together(world: World, alice: Desk) -> None:
    """The first change after a pause is made at once."""
    one = case(world)
    assert make(world.db, PATIENT) == 1
    made_at = world.db.read(lambda tx: revisions.newest(tx, one.id))
    assert made_at is not None
    one.write(world.bob, "First")
    one.write(world.bob, "Second")
    assert make(world.db, PATIENT) == 0
    assert one.due().due_at == made_at[1] + 120
    one.write(world.bob, "Third")
    assert make(world.db, PATIENT) == 0
    assert one.revision() == 1
    ago(world.db, 120)
    one.write(world.bob, "Fourth")
    assert make(world.db, PATIENT) == 1
    (row,) = alice.rows(SUPPORT)
    assert all(text in row.content for text in (b"First", b"Second", b"Third", b"Fourth"))
    assert one.revision() == 2


def test_a_clock_that_was_ahead_holds_nothing_up(world: World) -> None:
    one = case(world)
    make(world.db)
    ago(world.db, -1_000_000)
    one.write(None, "News")
    assert make(world.db, PATIENT) == 1
    assert one.revision() == 2


def test_what_a_clock_that_was_ahead_put_off_is_due(world: World) -> None:
    one = case(world)
    world.db.write(lambda tx: revisions.put_off(tx, one.id, tx.now + 1_000_000))
    assert world.db.read(revisions.next_due) is not None
    assert make(world.db) == 1


def test_shared_flags_and_keywords_go_over(world: World, alice: Desk) -> None:
    one = case(world)
    make(world.db)
    folder = alice.folder(SUPPORT)

    def flag(tx: Tx) -> None:
        tx.connection.execute(
            entry.update().where(entry.c.folder_id == folder.id).values(flags=FLAGGED, keywords="x")
        )

    world.db.write(flag)
    one.write(None, "News")
    make(world.db)
    (row,) = alice.rows(SUPPORT)
    assert (row.flags, row.keywords) == (FLAGGED, ("x",))


def test_a_group_that_it_left_and_one_that_it_joined(world: World, alice: Desk) -> None:
    """Also where the next revision has to wait: nobody is to see what isn't theirs any more."""
    one = case(world)
    make(world.db)
    one.leave("Support")
    one.join("Sales")
    assert make(world.db, PATIENT) == 0
    assert (alice.rows(SUPPORT), alice.rows(SALES)) == ([], [])
    assert make(world.db) == 0
    ago(world.db, 120)
    one.change(percent_complete=10)
    assert make(world.db, PATIENT) == 1
    assert [row.activity_id for row in alice.rows(SALES)] == [one.id]


def test_an_activity_in_no_group_is_no_message(world: World) -> None:
    one = case(world)
    one.leave("Support")
    assert make(world.db) == 1
    assert (one.stands(), one.renderings(), one.due()) == ([], [], None)


def test_a_closed_activity_stays(world: World, alice: Desk) -> None:
    one = case(world)
    make(world.db)
    one.close()
    make(world.db)
    assert one.revision() == 2
    assert [row.activity_id for row in alice.rows(SUPPORT)] == [one.id]


def test_an_e_mail_activity_is_its_own_message(world: World, alice: Desk) -> None:
    """Its entry stays under its UID, whatever happens to it; what it is linked to changes."""
    one = case(world)
    make(world.db)
    verdict = alice.append(SUPPORT, mail(f"About #{one.number}"))
    assert make(world.db) == 2
    rows = alice.rows(SUPPORT)
    assert rows[0].uid == verdict.uids[0]
    assert rows[0].content == mail(f"About #{one.number}")
    assert (rows[1].activity_id, one.revision()) == (one.id, 2)


# -- who finds it unread -------------------------------------------------------------------------


def test_a_new_one_is_unread_for_all_but_who_made_it(world: World) -> None:
    case(world, person=world.alice)
    make(world.db)
    assert unseen(world) == {"alice": [], "bob": [1], "carol": [1]}


def test_a_change_is_unread_for_the_assignee_followers_and_new_readers(world: World) -> None:
    """carol wrote a follow-up once, bob is assigned, dave never read it; alice had read it and has
    nothing to do with it."""
    one = case(world)
    one.change(assigned_to_id=world.bob.id)
    one.write(world.carol, "I have one, too")
    make(world.db)
    (_, uid) = one.stands()[0]
    for person in (world.alice, world.bob, world.carol):
        Desk(world, person).set_own(SUPPORT, [uid], 1)
    one.write(None, "A mail came")
    make(world.db)
    assert unseen(world) == {"alice": [], "bob": [2], "carol": [2]}
    one.write(None, "Another mail came")
    make(world.db)
    assert unseen(world)["alice"] == []


def test_who_changed_it_alone_has_seen_it(world: World) -> None:
    one = case(world)
    make(world.db)
    one.write(world.bob, "Mine")
    one.write(world.bob, "Mine again")
    make(world.db)
    assert unseen(world) == {"alice": [2], "bob": [], "carol": [2]}


@pytest.mark.parametrize("other", ["alice", None])
@pytest.mark.parametrize("first", [True, False])
def test_who_changed_it_with_others_has_not(world: World, other: str | None, first: bool) -> None:
    """The other one's part is news."""
    one = case(world)
    make(world.db)
    by = [world.bob, None if other is None else world.people[other]]
    for person in by if first else by[::-1]:
        one.write(person, "A word")
    one.write(world.bob, "The last word")
    make(world.db)
    assert unseen(world)["bob"] == [2]


def test_what_was_there_before_an_upgrade_is_read(world: World, alice: Desk) -> None:
    """Unless somebody changes it before its first message is written."""
    quiet, loud = case(world, "One"), case(world, "Another")
    calm(world.db)
    for one in (quiet, loud):
        world.db.write(lambda tx, one=one: revisions.mark(tx, one.id, quiet=True))
    loud.write(world.alice, "News")
    assert make(world.db) == 2
    uids = {row.activity_id: row.uid for row in alice.rows(SUPPORT)}
    assert uids[loud.id] < uids[quiet.id]
    assert unseen(world) == {"alice": [], "bob": [uids[loud.id]], "carol": [uids[loud.id]]}


def test_a_quiet_change_leaves_unread_what_was(world: World) -> None:
    one = case(world, person=world.alice)
    make(world.db)
    calm(world.db)

    def quietly(tx: Tx) -> None:
        revisions.mark(tx, one.id, quiet=True)
        tx.connection.exec_driver_sql(f"UPDATE activity SET name = 'Else' WHERE id = {one.id}")

    world.db.write(quietly)
    make(world.db)
    assert one.revision() == 2
    assert unseen(world) == {"alice": [], "bob": [2], "carol": [2]}


def test_what_is_seen_takes_no_more_rows_with_each_revision(world: World) -> None:
    """However often it changes."""
    one = case(world)
    case(world, "Another")
    make(world.db)

    def rows() -> int:
        counted = "SELECT count(*) FROM user_run"
        return int(world.db.read(lambda tx: tx.connection.exec_driver_sql(counted).scalar_one()))

    counts = []
    for number in range(4):
        (_, uid) = one.stands()[0]
        for person in (world.alice, world.carol):
            Desk(world, person).set_own(SUPPORT, [uid], 1)
        one.change(percent_complete=number)
        make(world.db)
        counts.append(rows())
    assert unseen(world)["alice"] == [2]
    assert counts[0] == counts[-1]


# -- trouble -------------------------------------------------------------------------------------


def test_one_that_cannot_be_written_stops_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch, alice: Desk
) -> None:
    """It is tried again after growing pauses."""
    bad, good = case(world, "Bad"), case(world, "Good")
    render = message.render

    def broken(tx: Tx, activity_id: int, *rest: Any) -> Any:
        if activity_id == bad.id:
            raise ValueError("broken")
        return render(tx, activity_id, *rest)

    monkeypatch.setattr(message, "render", broken)
    assert make(world.db) == 1
    assert [row.activity_id for row in alice.rows(SUPPORT)] == [good.id]
    pauses = []
    for _ in range(3):
        now = world.db.read(lambda tx: tx.now)
        pauses.append(round((bad.due().due_at - now) / 60))
        world.db.write(lambda tx: revisions.put_off(tx, bad.id, 0))
        make(world.db)
    assert pauses == [1, 2, 4]
    assert bad.due().failures == 4
    monkeypatch.undo()
    world.db.write(lambda tx: revisions.put_off(tx, bad.id, 0))
    assert make(world.db) == 1
    assert len(alice.rows(SUPPORT)) == 2


def test_one_that_cannot_be_written_stands_in_no_group_that_lost_it(
    world: World, monkeypatch: pytest.MonkeyPatch, alice: Desk
) -> None:
    """Nor in the folders of those who see it no longer."""
    one = case(world, beside=["Sales"])
    make(world.db)
    inside = alice.folder(f"Activities/Sales/#{one.number}")
    world.db.write(lambda tx: folders_of_activities.make(tx, alice.person, inside))

    def broken(*_: object) -> Any:
        raise ValueError("broken")

    monkeypatch.setattr(message, "render", broken)
    one.leave("Sales")
    assert make(world.db) == 0
    assert (len(alice.rows(SUPPORT)), alice.rows(SALES)) == (1, [])
    assert world.db.read(lambda tx: activity_folders.made_by(tx, alice.person.id)) == []


def test_one_that_cannot_be_stored_stops_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch, alice: Desk
) -> None:
    """They are in one transaction."""
    bad, good = case(world, "Bad"), case(world, "Good")
    replace = making._replace

    def broken(tx: Tx, plan: Any) -> None:
        replace(tx, plan)
        if plan.activity.id == bad.id:
            raise ValueError("broken")

    monkeypatch.setattr(making, "_replace", broken)
    assert make(world.db) == 1
    assert [row.activity_id for row in alice.rows(SUPPORT)] == [good.id]
    assert (bad.due().failures, bad.renderings()) == (1, [])


def test_what_changes_while_it_is_rendered_is_not_written(
    world: World, monkeypatch: pytest.MonkeyPatch, alice: Desk
) -> None:
    """It may say by then what it mustn't say any more."""
    one = case(world)
    render = message.render

    def changing(*given: Any) -> Any:
        made = render(*given)
        one.change(name="Erased")
        return made

    monkeypatch.setattr(message, "render", changing)
    assert making.make_due(world.db, AT_ONCE) == 0
    assert alice.rows(SUPPORT) == []
    monkeypatch.undo()
    world.db.write(lambda tx: revisions.put_off(tx, one.id, 0))
    assert make(world.db) == 1
    (row,) = alice.rows(SUPPORT)
    assert b"Erased" in row.content
    assert b"Gadget" not in row.content


def test_no_more_are_made_than_asked_for(world: World) -> None:
    for number in range(5):
        case(world, f"Case {number}")
    assert [making.make_due(world.db, AT_ONCE, most=2) for _ in range(4)] == [2, 2, 1, 0]

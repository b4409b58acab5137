"""SELECT's view and what changed since: each person is told what is theirs to see."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mailroom import PLAIN, folder, opened, put, said
from world import World, build

from imapgate.activities import groups
from imapgate.activities.people import Person
from imapgate.folders import flags, leaving, opening
from imapgate.folders.opening import Changes
from imapgate.limits import Limits
from storage import Database, entries, reading
from storage.runs import Run
from storage.schema import DELETED, SEEN

SUPPORT = "Trackers/Support"


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


def store(world: World, person: Person, uids: list[int], *wanted: bytes) -> None:
    here = folder(world, person, SUPPORT)
    world.db.write(lambda tx: flags.store(tx, person, here, uids, b"+", wanted, Limits()))


def news(world: World, person: Person, since: opening.Opened) -> Changes:
    return world.db.read(
        lambda tx: opening.changes(tx, person, since.folder.id, since.modseq, since.uidnext)
    )


def test_empty_folder(world: World) -> None:
    view = opened(world, world.alice)
    assert list(view.uids) == []
    assert (view.first_unseen, view.recent_from, view.uidnext) == (None, 1, 1)


def test_uids_keywords_and_first_unseen(world: World) -> None:
    uids = put(world, world.alice, SUPPORT, [PLAIN] * 4, keywords="$x")
    store(world, world.carol, uids[:2], rb"\Seen")
    view = opened(world, world.carol, SUPPORT)
    assert list(view.uids) == uids
    assert view.first_unseen == uids[2]
    assert view.keywords == (b"$x",)
    assert view.uidnext == uids[-1] + 1
    assert opened(world, world.alice, SUPPORT).first_unseen == uids[0]


def test_largest_uid_has_room(world: World) -> None:
    assert opening.array(opening.UIDS, [2**32 - 1])[0] == 2**32 - 1


def test_recent_is_claimed_once(world: World) -> None:
    uids = put(world, world.alice, SUPPORT, [PLAIN] * 3)
    view = opened(world, world.alice, SUPPORT)
    assert view.recent_from == uids[0]

    def claim(up_to: int) -> None:
        world.db.write(lambda tx: opening.claim_recent(tx, world.alice, view.folder.id, up_to))

    claim(uids[1])
    assert opened(world, world.alice, SUPPORT).recent_from == uids[2]
    claim(uids[0])
    assert opened(world, world.alice, SUPPORT).recent_from == uids[2]
    claim(uids[2])
    now = opened(world, world.alice, SUPPORT)
    assert now.recent_from == now.uidnext
    assert now.modseq == view.modseq
    assert opened(world, world.bob, SUPPORT).recent_from == uids[0]


def test_no_change_no_news(world: World) -> None:
    put(world, world.alice, SUPPORT, [PLAIN])
    view = opened(world, world.bob, SUPPORT)
    told = news(world, world.bob, view)
    assert told.folder == view.folder
    assert (told.expunged, told.arrived, told.flags) == ([], [], [])
    assert told.modseq == view.modseq


def test_arrivals_expunges_and_shared_flags_are_told(world: World) -> None:
    uids = put(world, world.alice, SUPPORT, [PLAIN] * 4)
    view = opened(world, world.bob, SUPPORT)
    store(world, world.alice, uids[:1], rb"\Flagged", rb"\Seen", b"$y")
    store(world, world.bob, uids[:1], rb"\Seen")
    world.db.write(lambda tx: entries.remove(tx, view.folder.id, [uids[1], uids[3]]))
    arrived = put(world, world.alice, SUPPORT, [PLAIN])
    told = news(world, world.bob, view)
    assert told.expunged == [uids[1], uids[3]]
    assert told.arrived == arrived
    assert said(told.flags) == [(uids[0], rb"\Flagged \Seen $y")]
    assert told.keywords == (b"$y",)
    again = opened(world, world.bob, SUPPORT)
    assert news(world, world.bob, again).modseq == told.modseq == again.modseq


def test_others_own_flags_are_not_told(world: World) -> None:
    """Rule 15: \\Seen and \\Deleted are each user's own."""
    uids = put(world, world.alice, SUPPORT, [PLAIN] * 3)
    view = opened(world, world.bob, SUPPORT)
    store(world, world.alice, uids, rb"\Seen")
    told = news(world, world.bob, view)
    assert told.flags == []
    assert told.modseq > view.modseq
    other_session = news(world, world.alice, view)
    assert said(other_session.flags) == [(uid, rb"\Seen") for uid in uids]


def test_own_flags_taken_away_in_another_session_are_told(world: World) -> None:
    uids = put(world, world.alice, SUPPORT, [PLAIN] * 3)
    store(world, world.alice, uids, rb"\Seen")
    view = opened(world, world.alice, SUPPORT)
    here = view.folder
    world.db.write(
        lambda tx: flags.store(tx, world.alice, here, uids[1:2], b"-", (rb"\Seen",), Limits())
    )
    assert said(news(world, world.alice, view).flags) == [(uids[1], b"")]


def test_what_came_and_went_meanwhile_is_not_told(world: World) -> None:
    view = opened(world, world.bob, SUPPORT)
    uids = put(world, world.alice, SUPPORT, [PLAIN] * 2)
    world.db.write(lambda tx: entries.remove(tx, view.folder.id, uids[:1]))
    store(world, world.bob, uids[1:], rb"\Seen")
    told = news(world, world.bob, view)
    assert told.expunged == []
    assert told.arrived == uids[1:]
    assert told.flags == []


def test_many_scattered_changes_are_told_each_once(world: World) -> None:
    uids = put(world, world.alice, SUPPORT, [PLAIN] * 700)
    view = opened(world, world.alice, SUPPORT)
    chosen = [*uids[:300:2], uids[-1]]
    store(world, world.alice, chosen, rb"\Seen")
    store(world, world.alice, chosen[:10], rb"\Flagged")
    told = dict(said(news(world, world.alice, view).flags))
    assert sorted(told) == chosen
    assert told[chosen[0]] == rb"\Flagged \Seen"
    assert told[chosen[20]] == rb"\Seen"


def test_lost_membership_and_lost_folder(world: World) -> None:
    view = opened(world, world.carol, SUPPORT)

    def leave(tx: object) -> None:
        group = groups.find_group(tx, world.segment_id, "Support")  # type: ignore[arg-type]
        groups.remove_member(tx, group, "carol@Standard")  # type: ignore[arg-type]

    world.db.write(leave)
    assert news(world, world.carol, view).folder is None
    assert news(world, world.bob, view).folder is not None


def test_expunge_in_one_session_is_told_in_the_other(world: World) -> None:
    uids = put(world, world.alice, "INBOX", [PLAIN] * 3)
    here = folder(world, world.alice)
    view = opened(world, world.alice)
    world.db.write(
        lambda tx: flags.store(tx, world.alice, here, uids[:2], b"+", (rb"\Deleted",), Limits())
    )
    assert world.db.write(lambda tx: leaving.expunge(tx, world.alice, here, None)) == uids[:2]
    told = news(world, world.alice, view)
    assert told.expunged == uids[:2]
    assert told.flags == []


@settings(deadline=None, max_examples=200)
@given(
    st.sets(st.integers(1, 60)),
    st.lists(st.tuples(st.integers(1, 6), st.integers(0, 5), st.integers(0, 3)), max_size=8),
)
def test_first_unseen_is_the_lowest_without_seen(
    uids: set[int], steps: list[tuple[int, int, int]]
) -> None:
    own = []
    at = 0
    for gap, width, bits in steps:
        first = at + gap
        at = first + width
        own.append(Run(first, at, bits & (SEEN | DELETED), 1))
    seen = {uid for run in own if run.flags & SEEN for uid in range(run.first, run.last + 1)}
    expected = min(uids - seen, default=None)
    assert opening._first_unseen(sorted(uids), own) == expected


def test_runs_are_read_with_what_stands_in_them_only(world: World) -> None:
    """Near and far runs, over gaps, beyond the last message."""
    uids = put(world, world.alice, SUPPORT, [PLAIN] * 900)
    here = folder(world, world.alice, SUPPORT)
    gone = set(uids[100:400:2])
    world.db.write(lambda tx: entries.remove(tx, here.id, sorted(gone)))
    covering = [Run(1, 3, 0, 1), Run(5, 5, 0, 1), Run(90, 120, 0, 1), Run(890, 5000, 0, 1)]
    covering.append(Run(9000, 9001, 0, 1))
    inside = {uid for run in covering for uid in range(run.first, run.last + 1)}
    found = world.db.read(lambda tx: reading.within_runs(tx, here.id, covering, ("flags",)))
    assert [row[0] for row in found] == [uid for uid in uids if uid in inside - gone]
    assert world.db.read(lambda tx: reading.within_runs(tx, here.id, [], ())) == []

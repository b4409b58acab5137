"""STORE: whose flags, by which right, and what stays as it is (rules 14 to 16)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from mailroom import PLAIN, folder, opened, put, said
from world import World, build

from imapgate.activities.people import Person
from imapgate.folders import flags
from imapgate.folders.flags import Stored
from imapgate.limits import Limits
from storage import Database, entries, runs

SUPPORT = "Trackers/Support"


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


def store(
    world: World,
    person: Person,
    name: str,
    uids: Sequence[int],
    mode: bytes,
    *wanted: bytes,
    limits: Limits | None = None,
) -> Stored:
    here = folder(world, person, name)
    return world.db.write(
        lambda tx: flags.store(tx, person, here, uids, mode, wanted, limits or Limits())
    )


def test_add_take_away_and_replace(world: World) -> None:
    (uid,) = put(world, world.alice, "INBOX", [PLAIN])

    def now(mode: bytes, *wanted: bytes) -> bytes:
        return store(world, world.alice, "INBOX", [uid], mode, *wanted).flags[0][1]

    assert now(b"+", rb"\Seen", rb"\Flagged", b"$b", b"$a") == rb"\Flagged \Seen $a $b"
    assert now(b"-", rb"\Flagged", b"$a", rb"\Draft") == rb"\Seen $b"
    assert now(b"", rb"\Deleted", b"$c") == rb"\Deleted $c"
    assert now(b"") == b""


def test_system_flags_and_keywords_are_known_in_any_case(world: World) -> None:
    first, second = put(world, world.alice, "INBOX", [PLAIN, PLAIN])
    store(world, world.alice, "INBOX", [first], b"+", b"$Forwarded")
    done = store(world, world.alice, "INBOX", [second], b"+", rb"\SEEN", b"$forwarded")
    assert said(done.flags) == [(second, rb"\Seen $Forwarded")]
    done = store(world, world.alice, "INBOX", [second], b"-", b"$FORWARDED")
    assert said(done.flags) == [(second, rb"\Seen")]


def test_recent_and_unknown_system_flags_are_passed_over(world: World) -> None:
    (uid,) = put(world, world.alice, "INBOX", [PLAIN])
    done = store(world, world.alice, "INBOX", [uid], b"+", rb"\Recent", rb"\Unheard")
    assert said(done.flags) == [(uid, b"")]
    assert done.before == done.after
    assert not done.refused
    assert not done.all_refused


def test_what_is_so_already_changes_nothing(world: World) -> None:
    uids = put(world, world.alice, "INBOX", [PLAIN, PLAIN])
    wanted = (rb"\Seen", rb"\Answered", b"$x")
    first = store(world, world.alice, "INBOX", uids, b"+", *wanted)
    assert first.after == first.before + 1
    for mode in (b"+", b""):
        again = store(world, world.alice, "INBOX", uids, mode, *wanted)
        assert again.before == again.after == first.after
        assert again.flags == first.flags


def test_messages_that_are_gone_are_passed_over(world: World) -> None:
    uids = put(world, world.alice, "INBOX", [PLAIN] * 3)
    here = folder(world, world.alice)
    world.db.write(lambda tx: entries.remove(tx, here.id, uids[1:2]))
    done = store(world, world.alice, "INBOX", uids, b"+", rb"\Seen")
    assert [one.uid for one in done.flags] == [uids[0], uids[2]]


def test_seen_on_all_is_one_run_even_over_gaps(world: World) -> None:
    uids = put(world, world.alice, "INBOX", [PLAIN] * 50)
    here = folder(world, world.alice)
    world.db.write(lambda tx: entries.remove(tx, here.id, uids[10:30:3]))
    store(world, world.alice, "INBOX", uids, b"+", rb"\Seen")
    own = world.db.read(lambda tx: runs.load(tx, world.alice.id, here.id))
    assert [(run.first, run.last) for run in own] == [(uids[0], uids[-1])]


def test_only_those_asked_for_change(world: World) -> None:
    uids = put(world, world.alice, "INBOX", [PLAIN] * 300)
    for chosen in (uids[::3], [uids[1], uids[-1]]):
        store(world, world.alice, "INBOX", uids, b"")
        store(world, world.alice, "INBOX", chosen, b"+", rb"\Seen", rb"\Flagged", b"$x")
        now = dict(said(store(world, world.alice, "INBOX", uids, b"+").flags))
        assert {uid for uid in uids if now[uid]} == set(chosen)
        assert {now[uid] for uid in chosen} == {rb"\Flagged \Seen $x"}


def test_group_folder_shares_all_but_seen_and_deleted(world: World) -> None:
    uids = put(world, world.alice, SUPPORT, [PLAIN], droppers=[world.alice])
    wanted = (rb"\Seen", rb"\Deleted", rb"\Answered", rb"\Draft", b"$x")
    mine = store(world, world.alice, SUPPORT, uids, b"+", *wanted)
    assert said(mine.flags) == [(uids[0], rb"\Answered \Deleted \Seen \Draft $x")]
    bobs = store(world, world.bob, SUPPORT, uids, b"+", rb"\Seen")
    assert said(bobs.flags) == [(uids[0], rb"\Answered \Seen \Draft $x")]


def test_viewer_may_set_seen_and_is_told_what_stays(world: World) -> None:
    uids = put(world, world.bob, SUPPORT, [PLAIN])
    done = store(world, world.carol, SUPPORT, uids, b"+", rb"\Seen", rb"\Flagged", b"$x")
    assert said(done.flags) == [(uids[0], rb"\Seen")]
    assert done.refused == frozenset(uids)
    assert not done.all_refused
    done = store(world, world.carol, SUPPORT, uids, b"+", rb"\Flagged")
    assert done.all_refused
    assert done.before == done.after


def test_viewers_replacement_leaves_the_shared_flags(world: World) -> None:
    uids = put(world, world.bob, SUPPORT, [PLAIN])
    store(world, world.bob, SUPPORT, uids, b"+", rb"\Flagged", b"$x")
    done = store(world, world.carol, SUPPORT, uids, b"", rb"\Seen")
    assert said(done.flags) == [(uids[0], rb"\Flagged \Seen $x")]
    assert done.refused == frozenset(uids)
    done = store(world, world.carol, SUPPORT, uids, b"")
    assert said(done.flags) == [(uids[0], rb"\Flagged $x")]
    done = store(world, world.bob, SUPPORT, uids, b"", rb"\Seen")
    assert said(done.flags) == [(uids[0], rb"\Seen")]
    assert not done.refused


def test_contributor_deletes_only_what_they_alone_dropped(world: World) -> None:
    (mine,) = put(world, world.alice, SUPPORT, [PLAIN], droppers=[world.alice])
    (bobs,) = put(world, world.alice, SUPPORT, [PLAIN], droppers=[world.bob])
    (both,) = put(world, world.alice, SUPPORT, [PLAIN], droppers=[world.alice, world.bob])
    (nobodys,) = put(world, world.alice, SUPPORT, [PLAIN])
    uids = [mine, bobs, both, nobodys]
    done = store(world, world.alice, SUPPORT, uids, b"+", rb"\Deleted", rb"\Seen")
    assert said(done.flags) == [
        (mine, rb"\Deleted \Seen"),
        *((uid, rb"\Seen") for uid in uids[1:]),
    ]
    assert done.refused == {bobs, both, nobodys}
    assert not done.all_refused
    done = store(world, world.alice, SUPPORT, [bobs, both], b"+", rb"\Deleted")
    assert done.all_refused
    done = store(world, world.bob, SUPPORT, uids, b"+", rb"\Deleted")
    assert not done.refused
    assert {one.flags for one in done.flags} == {rb"\Deleted"}


def test_keywords_of_a_folder_are_limited(world: World) -> None:
    uids = put(world, world.alice, "INBOX", [PLAIN])
    few = Limits(keywords=2)
    store(world, world.alice, "INBOX", uids, b"+", b"$a", b"$b", limits=few)
    done = store(world, world.alice, "INBOX", uids, b"+", b"$c", rb"\Seen", limits=few)
    assert done.limit
    assert said(done.flags) == [(uids[0], b"$a $b")]
    assert done.before == done.after
    done = store(world, world.alice, "INBOX", uids, b"", b"$B", limits=few)
    assert not done.limit
    assert said(done.flags) == [(uids[0], b"$b")]
    done = store(world, world.alice, "INBOX", uids, b"+", b"$c", limits=few)
    assert not done.limit, "what no message carries any more makes room"
    assert said(done.flags) == [(uids[0], b"$b $c")]


@pytest.mark.parametrize(
    ("login", "name", "expected"),
    [
        ("alice", "INBOX", rb"\Answered \Flagged \Draft \Deleted \Seen \*"),
        ("carol", SUPPORT, rb"\Seen"),
        ("alice", SUPPORT, rb"\Answered \Flagged \Draft \Deleted \Seen \*"),
        ("alice", "Trackers", b""),
    ],
)
def test_permanent_flags_follow_the_rights(
    world: World, login: str, name: str, expected: bytes
) -> None:
    here = folder(world, world.people[login], name)
    assert b" ".join(flags.permanent(here)) == expected


def test_mark_seen_tells_what_became_seen(world: World) -> None:
    uids = put(world, world.bob, SUPPORT, [PLAIN] * 3)
    here = folder(world, world.carol, SUPPORT)

    def mark(chosen: Sequence[int]) -> tuple[frozenset[int], int, int]:
        return world.db.write(lambda tx: flags.mark_seen(tx, world.carol, here, chosen))

    new, before, after = mark(uids[:2])
    assert (new, after - before) == (frozenset(uids[:2]), 1)
    new, before, after = mark([*uids, 999])
    assert (new, after - before) == (frozenset(uids[2:]), 1)
    new, before, after = mark(uids)
    assert (new, after - before) == (frozenset(), 0)
    assert opened(world, world.carol, SUPPORT).first_unseen is None
    assert opened(world, world.bob, SUPPORT).first_unseen == uids[0]


def test_what_is_seen_already_is_not_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    uids = put(world, world.bob, SUPPORT, [PLAIN] * 2)
    here = folder(world, world.carol, SUPPORT)
    new, before, after = flags.see(world.db, world.carol, here, uids[:1])
    assert (new, after - before) == (frozenset(uids[:1]), 1)
    assert flags.see(world.db, world.carol, here, uids)[0] == frozenset(uids[1:])

    def written(*_: object) -> None:
        raise AssertionError("nothing is to be written")

    monkeypatch.setattr(Database, "write", written)
    assert flags.see(world.db, world.carol, here, uids) == (frozenset(), 0, 0)
    assert flags.see(world.db, world.carol, here, []) == (frozenset(), 0, 0)


def test_seen_on_many_thousand_messages_is_one_row(world: World) -> None:
    """However many there are, nothing is written for each."""
    (uid,) = put(world, world.alice, "INBOX", [PLAIN])
    here = folder(world, world.alice)

    def fill(tx: object) -> int:
        return len(
            entries.add(tx, here.id, [entries.NewEntry(1, len(PLAIN), 0)] * 20_000)  # type: ignore[arg-type]
        )

    assert world.db.write(fill) == 20_000
    done = store(world, world.alice, "INBOX", range(uid, uid + 20_001), b"+", rb"\Seen")
    assert len(done.flags) == 20_001
    own = world.db.read(lambda tx: runs.load(tx, world.alice.id, here.id))
    assert [(run.first, run.last) for run in own] == [(uid, uid + 20_000)]

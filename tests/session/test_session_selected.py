"""The selected folder's view against a naive model; small units beside it."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from imapgate.connections.attempts import Attempts
from imapgate.connections.budget import Budget
from imapgate.connections.counting import Sessions
from imapgate.folders.folder import Folder, Kind
from imapgate.folders.opening import Opened
from imapgate.session.hub import Hub
from imapgate.session.literals import Arriving
from imapgate.session.selected import Selected
from imapgate.wire.numbers import read_set
from storage.changes import Change

FOLDER = Folder(
    id=1,
    kind=Kind.PERSONAL,
    name="INBOX",
    rights="lrswipkxte",
    special_use=None,
    uidvalidity=7,
    group_id=None,
    group_name=None,
    takes_mail=True,
    subscribed=True,
    has_children=False,
    recovered=False,
)


def selected(uids: list[int], recent_from: int = 1_000) -> Selected:
    uidnext = uids[-1] + 1 if uids else 1
    opened = Opened(FOLDER, array("I", uids), recent_from, None, (), uidnext, 10)
    return Selected(opened, writable=True)


def test_numbers_and_uids() -> None:
    view = selected([3, 5, 9], recent_from=5)
    assert len(view) == 3
    assert view.recent == 2
    assert view.number(5) == 2
    assert view.number(4) is None
    assert view.numbered([9, 4, 3]) == [(3, 9), (1, 3)]
    assert view.with_recent(3, b"\\Seen") == b"\\Seen"
    assert view.with_recent(5, b"\\Seen") == b"\\Seen \\Recent"
    assert view.with_recent(5, b"") == b"\\Recent"


def test_sets_by_number_and_by_uid() -> None:
    """A number that isn't there is BAD, a UID that isn't there is passed over."""
    view = selected([3, 5, 9])
    assert view.resolve(read_set(b"2:*", 10), by_uid=False) == [5, 9]
    assert view.resolve(read_set(b"3,1", 10), by_uid=False) == [3, 9]
    assert view.resolve(read_set(b"4", 10), by_uid=False) is None
    assert view.resolve(read_set(b"4:8,77", 10), by_uid=True) == [5]
    assert selected([]).resolve(read_set(b"1:*", 10), by_uid=False) == []


def test_expunged_keep_their_numbers_until_told() -> None:
    view = selected([3, 5, 9])
    view.expunge([5, 77])
    assert view.has_expunged
    assert view.is_expunged(5)
    assert len(view) == 3
    assert view.number(9) == 3
    assert view.take_expunged() == [2]
    assert view.take_expunged() == []
    assert view.number(9) == 2
    assert not view.has_expunged


def test_own_changes_move_the_mark_only_without_a_gap() -> None:
    view = selected([1])
    view.moved_on(10, 11)
    assert view.modseq == 11
    view.moved_on(12, 13)
    assert view.modseq == 11


@dataclass
class Client:
    """A mail client that believes what it is told."""

    uids: list[int] = field(default_factory=list)

    def expunge(self, number: int) -> None:
        del self.uids[number - 1]


@settings(deadline=None, max_examples=200)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("arrive"), st.lists(st.integers(1, 60), max_size=5)),
            st.tuples(st.just("expunge"), st.lists(st.integers(1, 60), max_size=5)),
            st.tuples(st.just("tell"), st.just([])),
        ),
        max_size=30,
    )
)
def test_a_client_that_follows_has_the_same_numbers(steps: list[tuple[str, list[int]]]) -> None:
    """After each telling, client and view agree; EXISTS falls by EXPUNGE alone."""
    view, client = selected([]), Client()
    gone: set[int] = set()
    for what, uids in steps:
        before = len(view)
        if what == "arrive":
            view.arrive(sorted(set(uids)))
            client.uids += [uid for uid in sorted(set(uids)) if uid > max(client.uids, default=0)]
        elif what == "expunge":
            view.expunge(uids)
            gone |= {uid for uid in uids if uid in client.uids}
        else:
            told = view.take_expunged()
            for number in told:
                client.expunge(number)
            assert len(view) == before - len(told)
            assert not gone & set(client.uids)
            gone.clear()
        if what != "tell":
            assert len(view) >= before
        assert list(view.uids) == client.uids
        assert [view.number(uid) for uid in client.uids] == list(range(1, len(client.uids) + 1))


def test_attempts_on_one_login_come_one_by_one() -> None:
    """Only after a failure, only for that pair; success and time forget it."""
    attempts = Attempts(2.0)
    assert attempts.pause("alice", "::1", 0.0) == 0.0
    attempts.failed("Alice", "::1", 0.0)
    assert attempts.pause("alice", "::1", 1.0) == 1.0
    assert attempts.pause("alice", "::1", 1.0) == 3.0
    assert attempts.pause("bob", "::1", 1.0) == 0.0
    assert attempts.pause("alice", "192.0.2.1", 1.0) == 0.0
    attempts.succeeded("ALICE", "::1")
    assert attempts.pause("alice", "::1", 1.0) == 0.0
    attempts.failed("alice", "::1", 0.0)
    assert attempts.pause("alice", "::1", 3600.0) == 0.0


def test_places_are_counted_and_given_back() -> None:
    sessions = Sessions(3, 2, 1)
    assert sessions.open("a") is None
    assert sessions.open("a") is None
    assert sessions.open("a")
    assert sessions.open("b") is None
    assert sessions.open("c")
    sessions.close("a")
    assert sessions.open("c") is None
    assert sessions.sign_in(1)
    assert not sessions.sign_in(1)
    sessions.sign_out(1)
    assert sessions.sign_in(1)


def test_literals_in_memory_and_in_files_are_alike() -> None:
    """Freed twice is freed once; a view that somebody still holds is no error."""
    budget = Budget(100)
    for in_memory in (1, 50):
        assert budget.take(20)
        literal = Arriving(20, in_memory, budget)
        literal.add(b"0123456789")
        literal.add(b"abcdefghij")
        content = literal.complete()
        held = memoryview(content)
        assert content[:] == b"0123456789abcdefghij"
        assert budget.left == 80
        literal.free()
        literal.free()
        assert budget.left == 100
        assert bytes(held[:2]) == b"01"
        held.release()
    assert not budget.take(101)


def test_the_hub_brings_news_to_whom_they_concern() -> None:
    """One hop per commit; watchers of the folder, and everybody about people."""

    class Feed:
        def subscribe(self, listener):
            self.tell = listener
            return lambda: setattr(self, "tell", None)

    class Session:
        def __init__(self) -> None:
            self.heard: list[str] = []

        def folder_changed(self) -> None:
            self.heard.append("folder")

        def people_changed(self) -> None:
            self.heard.append("people")

    feed, hops, one, two = Feed(), [], Session(), Session()
    heard: list[str] = []
    hub = Hub(feed, hops.append, lambda: heard.append("after"))  # type: ignore[arg-type]
    hub.join(one)
    hub.join(two)
    hub.watch(5, one)
    feed.tell(Change(frozenset({5, 6}), people=False))
    assert (len(hops), one.heard) == (1, [])
    hops.pop()()
    assert (one.heard, two.heard) == (["folder"], [])
    hub.unwatch(5, one)
    hub.leave(two)
    feed.tell(Change(frozenset({5}), people=True))
    hops.pop()()
    assert (one.heard, two.heard, heard) == (["folder", "people"], [], ["after"])
    hub.close()
    assert feed.tell is None

"""A client that comes and goes at any moment, with CONDSTORE or QRESYNC, ends with exactly what
a client sees that opens the folder for the first time (RFC 7162): whatever it did itself, whatever
its user's other session and a colleague did meanwhile, in a group and in the user's own folder."""

from __future__ import annotations

from unittest.mock import patch

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from resyncing import Keeper
from session_play import Play

from storage import expunged

FLAGS = [r"\Seen", r"\Deleted", r"\Flagged", "Later"]
PLACES = ("Trackers/Support", "INBOX")
flag_sets = st.sets(st.sampled_from(FLAGS), min_size=1, max_size=2)
picks = st.lists(st.integers(1, 8), min_size=1, max_size=2, unique=True).map(
    lambda uids: ",".join(map(str, uids))
)
modes = st.sampled_from(["+", "+", "-", ""])
others = st.sampled_from(["alice2", "bob"])
by_others = st.one_of(
    st.tuples(st.just("append"), others, flag_sets, st.integers(0, 5)),
    st.tuples(st.just("store"), others, picks, modes, flag_sets),
    st.tuples(st.just("strike out"), others, picks),
    st.tuples(st.just("read"), others, picks),
    st.tuples(st.just("move"), others, picks),
)
by_the_keeper = st.one_of(
    st.tuples(st.just("stores"), picks, modes, flag_sets),
    st.tuples(st.just("stores if unchanged"), picks, modes, flag_sets, st.integers(0, 3)),
    st.tuples(
        st.just("says"),
        st.sampled_from(
            [
                "NOOP",
                "FETCH 1:* (UID MODSEQ)",
                "FETCH 1 (UID MODSEQ)",
                "FETCH 1 (UID BODY[]<0.1>)",
                "UID FETCH 1:* (FLAGS MODSEQ)",
                "SEARCH NOT DELETED",
                "EXPUNGE",
                "UID EXPUNGE 1:4",
            ]
        ),
    ),
    st.tuples(st.just("looks")),
)
rounds = st.lists(
    st.tuples(
        st.lists(by_others, max_size=4),
        st.lists(st.one_of(by_others, by_the_keeper), max_size=4),
    ),
    min_size=1,
    max_size=4,
)
"""Each: what is done while the keeper is away, and from when it comes to when it is lost."""


class Scene(Play):
    """alice is the keeper, alice2 her other session, bob a manager of the group."""

    def __init__(self, place: str, quick: bool) -> None:
        super().__init__()
        self.place = place
        self.keeper = Keeper(self.stage, "alice", place, quick)
        for n in range(4):
            self.do("append", "alice2", set(), n)

    def other(self, name: str, command: str, literal: bytes = b"") -> None:
        client = self.stage.client(name)
        if name not in self.idle:
            self.idle.add(name)  # Here: who has selected the place.
            client.send(f'o SELECT "{self.place}"\r\n'.encode())
        client.send(b"o %b%b\r\n" % (command.encode(), literal))
        self.stage.tell_news()
        assert b"o BAD" not in client.wire.take(), command

    def do(self, what: str, *given: object) -> None:
        match what, given:
            case "append", (str(name), set(flags), int(n)):
                mail = b"Subject: No. %d\r\n\r\nText\r\n" % n
                words = " ".join(sorted(map(str, flags)))
                literal = b" {%d+}\r\n%b" % (len(mail), mail)
                self.other(name, f'APPEND "{self.place}" ({words})', literal)
            case "store", (str(name), str(uids), str(mode), set(flags)):
                words = " ".join(sorted(map(str, flags)))
                self.other(name, f"UID STORE {uids} {mode}FLAGS.SILENT ({words})")
            case "strike out", (str(name), str(uids)):
                self.other(name, f"UID STORE {uids} +FLAGS.SILENT (\\Deleted)")
                self.other(name, f"UID EXPUNGE {uids}")
            case "read", (str(name), str(uids)):
                self.other(name, f"UID FETCH {uids} BODY[]<0.1>")
            case "move", (str(name), str(uids)):
                self.other(name, f"UID MOVE {uids} Archive")
            case _:
                self._by_the_keeper(self.keeper, what, *given)

    def _by_the_keeper(self, keeper: Keeper, what: str, *given: object) -> None:
        match what, given:
            case "stores", (str(uids), str(mode), set(flags)):
                keeper.store(uids, mode, {str(one) for one in flags}, "")
            case "stores if unchanged", (str(uids), str(mode), set(flags), int(back)):
                since = f"(UNCHANGEDSINCE {max(0, keeper.modseq - back)}) "
                keeper.store(uids, mode, {str(one) for one in flags}, since)
            case "says", (str(command),):
                if keeper.uids or "1 (" not in command:
                    keeper.say(command)
            case "looks", ():
                keeper.look_for_new()

    def check(self) -> None:
        """What the keeper has, and what a newcomer of the same user finds."""
        fresh = Keeper(self.stage, "alice3", self.place, quick=False)
        fresh.connect()
        assert self.keeper.flags == fresh.flags
        assert self.keeper.uids == fresh.uids
        assert self.keeper.modseq <= fresh.modseq
        fresh.lose()


FLAG_TOLD_BEFORE_EXPUNGE = [
    ([], [("strike out", "alice2", "2"), ("store", "bob", "1", "+", {r"\Flagged"})]),
    (
        [],
        [
            ("strike out", "alice2", "3"),
            ("store", "alice2", "1", "-", {r"\Flagged"}),
            ("says", "FETCH 1 (UID MODSEQ)"),
        ],
    ),
]
"""The connection is lost while an EXPUNGE is held back and a later change has been told."""


@example(place=PLACES[0], quick=True, played=FLAG_TOLD_BEFORE_EXPUNGE)
@given(place=st.sampled_from(PLACES), quick=st.sampled_from([True, True, False]), played=rounds)
@settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_whoever_comes_back_sees_what_is_there(
    place: str, quick: bool, played: list[tuple[list[tuple[object, ...]], list[tuple[object, ...]]]]
) -> None:
    """bob's steps count in the group alone: in INBOX he has one of his own. What is expunged is
    soon remembered roughly."""
    with patch.object(expunged, "TOLD_APART", 4):
        scene = Scene(place, quick)
        try:
            for away, here in played:
                for what, *given in away:
                    scene.do(str(what), *given)
                scene.keeper.connect()
                scene.check()
                for what, *given in here:
                    scene.do(str(what), *given)
                scene.keeper.lose()
            scene.keeper.connect()
            scene.check()
            scene.keeper.say("NOOP")
            scene.check()
        finally:
            scene.end()

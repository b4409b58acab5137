"""THREAD's algorithms (RFC 5256 3), rule by rule."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threads_by_the_book import by_the_book

from imapgate.folders import threading
from imapgate.folders.threading import Threaded, ordered_subject, references
from imapgate.wire.threads import thread


def threaded(
    uid: int, own: str = "", after: str = "", subject: str = "", sent: int | None = None
) -> Threaded:
    """own, after: Message-IDs of a letter each; subject: `Re: x` is a reply."""
    return Threaded(
        uid,
        own.encode().ljust(8) if own else None,
        b"".join(one.encode().ljust(8) for one in after),
        subject.removeprefix("Re: "),
        subject.startswith("Re: "),
        uid if sent is None else sent,
    )


def told(*messages: Threaded) -> str:
    return thread(references(messages)).decode().removeprefix("* THREAD").strip()


@pytest.mark.parametrize(
    ("messages", "threads"),
    [
        ((), ""),
        ((threaded(1),), "(1)"),
        ((threaded(1, "a"), threaded(2, "b", "a")), "(1 2)"),
        # a child before its parent
        ((threaded(1, "b", "a"), threaded(2, "a")), "(2 1)"),
        # a mail that isn't there joins two: the siblings of section 4
        ((threaded(3, "b", "a"), threaded(5, "c", "a")), "((3)(5))"),
        # with a single child it goes
        ((threaded(3, "b", "a"),), "(3)"),
        # below a message it is passed over, with any number of children
        ((threaded(1, "a"), threaded(2, "c", "ab"), threaded(3, "d", "ab")), "(1 (2)(3))"),
        # a row of them
        ((threaded(1, "e", "abcd"), threaded(2, "f", "abcd")), "((1)(2))"),
        ((threaded(1, "e", "abc"), threaded(2, "f", "abd")), "((1)(2))"),
        # section 4's own
        (
            (
                threaded(2, "2"),
                threaded(3, "3"),
                threaded(4, "4", "36"),
                threaded(6, "6", "3"),
                threaded(7, "7", "w"),
                threaded(23, "n", "4"),
                threaded(44, "w", "6"),
                threaded(96, "z", "7"),
            ),
            "(2)(3 6 (4 23)(44 7 96))",
        ),
        # a link that is there isn't changed by other mails' references
        ((threaded(1, "b", "a"), threaded(2, "c", "xb")), "(1 2)"),
        # but by the mail's own last one
        ((threaded(1, "a"), threaded(2, "c", "ab"), threaded(3, "b", "x"), threaded(4, "x")),
         "(1)(4 3 2)"),
        # and by its having none
        ((threaded(1, "c", "ab"), threaded(2, "b")), "(2 1)"),
        # loops are never closed
        ((threaded(1, "a", "b"), threaded(2, "b", "a")), "(2 1)"),
        ((threaded(1, "a", "a"),), "(1)"),
        ((threaded(1, "a", "c"), threaded(2, "b", "a"), threaded(3, "c", "b")), "(3 1 2)"),
        ((threaded(1, "c", "aba"),), "(1)"),
        # of several with one Message-ID the first has it
        ((threaded(1, "a"), threaded(2, "a"), threaded(3, "b", "a")), "(1 3)(2)"),
        # step 4 and 6: by date, then by number
        ((threaded(1, sent=9), threaded(2, sent=5), threaded(3, sent=5)), "(2)(3)(1)"),
        (
            (threaded(1, "a"), threaded(2, "b", "a", sent=9), threaded(3, "c", "a", sent=5)),
            "(1 (3)(2))",
        ),
        ((threaded(1, "b", "a", sent=9), threaded(2, "c", "a", sent=5), threaded(3, sent=7)),
         "((2)(1))(3)"),
        # step 5: a reply by its subject
        ((threaded(1, subject="x"), threaded(2, subject="Re: x")), "(1 2)"),
        ((threaded(1, subject="Re: x"), threaded(2, subject="x")), "(2 1)"),
        ((threaded(1, subject="x"), threaded(2, subject="x")), "((1)(2))"),
        ((threaded(1, subject="Re: x"), threaded(2, subject="Re: x")), "((1)(2))"),
        ((threaded(1, subject="x"), threaded(2, subject="x"), threaded(3, subject="Re: x")),
         "((1)(2)(3))"),
        ((threaded(1), threaded(2)), "(1)(2)"),
        # a dummy's subject is its first child's, and two of them become one
        (
            (
                threaded(1, "b", "a", "x", sent=5),
                threaded(2, "c", "a", "y", sent=3),
                threaded(3, subject="y", sent=9),
            ),
            "((2)(1)(3))",
        ),
        (
            (
                threaded(1, "b", "a", "x"),
                threaded(2, "c", "a", "x"),
                threaded(3, "e", "d", "x"),
                threaded(4, "f", "d", "x"),
            ),
            "((1)(2)(3)(4))",
        ),
        (
            (threaded(1, subject="x"), threaded(2, "b", "a", "x"), threaded(3, "c", "a", "x")),
            "((1)(2)(3))",
        ),
    ],
)  # fmt: skip
def test_references(messages: tuple[Threaded, ...], threads: str) -> None:
    assert told(*messages) == threads == by_the_book(messages)


LETTERS = "abcdef"


@st.composite
def folders(draw: st.DrawFn) -> list[Threaded]:
    """Few ids and subjects, so that all of them meet."""
    return [
        threaded(
            uid,
            draw(st.sampled_from(["", *LETTERS])),
            draw(st.text(LETTERS, max_size=4)),
            draw(st.sampled_from(["", "x", "y", "Re: x", "Re: y"])),
            draw(st.integers(0, 3)),
        )
        for uid in range(1, draw(st.integers(0, 9)) + 1)
    ]


@settings(max_examples=400)
@given(folders())
def test_it_is_what_the_rfc_says(messages: list[Threaded]) -> None:
    assert told(*messages) == by_the_book(messages)


@settings(max_examples=200)
@given(folders())
def test_each_message_stands_once_and_siblings_are_in_order(messages: list[Threaded]) -> None:
    dates = {one.uid: (one.sent_at, one.uid) for one in messages}
    for algorithm in threading.ALGORITHMS.values():
        forest = algorithm(messages)
        rows = [row for row in forest.children.values() if row]
        every = [uid for row in (forest.roots, *rows) for uid in row if uid > 0]
        assert sorted(every) == sorted(dates)
        for row in rows:
            assert [dates[uid] for uid in row] == sorted(dates[uid] for uid in row)
        firsts = [dates[root if root > 0 else forest.children[root][0]] for root in forest.roots]
        assert firsts == sorted(firsts)
        assert all(len(forest.children[root]) > 1 for root in forest.roots if root < 0)


def test_ordered_subject() -> None:
    """The first is the parent of all others; threads by their first date."""
    messages = (
        threaded(1, subject="y", sent=5),
        threaded(2, subject="x", sent=9),
        threaded(3, subject="Re: y", sent=4),
        threaded(4, subject="x", sent=1),
        threaded(5, subject="y", sent=5),
        threaded(6, sent=2),
        threaded(7, sent=3),
    )
    assert thread(ordered_subject(messages)) == b"* THREAD (4 2)(6 7)(3 (1)(5))\r\n"
    assert thread(ordered_subject(())) == b"* THREAD\r\n"


def test_a_thread_may_be_as_long_as_a_folder() -> None:
    """Neither nesting nor the search for loops stops it: from the first to the last, and back."""
    count = 20_000
    ids = [b"%08d" % n for n in range(count + 1)]
    forth = [Threaded(n + 1, ids[n + 1], ids[n], "", False, n) for n in range(count)]
    line = b"* THREAD (%b)\r\n" % b" ".join(b"%d" % n for n in range(1, count + 1))
    assert thread(references(forth)) == line
    back = [Threaded(n + 1, ids[n], ids[n + 1], "", False, n) for n in range(count)]
    line = b"* THREAD (%b)\r\n" % b" ".join(b"%d" % n for n in range(count, 0, -1))
    assert thread(references(back)) == line
    nested = [
        Threaded(n + 1, ids[n] if n % 2 else None, ids[max(0, n - 1 - n % 2)], "", False, n)
        for n in range(count)
    ]
    assert thread(references(nested)).count(b"(") > count // 2


def test_what_would_take_too_long_is_left_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each message is there all the same."""
    chain = [threaded(n, "abcdef"[n], "abcdef"[n - 1] if n > 1 else "") for n in range(1, 6)]
    late = [*chain, threaded(6, "y", "x"), threaded(7, "x", "f")]
    assert told(*late) == "(1 2 3 4 5 7 6)"
    monkeypatch.setattr(threading, "STEPS", 4)
    assert told(*late) == "(1 2 3 4 5)(7 6)"
    joined = (threaded(1, "c", "ab"), threaded(2, "d", "ae"))
    assert told(*joined) == "((1)(2))"
    monkeypatch.setattr(threading, "REFERENCES_AT_ONCE", 3)
    assert told(*joined) == "(1)(2)"

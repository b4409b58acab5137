"""SEARCH: every key of RFC 3501 6.4.4, alone and combined."""

from __future__ import annotations

import datetime
import email
import email.policy
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mailroom import folder, put
from world import World, build

from imapgate.activities.people import Person
from imapgate.folders import flags
from imapgate.folders import search as searching
from imapgate.folders.search import search
from imapgate.limits import Limits
from imapgate.wire.commands import (
    And,
    Everything,
    HasAge,
    HasDate,
    HasFlag,
    HasSaveDate,
    HasSize,
    HasText,
    InNumbers,
    Not,
    Or,
    SearchKey,
)
from imapgate.wire.numbers import STAR, NumberSet
from storage import Database, entries
from storage.schema import ANSWERED, FLAGGED

SUPPORT = "Trackers/Support"


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


def found(
    world: World,
    person: Person,
    uids: list[int],
    key: SearchKey,
    name: str = SUPPORT,
    recent_from: int = 2**32,
) -> list[int]:
    here = folder(world, person, name)
    return world.db.read(lambda tx: search(tx, person, here, uids, recent_from, (), key))


def mail(subject: str = "x", body: str = "text", *fields: str) -> bytes:
    head = "".join(f"{line}\r\n" for line in (f"Subject: {subject}", *fields))
    return f"{head}\r\n{body}\r\n".encode()


def at(year: int, month: int, day: int, hour: int = 12) -> int:
    return int(datetime.datetime(year, month, day, hour, tzinfo=datetime.UTC).timestamp())


def test_flags_and_keywords(world: World) -> None:
    one, two, three = uids = put(world, world.alice, SUPPORT, [mail()] * 3)
    here = folder(world, world.alice, SUPPORT)
    world.db.write(
        lambda tx: flags.store(
            tx, world.alice, here, [one], b"+", (rb"\Seen", rb"\Answered", b"$Todo"), Limits()
        )
    )

    def alice(flag: bytes, present: bool = True) -> list[int]:
        return found(world, world.alice, uids, HasFlag(flag, present), recent_from=two)

    assert alice(rb"\Seen") == alice(rb"\Answered") == alice(b"$todo") == [one]
    assert alice(rb"\Seen", False) == alice(b"$TODO", False) == [two, three]
    assert alice(rb"\Deleted") == alice(rb"\Draft") == alice(b"$other") == alice(b"$Tod") == []
    assert alice(rb"\Recent") == [two, three]
    assert alice(rb"\Recent", False) == [one]
    assert found(world, world.bob, uids, HasFlag(rb"\Seen", True)) == []
    assert found(world, world.bob, uids, HasFlag(rb"\Answered", True)) == [one]


def test_numbers_are_of_the_sessions_view(world: World) -> None:
    uids = put(world, world.alice, SUPPORT, [mail()] * 5)
    view = [uids[0], *uids[2:]]

    def numbers(*ranges: tuple[int, int], by_uid: bool = False) -> list[int]:
        return found(world, world.alice, view, InNumbers(NumberSet(ranges), by_uid))

    assert numbers((2, 2)) == [uids[2]]
    assert numbers((STAR, STAR)) == numbers((4, STAR)) == [uids[4]]
    assert numbers((2, 900)) == uids[2:]
    assert numbers((900, 900)) == []
    assert numbers((1, uids[2]), by_uid=True) == [uids[0], uids[2]]
    assert numbers((uids[4] + 7, STAR), by_uid=True) == [uids[4]]


def test_size_and_dates_disregard_the_zone(world: World) -> None:
    """RFC 3501 6.4.4: disregarding time and timezone; the day counts as it was written."""
    early = put(
        world, world.alice, SUPPORT, [mail()], internal_at=at(2020, 5, 9, 23), internal_zone=0
    )
    # 23:30 UTC on the 9th is the 10th in Berlin, and 01:30 UTC on the 10th the 9th in New York.
    berlin = put(
        world, world.alice, SUPPORT, [mail()], internal_at=at(2020, 5, 9, 23), internal_zone=120
    )
    york = put(
        world, world.alice, SUPPORT, [mail(body="y" * 500)], internal_at=at(2020, 5, 10, 1),
        internal_zone=-240,
    )  # fmt: skip
    uids = early + berlin + york
    day = datetime.date(2020, 5, 10)

    def dated(comparison: bytes) -> list[int]:
        return found(world, world.alice, uids, HasDate(comparison, day, sent=False))

    assert dated(b"ON") == dated(b"SINCE") == berlin
    assert dated(b"BEFORE") == early + york
    assert found(world, world.alice, uids, HasSize(500, larger=True)) == york
    size = len(mail())
    assert found(world, world.alice, uids, HasSize(size, larger=False)) == []
    assert found(world, world.alice, uids, HasSize(size + 1, larger=False)) == early + berlin
    assert found(world, world.alice, uids, HasSize(size, larger=True)) == york


def test_sent_dates_are_the_headers_or_else_the_internal_ones(world: World) -> None:
    contents = [
        mail("x", "y", "Date: Sat, 9 May 2020 23:59:00 -0700"),
        mail("x", "y", "Date: Sun, 10 May 2020 00:01:00 +0900"),
        mail("undated"),
    ]
    uids = put(world, world.alice, SUPPORT, contents, internal_at=at(2020, 5, 11))

    def sent(comparison: bytes, *day: int) -> list[int]:
        return found(world, world.alice, uids, HasDate(comparison, datetime.date(*day), sent=True))

    assert sent(b"ON", 2020, 5, 9) == uids[:1]
    assert sent(b"BEFORE", 2020, 5, 10) == uids[:1]
    assert sent(b"SINCE", 2020, 5, 10) == uids[1:]
    assert sent(b"ON", 2020, 5, 11) == uids[2:]
    assert sent(b"SINCE", 1, 1, 1) == uids
    assert sent(b"BEFORE", 1, 1, 1) == []


TEXTS = [
    mail("=?utf-8?B?R3LDvMOfZSBhdXMgS8O2bG4=?=", "plain body", "From: Ann <ann@example.org>"),
    mail("second", "the subject is 100% _special_ \\ here", "X-Empty:", "To: b@example.org"),
    mail("third", "nothing", "Cc: ann@example.org", "X-Folded: one\r\n two"),
    b"Subject: fourth\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    b"<p>D\xc3\xb6ner <b>with</b> sauce</p>",
]


ASKED: list[tuple[bytes, str, list[int]]] = [
    (b"SUBJECT", "grüße", [0]),
    (b"SUBJECT", "GRÜSSE AUS KÖLN", [0]),
    (b"SUBJECT", "gru\u0308ße", [0]),
    (b"SUBJECT", "ann", []),
    (b"FROM", "ann@", [0]),
    (b"CC", "ANN@EXAMPLE.ORG", [2]),
    (b"TO", "example", [1]),
    (b"X-FOLDED", "one two", [2]),
    (b"X-EMPTY", "", [1]),
    (b"X-EMPTY", "x", []),
    (b"X-NONE", "", []),
    (b"EMPTY", "", []),
    (b"BODY", "PLAIN", [0]),
    (b"BODY", "second", []),
    (b"BODY", "100% _special_ \\", [1]),
    (b"BODY", "100x", []),
    (b"BODY", "döner with", [3]),
    (b"BODY", "<b>", []),
    (b"TEXT", "second", [1]),
    (b"TEXT", "sauce", [3]),
    (b"TEXT", "ann@example.org", [0, 2]),
    (b"TEXT", "", [0, 1, 2, 3]),
    (b"BODY", "", [0, 1, 2, 3]),
    (b"TEXT", "'; drop table entry; --", []),
]


def test_texts(world: World) -> None:
    uids = put(world, world.alice, SUPPORT, TEXTS)
    for where, text, expected in ASKED:
        got = found(world, world.alice, uids, HasText(where, text))
        assert got == [uids[place] for place in expected], (where, text)


def test_text_longer_than_any_pattern(world: World) -> None:
    uids = put(world, world.alice, SUPPORT, [mail(body="y" * 70_000)])
    assert found(world, world.alice, uids, HasText(b"BODY", "y" * 64_000)) == uids
    assert found(world, world.alice, uids, HasText(b"BODY", "y" * 64_000 + "z")) == []


def test_the_same_bytes_in_another_folder_are_not_found(world: World) -> None:
    uids = put(world, world.alice, SUPPORT, [mail("here")])
    put(world, world.alice, "INBOX", [mail("here"), mail("there")])
    assert found(world, world.alice, uids, HasText(b"TEXT", "here")) == uids
    assert found(world, world.alice, uids, HasText(b"TEXT", "there")) == []


def test_only_the_sessions_view_is_searched(world: World) -> None:
    """What arrived since the session was last told has no sequence number yet."""
    uids = put(world, world.alice, SUPPORT, [mail("one")] * 3)
    assert found(world, world.alice, uids[:2], Everything()) == uids[:2]
    assert found(world, world.alice, uids[:2], HasText(b"SUBJECT", "one")) == uids[:2]
    assert found(world, world.alice, [], Everything()) == []


def test_what_others_expunged_is_found_by_number_only(world: World) -> None:
    uids = put(world, world.alice, SUPPORT, [mail("one")] * 2)
    here = folder(world, world.alice, SUPPORT)
    world.db.write(lambda tx: entries.remove(tx, here.id, uids[:1]))
    assert found(world, world.alice, uids, InNumbers(NumberSet(((1, 2),)), False)) == uids
    assert found(world, world.alice, uids, HasText(b"SUBJECT", "one")) == uids[1:]


@dataclass(frozen=True)
class Message:
    """What the naive model knows."""

    uid: int
    number: int
    content: bytes
    flags: frozenset[bytes]
    day: datetime.date
    sent: datetime.date
    came: datetime.date


WORDS = ("alpha", "beta", "gamma")
DAYS = [datetime.date(2020, 5, day) for day in range(8, 13)]
NOW = at(2020, 5, 13)
SAVED = range(2, 25, 3)
"""Numbers of messages that `$` names."""


def _fill(world: World, monkeypatch: pytest.MonkeyPatch) -> list[Message]:
    """Twenty-four messages that differ in every way that a key can ask for."""
    made = []
    for number in range(24):
        word, other = WORDS[number % 3], WORDS[number // 3 % 3]
        sent = DAYS[number % 5]
        dated = [f"Date: {sent:%d} May 2020 12:00:00 +0000"] if number % 4 else []
        content = mail(word, other * (number % 7), f"From: {other}@example.org", *dated)
        shared = (ANSWERED if number % 2 else 0) | (FLAGGED if number % 5 == 0 else 0)
        keywords = "$k" if number % 3 == 0 else ""
        day, came = DAYS[number % 4], DAYS[number // 2 % 5]
        monkeypatch.setattr(time, "time", lambda now=came: float(at(2020, 5, now.day, 23)))
        (uid,) = put(
            world, world.alice, SUPPORT, [content], flags=shared, keywords=keywords,
            internal_at=at(day.year, day.month, day.day),
        )  # fmt: skip
        names = {rb"\Answered"} if number % 2 else set()
        names |= {rb"\Flagged"} if number % 5 == 0 else set()
        names |= {b"$k"} if keywords else set()
        names |= {rb"\Seen"} if number in range(5, 15) else set()
        names |= {rb"\Recent"} if number >= 20 else set()
        made.append(
            Message(uid, number + 1, content, frozenset(names), day, sent if dated else day, came)
        )
    here = folder(world, world.alice, SUPPORT)
    seen = [one.uid for one in made if rb"\Seen" in one.flags]
    world.db.write(
        lambda tx: flags.store(tx, world.alice, here, seen, b"+", (rb"\Seen",), Limits())
    )
    return made


def _holds(key: SearchKey, one: Message, last: Message) -> bool:
    """The key by the letter of RFC 3501 6.4.4, for one message."""
    match key:
        case Everything():
            return True
        case And(keys):
            return all(_holds(inner, one, last) for inner in keys)
        case Or(left, right):
            return _holds(left, one, last) or _holds(right, one, last)
        case Not(inner):
            return not _holds(inner, one, last)
        case HasFlag(flag, present):
            return (flag in one.flags) == present
        case HasSize(octets, larger):
            return len(one.content) > octets if larger else len(one.content) < octets
        case HasDate(comparison, day, sent):
            return _compares(one.sent if sent else one.day, comparison, day)
        case HasSaveDate(comparison, day):
            return _compares(one.came, comparison, day)
        case HasAge(seconds, older):
            age = NOW - at(2020, 5, one.day.day)
            return age >= seconds if older else age <= seconds
        case InNumbers(numbers, by_uid):
            mine_, highest = (one.uid, last.uid) if by_uid else (one.number, last.number)
            pairs = [(a or highest, b or highest) for a, b in numbers.ranges]
            saved = numbers.saved and one.number in SAVED
            return saved or any(min(pair) <= mine_ <= max(pair) for pair in pairs)
        case HasText(where, text):
            read = email.message_from_bytes(one.content, policy=email.policy.default)
            head = one.content.partition(b"\r\n\r\n")[0].decode().lower()
            body = read.get_content().lower()
            if where == b"BODY":
                return text.lower() in body
            if where == b"TEXT":
                return text.lower() in head or text.lower() in body
            value = read[where.decode()]
            return value is not None and text.lower() in str(value).lower()
    raise AssertionError(key)


def _compares(mine: datetime.date, comparison: bytes, day: datetime.date) -> bool:
    compare: dict[bytes, Callable[[], bool]] = {
        b"BEFORE": lambda: mine < day,
        b"ON": lambda: mine == day,
        b"SINCE": lambda: mine >= day,
    }
    return compare[comparison]()


def _keys() -> st.SearchStrategy[SearchKey]:
    number = st.integers(0, 30)
    flag = st.sampled_from(
        [rb"\Answered", rb"\Flagged", rb"\Seen", rb"\Recent", rb"\Deleted", b"$k"]
    )
    comparison, day = st.sampled_from([b"BEFORE", b"ON", b"SINCE"]), st.sampled_from(DAYS)
    edges = st.sampled_from(
        [NOW - at(2020, 5, one.day) + off for one in DAYS for off in (-1, 0, 1)]
    )
    ranges = st.lists(st.tuples(number, number), max_size=3).map(tuple)
    leaves: st.SearchStrategy[SearchKey] = st.one_of(
        st.just(Everything()),
        st.builds(HasFlag, flag, st.booleans()),
        st.builds(HasSize, st.integers(50, 130), st.booleans()),
        st.builds(HasDate, comparison, day, st.booleans()),
        st.builds(HasSaveDate, comparison, day),
        st.builds(HasAge, edges, st.booleans()),
        st.builds(InNumbers, st.builds(NumberSet, ranges, st.booleans()), st.booleans()),
        st.builds(
            HasText,
            st.sampled_from([b"TEXT", b"BODY", b"SUBJECT", b"FROM", b"DATE", b"X-NONE"]),
            st.sampled_from([*WORDS, "ALPHAalpha", "a@ex", "", "2020"]),
        ),
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(Not, inner),
            st.builds(Or, inner, inner),
            st.builds(And, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        ),
        max_leaves=6,
    )


def test_any_combination_of_keys_is_what_each_message_says_by_itself(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many messages one step looks at, and whether steps grow or shrink."""
    made = _fill(world, monkeypatch)
    monkeypatch.setattr(time, "time", lambda: float(NOW))
    here = folder(world, world.alice, SUPPORT)
    uids = [one.uid for one in made]
    recent_from = made[20].uid
    saved = [*(one.uid for one in made if one.number in SAVED), made[-1].uid + 7]

    @settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
    @given(_keys(), st.sampled_from([1, 3, 10, 100]), st.sampled_from([0.0, float("inf")]))
    def check(key: SearchKey, first: int, long: float) -> None:
        monkeypatch.setattr(searching, "FIRST", first)
        monkeypatch.setattr(searching, "FEWEST", 1)
        monkeypatch.setattr(searching, "LONG", long)
        expected = [one.uid for one in made if _holds(key, one, made[-1])]
        got = world.db.read(lambda tx: search(tx, world.alice, here, uids, recent_from, saved, key))
        assert got == expected

    check()


def test_few_candidates_of_many_are_asked_for_by_name(world: World) -> None:
    contents = [mail("even" if number % 2 == 0 else "odd") for number in range(120)]
    uids = put(world, world.alice, SUPPORT, contents)
    few = InNumbers(NumberSet(((1, 2), (119, 120))), by_uid=False)
    key = And((HasText(b"SUBJECT", "odd"), few))
    assert found(world, world.alice, uids, key) == [uids[1], uids[119]]

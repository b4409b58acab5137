"""The byte stream becomes the same commands however it is cut."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imapgate.wire.framing import (
    Event,
    Framing,
    Line,
    LiteralEnd,
    LiteralHead,
    LiteralPart,
    Overlong,
)


def run(pieces: list[bytes], limit: int = 1000, refuse_above: int = 1000) -> list[Event]:
    """What comes of the pieces, neighbouring parts of a literal joined."""
    framing = Framing(limit)
    seen: list[Event] = []
    for piece in pieces:
        framing.feed(piece)
        for event in framing.events():
            if isinstance(event, LiteralPart) and seen and isinstance(seen[-1], LiteralPart):
                seen[-1] = LiteralPart(seen[-1].octets + event.octets)
            else:
                seen.append(event)
            if isinstance(event, LiteralHead):
                if event.size > refuse_above:
                    framing.refuse()
                else:
                    framing.accept()
    return seen


def literal(octets: bytes, synchronising: bool = True) -> list[Event]:
    parts: list[Event] = [LiteralPart(octets)] if octets else []
    return [LiteralHead(len(octets), synchronising), *parts, LiteralEnd()]


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"a NOOP\r\n", [Line(b"a NOOP", True)]),
        (b"a NOOP\n\r\n\n", [Line(b"a NOOP", True), Line(b"", True), Line(b"", True)]),
        (b"a\rb\r\n", [Line(b"a\rb", True)]),
        (b"a \x00\r\n", [Line(b"a \x00", True)]),
        (b"a NOOP", []),
        (
            b"a LOGIN {3}\r\nbob {2+}\r\npw\r\nb NOOP\r\n",
            [
                Line(b"a LOGIN ", False),
                *literal(b"bob"),
                Line(b" ", False),
                *literal(b"pw", synchronising=False),
                Line(b"", True),
                Line(b"b NOOP", True),
            ],
        ),
        (b"a X {0}\r\n\r\n", [Line(b"a X ", False), *literal(b""), Line(b"", True)]),
        (b"a X {2}\n\r\n\n", [Line(b"a X ", False), *literal(b"\r\n"), Line(b"", True)]),
        (b'a X "{1}\r\nx\r\n', [Line(b'a X "', False), *literal(b"x"), Line(b"", True)]),
        (b"a X ~{1}\r\nx\r\n", [Line(b"a X ~", False), *literal(b"x"), Line(b"", True)]),
        (b"a X {5-}\r\n", [Line(b"a X {5-}", True)]),
        (b"a X {}\r\n", [Line(b"a X {}", True)]),
        (b"a X {5 }\r\n", [Line(b"a X {5 }", True)]),
        (b"a X {5}\r\r\n", [Line(b"a X {5}\r", True)]),
        (b"a X }\r\n", [Line(b"a X }", True)]),
    ],
)
def test_a_stream_becomes_lines_and_literals(stream: bytes, events: list[Event]) -> None:
    assert run([stream]) == events
    assert run([bytes([octet]) for octet in stream]) == events


def test_an_absurd_size_is_told_and_refused_like_any() -> None:
    events = run([b"a X {" + b"9" * 900 + b"}\r\nb NOOP\r\n"])
    assert events == [Line(b"a X ", False), LiteralHead(10**20, True), Line(b"b NOOP", True)]
    assert run([b"a X {" + b"0" * 30 + b"7}\r\n"])[1] == LiteralHead(7, True)


def test_a_refused_synchronising_literal_never_comes() -> None:
    events = run([b"a X {9}\r\n", b"b NOOP\r\n"], refuse_above=5)
    assert events == [Line(b"a X ", False), LiteralHead(9, True), Line(b"b NOOP", True)]


def test_a_refused_plus_literal_is_dropped_with_the_rest_of_its_command() -> None:
    stream = b"a X {9+}\r\nz NOOP\r\n\r {3+}\r\nx\r\n more {2}\r\nb NOOP\r\n"
    expected = [Line(b"a X ", False), LiteralHead(9, False), Line(b"b NOOP", True)]
    assert run([stream], refuse_above=5) == expected
    assert run([bytes([octet]) for octet in stream], refuse_above=5) == expected


def test_dropping_is_seen_from_outside_until_the_command_is_over() -> None:
    framing = Framing(100)
    framing.feed(b"a X {4+}\r\n")
    assert [type(event) for event in framing.events()] == [Line, LiteralHead]
    assert not framing.dropping
    framing.refuse()
    assert framing.dropping
    framing.feed(b"12345")
    assert list(framing.events()) == []
    assert (framing.dropping, framing.dropped, framing.buffered) == (True, 5, 0)
    framing.feed(b"\r\nb")
    assert list(framing.events()) == []
    assert (framing.dropping, framing.dropped, framing.buffered) == (False, 7, 1)


def test_a_literal_can_be_refused_in_its_middle_and_after_it() -> None:
    framing = Framing(100)
    framing.feed(b"a X {6}\r\nabc")
    for event in framing.events():
        if isinstance(event, LiteralHead):
            framing.accept()
    framing.refuse()
    framing.feed(b"def rest\r\nb X {1}\r\ny")
    seen = []
    for event in framing.events():
        seen.append(event)
        if isinstance(event, LiteralHead):
            framing.accept()
        if isinstance(event, LiteralEnd):
            framing.refuse()
    assert seen == [Line(b"b X ", False), *literal(b"y")]
    framing.feed(b" rest\r\nc NOOP\r\n")
    assert list(framing.events()) == [Line(b"c NOOP", True)]


def test_refusing_a_complete_command_changes_nothing() -> None:
    framing = Framing(100)
    framing.feed(b"a NOOP\r\nb NOOP\r\n")
    events = framing.events()
    assert next(events) == Line(b"a NOOP", True)
    framing.refuse()
    assert list(framing.events()) == [Line(b"b NOOP", True)]


def test_accepting_what_was_not_announced_is_a_mistake() -> None:
    with pytest.raises(RuntimeError):
        Framing(100).accept()


@pytest.mark.parametrize("tail", [b"", b"\r\n"])
def test_a_line_up_to_the_limit_passes_and_one_octet_more_is_overlong(tail: bytes) -> None:
    assert run([b"x" * 10 + b"\r\n"], limit=10) == [Line(b"x" * 10, True)]
    assert run([b"x" * 10, b"\r", b"\n"], limit=10) == [Line(b"x" * 10, True)]
    assert run([b"x" * 12 + tail], limit=10) == [Overlong(b"x" * 10)]


def test_the_limit_counts_all_lines_of_a_command() -> None:
    stream = b"a {1+}\r\nx45678901\r\nb NOOP\r\n"
    expected = [
        Line(b"a ", False),
        *literal(b"x", synchronising=False),
        Overlong(b"4567"),
        Line(b"b NOOP", True),
    ]
    assert run([stream], limit=10) == expected
    assert run([bytes([octet]) for octet in stream], limit=10) == expected


def test_an_overlong_line_takes_its_plus_literals_with_it() -> None:
    stream = b"a" * 200 + b"{9+}\r\nz NOOP\r\n\r\r\nb NOOP\r\n"
    expected = [Overlong(b"a" * 100), Line(b"b NOOP", True)]
    assert run([stream], limit=100) == expected
    assert run([bytes([octet]) for octet in stream], limit=100) == expected


def test_an_endless_line_is_held_only_up_to_the_limit() -> None:
    framing = Framing(100)
    for _ in range(50):
        framing.feed(b"x" * 90)
        list(framing.events())
        assert framing.buffered <= 190
    assert framing.dropping
    assert framing.dropped == 50 * 90


def test_line_mode_looks_for_no_literal() -> None:
    framing = Framing(100)
    framing.take_line_mode()
    framing.feed(b"abc{3}\r\nDONE\r\na X {1}\r\n")
    events = framing.events()
    assert next(events) == Line(b"abc{3}", True)
    assert next(events) == Line(b"DONE", True)
    framing.take_command_mode()
    assert list(framing.events()) == [Line(b"a X ", False), LiteralHead(1, True)]


def test_discard_forgets_what_came_before() -> None:
    framing = Framing(100)
    framing.feed(b"a STARTTLS\r\nb NOOP\r\nc NO")
    assert next(framing.events()) == Line(b"a STARTTLS", True)
    framing.discard()
    assert framing.buffered == 0
    framing.feed(b"d NOOP\r\n")
    assert list(framing.events()) == [Line(b"d NOOP", True)]


CHUNKS = st.lists(
    st.sampled_from(
        [
            b"a NOOP",
            b"\r\n",
            b"\n",
            b"\r",
            b"{3}",
            b"{3+}",
            b"{0+}",
            b"{12+}",
            b"{30}",
            b"xyz",
            b" ",
        ]
    )
    | st.binary(max_size=8),
    max_size=30,
)


@settings(deadline=None, max_examples=150)
@given(CHUNKS, st.lists(st.integers(1, 40), max_size=20))
def test_any_cut_gives_the_same_events(chunks: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(chunks)
    pieces = []
    rest = stream
    for size in cuts:
        pieces.append(rest[:size])
        rest = rest[size:]
    pieces.append(rest)
    at_once = run([stream], limit=25, refuse_above=9)
    assert run(pieces, limit=25, refuse_above=9) == at_once
    assert run([bytes([octet]) for octet in stream], limit=25, refuse_above=9) == at_once

"""Number sets, modified UTF-7, dates and the text of responses."""

from __future__ import annotations

import datetime
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imapgate.wire import responses, utf7
from imapgate.wire.dates import read_date, read_date_time
from imapgate.wire.numbers import MAX_NUMBER, STAR, NumberSet, read_set, write_set

# -- number sets -------------------------------------------------------------------------------

ENDS = st.integers(0, 12)
SETS = st.lists(st.tuples(ENDS, ENDS), min_size=1, max_size=8).map(
    lambda ranges: NumberSet(tuple(ranges))
)


def named(numbers: NumberSet, highest: int) -> set[int]:
    """The naive meaning of a set: every number of every range."""
    found: set[int] = set()
    for first, last in numbers.ranges:
        low, high = sorted((first or highest, last or highest))
        found.update(range(low, high + 1))
    return found


@settings(deadline=None, max_examples=200)
@given(SETS, st.sets(st.integers(1, 15)))
def test_uids_of_a_set_are_those_of_the_naive_model(numbers: NumberSet, uids: set[int]) -> None:
    present = sorted(uids)
    expected = [uid for uid in present if uid in named(numbers, present[-1])]
    assert numbers.among_uids(present) == expected


@settings(deadline=None, max_examples=200)
@given(SETS, st.integers(1, 15))
def test_positions_of_a_set_are_those_of_the_naive_model(numbers: NumberSet, count: int) -> None:
    expected = named(numbers, count)
    if max(expected) > count:
        assert numbers.positions(count) is None
    else:
        assert numbers.positions(count) == sorted(expected)


def test_the_width_of_a_range_costs_nothing() -> None:
    wide = NumberSet(((1, MAX_NUMBER), (STAR, 7), (5, 4_000_000_000)))
    assert wide.among_uids([3, 9, MAX_NUMBER]) == [3, 9, MAX_NUMBER]
    assert wide.positions(3) is None
    assert wide.among_uids([]) == []


def test_star_names_the_highest_even_below_the_other_end() -> None:
    assert NumberSet(((3291, STAR),)).among_uids([5, 40]) == [40]
    assert NumberSet(((STAR, STAR),)).positions(4) == [4]


def test_an_empty_folder_has_no_positions_but_star_is_no_mistake() -> None:
    assert NumberSet(((1, STAR), (STAR, STAR))).positions(0) == []
    assert NumberSet(((1, STAR), (2, 2))).positions(0) is None


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        (b"1", ((1, 1),)),
        (b"*", ((STAR, STAR),)),
        (b"4:2,*:7,9", ((4, 2), (STAR, 7), (9, 9))),
        (b"4294967295", ((MAX_NUMBER, MAX_NUMBER),)),
    ],
)
def test_a_set_is_read_as_written(text: bytes, ranges: tuple[tuple[int, int], ...]) -> None:
    assert read_set(text, 3).ranges == ranges


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b"0", b"01", b"1:", b":1", b"1,", b",1", b"1,,2", b"1:2:3", b"1:0", b"**", b"1*"),
        *(b"4294967296", b"1:4294967296", b"99999999999", b"1,2,3,4", b"1 ", b"1\n", b"-1", b"a"),
    ],
)
def test_what_is_no_set_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError):
        read_set(text, 3)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(1, 30), min_size=1, max_size=20))
def test_a_written_set_names_the_numbers_in_their_order(numbers: list[int]) -> None:
    written = read_set(write_set(numbers), 100)
    assert [n for low, high in written.ranges for n in range(low, high + 1)] == numbers


def test_neighbours_are_joined_when_written() -> None:
    assert write_set([1, 2, 3, 7]) == b"1:3,7"
    assert write_set([3, 2, 1]) == b"3,2,1"
    assert write_set([]) == b""


# -- modified UTF-7 ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "encoded"),
    [
        ("INBOX", b"INBOX"),
        ("Entwürfe", b"Entw&APw-rfe"),
        ("Büro & Ablage", b"B&APw-ro &- Ablage"),
        ("~peter/mail/台北/日本語", b"~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
        ("😀", b"&2D3eAA-"),
        ("\t\x7f", b"&AAkAfw-"),
        ("&&", b"&-&-"),
        ("", b""),
    ],
)
def test_a_name_has_one_encoded_form(name: str, encoded: bytes) -> None:
    assert utf7.encode(name) == encoded
    assert utf7.decode(encoded) == name


@settings(deadline=None, max_examples=300)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_names_come_back_as_they_were(name: str) -> None:
    encoded = utf7.encode(name)
    assert re.fullmatch(rb"[\x20-\x7e]*", encoded)
    assert utf7.decode(encoded) == name


@pytest.mark.parametrize(
    "name",
    [
        *(b"&", b"R&D", b"AT&T-x", b"a&bcd-", b"&A-", b"&2D0-", b"&AOQ", b"&A/Q-", b"&AOQ=-"),
        *(b"a\tb", b"a\x00", b"\xff"),
    ],
)
def test_what_is_no_modified_utf7_is_refused(name: bytes) -> None:
    with pytest.raises(ValueError):
        utf7.decode(name)


def test_raw_utf8_is_taken_as_it_is() -> None:
    assert utf7.decode("Büro & Ablage".encode()) == "Büro & Ablage"


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=30))
def test_decoding_gives_text_or_value_error(name: bytes) -> None:
    try:
        decoded = utf7.decode(name)
    except ValueError:
        return
    assert utf7.decode(utf7.encode(decoded)) == decoded


# -- dates -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        (b"17-Jul-1996 02:44:25 -0700", "1996-07-17T02:44:25-07:00"),
        (b" 7-jul-1996 02:44:25 +0530", "1996-07-07T02:44:25+05:30"),
        (b"7-JUL-1996 02:44:60 +0000", "1996-07-07T02:44:59+00:00"),
        (b"29-Feb-2024 23:59:59 -0000", "2024-02-29T23:59:59+00:00"),
        (b"01-Jan-0001 00:00:00 +2359", "0001-01-01T00:00:00+23:59"),
    ],
)
def test_a_date_time_is_read_with_its_zone(text: bytes, iso: str) -> None:
    read = read_date_time(text)
    assert read is not None
    assert read.isoformat() == iso


@pytest.mark.parametrize(
    "text",
    [
        b"30-Feb-2024 02:44:25 -0700",
        b"17-Jux-1996 02:44:25 -0700",
        b"17-Jul-1996 24:44:25 -0700",
        b"17-Jul-1996 02:44:61 -0700",
        b"17-Jul-1996 02:44:25 -0760",
        b"17-Jul-1996 02:44:25 -2400",
        b"17-Jul-0000 02:44:25 -0700",
    ],
)
def test_a_moment_that_there_is_not_is_no_date_but_no_error(text: bytes) -> None:
    assert read_date_time(text) is None


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"17-Jul-1996",
        b"17-Jul-96 02:44:25 -0700",
        b"17-Jul-1996 02:44:25",
        b"17-Jul-1996 02:44:25 GMT",
        b"  7-Jul-1996 02:44:25 -0700",
    ],
)
def test_what_is_no_date_time_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError):
        read_date_time(text)


def test_a_search_date_has_one_or_two_digits_of_day() -> None:
    assert read_date(b"1-Feb-1994") == read_date(b"01-feb-1994") == datetime.date(1994, 2, 1)
    for text in (b"1-Feb-94", b"31-Feb-1994", b"1 Feb 1994", b"1-2-1994", b"1-Feb-0000"):
        with pytest.raises(ValueError):
            read_date(text)


# -- responses ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, b"NIL"),
        (b"", b'""'),
        (b'say "a\\b"', b'"say \\"a\\\\b\\""'),
        (b"a\r\nb", b"{4}\r\na\r\nb"),
        (b"\xe4", b"{1}\r\n\xe4"),
        (b"\x00", b"{1}\r\n\x00"),
        (b"x" * 1001, b"{1001}\r\n" + b"x" * 1001),
    ],
)
def test_a_string_is_quoted_where_it_may_be(value: bytes | None, written: bytes) -> None:
    assert responses.nstring(value) == written


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("INBOX", b"INBOX"),
        ("Trackers/E-Mails", b"Trackers/E-Mails"),
        ("VIP customers", b'"VIP customers"'),
        ("Büro & Ablage", b'"B&APw-ro &- Ablage"'),
        ('say "hi"\\', b'"say \\"hi\\"\\\\"'),
        ("nil", b'"nil"'),
        ("a]", b'"a]"'),
        ("", b'""'),
        ("a\r\n* BYE", b'"a&AA0ACg-* BYE"'),
    ],
)
def test_a_mailbox_is_quoted_where_needed(name: str, written: bytes) -> None:
    assert responses.mailbox(name) == written


@pytest.mark.parametrize(
    ("arguments", "written"),
    [
        ((b"a", b"OK", "Done."), b"a OK Done.\r\n"),
        ((None, b"BYE", "Bye", "UNAVAILABLE"), b"* BYE [UNAVAILABLE] Bye\r\n"),
        ((b"a", b"NO", "Büro\r\n* OK x\x00"), b"a NO B?ro??* OK x?\r\n"),
        ((b"a", b"NO", "x", "CODE] y\r\n"), b"a NO [CODE? y??] x\r\n"),
        ((b"a", b"NO", "[ALERT] x"), b"a NO (ALERT] x\r\n"),
        ((b"a", b"OK", " "), b"a OK OK\r\n"),
        ((b"a", b"OK", "", "READ-ONLY"), b"a OK [READ-ONLY] OK\r\n"),
        ((b"a", b"OK", "y" * 500), b"a OK " + b"y" * 400 + b"\r\n"),
    ],
)
def test_a_status_is_one_safe_line(arguments: tuple[bytes, bytes, str], written: bytes) -> None:
    assert responses.status(*arguments) == written


def test_lists_and_untagged_lines() -> None:
    assert responses.flag_list([b"\\Seen", b"$Forwarded"]) == b"(\\Seen $Forwarded)"
    assert responses.flag_list([]) == b"()"
    assert responses.untagged(b"3", b"EXISTS") == b"* 3 EXISTS\r\n"


@pytest.mark.parametrize(
    ("at", "zone", "written"),
    [
        (837596665, -420, b'"17-Jul-1996 02:44:25 -0700"'),
        (0, 0, b'" 1-Jan-1970 00:00:00 +0000"'),
        (-1, 330, b'" 1-Jan-1970 05:29:59 +0530"'),
        (-(10**12), 0, b'" 1-Jan-0001 00:00:00 +0000"'),
        (10**12, 0, b'"31-Dec-9999 23:59:59 +0000"'),
    ],
)
def test_an_instant_is_written_in_its_zone(at: int, zone: int, written: bytes) -> None:
    assert responses.internal_date(at, zone) == written


@settings(deadline=None, max_examples=200)
@given(st.integers(-62_000_000_000, 253_000_000_000), st.integers(-1439, 1439))
def test_a_written_date_is_read_as_the_same_instant(at: int, zone: int) -> None:
    read = read_date_time(responses.internal_date(at, zone)[1:-1])
    assert read is not None
    assert round(read.timestamp()) == at

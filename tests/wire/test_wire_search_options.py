"""SEARCH's result options, `$`, PARTIAL, WITHIN and SAVEDATE: grammar and answers (RFC 4466, 4731,
5032, 5182, 8514, 9394)."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imapgate.wire.commands import (
    Everything,
    Expunge,
    Fetch,
    HasAge,
    HasSaveDate,
    InNumbers,
    Item,
    Not,
    Returns,
    Search,
    SearchKey,
)
from imapgate.wire.esearch import esearch, referred
from imapgate.wire.grammar import BadCharset, BadCommand, GrammarLimits, parse
from imapgate.wire.numbers import NumberSet, PartialRange, read_partial, read_set

LIMITS = GrammarLimits()
SAVED = NumberSet((), saved=True)
DAY = datetime.date(1994, 2, 1)


def returned(*options: bytes, partial: tuple[int, int] | None = None) -> Returns:
    return Returns(frozenset(options), None if partial is None else PartialRange(*partial))


def searched(text: bytes) -> Search:
    found = parse([b"a SEARCH " + text], LIMITS).command
    assert isinstance(found, Search)
    by_uid = parse([b"a UID SEARCH " + text], LIMITS).command
    assert by_uid == Search(found.key, True, found.returns, b"CHARSET" in text)
    return found


@pytest.mark.parametrize(
    ("text", "returns"),
    [
        (b"ALL", None),
        (b"RETURN () ALL", returned(b"ALL")),
        (b"RETURN ( ) ALL", returned(b"ALL")),
        (b"return (all) ALL", returned(b"ALL")),
        (
            b"RETURN (MIN MAX ALL COUNT SAVE) ALL",
            returned(b"MIN", b"MAX", b"ALL", b"COUNT", b"SAVE"),
        ),
        (b"RETURN ( Count  min ) ALL", returned(b"COUNT", b"MIN")),
        (b"RETURN (SAVE) ALL", returned(b"SAVE")),
        (b"RETURN (PARTIAL 1:500) ALL", returned(partial=(1, 500))),
        (b"RETURN (partial -1:-100 COUNT) ALL", returned(b"COUNT", partial=(-1, -100))),
        (b"RETURN (MIN PARTIAL 4294967295:1) ALL", returned(b"MIN", partial=(4294967295, 1))),
        (b"RETURN (MIN) CHARSET UTF-8 ALL", returned(b"MIN")),
    ],
)
def test_result_options(text: bytes, returns: Returns | None) -> None:
    assert searched(text) == Search(Everything(), False, returns, b"CHARSET" in text)


@pytest.mark.parametrize(
    "text",
    [
        *(b"RETURN ALL", b"RETURN() ALL", b"RETURN (", b"RETURN ()", b"RETURN () ", b"RETURN (MIN"),
        *(b"RETURN (MIN)ALL", b"RETURN (MINIMUM) ALL", b"RETURN (MIN,MAX) ALL"),
        *(b"RETURN ((MIN)) ALL", b"RETURN (PARTIAL) ALL", b"RETURN (PARTIAL 1) ALL"),
        *(b"RETURN (PARTIAL 1:*) ALL", b"RETURN (PARTIAL 1:-5) ALL", b"RETURN (PARTIAL -1:5) ALL"),
        *(b"RETURN (PARTIAL 1:4294967296) ALL", b"RETURN (PARTIAL (1:5)) ALL"),
        *(b"RETURN (PARTIAL 1:5 PARTIAL 6:9) ALL", b"RETURN (PARTIAL 1:5 ALL) ALL"),
        *(b"RETURN (ALL PARTIAL 1:5) ALL", b"RETURN (PARTIAL 0:5) ALL"),
        *(b"RETURN (PARTIAL 1:5,7:9) ALL", b"RETURN (PARTIAL $) ALL"),
        *(b"RETURN (PARTIAL 01:5) ALL", b"CHARSET UTF-8 RETURN (MIN) ALL", b"RETURN (MODSEQ) ALL"),
    ],
)  # fmt: skip
def test_bad_result_options(text: bytes) -> None:
    with pytest.raises(BadCommand) as caught:
        parse([b"a SEARCH " + text], LIMITS)
    assert not isinstance(caught.value, BadCharset)


@pytest.mark.parametrize(
    ("text", "saves"), [(b"RETURN (SAVE) ", True), (b"RETURN (ALL) ", False), (b"", False)]
)
def test_an_unknown_charset_tells_whether_it_was_to_be_saved(text: bytes, saves: bool) -> None:
    """RFC 5182 2.1: then `$` becomes empty."""
    with pytest.raises(BadCharset) as caught:
        parse([b"a SEARCH " + text + b"CHARSET KOI8-R ALL"], LIMITS)
    assert caught.value.saves is saves


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (b"$", InNumbers(SAVED, False)),
        (b"UID $", InNumbers(SAVED, True)),
        (b"NOT $", Not(InNumbers(SAVED, False))),
        (b"1:3,$", InNumbers(NumberSet(((1, 3),), saved=True), False)),
        (b"YOUNGER 259200", HasAge(259200, older=False)),
        (b"older 1", HasAge(1, older=True)),
        (b"OLDER 4294967295", HasAge(4294967295, older=True)),
        (b"SAVEDBEFORE 1-Feb-1994", HasSaveDate(b"BEFORE", DAY)),
        (b'savedon "01-Feb-1994"', HasSaveDate(b"ON", DAY)),
        (b"SAVEDSINCE 1-Feb-1994", HasSaveDate(b"SINCE", DAY)),
        (b"SAVEDATESUPPORTED", Everything()),
    ],
)
def test_keys(text: bytes, key: SearchKey) -> None:
    assert searched(text).key == key


@pytest.mark.parametrize(
    "text",
    [
        *(
            b"$,1",
            b"$$",
            b"$:5",
            b"1:$",
            b"UID",
            b"UID $,",
            b"1,$,2",
            b"$x",
            b"YOUNGER",
            b"OLDER x",
        ),
        *(
            b"YOUNGER 0",
            b"OLDER -1",
            b"OLDER 4294967296",
            b"YOUNGER *",
            b"SAVEDON",
            b"SAVEDON 1994",
        ),
        *(b"SAVEDBEFORE 31-Feb-1994", b"SAVEDATESUPPORTED x", b"SAVEDATE 1-Feb-1994"),
    ],
)
def test_bad_keys(text: bytes) -> None:
    with pytest.raises(BadCommand):
        parse([b"a SEARCH " + text], LIMITS)


@pytest.mark.parametrize(
    "text",
    [
        *(b"FETCH $ FLAGS", b"UID FETCH $ FLAGS", b"STORE $ FLAGS ()", b"UID STORE $ FLAGS ()"),
        *(b"COPY $ x", b"UID COPY $ x", b"MOVE $ x", b"UID MOVE $ x"),
    ],
)
def test_the_saved_result_stands_for_a_set(text: bytes) -> None:
    command = parse([b"a " + text], LIMITS).command
    assert getattr(command, "numbers", None) == SAVED
    assert parse([b"a UID EXPUNGE $"], LIMITS).command == Expunge(SAVED)


def test_the_saved_result_counts_as_a_range() -> None:
    """Ranges are bounded with it."""
    assert read_set(b"1,2,$", 3) == NumberSet(((1, 1), (2, 2)), saved=True)
    with pytest.raises(ValueError, match="at most 3 ranges"):
        read_set(b"1,2,3,$", 3)
    assert SAVED.among_uids([1, 2]) == SAVED.at_positions([1, 2]) == SAVED.positions(0) == []


UID_FLAGS = (Item(b"UID"), Item(b"FLAGS"))


@pytest.mark.parametrize(
    "items", [b"(UID FLAGS)", b"UID FLAGS", b"(UID FLAGS) ", b"(UID FLAGS UID)"]
)
def test_a_stretch_of_uid_fetch(items: bytes) -> None:
    """RFC 9394 3.3."""
    text = b"a UID FETCH 25900:26600 %b (PARTIAL -1:-3)" % items
    numbers = NumberSet(((25900, 26600),))
    assert parse([text], LIMITS).command == Fetch(numbers, True, UID_FLAGS, PartialRange(-1, -3))
    macro = parse([b"a UID FETCH 1 FAST (partial 1:5)"], LIMITS).command
    assert isinstance(macro, Fetch)
    assert macro.partial == PartialRange(1, 5)


@pytest.mark.parametrize(
    "text",
    [
        *(b"FETCH 1 FLAGS (PARTIAL 1:5)", b"UID FETCH 1 FLAGS ()", b"UID FETCH 1 FLAGS (PARTIAL)"),
        *(b"UID FETCH 1 FLAGS (PARTIAL 1:*)", b"UID FETCH 1 FLAGS (PARTIAL 1:5"),
        *(b"UID FETCH 1 FLAGS (PARTIAL 1:5) UID", b"UID FETCH 1 FLAGS (FOO)"),
        *(b"UID FETCH 1 (PARTIAL 1:5)", b"UID FETCH 1 (FLAGS)(PARTIAL 1:5)", b"UID FETCH 1 FLAGS("),
        *(b"UID FETCH 1 FLAGS (PARTIAL 1:5 PARTIAL 1:5)", b"UID FETCH 1 FLAGS PARTIAL 1:5"),
    ],
)  # fmt: skip
def test_bad_modifiers(text: bytes) -> None:
    with pytest.raises(BadCommand):
        parse([b"a " + text], LIMITS)


@pytest.mark.parametrize(
    ("text", "of_five"),
    [
        (b"1:2", [11, 12]),
        (b"2:1", [11, 12]),
        (b"4:9", [14, 15]),
        (b"6:9", []),
        (b"1:4294967295", [11, 12, 13, 14, 15]),
        (b"-1:-2", [14, 15]),
        (b"-2:-1", [14, 15]),
        (b"-5:-9", [11]),
        (b"-6:-9", []),
        (b"-1:-100", [11, 12, 13, 14, 15]),
    ],
)
def test_a_stretch_of_five(text: bytes, of_five: list[int]) -> None:
    """RFC 9394 3.1: what isn't there is left out, ends may stand reversed."""
    assert read_partial(text).of([11, 12, 13, 14, 15]) == of_five
    assert read_partial(text).of([]) == []


@given(st.integers(0, 30), st.integers(1, 40), st.integers(1, 40), st.booleans())
def test_a_stretch_is_what_its_numbers_say(count: int, a: int, b: int, from_end: bool) -> None:
    """Against counting one by one."""
    result = list(range(100, 100 + count))
    sign = -1 if from_end else 1
    asked = range(min(a, b), max(a, b) + 1)
    places = [place if from_end is False else count + 1 - place for place in asked]
    expected = [result[place - 1] for place in sorted(places) if 1 <= place <= count]
    assert PartialRange(sign * a, sign * b).of(result) == expected


FOUND = [2, 10, 11, 12, 21]


@pytest.mark.parametrize(
    ("returns", "said", "named"),
    [
        (returned(b"ALL"), b"ALL 2,10:12,21", FOUND),
        (returned(b"MIN"), b"MIN 2", [2]),
        (returned(b"MAX"), b"MAX 21", [21]),
        (returned(b"MIN", b"MAX"), b"MIN 2 MAX 21", [2, 21]),
        (returned(b"COUNT"), b"COUNT 5", FOUND),
        (returned(b"MIN", b"COUNT"), b"MIN 2 COUNT 5", FOUND),
        (returned(b"SAVE", b"MIN"), b"MIN 2", [2]),
        (returned(b"SAVE", b"ALL", b"MAX"), b"MAX 21 ALL 2,10:12,21", FOUND),
        (returned(partial=(2, 3)), b"PARTIAL (2:3 10:11)", [10, 11]),
        (returned(partial=(-1, -2)), b"PARTIAL (-1:-2 12,21)", [12, 21]),
        (returned(partial=(6, 9)), b"PARTIAL (6:9 NIL)", []),
        (returned(b"MIN", partial=(2, 3)), b"MIN 2 PARTIAL (2:3 10:11)", [2, 10, 11]),
        (returned(b"MAX", partial=(5, 9)), b"MAX 21 PARTIAL (5:9 21)", [21]),
        (returned(b"MIN", b"MAX", partial=(7, 9)), b"MIN 2 MAX 21 PARTIAL (7:9 NIL)", [2, 21]),
        (returned(b"COUNT", b"MIN", partial=(2, 2)), b"MIN 2 PARTIAL (2:2 10) COUNT 5", FOUND),
    ],
)
def test_what_is_said_and_what_it_refers_to(
    returns: Returns, said: bytes, named: list[int]
) -> None:
    """RFC 5182 2.4, RFC 9394 3.2 (table 1), RFC 4731 3.2."""
    assert esearch(b"a", False, returns, FOUND) == b'* ESEARCH (TAG "a") %b\r\n' % said
    assert esearch(b"a", True, returns, FOUND) == b'* ESEARCH (TAG "a") UID %b\r\n' % said
    assert referred(returns, FOUND) == named


def test_nothing_found_and_nothing_asked() -> None:
    nothing = returned(b"MIN", b"MAX", b"COUNT", partial=(1, 5))
    assert esearch(b"a", True, nothing, []) == (
        b'* ESEARCH (TAG "a") UID PARTIAL (1:5 NIL) COUNT 0\r\n'
    )
    assert esearch(b"a", False, returned(b"ALL"), []) == b'* ESEARCH (TAG "a")\r\n'
    assert esearch(b"a", False, returned(b"SAVE"), FOUND) == b""
    assert referred(returned(b"SAVE"), FOUND) == FOUND
    assert referred(nothing, []) == []


def test_a_sorted_result_keeps_its_order() -> None:
    """RFC 5267 3.1, 3.2: the first and the last as sorted; no range runs backward."""
    found = [23765, 23764, 23763, 23761, 23762]
    returns = returned(b"MIN", b"MAX", b"ALL")
    assert esearch(b"E01", True, returns, found) == (
        b'* ESEARCH (TAG "E01") UID MIN 23765 MAX 23762 ALL 23765,23764,23763,23761:23762\r\n'
    )


def test_a_modseq_stands_last() -> None:
    """RFC 4731 3.2."""
    assert esearch(b"a4", False, returned(b"MIN", b"COUNT"), FOUND, 917162500) == (
        b'* ESEARCH (TAG "a4") MIN 2 COUNT 5 MODSEQ 917162500\r\n'
    )

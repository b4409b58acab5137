"""Activity numbers in subjects (rule 9)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imapgate.activities import matching
from imapgate.mime.reading import read


@pytest.mark.parametrize(
    ("subject", "numbers"),
    [
        ("#10009555", (10009555,)),
        ("#10009555: it boots", (10009555,)),
        ("(#10009555)", (10009555,)),
        ("[#10009555], again", (10009555,)),
        ("Re: it boots #10009555.", (10009555,)),
        ("Ärger#7 and ä#8", ()),
        ("C# is a language", ()),
        ("C#10009555", ()),
        ("#fff is a colour", ()),
        ("#10009555a", ()),
        ("#10009555_1", ()),
        ("a#1", ()),
        ("# 10009555", ()),
        ("#010009555", ()),
        ("#0", ()),
        ("10009555", ()),
        ("#1 #2 #1", (1, 2)),
        ("#2,#1", (2, 1)),
        ("#１２", ()),
        ("#" + "9" * 18, (10**18 - 1,)),
        ("#" + "9" * 19, ()),
        ("", ()),
    ],
)
def test_a_number_counts_exactly_on_word_boundaries(subject: str, numbers: tuple[int, ...]) -> None:
    assert matching.numbers_in(subject) == numbers


def test_at_most_fifty_numbers_are_used() -> None:
    subject = " ".join(f"#{number}" for number in range(1, 80))
    assert matching.numbers_in(subject) == tuple(range(1, 51))


def test_the_segments_own_pattern_counts_beside_the_hash_in_the_subjects_order() -> None:
    pattern = r"\bCASE-([0-9]+)\b"
    assert matching.numbers_in("CASE-12 and #7, CASE-7", pattern) == (12, 7)
    assert matching.numbers_in("case twelve", pattern) == ()
    assert matching.numbers_in("CASE- x", r"CASE-([0-9]*)") == ()


def test_a_pattern_that_could_search_too_long_is_not_used(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One that stands in the database from before; what the hash names counts all the same."""
    assert matching.numbers_in("#7 " + "1" * 900, r"(1+)+x") == (7,)
    assert "subject pattern isn't used" in caplog.text


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=40),
    st.integers(min_value=1, max_value=10**18 - 1),
    st.text(max_size=40),
)
def test_a_number_between_non_words_is_always_found(before: str, number: int, after: str) -> None:
    assert number in matching.numbers_in(f"{before} #{number}: {after}")


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="#0123456789ab _-[]():ä", max_size=60))
def test_every_number_found_stands_in_the_subject(subject: str) -> None:
    for number in matching.numbers_in(subject):
        assert f"#{number}" in subject


@pytest.mark.parametrize(
    ("raw", "numbers"),
    [
        (b"Re[2]: [#10000001] boots", (10000001,)),
        (b"=?utf-8?Q?[=2310000001]?= boots", (10000001,)),
        (b"=?utf-8?B?WyMxMDAwMDAwMV0=?=", (10000001,)),
        # Split between two words, with a fold between them, and in two charsets.
        (b"=?utf-8?Q?AW:_[=231000?= =?utf-8?Q?0001]?=", (10000001,)),
        (b"=?utf-8?Q?AW:_[=231000?=\r\n =?utf-8?Q?0001]?=", (10000001,)),
        (b"=?utf-8?Q?[=23?= =?iso-8859-1?Q?10000001]?=", (10000001,)),
        (b"=?utf-8?Q?[=2310000001]?= =?utf-8?Q?_#10000002?=", (10000001, 10000002)),
        (b"boots\r\n [#10000001]", (10000001,)),
        (b"[#10000001]=?utf-8?Q?_=C3=BC?=", (10000001,)),
        ("[\N{FULLWIDTH NUMBER SIGN}10000001]".encode(), ()),
        ("[#\N{FULLWIDTH DIGIT ONE}\N{FULLWIDTH DIGIT TWO}]".encode(), ()),
        ("[#10000001\N{FULLWIDTH DIGIT TWO}]".encode(), ()),
        ("回复：[#10000001]".encode(), (10000001,)),
        ("答复: 票#10000001".encode(), ()),
        (b"https://crm.example.org/show#10000001", ()),
        (b"CASE-=?utf-8?Q?=37?= and #8", (7, 8)),
    ],
)
def test_numbers_are_found_in_the_subject_as_people_read_it(
    raw: bytes, numbers: tuple[int, ...]
) -> None:
    """Decoded (RFC 2047) and unfolded; of the digits only those of ASCII."""
    mail = read(b"Subject: " + raw + b"\r\n\r\n").mail
    assert matching.numbers_in(mail.subject, r"\bCASE-([0-9]{1,18})\b") == numbers

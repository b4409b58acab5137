"""The grammar of a wrapper's subject (rule 11)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imapgate.activities.wrapper import looks_like_wrapper
from imapgate.activities.wrapper_subject import Unknown, WrapperSubject, name_key, parse

NAMES = (
    "Support",
    "Support E-Mails",
    "Büro E-Mails",
    "GadgetASupport",
    "2024 Bugs",
    "Big  Gap",
    "0815",
)
KNOWN = [name_key(name) for name in NAMES]


@pytest.mark.parametrize(
    ("subject", "creator", "target", "rest"),
    [
        ("> @Support E-Mails  #10000001  It boots", "support e-mails", 10000001, "It boots"),
        (">@Support E-Mails #10000001 It boots", "support e-mails", 10000001, "It boots"),
        (
            "  >   @SUPPORT e-mails   #GadgetASupport   Loud",
            "support e-mails",
            "gadgetasupport",
            "Loud",
        ),
        ("> @Support E-Mails It boots", "support e-mails", None, "It boots"),
        ("> @Support  E-Mails are slow", "support", None, "E-Mails are slow"),
        ("> @Support It boots", "support", None, "It boots"),
        ("> @Support E-Mailserver broken", "support", None, "E-Mailserver broken"),
        ("> @Büro E-Mails  Anfrage", "büro e-mails", None, "Anfrage"),
        ("> @BÜRO E-MAILS #7", "büro e-mails", 7, ""),
        ("> @Bu\u0308ro E-Mails #7", "büro e-mails", 7, ""),
        ("> @Support", "support", None, ""),
        ("> #10000001  It boots", None, 10000001, "It boots"),
        ("> #10000001: It boots", None, 10000001, "It boots"),
        ("> #GadgetASupport Loud", None, "gadgetasupport", "Loud"),
        ("> #Support E-Mails  x", None, "support e-mails", "x"),
        ("> #2024 Bugs  x", None, "2024 bugs", "x"),
        ("> #2024  Bugs", None, "2024 bugs", ""),
        ("> #2024 Apples", None, 2024, "Apples"),
        ("> @Big  Gap  x", "big gap", None, "x"),
        ("> @Big Gap  x", "big gap", None, "x"),
        ("> @Nonsense  #1  x", Unknown("Nonsense"), 1, "x"),
        ("> @Nonsense #1 x", Unknown("Nonsense"), 1, "x"),
        ("> @Suppor  x", Unknown("Suppor"), None, "x"),
        ("> @Support E-Mails  #Gadgets  x", "support e-mails", Unknown("Gadgets"), "x"),
        ("> #" + "9" * 19 + "  x", None, Unknown("9" * 19), "x"),
        ("> #" + "9" * 19 + " a  b", None, Unknown("9" * 19), "a  b"),
        ("> #" + "9" * 900 + ": x", None, Unknown("9" * 900), "x"),
        ("> #007 x", None, Unknown("007"), "x"),
        ("> #0815  x", None, "0815", "x"),
        ("> @Support # 1", "support", None, "# 1"),
    ],
)
def test_names_numbers_and_subject_are_told_apart(
    subject: str,
    creator: str | Unknown | None,
    target: int | str | Unknown | None,
    rest: str,
) -> None:
    assert parse(subject, KNOWN) == WrapperSubject(creator, target, rest)


@pytest.mark.parametrize(
    "subject",
    ["", ">", "> ", "> hello", "> @", "> @ Support", "> # 1", "Re: > @Support  x", "@Support  x"],
)
def test_what_names_nothing_is_no_wrapper(subject: str) -> None:
    assert parse(subject, KNOWN) is None


def test_it_looks_like_a_wrapper_only_with_a_message_attached() -> None:
    assert looks_like_wrapper("> @Support  x", True)
    assert looks_like_wrapper(">#1", True)
    assert not looks_like_wrapper("> @Support  x", False)
    assert not looks_like_wrapper("> Support x", True)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(NAMES),
    st.one_of(st.integers(1, 10**18 - 1), st.sampled_from(["Support", "GadgetASupport"])),
    st.text(alphabet="abc äöü.,:-[]", max_size=30),
)
def test_what_is_written_with_two_blanks_is_read_back(
    creator: str, target: int | str, rest: str
) -> None:
    wanted = target if isinstance(target, int) else name_key(target)
    read = parse(f"> @{creator}  #{target}  {rest}", KNOWN)
    assert read == WrapperSubject(name_key(creator), wanted, rest.strip())


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="> @#1 Suport\tE-Mailsß", max_size=60))
def test_any_subject_is_read_without_error(subject: str) -> None:
    read = parse(f"> @{subject}", KNOWN)
    assert read is None or read.rest == read.rest.strip()

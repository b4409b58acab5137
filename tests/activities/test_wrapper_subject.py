"""The grammar of a wrapper's subject (rule 11)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imapgate.activities.wrapper import looks_like_wrapper
from imapgate.activities.wrapper_subject import (
    Unknown,
    WrapperSubject,
    begins_like_wrapper,
    name_key,
    parse,
)

NAMES = (
    "Support",
    "Support E-Mails",
    "Büro E-Mails",
    "GadgetASupport",
    "2024 Bugs",
    "Big  Gap",
    "0815",
    "Support @night",
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
    creators = () if creator is None else (creator,)
    targets = () if target is None else (target,)
    assert parse(subject, KNOWN) == WrapperSubject(creators, targets, rest)


@pytest.mark.parametrize(
    ("subject", "creators", "targets", "rest"),
    [
        ("> @Support  #10000001 #10000002  x", ("support",), (10000001, 10000002), "x"),
        ("> @Support  #10000001  #10000002  x", ("support",), (10000001, 10000002), "x"),
        ("> @Support  #10000001, #10000002: x", ("support",), (10000001, 10000002), "x"),
        ("> #10000001,#10000002 x", (), (10000001, 10000002), "x"),
        ("> #GadgetASupport #10000001 x", (), ("gadgetasupport", 10000001), "x"),
        ("> #10000001 #GadgetASupport  #0815  x", (), (10000001, "gadgetasupport", "0815"), "x"),
        ("> @Support @Büro E-Mails  x", ("support", "büro e-mails"), (), "x"),
        ("> @Büro E-Mails  @Support  #1  x", ("büro e-mails", "support"), (1,), "x"),
        ("> #1 @Support  x", ("support",), (1,), "x"),
        ("> @Support #1 @Support #1 x", ("support",), (1,), "x"),  # each once
        ("> @Support @night  x", ("support @night",), (), "x"),  # the longest counts
        # A mistyped second one is told ...
        ("> #1 #Suport  x", (), (1, Unknown("Suport")), "x"),
        ("> #1 #Suport please", (), (1, Unknown("Suport please")), ""),
        ("> @Support @Nobody #1 x", ("support", Unknown("Nobody")), (1,), "x"),
        ("> @Nobody @Support  x", (Unknown("Nobody"), "support"), (), "x"),
        ("> #1  #007  x", (), (1, Unknown("007")), "x"),
        # ... unless two blanks begin the subject before it, or it can't be a creator there.
        ("> #1  #urgent please", (), (1,), "#urgent please"),
        ("> @Support  @home it fails", ("support",), (), "@home it fails"),
        ("> #1 @peter please look", (), (1,), "@peter please look"),
        ("> @Support  #1  #c and #d", ("support",), (1,), "#c and #d"),
    ],
)
def test_several_creators_and_numbers_are_told_apart(
    subject: str,
    creators: tuple[str | Unknown, ...],
    targets: tuple[int | str | Unknown, ...],
    rest: str,
) -> None:
    assert parse(subject, KNOWN) == WrapperSubject(creators, targets, rest)


@pytest.mark.parametrize(
    "subject",
    [
        ">\N{NO-BREAK SPACE}@Support\N{NO-BREAK SPACE}E-Mails \N{NO-BREAK SPACE}#7 x",
        "> @Support\tE-Mails\t\t#7\tx",
        "> @Support\N{IDEOGRAPHIC SPACE}E-Mails  #7  x",
        "\N{RIGHT-TO-LEFT MARK}> @Sup\N{SOFT HYPHEN}port E-Mails\N{ZERO WIDTH SPACE}  #7  x",
        "\N{ZERO WIDTH NO-BREAK SPACE}> @Support E-Mails  #7 \N{LEFT-TO-RIGHT MARK}x",
    ],
)
def test_blanks_of_any_kind_part_and_marks_that_nobody_sees_count_nowhere(subject: str) -> None:
    assert begins_like_wrapper(subject)
    assert parse(subject, KNOWN) == WrapperSubject(("support e-mails",), (7,), "x")


@pytest.mark.parametrize(
    "subject",
    [
        "＞ @Support #7",
        "> ＠Support #7",
        "> ＃7",
        "> 7",
        "&gt; @Support",
        "» @Support",
        "> > @Support",
    ],
)
def test_other_signs_than_those_of_ascii_make_no_wrapper(subject: str) -> None:
    assert not begins_like_wrapper(subject)
    assert parse(subject, KNOWN) is None


def test_full_width_digits_are_no_number() -> None:
    assert parse("> #１２ x", KNOWN) == WrapperSubject((), (Unknown("１２ x"),), "")


@pytest.mark.parametrize("name", ["Großauftrag", "GROSSAUFTRAG", "großauftrag"])
def test_names_are_compared_without_case(name: str) -> None:
    assert parse(f"> @{name} x", [name_key("Großauftrag")]) == WrapperSubject(
        (name_key("Großauftrag"),), (), "x"
    )


def test_more_names_than_a_wrapper_may_have_are_told() -> None:
    fifty = "> " + " ".join(f"#{number}" for number in range(1, 51))
    read = parse(fifty + "  x", KNOWN)
    assert read is not None
    assert (len(read.targets), read.rest, read.is_cut) == (50, "x", False)
    more = parse(fifty + " #51  x", KNOWN)
    assert more is not None
    assert (len(more.targets), more.is_cut) == (50, True)


@pytest.mark.parametrize(
    "subject",
    [
        *("", ">", "> ", "> hello", "> @", "> @ Support", "> # 1", "@Support  x"),
        *(f"{prefix}> @Support  #1  x" for prefix in ("Re: ", "AW:", "WG: ", "Fwd: ", "RE[2]: ")),
        *(f"{prefix}> @Support  #1  x" for prefix in ("SV: ", "Réf : ", "回复：", "[list] ")),
    ],
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
    assert read == WrapperSubject((name_key(creator),), (wanted,), rest.strip())


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="> @#1 Suport\tE-Mailsß", max_size=60))
def test_any_subject_is_read_without_error(subject: str) -> None:
    read = parse(f"> @{subject}", KNOWN)
    assert read is None or read.rest == read.rest.strip()

"""The base subject, step by step as RFC 5256 2.1 and its grammar in section 5 have it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imapgate.mime.subjects import base_subject

PIECES = (
    "re:",
    "Fwd:",
    "FW :",
    "[list]",
    "[",
    "]",
    "(fwd)",
    "[fwd:",
    " ",
    "\t",
    "a",
    "re",
    ":",
    "",
)


@pytest.mark.parametrize(
    ("subject", "base", "is_reply"),
    [
        # step 1: blanks and continuations
        ("two  words", "two words", False),
        ("a\tb\r\n c", "a b c", False),
        ("", "", False),
        (" \t ", "", False),
        # step 2: trailers, until there are none
        ("hello (fwd)", "hello", True),
        ("hello (Fwd) (FWD)  ", "hello", True),
        ("hello(fwd)", "hello", True),
        ("hello (fwd) you", "hello (fwd) you", False),
        ("(fwd)", "", True),
        # step 3: leaders
        ("Re: hello", "hello", True),
        ("RE:hello", "hello", True),
        ("re : hello", "hello", True),
        ("fw: hello", "hello", True),
        ("Fwd: hello", "hello", True),
        ("Re: Fwd: re:fw: hello", "hello", True),
        ("Re[2]: hello", "hello", True),
        ("Re [x] : hello", "hello", True),
        ("[list] Re: hello", "hello", True),
        ("[a][b] [c] Re: hello", "hello", True),
        ("Re: [list] Re: hello", "hello", True),
        ("Re: ", "", True),
        ("reply: hello", "reply: hello", False),
        ("regards", "regards", False),
        ("fwdd: hello", "fwdd: hello", False),
        ("Re[2][3]: hello", "Re[2][3]: hello", False),
        ("Aw: hello", "Aw: hello", False),  # RFC 5256 7: no translations
        # step 4: a blob goes if something is left behind it
        ("[list] hello", "hello", False),
        ("[a] [b]hello", "hello", False),
        ("[list]", "[list]", False),
        ("[a][b]", "[b]", False),
        ("Re: [list]", "[list]", True),
        ("[] hello", "hello", False),
        ("[a[b]] hello", "[a[b]] hello", False),
        ("hello [list]", "hello [list]", False),
        # step 6: a forward around it, and from step 2 once more
        ("[fwd: hello]", "hello", True),
        ("[Fwd: Re: hello (fwd)]", "hello", True),
        ("[fwd: [fwd: [list] hello]]", "hello", True),
        ("Re: [FWD: hello] (fwd)", "hello", True),
        ("[fwd: hello", "[fwd: hello", False),
        ("[list] [fwd: a [b] c]", "a [b] c", True),
    ],
)
def test_base_subject(subject: str, base: str, is_reply: bool) -> None:
    assert base_subject(subject) == (base, is_reply)


def test_a_blob_that_is_a_forward_of_nothing_between_is_taken_as_a_blob_first() -> None:
    """`[fwd: x]` before other text is a subj-blob."""
    assert base_subject("[fwd: x] hello") == ("hello", False)
    assert base_subject("[fwd:]") == ("", True)


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_a_base_subject_is_its_own(subject: str) -> None:
    """Nothing is left that the rules would take off."""
    base, _ = base_subject(subject)
    assert base_subject(base) == (base, False)
    assert base == " ".join(base.split(" ")).strip()
    assert "  " not in base


@pytest.mark.parametrize("piece", ["[a]", "[", "re:", "(fwd)", "[fwd:", "re ", "[fwd: a] ", "re["])
def test_the_longest_subjects_end(piece: str) -> None:
    """A subject is at most 2,000 characters long."""
    base, _ = base_subject(piece * (2_000 // len(piece)))
    assert len(base) <= 2_000

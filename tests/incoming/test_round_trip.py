"""What is exported and imported again is the same to the octet, in every format."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from corpus import MESSAGES
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reading_files import contents_in, in_mbox, mails_in, write

from imapgate.incoming.files import found, mbox_lines
from imapgate.incoming.files.writing import FORMATS

NAMES = {"eml": "out", "mbox": "out.mbox", "maildir": "out", "zip": "out.zip"}
HARD = (
    b"no header and no line end",
    b"A: b\n\nbare line feeds\n",
    b"A: b\r\n\r\nends with a bare CR\r",
    b"A: b\r\n\r\n\0NUL\0\r\n",
    b"A: b\r\n\r\n8 bit \xff\xfe\x80",
    b"\n",
    b"\r\n",
    b"\r",
    b"\n\n\n",
    b"A: b\r\n\r\nblank lines\r\n\r\n\r\n",
    b"A: b\r\n\r\n\r\n\r",
    b"From ",
    b"From nobody Mon Jan  1 00:00:00 2024\nSubject: saved with its From line\n\nText\n",
    b"A: b\n\nFrom me\n>From you\n>>From them\n>>>From\n From\nfrom me\nFrom: x\n",
    b"A: b\n\nFrom nobody Mon Jan  1 00:00:00 2024\n\nFrom x Tue Jan  2 00:00:00 2024\n",
    b"Content-Length: 3\n\nabc\n\nFrom nobody Mon Jan  1 00:00:00 2024\nA: b\n\nmore\n",
    b"Content-Length: 8\n\n>From x\n",
    b"Content-Length: 9\n\n>From x\n",
    b"A: b\r\n\r\n" + b"long line " * 70_000 + b"\nFrom here\r\n" + b"x" * 600_000,
)


@pytest.mark.parametrize("form", FORMATS)
def test_every_mail_comes_back_as_it_was(tmp_path: Path, form: str) -> None:
    """The corpus, and what is hard for an mbox."""
    contents = [*MESSAGES.values(), *HARD]
    target = tmp_path / NAMES[form]
    write(form, target, contents)
    back = contents_in(target)
    # Files of a directory and members of a zip come in the order of their names.
    if form == "maildir":
        back, contents = sorted(back), sorted(contents)
    differing = [(n, one[:300]) for n, one in enumerate(contents) if back[n : n + 1] != [one]]
    assert differing == []
    assert len(back) == len(contents)


LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *(b"From a Mon Jan  1 00:00:00 2024", b">From ", b"From ", b">>From b", b""),
                *(b"Content-Length: 5", b"\r", b"A: b", b"\0", b"From mboxrd@imapgate.invalid "),
            ]
        ),
        st.binary(max_size=20),
    ),
    max_size=8,
)
MAILS = st.lists(
    st.builds(
        lambda lines, end, last: end.join(lines) + last,
        LINES,
        st.sampled_from([b"\n", b"\r\n"]),
        st.sampled_from([b"", b"\n", b"\r\n", b"\r", b"\n\r"]),
    ).filter(bool),
    max_size=5,
)


@settings(max_examples=150, deadline=None)
@example([b"x", b"\n", b"From "])
@given(MAILS)
def test_an_mbox_gives_back_whatever_was_put_into_it(contents: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        target = Path(directory) / "box"
        write("mbox", target, contents)
        raw = target.read_bytes()
    assert in_mbox(raw) == (contents or ["is no mbox: it doesn't begin with a From line"])


@pytest.mark.parametrize("block", [1, 2, 5, 7, 64])
def test_it_is_no_matter_where_the_blocks_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    """Neither when it is written nor when it is read."""
    contents = [one for one in HARD if len(one) < 1000]
    for place in ("found.BLOCK", "mbox.BLOCK", "writing.BLOCK"):
        monkeypatch.setattr(f"imapgate.incoming.files.{place}", block)
    # What is looked for has six octets.
    monkeypatch.setattr("imapgate.incoming.files.mbox._BLOCK", 6 + block)
    monkeypatch.setattr(found, "IN_MEMORY", 10)
    write("mbox", tmp_path / "box", contents)
    assert contents_in(tmp_path / "box") == contents


def test_marks_are_put_and_taken_off() -> None:
    """mboxrd: every line that begins with From, or with marks and From, gets one more."""
    before = b"From a\n>From b\nx From\n>> From\nFrom: c\n"
    after = b"".join(mbox_lines.quoted([before]))
    assert after == b">From a\n>>From b\nx From\n>> From\nFrom: c\n"
    assert b"".join(mbox_lines.unquoted([after])) == before
    pieces = [after[at : at + 1] for at in range(len(after))]
    assert b"".join(mbox_lines.unquoted(pieces)) == before


def test_flags_and_dates_are_kept(tmp_path: Path) -> None:
    write("maildir", tmp_path / "out", [b"A: b\n\nText\n"], "FRS")
    (mail,) = mails_in(tmp_path / "out")
    assert (mail.flags, mail.internal_at) == ("FRS", 1_700_000_000)
    write("mbox", tmp_path / "box", [b"A: b\n\nText\n"])
    (mail,) = mails_in(tmp_path / "box")
    assert (mail.internal_at, mail.internal_zone) == (1_700_000_000, 0)
    write("eml", tmp_path / "eml", [b"A: b\n\nText\n"])
    assert (tmp_path / "eml" / "10000001 Mail 0.eml").stat().st_mtime == 1_700_000_000

"""Other programs read what is exported, and what they write is read."""

from __future__ import annotations

import mailbox
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from reading_files import contents_in, in_mbox, mails_in, write

MAILS = [
    b"Subject: one\n\nFrom here on\n>From there\n",
    b"Subject: two\n\nno last line end",
    b"Subject: three\n\nblank lines\n\n\n",
]
FROM = b"From ann@example.org Sat Jan  3 01:05:34 2024\n"


def test_python_s_library_reads_an_exported_mbox(tmp_path: Path) -> None:
    """As many mails; it takes no marks off."""
    write("mbox", tmp_path / "box", MAILS)
    box = mailbox.mbox(tmp_path / "box", create=False)
    assert [one["Subject"] for one in box] == ["one", "two", "three"]
    assert box.get_bytes(0) == b"Subject: one\n\n>From here on\n>>From there\n"
    assert box.get_message(0).get_from() == "mboxrd@imapgate.invalid Tue Nov 14 22:13:20 2023"
    box.close()


def test_python_s_library_reads_an_exported_maildir(tmp_path: Path) -> None:
    write("maildir", tmp_path / "box", MAILS, "FRS")
    box = mailbox.Maildir(tmp_path / "box", create=False)
    assert sorted(box.get_bytes(one) for one in box.keys()) == sorted(MAILS)  # noqa: SIM118
    assert {one.get_flags() for one in box} == {"FRS"}
    assert {one.get_date() for one in box} == {1_700_000_000, 1_700_000_001, 1_700_000_002}
    box.close()


def test_what_python_s_library_writes_is_read(tmp_path: Path) -> None:
    """mboxo, and a Maildir with folders."""
    mbox = mailbox.mbox(tmp_path / "box")
    for one in MAILS:
        mbox.add(one)
    mbox.close()
    # It ends every mail's last line, and its mark can't be told from a mail's own.
    assert contents_in(tmp_path / "box") == [
        b"Subject: one\n\nFrom here on\nFrom there\n",
        MAILS[1] + b"\n",
        MAILS[2],
    ]
    maildir = mailbox.Maildir(tmp_path / "dir")
    message = mailbox.MaildirMessage(MAILS[0])
    message.set_subdir("cur")
    message.set_flags("SR")
    maildir.add(message)
    maildir.add_folder("Archive").add(MAILS[2])
    maildir.close()
    found = mails_in(tmp_path / "dir")
    assert [(one.content, one.flags) for one in found] == [(MAILS[0], "RS"), (MAILS[2], "")]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                [
                    *(FROM, FROM.replace(b"\n", b"\r\n"), b"From x\n", b"\n", b"\r\n", b">From \n"),
                    *(b"Content-Length: 7\n", b"Content-Length: 7\r\n\r\n", b"From ", b"a: b\n"),
                ]
            ),
            st.binary(max_size=12),
        ),
        max_size=12,
    )
)
def test_no_mbox_stops_the_import(pieces: list[bytes]) -> None:
    """Whatever it holds: mails, no larger than itself, or sentences."""
    raw = FROM + b"".join(pieces)
    found = in_mbox(raw)
    assert sum(len(one) for one in found if isinstance(one, bytes)) <= len(raw)
    assert {one for one in found if isinstance(one, str)} <= {"is empty"}

"""Directories: what is found in them, in which order, and what isn't."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from reading_files import MOST, contents_in, faults_in, mails_in, nobody

from imapgate.incoming.files import maildir, reading, walking
from imapgate.incoming.files.found import Unreadable
from imapgate.incoming.files.kinds import Kind
from imapgate.incoming.files.walking import File

MAIL = b"Subject: %s\n\nText\n"
FROM = b"From ann@example.org Sat Jan  3 01:05:34 2024\n"


def mail(name: str) -> bytes:
    return MAIL % name.encode()


def put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_all_mails_below_a_directory_by_name(tmp_path: Path) -> None:
    """Files with other endings are passed over, but for an mbox without one."""
    put(tmp_path / "b.EML", mail("b"))
    put(tmp_path / "a" / "deep" / "er" / "one.eml", mail("one"))
    put(tmp_path / "Inbox", FROM + mail("inbox") + b"\n" + FROM + mail("inbox 2"))
    put(tmp_path / "Inbox.msf", b"// <!-- <mdb:mork:z v='1.4'/> -->\n")
    put(tmp_path / "letter.docx", b"PK\3\4no mail")
    put(tmp_path / "letter.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1no mail")
    put(tmp_path / "notes.txt", b"From: nobody\nSubject: no mail\n\n")
    names = [b"inbox", b"inbox 2", b"one", b"b"]
    assert contents_in(tmp_path) == [MAIL % name for name in names]


def test_a_maildir_and_those_in_it(tmp_path: Path) -> None:
    """Messages of new and cur whatever they are called, with flags and dates; nothing of tmp, and
    none of the programs' own files."""
    box = tmp_path / "Maildir"
    put(box / "cur" / "1700000002.M1P2.host,S=21:2,RS", mail("read"))
    put(box / "cur" / "1700000003.M1P2.host:2,ZbFaT", mail("letters"))
    put(box / "new" / "1700000001.M1P2.host", mail("new"))
    put(box / "new" / ".hidden", b"x")
    put(box / "tmp" / "1700000009.M1P2.host", b"half a m")
    put(box / "dovecot-uidlist", b"3 V1 N1\n")
    put(box / ".Sent" / "cur" / "1700000004.M1P2.host:2,S", FROM + mail("sent"))
    put(box / ".Sent" / "new" / "empty", b"")
    os.utime(box / "cur" / "1700000002.M1P2.host,S=21:2,RS", (5, 1_600_000_000))
    (box / ".Sent" / "new" / "empty").unlink()
    found = mails_in(tmp_path)
    assert [(one.content, one.flags) for one in found] == [
        (mail("new"), ""),
        (mail("read"), "RS"),
        (mail("letters"), "FT"),
        (FROM + mail("sent"), "S"),
    ]
    assert found[1].internal_at == 1_600_000_000


@pytest.mark.parametrize(
    ("name", "flags"),
    [
        ("1.host:2,SFR", "FRS"),
        ("1.host;2,S", "S"),
        ("1.host!2,S", "S"),
        ("1.host:2,", ""),
        ("1.host:1,x", ""),
        ("1.host:2,SSS", "S"),
        ("1.host", ""),
    ],
)
def test_flags_of_a_file_s_name(name: str, flags: str) -> None:
    """Also where a name may hold no colon."""
    assert maildir.flags(name) == flags


def test_links_in_a_directory_aren_t_followed(tmp_path: Path) -> None:
    """They may lead out of it, or round and round."""
    put(tmp_path / "outside" / "secret.eml", mail("secret"))
    put(tmp_path / "inside" / "one.eml", mail("one"))
    (tmp_path / "inside" / "link.eml").symlink_to(tmp_path / "outside" / "secret.eml")
    (tmp_path / "inside" / "round").symlink_to(tmp_path / "inside")
    put(tmp_path / "inside" / "box" / "new" / "1", mail("new"))
    (tmp_path / "inside" / "box" / "cur").symlink_to(tmp_path / "outside")
    (tmp_path / "inside" / "box" / "new" / "2").symlink_to(tmp_path / "outside" / "secret.eml")
    assert contents_in(tmp_path / "inside") == [mail("one")]
    assert contents_in(tmp_path / "inside" / "link.eml") == [mail("secret")], "named by a person"


def test_what_is_no_file_is_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.eml")
    put(tmp_path / "one.eml", mail("one"))
    assert contents_in(tmp_path) == [mail("one")]
    assert faults_in(tmp_path / "pipe.eml") == ["pipe.eml is no file"]
    (tmp_path / "dir.eml").mkdir()
    assert contents_in(tmp_path / "dir.eml") == []


def test_a_file_that_is_named_is_told_if_it_is_none(tmp_path: Path) -> None:
    put(tmp_path / "mail", mail("by its header").replace(b"\n\n", b"\nFrom: a@b\n\n"))
    put(tmp_path / "text.txt", b"Just a text.\n")
    put(tmp_path / "empty.eml", b"")
    put(tmp_path / "large.eml", b"x" * 2000)
    put(tmp_path / "no.mbox", mail("no mbox"))
    assert len(contents_in(tmp_path / "mail")) == 1
    assert faults_in(tmp_path / "text.txt") == [
        "text.txt is none of .eml, .msg, mbox, Maildir, zip"
    ]
    assert faults_in(tmp_path / "empty.eml") == ["empty.eml is empty"]
    assert faults_in(tmp_path / "large.eml", 1999) == ["large.eml is larger than 1.952 KiB"]
    assert faults_in(tmp_path / "no.mbox") == [
        "no.mbox is no mbox: it doesn't begin with a From line"
    ]
    assert faults_in(tmp_path / "gone") == ["gone can't be read: No such file or directory"]


def test_a_file_that_goes_away_is_told(tmp_path: Path) -> None:
    """Between the looking and the reading."""
    gone = File(tmp_path / "gone.eml", Kind.EML, 10, 0)
    (told,) = reading.read(gone, MOST, nobody)
    assert isinstance(told, Unreadable)
    assert told.text == "can't be read: No such file or directory"


def test_directories_have_a_bottom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "DEEPEST", 2)
    put(tmp_path / "a" / "b" / "two.eml", mail("two"))
    put(tmp_path / "a" / "b" / "c" / "three.eml", mail("three"))
    assert len(list(walking.files_in(tmp_path))) == 2
    assert faults_in(tmp_path) == [f"{tmp_path.name}/a/b/c stands deeper than 2 directories"]


def test_a_maildir_s_message_that_goes_meanwhile(tmp_path: Path) -> None:
    """Its client renames it as soon as somebody reads it: it is told, and found where it went."""
    for folder in ("cur", "new", "tmp"):
        (tmp_path / folder).mkdir()
    for name in ("1.a", "2.b", "3.c"):
        (tmp_path / "new" / name).write_bytes(b"Subject: x\r\n\r\n")
    walk = walking.files_in(tmp_path)
    found = [next(walk)]
    (tmp_path / "new" / "2.b").rename(tmp_path / "cur" / "2.b:2,S")
    found += walk
    assert [isinstance(one, File) for one in found] == [True, False, True, True]
    gone = found[1]
    assert isinstance(gone, Unreadable)
    assert gone.text == "can't be read: No such file or directory"

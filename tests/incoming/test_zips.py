"""Zips of mails: read as they were in directories, and never more than they may hold."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from reading_files import contents_in, faults_in, found_in, mails_in

from imapgate.incoming.files import zips
from imapgate.incoming.files.found import Found

MAIL = b"Subject: a mail\n\nText\n"
FROM = b"From ann@example.org Sat Jan  3 01:05:34 2024\n"


def made(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def test_mails_mboxes_and_maildirs_in_folders(tmp_path: Path) -> None:
    """By their names, in order; what is none of them is passed over."""
    path = made(
        tmp_path / "all.zip",
        ("z/deep/er/last.eml", MAIL + b"4"),
        ("notes.txt", b"From me to you"),
        ("__MACOSX/._one.eml", b"x"),
        ("a/.DS_Store", b"From "),
        ("box/cur/1700000000.M1.host:2,FS", MAIL + b"2"),
        ("box/new/1700000001.M1.host", MAIL + b"3"),
        ("a/Inbox", FROM + MAIL + b"0\n\n" + FROM + MAIL + b"1\n"),
        ("empty/", b""),
    )
    found = mails_in(path)
    assert [one.content[-2:] for one in found] == [b"0\n", b"1\n", b"\n2", b"\n3", b"\n4"]
    assert [one.flags for one in found] == ["", "", "FS", "", ""]
    assert found[0].place == f"{path}: a/Inbox, message 1"


def test_members_that_are_refused_are_named(tmp_path: Path) -> None:
    """And the rest is read."""
    link = zipfile.ZipInfo("link.eml")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = made(
        tmp_path / "bad.zip",
        ("../out.eml", MAIL),
        ("/etc/out.eml", MAIL),
        ("a/../../out.eml", MAIL),
        ("a\\..\\out.eml", MAIL),
        ("empty.eml", b""),
        ("inner.zip", b"PK\3\4"),
        ("large.eml", b"x" * 3000),
        (link, b"/etc/passwd"),
        ("good.eml", MAIL),
    )
    refused = faults_in(path, 2999)
    assert [one.removeprefix("bad.zip: ") for one in refused] == [
        "../out.eml has a name that leads out of the zip",
        "/etc/out.eml has a name that leads out of the zip",
        "a/../../out.eml has a name that leads out of the zip",
        "a\\..\\out.eml has a name that leads out of the zip",
        "empty.eml is empty",
        "inner.zip is a zip inside a zip: unpack it first",
        "large.eml is larger than 2.929 KiB",
        "link.eml is a link",
    ]
    assert [one.content for one in found_in(path, 2999) if isinstance(one, Found)] == [MAIL]


def test_encrypted_members_are_refused(tmp_path: Path) -> None:
    raw = bytearray(made(tmp_path / "plain.zip", ("a.eml", MAIL), ("b.eml", MAIL)).read_bytes())
    at = raw.rindex(b"PK\1\2", 0, raw.rindex(b"PK\1\2"))
    raw[at + 8] |= 1
    raw[6] |= 1
    path = tmp_path / "secret.zip"
    path.write_bytes(raw)
    assert faults_in(path) == ["secret.zip: a.eml is encrypted: unpack it first"]
    assert [one.content for one in found_in(path) if isinstance(one, Found)] == [MAIL]


def test_a_bomb_stays_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A member is as large as a message may be at most; all of them together have a bound, too."""
    path = made(tmp_path / "bomb.zip", *((f"{n}.eml", bytes(1000)) for n in range(9)))
    monkeypatch.setattr(zips, "UNPACKED", 3500)
    found = found_in(path)
    assert [isinstance(one, Found) for one in found] == [True] * 3 + [False] * 2
    assert faults_in(path) == [
        "bomb.zip: 3.eml goes over the 3.418 KiB of a zip",
        "bomb.zip holds more than 3.418 KiB; the rest isn't read",
    ]
    box = made(tmp_path / "box.zip", ("in.mbox", FROM + bytes(5000)))
    assert faults_in(box)[0] == "box.zip: in.mbox goes over the 3.418 KiB of a zip"
    monkeypatch.setattr(zips, "MEMBERS", 8)
    assert faults_in(path) == ["bomb.zip has more than 8 members"]


def test_a_member_that_lies_about_its_size_gives_no_more_than_it_says(tmp_path: Path) -> None:
    raw = bytearray(made(tmp_path / "a.zip", ("a.eml", bytes(100_000))).read_bytes())
    for mark, offset in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        struct.pack_into("<I", raw, raw.index(mark) + offset, 50)
    path = tmp_path / "lies.zip"
    path.write_bytes(raw)
    assert faults_in(path, 1000) == ["lies.zip: a.eml can't be read: Bad CRC-32 for file 'a.eml'"]


def test_damaged_zips_and_members_are_told(tmp_path: Path) -> None:
    raw = made(tmp_path / "a.zip", ("a.eml", MAIL * 50), ("b.eml", MAIL)).read_bytes()
    path = tmp_path / "cut.zip"
    path.write_bytes(raw[:-30])
    assert faults_in(path) == ["cut.zip is no zip that can be read: File is not a zip file"]
    at = raw.index(b"a.eml") + 10
    path.write_bytes(raw[:at] + b"\xff\xff\xff" + raw[at + 3 :])
    (fault,) = faults_in(path)
    assert fault.startswith("cut.zip: a.eml can't be read: ")
    assert [one.content for one in found_in(path) if isinstance(one, Found)] == [MAIL]


@pytest.mark.parametrize("seed", range(40))
def test_no_octet_that_is_wrong_stops_the_import(tmp_path: Path, seed: int) -> None:
    """Each is either told, or does no harm."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.eml", MAIL * 3)
        archive.writestr("in.mbox", FROM + MAIL)
    raw = bytearray(whole.getvalue())
    for place in range(seed, len(raw), 40):
        spoilt = bytearray(raw)
        spoilt[place] ^= 0xFF
        path = tmp_path / "spoilt.zip"
        path.write_bytes(spoilt)
        found_in(path)


def test_nothing_is_unpacked_under_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = made(tmp_path / "a.zip", ("x/y.eml", MAIL), ("../z.eml", MAIL), ("in.mbox", FROM + MAIL))
    before = sorted(tmp_path.parent.rglob("*"))
    found_in(path)
    assert sorted(tmp_path.parent.rglob("*")) == before
    assert contents_in(made(tmp_path / "b.zip", ("x/y.eml", MAIL))) == [MAIL]

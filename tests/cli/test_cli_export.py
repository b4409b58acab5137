"""`imapgate export`: the bytes as they came, under safe names, whole or not at all."""

from __future__ import annotations

import email
import email.policy
import stat
import zipfile
from pathlib import Path
from typing import Any

import pytest
from command import Command
from corpus import MESSAGES
from desk import mail
from reading_files import contents_in, mails_in, write
from sqlalchemy import delete

from imapgate.incoming.files import writing
from storage import Database
from storage.schema import message_chunk


def bring(office: Command, tmp_path: Path, *contents: bytes) -> None:
    """Into Support."""
    write("mbox", tmp_path / "in.mbox", contents)
    office.ok("import", str(tmp_path / "in.mbox"), "--group", "Support")
    (tmp_path / "in.mbox").unlink()


def files(tmp_path: Path) -> list[str]:
    return sorted(one.name for one in tmp_path.iterdir() if one.name != "data")


def test_what_went_in_comes_out(office: Command, tmp_path: Path) -> None:
    """The whole corpus, in every format."""
    contents = {one for name, one in MESSAGES.items() if "wrapper" not in name}
    bring(office, tmp_path, *sorted(contents))
    backs = []
    for form in writing.FORMATS:
        out = tmp_path / f"out{'' if form == 'maildir' else f'.{form}'}"
        value = office.json("export", "--group", "Support", "--format", form, "--output", str(out))
        backs.append(sorted(contents_in(out)))
        assert value == {"output": str(out), "written": len(backs[-1]), "damaged": 0}
    assert backs[1:] == backs[:1] * 3
    # In a group's folder a mail stands once, whatever its last line end.
    assert len(backs[0]) > 0.9 * len(contents)
    assert set(backs[0]) <= contents


def test_what_comes_out_goes_in_again_as_the_same(office: Command, tmp_path: Path) -> None:
    """From whatever format: nothing new comes of it."""
    contents = [mail("One", 1), mail("Two", 2)[:-2], b"From here on\nno header"]
    bring(office, tmp_path, *contents)
    words = ("export", "--group", "Support", "--format")
    for form in writing.FORMATS:
        out = tmp_path / f"out{'' if form == 'maildir' else f'.{form}'}"
        office.ok(*words, form, "--output", str(out))
        again = office.json("import", str(out), "--group", "Support")
        assert {one["number"] for one in again["messages"]} == {10000001, 10000002, 10000003}
    office.ok(*words, "mbox", "--output", str(tmp_path / "once.mbox"))
    assert contents_in(tmp_path / "once.mbox") == contents


def test_files_are_named_by_number_and_subject(
    office: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Safe on every system; in the directory where one stands, by the group's name."""
    monkeypatch.chdir(tmp_path)
    bring(
        office,
        tmp_path,
        mail('a/b\\c: <d>"e" *? |', 1),
        mail("../../etc/passwd", 2),
        mail("=?utf-8?q?Gr=C3=B6=C3=9Fe=0Aand=1B[31m?=", 3),
        mail("x" * 500, 4),
        mail("", 5),
    )
    page = office.ok("export", "--group", "Support", "--format", "eml")
    assert page == "Wrote 5 mails to Support.\n"
    assert files(tmp_path / "Support") == [
        "10000001 a b c d e.eml",
        "10000002 etc passwd.eml",
        "10000003 Größe and [31m.eml",
        f"10000004 {'x' * 80}.eml",
        "10000005.eml",
    ]
    office.ok("export", "--group", "Support", "--format", "zip")
    with zipfile.ZipFile(tmp_path / "Support.zip") as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == files(tmp_path / "Support")
    assert stat.S_IMODE((tmp_path / "Support.zip").stat().st_mode) == 0o600
    office.ok("export", "--activity", "#10000002", "--format", "eml")
    assert (tmp_path / "10000002 etc passwd.eml").read_bytes() == mail("../../etc/passwd", 2)


def test_names_that_are_one_somewhere_differ(tmp_path: Path) -> None:
    with writing.writing("eml", tmp_path / "out", replace=False) as writer:
        for subject in ("Größe", "GRÖSSE", "Gro\u0308ße", "Größe (2)"):
            writer.add(writing.Outgoing(None, subject, 0), b"x")
    assert files(tmp_path / "out") == [
        *("message GRÖSSE (2).eml", "message Größe (2) (2).eml", "message Größe (3).eml"),
        "message Größe.eml",
    ]


def test_flags_and_dates_stand_in_a_maildir(office: Command, tmp_path: Path) -> None:
    box = tmp_path / "Maildir"
    write("maildir", box, [mail("One", 1), mail("Two", 2)], "FRS")
    office.ok("import", str(box), "--group", "Support")
    office.ok("export", "--group", "Support", "--format", "maildir", "--output", f"{box}2")
    found = mails_in(tmp_path / "Maildir2")
    assert [(one.flags, one.internal_at) for one in found] == [
        *(("FRS", 1_700_000_000), ("FRS", 1_700_000_001)),
    ]
    assert [one.content for one in found] == [mail("One", 1), mail("Two", 2)]


def test_an_activity_without_a_mail_is_written_as_one(office: Command, tmp_path: Path) -> None:
    """From its reporting contact, with what it says; the same each time."""
    office.ok("contact", "add", "Erika Müller", "erika@example.org")
    office.ok(
        *("activity", "new", "Zu heiß", "--creator", "Bugs", "--contact", "Erika Müller"),
        *("--description", "The gadget", "--detailed-description", "Line\nFrom here on"),
    )
    office.ok("activity", "follow-up", "10000001", "--title", "Called", "--text", "Nobody there.")
    out = tmp_path / "a.eml"
    office.ok("export", "--activity", "10000001", "--format", "eml", "--output", str(out))
    message = email.message_from_bytes(out.read_bytes(), policy=email.policy.default)
    assert isinstance(message, email.message.EmailMessage)
    assert message["From"] == "Erika Müller <erika@example.org>"
    assert message["Subject"] == "Zu heiß [#10000001]"
    assert message["X-Mailer"] == "//IMAPGATE//V1//Acme"
    assert message["Date"].datetime.year >= 2024
    body = message.get_content()
    for text in ("Incident #10000001 (Bug): New", "The gadget", "From here on", "Nobody there."):
        assert text in body
    office.ok("export", "--activity", "10000001", "--format", "eml", "--output", f"{out}2")
    assert (tmp_path / "a.eml2").read_bytes() == out.read_bytes()
    bring(office, tmp_path, mail("A mail", 1))
    box = tmp_path / "all.mbox"
    office.ok("export", "--group", "Support", "--format", "mbox", "--output", str(box))
    assert contents_in(box) == [mail("A mail", 1), out.read_bytes()]


def test_nothing_is_overwritten_unasked(office: Command, tmp_path: Path) -> None:
    bring(office, tmp_path, mail("One", 1))
    there, directory = tmp_path / "there.mbox", tmp_path / "there"
    there.write_bytes(b"precious")
    directory.mkdir()
    words = ("export", "--group", "Support", "--format")
    assert office.refused(*words, "mbox", "--output", str(there)) == (
        f"{there} is there already: say --yes to replace it."
    )
    for form in ("eml", "maildir", "zip"):
        refused = office.refused(*words, form, "--output", str(directory), "--yes")
        assert refused == f"{directory} is there already: name another one with --output."
    assert there.read_bytes() == b"precious"
    assert "There is no directory" in office.refused(*words, "zip", "--output", "/nowhere/x.zip")
    office.ok(*words, "mbox", "--output", str(there), "--yes")
    assert contents_in(there) == [mail("One", 1)]
    assert files(tmp_path) == ["there", "there.mbox"]


@pytest.mark.parametrize("form", writing.FORMATS)
def test_cut_short_nothing_stands_under_the_name(
    office: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    """Neither a part of it nor anything beside."""
    bring(office, tmp_path, mail("One", 1), mail("Two", 2))
    real = writing._pieces
    written = 0

    def full(content: Any) -> Any:
        nonlocal written
        written += 1
        if written == 2:
            raise OSError(28, "No space left on device")
        return real(content)

    monkeypatch.setattr(writing, "_pieces", full)
    out = tmp_path / "out"
    refused = office.refused("export", "--group", "Support", "--format", form, "--output", str(out))
    assert refused == f"{out} can't be written: No space left on device."
    assert files(tmp_path) == []


def test_a_mail_whose_bytes_are_gone_is_told_and_the_rest_written(
    office: Command, tmp_path: Path
) -> None:
    bring(office, tmp_path, mail("One", 1), mail("Two", 2))
    db = Database.open(office.data / "imapgate.db")
    gone = delete(message_chunk).where(message_chunk.c.stored_message_id == 1)
    db.write(lambda tx: tx.connection.execute(gone))
    db.close()
    out = tmp_path / "out.mbox"
    words = ("export", "--group", "Support", "--format", "mbox", "--output", str(out))
    result = office.run(*words)
    assert result.exit_code == 1
    assert result.stderr == "Not written: #10000001 One: its bytes are damaged, see `doctor`.\n"
    assert contents_in(out) == [mail("Two", 2)]


def test_what_isn_t_there_is_told(office: Command) -> None:
    words = ("--format", "mbox")
    assert office.refused("export", "--activity", "10000099", *words) == (
        "There is no activity #10000099."
    )
    assert office.refused("export", "--group", "Nowhere", *words) == 'There is no group "Nowhere".'
    assert office.run("export", *words).exit_code == 2
    assert office.run("export", "--group", "a", "--activity", "1", *words).exit_code == 2
    assert office.run("export", "--activity", "x", *words).exit_code == 2


def test_another_segment_s_group_and_activity_aren_t_there(office: Command, tmp_path: Path) -> None:
    bring(office, tmp_path, mail("One", 1))
    office.ok("segment", "add", "Other", "--admin", "olga", "--email", "olga@other.example")
    words = ("--format", "mbox", "--segment", "Other")
    assert office.refused("export", "--activity", "10000001", *words) == (
        "There is no activity #10000001."
    )
    assert office.refused("export", "--group", "Support", *words) == 'There is no group "Support".'

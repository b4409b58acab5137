"""`imapgate import`: every mail of the files is filed once, and what isn't is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command import ENVIRONMENT, Command
from desk import mail, wrapper
from sqlalchemy import select

from imapgate.incoming import filing, queue
from imapgate.incoming.files import importing
from storage import Database
from storage.schema import ANSWERED, FLAGGED, drop_record, entry, folder

DATED = b"From ann@example.org Sat Jan  3 01:05:34 2024\n"


def in_mbox(path: Path, *contents: bytes) -> Path:
    path.write_bytes(b"".join(DATED + one + b"\n" for one in contents))
    return path


def activities(office: Command, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = office.json("activity", "list", *words)
    return found


@pytest.fixture
def db(office: Command) -> Iterator[Database]:
    opened = Database.open(office.data / "imapgate.db")
    yield opened
    opened.close()


def entries(db: Database, group: str) -> list[Any]:
    """Of the group's folder."""
    wanted = select(entry.c.flags, entry.c.internal_at, entry.c.internal_zone)
    with_name = wanted.join_from(entry, folder, folder.c.id == entry.c.folder_id)
    return db.read(
        lambda tx: tx.connection.execute(
            with_name.where(folder.c.name == group).order_by(entry.c.uid)
        ).all()
    )


def test_each_mail_is_filed_and_its_number_printed(office: Command, tmp_path: Path) -> None:
    """Into the group, by its e-mail creator; the sums in the end."""
    box = in_mbox(tmp_path / "old.mbox", mail("First", 1), mail("Second", 2))
    page = office.ok("import", str(box), "--group", "Support")
    assert page.splitlines() == [
        f"filed         #10000001  First  ({box}, message 1)",
        f"filed         #10000002  Second  ({box}, message 2)",
        "Mails: 2 filed.",
    ]
    assert [one["groups"] for one in activities(office)] == [["Support"]] * 2
    shown = office.json("drops")
    assert [one["command"] for one in shown] == ["IMPORT", "IMPORT"]
    assert [one["client"] for one in shown] == [str(box), str(box)]


def test_twice_is_once(office: Command, tmp_path: Path) -> None:
    """By file and octets; what the file has got since comes, too. Another group is another wish."""
    one, two = mail("First", 1), mail("Second", 2)
    box = in_mbox(tmp_path / "old.mbox", one, one)
    value = office.json("import", str(box), "--group", "Support")
    assert value["sums"] == {"filed": 1, "known": 1}
    in_mbox(box, two, one)
    value = office.json("import", str(box), "--group", "Support")
    assert [(told["state"], told["number"]) for told in value["messages"]] == [
        *(("filed", 10000002), ("known", 10000001)),
    ]
    assert office.json("import", str(box), "--group", "Sales")["sums"] == {"filed": 2}
    assert [found["groups"] for found in activities(office)] == [["Support", "Sales"]] * 2


def test_a_file_elsewhere_with_the_same_mails_makes_no_second_ones(
    office: Command, tmp_path: Path
) -> None:
    first = tmp_path / "a.eml"
    first.write_bytes(mail("First", 1))
    office.ok("import", str(first), "--group", "Support")
    second = in_mbox(tmp_path / "b.mbox", mail("First", 1))
    assert office.json("import", str(second), "--group", "Support")["messages"][0]["number"] == (
        10000001
    )
    assert len(activities(office)) == 1


def test_the_same_mail_from_elsewhere_makes_no_second_case(office: Command, tmp_path: Path) -> None:
    for name in ("a.eml", "b.eml"):
        (tmp_path / name).write_bytes(mail("Broken", 1))
    office.ok("segment", "edit", "Acme", "--default-creator", "Sales E-Mails")
    office.ok("import", str(tmp_path / "a.eml"), str(tmp_path / "b.eml"), "--creator", "Bugs")
    assert [one["class"] for one in activities(office)] == ["E-Mail", "Incident"]


def test_without_a_group_the_mails_and_the_segment_decide(office: Command, tmp_path: Path) -> None:
    """A wrapper's subject, a number in the subject, else the default creator; with a creator of
    cases a case each."""
    office.ok("activity", "new", "Broken", "--creator", "Bugs")
    office.ok("segment", "edit", "Acme", "--default-creator", "Sales E-Mails")
    (tmp_path / "1.eml").write_bytes(mail("Re: #10000001 #999", 1))
    (tmp_path / "2.eml").write_bytes(wrapper("> @Support E-Mails  Look", mail("Inside", 2)))
    (tmp_path / "3.eml").write_bytes(mail("Plain", 3))
    page = office.ok("import", *(str(tmp_path / f"{n}.eml") for n in (1, 2, 3)))
    assert page.replace(f"{tmp_path}/", "").splitlines() == [
        "filed         #10000002  Re: #10000001 #999  (1.eml): Filed as #10000002 in Sales, linked "
        "to #10000001. #999 is unknown, not linked.",
        "filed         #10000003  > @Support E-Mails Look  (2.eml)",
        "filed         #10000004  Plain  (3.eml)",
        "Mails: 3 filed.",
    ]
    by_name = {one["name"]: one for one in activities(office)}
    assert by_name["Re: #10000001 #999 [#10000001]"]["groups"] == ["Sales"]
    assert by_name["Inside"]["groups"] == ["Support"]
    assert by_name["Plain"]["groups"] == ["Sales"]
    linked = office.json("activity", "show", "10000001")
    assert [one["title"] for one in linked["follow_ups"]] == ["Re: #10000001 #999"]
    office.ok("import", str(tmp_path / "3.eml"), "--creator", "Bugs")
    assert [one["name"] for one in activities(office, "--class", "Incident")] == ["Broken", "Plain"]


def test_one_line_for_each_failure_and_the_rest_goes_on(office: Command, tmp_path: Path) -> None:
    (tmp_path / "settings").write_text("")
    (office.data / "imapgate.toml").write_text("[limits]\nmessage = 1000\n")
    mails = tmp_path / "mails"
    mails.mkdir()
    (mails / "a.eml").write_bytes(b"")
    (mails / "b.msg").write_bytes(b"no such thing")
    (mails / "c.eml").write_bytes(b"x" * 2000)
    (mails / "d.zip").write_bytes(b"PK")
    (mails / "e.eml").write_bytes(mail("Good", 1))
    result = office.run("import", str(mails), str(tmp_path / "gone"), "--group", "Support")
    assert result.exit_code == 1
    lines = result.stdout.replace(f"{tmp_path}/", "").splitlines()
    assert lines == [
        "failed        mails/a.eml is empty",
        "failed        mails/b.msg is no .msg that can be read: not an OLE2 structured storage "
        "file",
        "failed        mails/c.eml is larger than 1000 octets",
        "failed        mails/d.zip is no zip that can be read: File is not a zip file",
        "filed         #10000001  Good  (mails/e.eml)",
        "failed        gone can't be read: No such file or directory",
        "Mails: 1 filed, 5 failed.",
    ]
    assert office.json("incoming", "list") != []


def test_no_name_makes_a_line_of_its_own(office: Command, tmp_path: Path) -> None:
    """Neither in a zip nor on the disk, in whatever encoding."""
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a\nfiled         #1  b\x1b[2J.eml", mail("One\n two", 1))
        archive.writestr("../\nout.eml", b"")
    (tmp_path / os.fsdecode(b"\xff\n.eml")).write_bytes(mail("Two", 2))
    words = ("import", str(path), str(tmp_path / os.fsdecode(b"\xff\n.eml")), "--group", "Support")
    result = office.run(*words)
    lines = result.stdout.replace(f"{tmp_path}/", "").splitlines()
    assert lines == [
        "failed        all.zip: ../ out.eml has a name that leads out of the zip",
        "filed         #10000001  One two  (all.zip: a filed #1 b\ufffd[2J.eml)",
        "filed         #10000002  Two  (\ufffd .eml)",
        "Mails: 2 filed, 1 failed.",
    ]


def test_what_could_not_be_filed_is_tried_again(office: Command, tmp_path: Path) -> None:
    """It waits in the queue; the next import files it."""
    box = in_mbox(
        tmp_path / "old.mbox", wrapper("> @Late  Look", mail("Inside", 1)), mail("Two", 2)
    )
    result = office.run("import", str(box), "--group", "Support")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (1, "Mails: 1 filed, 1 failed.")
    assert 'message 1 Not filed: there is no creator "Late".' in result.stdout
    office.ok("creator", "add", "Late", "--type", "E-Mail", "--group", "Sales")
    value = office.json("import", str(box), "--group", "Support")
    assert [one["state"] for one in value["messages"]] == ["filed", "known"]
    assert office.json("import", str(box), "--group", "Support")["sums"] == {"known": 2}
    assert [one["name"] for one in activities(office)] == ["Two", "Inside"]


def test_a_mail_that_can_t_be_filed_keeps_no_other_of_its_batch(
    office: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = filing._arrive

    def arrive(tx: Any, row: Any, policy: Any, prepared: Any, *others: Any) -> Any:
        if prepared.mail.subject == "Bad":
            raise ValueError("a fault of ours")
        return real(tx, row, policy, prepared, *others)

    monkeypatch.setattr(filing, "_arrive", arrive)
    box = in_mbox(tmp_path / "old.mbox", mail("One", 1), mail("Bad", 2), mail("Three", 3))
    result = office.run("import", str(box), "--group", "Support")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["filed", "failed", "filed", "Mails:"]
    assert "an error of ours, incident" in lines[1]
    monkeypatch.undo()
    value = office.json("import", str(box), "--group", "Support")
    assert value["sums"] == {"known": 2, "filed": 1}


class Killed(BaseException):
    """Nothing catches it."""


def test_cut_short_anywhere_it_goes_on(
    office: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before and after each transaction: in the end every mail is there once."""
    monkeypatch.setattr(importing, "TOGETHER", 2)
    steps = 0

    def cut(real: Any, last: int) -> Any:
        def step() -> None:
            nonlocal steps
            steps += 1
            if steps > last:
                raise Killed

        def work(*given: Any, **named: Any) -> Any:
            step()
            value = real(*given, **named)
            step()
            return value

        return work

    names: list[str] = []
    for last in range(8):
        new = [f"Mail {last} {n}" for n in range(4)]
        box = in_mbox(tmp_path / f"{last}.mbox", *(mail(one, one.replace(" ", ".")) for one in new))
        steps = 0
        with monkeypatch.context() as patched:
            patched.setattr(queue, "take", cut(queue.take, last))
            patched.setattr(filing, "file_together", cut(filing.file_together, last))
            with pytest.raises(Killed):
                office.run("import", str(box), "--group", "Support")
        value = office.json("import", str(box), "--group", "Support")
        assert value["sums"].keys() <= {"filed", "known"}
        names += new
        assert [one["name"] for one in activities(office)] == names
    assert office.json("import", str(box), "--group", "Support")["sums"] == {"known": 4}


def test_killed_for_real_it_goes_on(office: Command, tmp_path: Path) -> None:
    """With SIGKILL, in the middle."""
    box = in_mbox(tmp_path / "old.mbox", *(mail(f"Mail {n}", n) for n in range(140)))
    words = [sys.executable, "-m", "imapgate", "--data", str(office.data)]
    words += ["import", str(box), "--group", "Support"]
    environment = {name: one for name, one in ENVIRONMENT.items() if one is not None}
    process = subprocess.Popen(words, stdout=subprocess.PIPE, env={**os.environ, **environment})
    assert process.stdout is not None
    assert process.stdout.readline().startswith(b"filed ")
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    before = len(activities(office))
    assert 0 < before < 140
    value = office.json("import", str(box), "--group", "Support")
    assert sum(value["sums"].values()) == 140
    assert [one["name"] for one in activities(office)] == [f"Mail {n}" for n in range(140)]


def test_flags_and_dates_of_a_maildir_come_along(
    office: Command, db: Database, tmp_path: Path
) -> None:
    """Without one a mail came when it was sent."""
    box = tmp_path / "Maildir"
    for name in ("cur", "new", "tmp"):
        (box / name).mkdir(parents=True)
    (box / "cur" / "1.host:2,FRS").write_bytes(mail("One", 1))
    os.utime(box / "cur" / "1.host:2,FRS", (1, 1_600_000_000))
    office.ok("import", str(box), "--group", "Support")
    (box / "cur" / "1.host:2,FRS").rename(box / "new" / "1.host")
    assert office.json("import", str(box), "--group", "Support")["sums"] == {"known": 1}
    (tmp_path / "two.eml").write_bytes(mail("Two", 2))
    office.ok("import", str(tmp_path / "two.eml"), "--group", "Support")
    office.ok("import", str(in_mbox(tmp_path / "box", mail("Three", 3))), "--group", "Support")
    assert entries(db, "Trackers/Support") == [
        (FLAGGED | ANSWERED, 1_600_000_000, 0),
        (0, 1_736_157_600, 0),
        (0, 1_704_243_934, 0),
    ]


def test_a_dry_run_writes_nothing(office: Command, db: Database, tmp_path: Path) -> None:
    box = in_mbox(tmp_path / "old.mbox", mail("First", 1), mail("Second", 2))
    page = office.ok("import", str(box), "--group", "Support", "--dry-run")
    assert page.splitlines()[-1] == "Mails: 2 to be imported."
    assert db.read(lambda tx: tx.connection.execute(select(drop_record.c.id)).all()) == []
    assert office.json("incoming", "list") == []
    office.ok("import", str(box), "--group", "Support")
    value = office.json("import", str(box), "--group", "Support", "--dry-run")
    assert value["sums"] == {"known": 2}


def test_what_can_t_be_asked_for_is_told_before_anything_is_read(
    office: Command, tmp_path: Path
) -> None:
    box = str(in_mbox(tmp_path / "old.mbox", mail("First", 1)))
    assert office.refused("import", box, "--group", "Empty") == (
        'Nothing can be imported: group "Empty" has no e-mail creator.'
    )
    assert office.refused("import", box) == (
        "Nothing can be imported: the segment has no default e-mail creator. Say --group, or set "
        "one with `imapgate segment edit`."
    )
    assert office.refused("import", box, "--group", "Nowhere") == 'There is no group "Nowhere".'
    assert office.refused("import", box, "--creator", "Nobody") == 'There is no creator "Nobody".'
    assert "no user" in office.refused("import", box, "--as", "nobody")
    assert "no X500=address" in office.refused("import", box, "--map", "x")
    assert office.run("import").exit_code == 2


def test_numbers_go_by_the_rights_of_who_imports(office: Command, tmp_path: Path) -> None:
    """The administrator sees all of the segment; anybody else what is theirs."""
    office.ok("user", "add", "bert", "--email", "bert@acme.example")
    office.ok("member", "set", "Sales", "bert", "contributor")
    office.ok("activity", "new", "Broken", "--creator", "Bugs")
    for n, words in enumerate(([], ["--as", "bert"])):
        box = in_mbox(tmp_path / f"{n}.mbox", mail("Re: #10000001", n))
        office.ok("import", str(box), "--group", "Sales", *words)
    assert [one["numbers"][0]["outcome"] for one in office.json("drops")] == ["linked", "unknown"]
    assert [one["user"] for one in office.json("drops")] == ["anna@Acme", "bert@Acme"]


def test_segments_know_nothing_of_each_other_s_imports(office: Command, tmp_path: Path) -> None:
    office.ok("segment", "add", "Other", "--admin", "olga", "--email", "olga@other.example")
    office.ok("group", "add", "tracker", "Support", "--segment", "Other")
    office.ok(
        *("creator", "add", "Mails", "--type", "E-Mail", "--group", "Support"),
        *("--segment", "Other"),
    )
    box = str(in_mbox(tmp_path / "old.mbox", mail("First", 1)))
    for segment in ("Acme", "Other"):
        words = ("import", box, "--group", "Support", "--segment", segment)
        assert office.json(*words)["sums"] == {"filed": 1}
    assert len(activities(office, "--segment", "Other")) == 1
    assert "several segments" in office.refused("import", box)
    refused = office.refused("import", box, "--segment", "Other", "--as", "anna@Acme")
    assert "another segment" in refused

"""APPEND and MULTIAPPEND as dialogues: filed, refused, and what a refusal leaves."""

from __future__ import annotations

from dataclasses import replace

import pytest
from transcript import Stage
from world import World

from imapgate.limits import Limits


def mail(subject: str, size: int = 0) -> bytes:
    head = f"From: erika@example.net\r\nSubject: {subject}\r\nMessage-ID: <{subject}@x>\r\n\r\n"
    return head.encode() + b"x" * max(6, size) + b"\r\n"


def test_a_drop_into_a_group_is_filed(stage: Stage) -> None:
    """OK [APPENDUID] and the activity's number; the selected folder's EXISTS comes with it."""
    stage.run(
        r"""
        C: a SELECT Trackers/Support
        S: ~
        S: a OK ...
        C: a APPEND Trackers/Support (\Seen $x) "17-Jul-1996 02:44:25 -0700" {#mail}
        S: + go on
        C: #mail
        S: * FLAGS (... $x)
        S: * OK [PERMANENTFLAGS (... $x \*)] ...
        S: * 1 EXISTS
        S: * 1 RECENT
        S: a OK [APPENDUID <validity> 1] Filed as #<number> in Support.
        C: a FETCH 1 (FLAGS INTERNALDATE)
        S: * 1 FETCH (FLAGS (\Seen $x \Recent) INTERNALDATE "17-Jul-1996 02:44:25 -0700")
        S: a OK ...
        C: a APPEND Trackers/Support () {#mail+}
        C: #mail
        S: a OK [APPENDUID <validity> 1] ...
    """,
        mail=mail("plain"),
    )


def test_bytes_come_back_as_they_went_in(stage: Stage) -> None:
    """Bare LF, NUL and 8-bit are refused nowhere (docs/rules.md 5)."""
    nasty = b"Subject: \xff\n\nbare\rline\0end {3}\r\na NOOP"
    stage.run(
        """
        C: a APPEND INBOX {#mail+}
        C: #mail
        S: a OK ...
        C: a SELECT INBOX
        S: ~
        S: a OK ...
    """,
        mail=nasty,
    )
    client = stage.client("alice")
    client.send(b"a FETCH 1 BODY.PEEK[]\r\n")
    answer = client.wire.take()
    assert b"BODY[] {%d}\r\n%b)\r\na OK" % (len(nasty), nasty) in answer


@pytest.mark.parametrize(
    ("who", "folder", "code"),
    [
        ("alice", "Trackers/Archive", "CANNOT"),
        ("alice", "Trackers/Meetings", "CANNOT"),
        ("alice", "Trackers", "CANNOT"),
        ("alice", '"Recovered Messages"', "CANNOT"),
        ("carol", "Trackers/Support", "NOPERM"),
        ("dave", "Trackers/Support", "NONEXISTENT"),
        ("alice", "Trackers/Nowhere", "NONEXISTENT"),
        ("alice", "Nowhere", "TRYCREATE"),
    ],
)
def test_a_refused_drop_is_a_no_and_a_copy_is_kept(
    stage: Stage, who: str, folder: str, code: str
) -> None:
    """Never BAD, never a closed connection (docs/rules.md 2, 3)."""
    stage.run(
        f"""
        {who} C: a APPEND {folder} {{#mail}}
        {who} S: + go on
        {who} C: #mail
        {who} S: a NO [{code}] ...
        {who} C: a STATUS "Recovered Messages" (MESSAGES)
        {who} S: * STATUS "Recovered Messages" (MESSAGES 1)
        {who} S: a OK ...
    """,
        mail=mail("refused"),
    )


def test_multiappend_lands_whole(stage: Stage) -> None:
    """UIDs in the command's order; flags and dates of each."""
    stage.run(
        r"""
        C: a APPEND INBOX (\Seen) {#one}
        S: + go on
        C: #one\
        C:  "01-Jan-2020 00:00:00 +0000" {#two+}
        C: #two\
        C:  (\Flagged) {#three}
        S: + go on
        C: #three
        S: a OK [APPENDUID <validity> 1:3] ...
        C: a SELECT INBOX
        S: ~
        S: a OK ...
        C: a FETCH 1:* FLAGS
        S: * 1 FETCH (FLAGS (\Seen \Recent))
        S: * 2 FETCH (FLAGS (\Recent))
        S: * 3 FETCH (FLAGS (\Flagged \Recent))
        S: a OK ...
    """,
        one=mail("one"),
        two=mail("two"),
        three=mail("three"),
    )


def test_multiappend_is_refused_whole_and_kept_whole(stage: Stage) -> None:
    stage.run(
        """
        C: a APPEND Trackers/Archive {#one+}
        C: #one\\
        C:  {#two+}
        C: #two
        S: a NO [CANNOT] ...
        C: a STATUS "Recovered Messages" (MESSAGES)
        S: * STATUS "Recovered Messages" (MESSAGES 2)
        S: a OK ...
    """,
        one=mail("one"),
        two=mail("two"),
    )


def test_an_empty_literal_cancels(stage: Stage) -> None:
    """RFC 3502: a tagged NO, and nothing is stored."""
    stage.run(
        """
        C: a APPEND INBOX {#one+}
        C: #one\\
        C:  {#none}
        S: + go on
        C: #none
        S: a NO ...
        C: a STATUS INBOX (MESSAGES)
        S: * STATUS INBOX (MESSAGES 0)
        S: a OK ...
    """,
        one=mail("one"),
        none=b"",
    )


def test_bad_syntax_is_told_before_the_upload(stage: Stage) -> None:
    """No `+` for what could never be taken."""
    stage.run(
        """
        C: a APPEND INBOX (\\Seen {#one}
        S: a BAD ...
        C: a APPEND INBOX "yesterday" {#one}
        S: a BAD ...
        C: a APPEND INBOX ~ {#one}
        S: a BAD ...
        C: a APPEND INBOX
        S: a BAD ...
        C: a NOOP
        S: a OK ...
        new S: * OK ...
        new C: a APPEND INBOX {#one}
        new S: a BAD ...
        new C: a NOOP
        new S: a OK ...
    """,
        one=mail("one"),
    )


def test_too_big_is_refused_before_the_upload(world: World) -> None:
    """A synchronising literal gets NO [TOOBIG] for `+`; another is dropped, then answered."""
    limits = replace(Limits(), message=200, append_total=300, append_messages=2)
    stage = Stage(world, limits)
    stage.run(
        """
        C: a APPEND INBOX {#big}
        S: a NO [TOOBIG] ...
        C: b APPEND INBOX {#big+}
        C: #big
        S: b NO [TOOBIG] ...
        C: c APPEND INBOX {#small+}
        C: #small\\
        C:  {#medium}
        S: c NO [TOOBIG] Not filed: ... no copy was kept.
        C: c STATUS "Recovered Messages" (MESSAGES)
        S: * STATUS "Recovered Messages" (MESSAGES 1)
        S: c OK ...
        C: d APPEND INBOX {#small+}
        C: #small\\
        C:  {#small+}
        C: #small\\
        C:  {#small+}
        C: #small
        S: d NO [LIMIT] ...
        C: e APPEND INBOX {#small+}
        C: #small
        S: e OK ...
        C: f STATUS INBOX (MESSAGES APPENDLIMIT)
        S: * STATUS INBOX (MESSAGES 1 APPENDLIMIT 200)
        S: f OK ...
    """,
        big=mail("big", 201),
        medium=b"x" * 200,
        small=b"Subject: s\r\n\r\n" + b"y" * 90,
    )
    stage.close()


def test_large_messages_take_the_road_of_files(world: World) -> None:
    """Beyond literal_in_memory a message waits in a file; the bytes are the same."""
    stage = Stage(world, replace(Limits(), literal_in_memory=100))
    large = mail("large", 300_000)
    stage.run(
        """
        C: a APPEND Trackers/Support {#mail}
        S: + go on
        C: #mail
        S: a OK [APPENDUID ... 1] ...
        C: a SELECT Trackers/Support
        S: ~
        S: a OK ...
    """,
        mail=large,
    )
    client = stage.client("alice")
    client.send(b"a FETCH 1 BODY.PEEK[]\r\n")
    assert large in client.wire.take()
    stage.close()


def test_the_budget_of_the_process_is_kept(world: World) -> None:
    """What others upload counts; when they are done there is room again."""
    stage = Stage(world, replace(Limits(), process_literals=250))
    stage.run(
        """
        C: a APPEND INBOX {#mail}
        S: + go on
        bob C: b APPEND INBOX {#mail}
        bob S: b NO [LIMIT] ...
        C: #mail
        S: a OK ...
        bob C: b APPEND INBOX {#mail}
        bob S: + go on
        bob -- lost
        C: a APPEND INBOX {#mail}
        S: + go on
        C: #mail
        S: a OK ...
    """,
        mail=mail("one", 100),
    )
    stage.close()


def test_a_full_recovery_folder_is_told_before_the_upload(world: World) -> None:
    """What would be refused, and couldn't be kept, isn't uploaded (docs/rules.md 3)."""
    stage = Stage(world, replace(Limits(), recovered=10))
    stage.run(
        """
        C: a APPEND Trackers/Archive {#mail}
        S: a NO [OVERQUOTA] ...
        C: a APPEND Trackers/Support {#mail}
        S: + go on
        C: #mail
        S: a OK ...
    """,
        mail=mail("one"),
    )
    stage.close()


def test_the_clients_name_stands_in_the_record(stage: Stage, world: World) -> None:
    """From ID into the record of the drop (docs/rules.md 6)."""
    stage.run(
        """
        C: a ID ("name" "Thunderbird" "version" "128")
        S: * ID ...
        S: a OK ...
        C: a APPEND Trackers/Support {#mail+}
        C: #mail
        S: a OK ...
    """,
        mail=mail("one"),
    )
    clients = world.db.read(
        lambda tx: tx.connection.exec_driver_sql("SELECT client FROM drop_record").scalars().all()
    )
    assert clients == ["Thunderbird 128"]

"""Which records a dialogue leaves: of what is refused before its bytes come, and by which client
(rule 6)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from desk import records
from transcript import Stage
from world import World

from imapgate.limits import Limits

SMALL = replace(Limits(), message=64, append_messages=2, recovered=70)


@pytest.fixture
def small(world: World) -> Any:
    stage = Stage(world, SMALL)
    yield stage
    stage.close()


def mail(subject: str, size: int = 6) -> bytes:
    return f"Subject: {subject}\r\nMessage-ID: <{subject}@x>\r\n\r\n".encode() + b"x" * size


def told(world: World) -> list[tuple[str, str, str | None, str, int]]:
    return [
        (one.verdict, one.folder_name, one.code, one.subject, one.times) for one in records(world)
    ]


@pytest.mark.parametrize("mailbox", ["Trackers/Support", '"Trackers/Support"', "{16+}"])
def test_a_message_that_is_too_large_is_on_record_though_it_never_came(
    small: Stage, world: World, mailbox: str
) -> None:
    """With its answer, and counted when the client tries again."""
    name = f"{mailbox}\r\nTrackers/Support" if mailbox.startswith("{") else mailbox
    client = small.client("alice")
    for tag in ("a", "b"):
        client.send(f"{tag} APPEND {name} {{65}}\r\n".encode())
        said = client.read().pop()
        assert said.startswith(f"{tag} NO [TOOBIG] Not filed: a message has at most 64 octets.")
    assert told(world) == [("refused", "Trackers/Support", "TOOBIG", "", 2)]
    assert records(world)[0].text in said


def test_what_would_be_refused_while_there_is_no_room_is_on_record(
    small: Stage, world: World
) -> None:
    """[OVERQUOTA] before the upload: no copy, but a record."""
    small.run(
        """
        C: a APPEND Trackers/Archive {#mail+}
        C: #mail
        S: a NO [CANNOT] ...
        C: a APPEND Trackers/Archive {#mail}
        S: a NO [OVERQUOTA] ...
    """,
        mail=mail("one", 10),
    )
    assert told(world) == [
        ("refused", "Trackers/Archive", "CANNOT", "one", 1),
        ("refused", "Trackers/Archive", "OVERQUOTA", "", 1),
    ]


def test_of_a_multiappend_that_is_cut_short_every_message_is_on_record(
    small: Stage, world: World
) -> None:
    """Those that came, and the one that was announced."""
    small.run(
        """
        C: a APPEND Trackers/Support {#one+}
        C: #one \\
        C:  {65}
        S: a NO [TOOBIG] ...
    """,
        one=mail("one"),
    )
    assert told(world) == [
        ("refused", "Trackers/Support", "TOOBIG", "one", 1),
        ("refused", "Trackers/Support", "TOOBIG", "", 1),
    ]


def test_what_names_no_folder_is_no_drop(small: Stage, world: World) -> None:
    client = small.client("alice")
    client.send(b"a APPEND (x {99}\r\n")
    (said,) = client.read()
    assert said.startswith("a NO [TOOBIG]")
    assert told(world) == []


def test_a_move_where_nothing_may_leave_is_on_record(stage: Stage, world: World) -> None:
    """So that the mail is kept if the client deletes it all the same (docs/rules.md 3)."""
    stage.run(
        r"""
        C: a APPEND INBOX {#mail+}
        C: #mail
        S: a OK ...
        C: a EXAMINE INBOX
        S: ~
        S: a OK [READ-ONLY] ...
        C: a MOVE 1 Trackers/Support
        S: a NO [CANNOT] Not moved: folder "INBOX" is open for reading only. Your mail stays ...
        C: a SELECT INBOX
        S: ~
        S: a OK ...
        C: a STORE 1 +FLAGS.SILENT (\Deleted)
        S: a OK ...
        C: a CLOSE
        S: a OK ...
        C: a STATUS "Recovered Messages" (MESSAGES)
        S: * STATUS ... (MESSAGES 1)
        S: a OK ...
    """,
        mail=mail("one"),
    )
    assert told(world) == [("refused", "Trackers/Support", "CANNOT", "one", 1)]


@pytest.mark.parametrize("first", ["LOGIN", "ID"])
def test_the_client_is_on_record_whether_it_said_its_name_before_or_after_sign_in(
    world: World, first: str
) -> None:
    stage = Stage(world)
    sign_in = "new C: b LOGIN alice@Standard demo\nnew S: b OK ..."
    tell = 'new C: c ID ("name" "Mail" "version" "16.0")\nnew S: * ID ...\nnew S: c OK ...'
    stage.run("new S: * OK ...")
    stage.run("\n".join([sign_in, tell] if first == "LOGIN" else [tell, sign_in]))
    stage.run(
        """
        new C: a APPEND Trackers/Support {#mail+}
        new C: #mail
        new S: a OK ...
        new C: a APPEND Trackers/Support {#large}
        new S: a NO [TOOBIG] ...
        new C: a SELECT Trackers/Support
        new S: ~
        new S: a OK ...
        new C: a COPY 1 Trackers/Archive
        new S: a NO [CANNOT] ...
        new C: a STORE 1 +FLAGS.SILENT (\\Deleted)
        new S: a OK ...
        new C: a CLOSE
        new S: a OK ...
    """,
        mail=mail("one"),
        large=b"x" * (Limits().message + 1),
    )
    stage.close()
    assert [(one.command, one.verdict, one.client) for one in records(world)] == [
        ("APPEND", "filed", "Mail 16.0"),
        ("APPEND", "refused", "Mail 16.0"),
        ("COPY", "refused", "Mail 16.0"),
        ("CLOSE", "removed", "Mail 16.0"),
    ]

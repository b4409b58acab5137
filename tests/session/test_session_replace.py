"""REPLACE where something is in its way: another session, a limit, a cut, no database."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from drafts import DRAFT, FOUR, MAILS
from transcript import Stage
from world import World

from imapgate.limits import Limits
from storage.engine import Unavailable


def test_what_another_session_expunged_is_gone(stage: Stage) -> None:
    """By a number that this session still knows."""
    stage.run(
        FOUR.replace("PLACE", "Drafts")
        + r"""
        alice2 C: a SELECT Drafts
        alice2 S: ~
        alice2 S: a OK ...
        alice2 C: a STORE 1 +FLAGS.SILENT (\Deleted)
        alice2 S: a OK ...
        alice2 C: a EXPUNGE
        alice2 S: * 1 EXPUNGE
        alice2 S: a OK ...
        C: a REPLACE 1 Drafts {#draft+}
        C: #draft
        S: * 1 EXPUNGE
        S: a NO [EXPUNGEISSUED] Not filed: ... a copy is in Recovered Messages.
    """,
        draft=DRAFT,
        **MAILS,
    )


def test_limits_are_those_of_append(world: World) -> None:
    """Before the upload, and a name may be a literal."""
    stage = Stage(world, replace(Limits(), message=500, login_delay=0.0))
    stage.run(
        FOUR.replace("PLACE", "Drafts")
        + r"""
        C: a REPLACE 1 Drafts {501}
        S: a NO [TOOBIG] Not filed: ... no copy was kept.
        C: a UID REPLACE 1 Drafts ~{501}
        S: a NO [TOOBIG] Not filed: ... no copy was kept.
        C: a UID REPLACE 1 {#name}
        S: + ...
        C: #name\
        C:  {501}
        S: a NO [TOOBIG] Not filed: ... no copy was kept.
        C: a UID REPLACE 1 {#name+}
        C: #name\
        C:  {#m2+}
        C: #m2
        S: * OK [APPENDUID <validity> 5] ...
        S: ~
        S: * 1 EXPUNGE
        S: a OK ...
        C: a REPLACE x Drafts {10}
        S: a BAD ...
    """,
        name=b"Drafts",
        **MAILS,
    )
    stage.close()


def test_a_lost_connection_replaces_whole_or_not_at_all(world: World) -> None:
    """Before the command's own line end nothing is done; after it, everything."""
    line = b"a UID REPLACE 2 Drafts {%d+}\r\n%b\r\n" % (len(DRAFT), DRAFT)
    for cut in (10, len(line) - 300, len(line) - 2, len(line) - 1, len(line)):
        stage = Stage(world)
        client = stage.client("alice")
        client.send(b"b APPEND Drafts {%d+}\r\n%b\r\n" % (len(MAILS["m1"]), MAILS["m1"]))
        before = _status(stage)
        client.send(b"b SELECT Drafts\r\n")
        last = before[1] - 1
        client.send(line.replace(b"REPLACE 2", b"REPLACE %d" % last)[:cut])
        client.lose()
        after = _status(stage)
        done = cut == len(line)
        assert after == ((before[0], before[1] + 1) if done else before), cut
        stage.close()


def test_while_the_database_is_away_both_are_safe(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """docs/rules.md 17: nothing is replaced, and the answer says what became of the new one."""
    stage = Stage(world)
    stage.run(FOUR.replace("PLACE", "Drafts"), **MAILS)

    def away(*_: object) -> None:
        raise Unavailable

    with monkeypatch.context() as patched:
        patched.setattr(type(world.db), "write", away)
        stage.run(
            r"""
            C: a UID REPLACE 2 Drafts {#draft+}
            C: #draft
            S: a NO [UNAVAILABLE] Not filed: the database is away. ... try again later.
        """,
            draft=DRAFT,
        )
    assert _status(stage) == (4, 5)
    stage.close()


def _status(stage: Stage) -> tuple[int, int]:
    """Messages and UIDNEXT of Drafts, as another session hears them."""
    other = stage.client("alice7")
    other.send(b"s STATUS Drafts (MESSAGES UIDNEXT)\r\n")
    said = other.read()[0]
    other.lines.clear()
    messages, uidnext = re.findall(r"\d+", said)
    return int(messages), int(uidnext)

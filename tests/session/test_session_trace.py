"""A user's trace: all their sessions, nobody else's, masked, bounded, and nobody waits for it."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from transcript import Stage
from world import PASSWORD, World

from imapgate.folders import drops, incidents, traces
from imapgate.folders.traces import Wanted
from imapgate.session import tracing
from imapgate.session.tracing import Traces

MARK = "Zq7"
MAIL = (
    f"From: {MARK}@example.net\r\nSubject: {MARK}subject\r\n\r\n{MARK}body\r\na1 LOGOUT\r\n"
).encode()


@pytest.fixture
def traced(world: World) -> Iterator[Stage]:
    """A server that can be asked for traces."""
    stage = Stage(world)
    made = Traces(world.db, stage.server.call, stage.clock)
    stage.server.traces = made
    stage.server.hub.join(made)
    yield stage
    made.close()
    stage.close()


def _ask(stage: Stage, name: str = "alice", seconds: int = 600) -> Wanted:
    person = stage.world.people[name]
    asked = stage.world.db.write(lambda tx: traces.ask(tx, person, seconds))
    stage.tell_news()
    return asked


def _end(stage: Stage, asked: Wanted) -> None:
    stage.world.db.write(lambda tx: traces.end(tx, asked))
    stage.tell_news()


def _path(stage: Stage, asked: Wanted) -> Path:
    return stage.world.db.path.parent / "trace" / asked.file


def _lines(stage: Stage, asked: Wanted) -> list[str]:
    """Without their times, which stand in front of each."""
    stage.clock.advance(1)
    text = _path(stage, asked).read_text(encoding="utf-8")
    assert text.endswith("\n")
    times = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (.*)")
    found = [times.fullmatch(line) for line in text.splitlines()]
    return [one[1] for one in found if one is not None] if all(found) else ["odd", *text.split()]


def test_a_trace_shows_the_dialogue_of_one_user_and_of_nobody_else(traced: Stage) -> None:
    """Sessions that are open already, from their next command on, and new ones."""
    traced.run("""
        C: a NOOP
        S: a OK ...
        bob C: b NOOP
        bob S: b OK ...
    """)
    asked = _ask(traced)
    traced.run("""
        C: a1 SELECT Trackers/Support
        S: ~
        S: a1 OK [READ-WRITE] ...
        bob C: b1 SELECT Trackers/Archive
        bob S: ~
        bob S: b1 OK ...
        alice2 C: a2 LIST "" INBOX
        alice2 S: * LIST (\\HasNoChildren) "/" INBOX
        alice2 S: a2 OK ...
        C: a3 LOGOUT
        S: * BYE ...
        S: a3 OK ...
    """)
    _end(traced, asked)
    lines = _lines(traced, asked)
    assert "S1 S: * 0 EXISTS" in lines
    untagged = re.compile(r"S1 S: \* (?!BYE)")
    assert [line for line in lines if not untagged.match(line)] == [
        "-- the trace begins",
        "S1 -- from 127.0.0.1",
        "S1 C: a1 SELECT Trackers/Support",
        "S1 S: a1 OK [READ-WRITE] Selected.",
        "S2 -- from 127.0.0.1",
        'S2 C: a2 LIST "" INBOX',
        'S2 S: * LIST (\\HasNoChildren) "/" INBOX',
        "S2 S: a2 OK Those are the folders.",
        "S1 C: a3 LOGOUT",
        "S1 S: * BYE Goodbye.",
        "S1 S: a3 OK Signed out.",
        "S1 -- gone",
        "-- the trace ends: it was ended",
    ]
    assert stat.S_IMODE(_path(traced, asked).stat().st_mode) == 0o600
    assert stat.S_IMODE(_path(traced, asked).parent.stat().st_mode) == 0o700


def test_no_secret_and_nothing_of_a_mail_is_in_a_trace(traced: Stage) -> None:
    """Passwords out of turn, messages in and out, what SEARCH looks for."""
    traced.run("C: a NOOP\nS: a OK ...")
    asked = _ask(traced)
    traced.run(
        f"""
        C: a LOGIN alice@Standard {MARK}password
        S: a BAD ...
        C: a AUTHENTICATE PLAIN {MARK}
        S: a BAD ...
        C: {MARK}password {MARK}
        S: {MARK}password BAD ...
        C: a APPEND Trackers/Support {{#mail}}
        S: + go on
        C: #mail
        S: a OK [APPENDUID ...
        C: a SELECT Trackers/Support
        S: ~
        S: a OK [READ-WRITE] ...
        C: a FETCH 1 (UID ENVELOPE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (SUBJECT)] BODY[])
        S: ~
        S: a OK ...
        C: a SEARCH OR SUBJECT {MARK}subject BODY {{#body+}}
        C: #body
        S: * SEARCH 1
        S: a OK ...
        C: a IDLE
        S: + idling
        C: {MARK}password
        S: a BAD ...
        C: a APPEND INBOX {{99999999999999}}
        S: a NO [TOOBIG] ...
    """,
        mail=MAIL,
        body=f"{MARK}body".encode(),
    )
    _end(traced, asked)
    lines = _lines(traced, asked)
    assert MARK not in "\n".join(lines)
    assert f"S1 C: a APPEND Trackers/Support {{{len(MAIL)}}} ..." in lines
    assert f"S1 C: a APPEND Trackers/Support {{{len(MAIL)}}}" in lines
    assert "S1 C: a LOGIN ..." in lines
    assert "S1 C: (11 octets)" in lines
    assert "S1 C: a SEARCH OR SUBJECT " + '"..." BODY {7} ...' in lines
    assert any("[APPENDUID " in line for line in lines)
    fetched = next(line for line in lines if " FETCH (" in line and line.startswith("S1 S:"))
    assert "UID 1 " in fetched
    assert f"BODY[] {{{len(MAIL)}}} ..." in fetched


def test_a_trace_that_begins_within_an_answer_waits_for_the_next_command(traced: Stage) -> None:
    """Else a mail's lines would look like ours."""
    body = f"Subject: x\r\n\r\n* OK {MARK}\r\n".encode() * 20_000
    traced.run(
        """
        C: a APPEND INBOX {#body+}
        C: #body
        S: a OK ...
        C: a SELECT INBOX
        S: ~
        S: a OK ...
    """,
        body=body,
    )
    client = traced.client("alice")
    client.wire.reads = False
    client.send(b"b FETCH 1 BODY.PEEK[]\r\n")
    asked = _ask(traced)
    client.wire.reads = True
    while client.wire.unread:
        client.wire.take()
    client.send(b"c NOOP\r\n")
    assert client.wire.take() == b"c OK Done.\r\n"
    assert _lines(traced, asked)[1:] == ["S1 -- from 127.0.0.1", "S1 C: c NOOP", "S1 S: c OK Done."]


def test_who_is_not_traced_pays_nothing(traced: Stage) -> None:
    """No trace of this user: nothing listens to what is written."""
    traced.run("C: a NOOP\nS: a OK ...\nbob C: a NOOP\nbob S: a OK ...")
    alice, bob = (traced.client(name).protocol for name in ("alice", "bob"))
    assert (alice._output.listener, bob._output.listener) == (None, None)
    asked = _ask(traced)
    traced.run("C: a NOOP\nS: a OK ...\nbob C: a NOOP\nbob S: a OK ...")
    assert alice._output.listener is not None
    assert bob._output.listener is None
    _end(traced, asked)
    traced.run("C: a NOOP\nS: a OK ...")
    assert alice._output.listener is None
    assert traced.server.traces is not None
    assert traced.server.traces.running == {}


def test_a_trace_ends_by_itself_and_is_forgotten(traced: Stage, world: World) -> None:
    """When its time is up, though nobody ends it; the row that asked for it goes too."""
    asked = _ask(traced, seconds=60)
    traced.run("C: a NOOP\nS: a OK ...")
    traced.clock.advance(61)
    traced.run("C: b NOOP\nS: b OK ...")
    assert _lines(traced, asked)[-1] == "-- the trace ends: its time is up"
    assert world.db.read(lambda tx: traces.rows.wanted(tx)) == []


def test_a_server_that_starts_goes_on_with_what_was_asked_for(world: World) -> None:
    """In the same file: a trace may outlive a restart."""
    asked = world.db.write(lambda tx: traces.ask(tx, world.alice, 600))
    stage = Stage(world)
    stage.server.traces = Traces(world.db, stage.server.call, stage.clock)
    stage.server.traces.people_changed()
    stage.run("C: a NOOP\nS: a OK ...")
    assert "S1 C: a NOOP" in _lines(stage, asked)
    stage.server.traces.close()
    assert _lines(stage, asked)[-1] == "-- the trace ends: the server stops"
    assert world.db.read(traces.wanted) == [asked]
    stage.close()


def test_a_second_trace_of_a_user_takes_the_place_of_the_first(traced: Stage, world: World) -> None:
    first = _ask(traced)
    later = Wanted(first.person_id, "alice-again.txt", first.until + 1)
    world.db.write(lambda tx: traces.rows.want(tx, later.person_id, later.file, later.until))
    traced.tell_news()
    traced.run("C: a NOOP\nS: a OK ...")
    assert _lines(traced, first) == ["-- the trace begins", "-- the trace ends: it was ended"]
    assert "S1 C: a NOOP" in _lines(traced, later)
    _end(traced, first)
    assert "ends" not in _lines(traced, later)[-1]


def test_a_file_name_that_leads_elsewhere_is_passed_over(traced: Stage, world: World) -> None:
    """Whoever wrote it into the database."""
    for name in ("../x.txt", "/tmp/x.txt", "x", ".x.txt", "a/b.txt"):
        world.db.write(
            lambda tx, name=name: traces.rows.want(tx, world.alice.id, name, tx.now + 60)
        )
        traced.tell_news()
        assert traced.server.traces is not None
        assert traced.server.traces.running == {}


def test_a_slow_disk_holds_up_no_session_and_bounds_what_waits(
    traced: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines beyond the bound are left out, and counted."""
    monkeypatch.setattr(tracing, "MOST_WAITING", 2000)
    asked = _ask(traced)
    traced.run("C: a NOOP\nS: a OK ...")
    for _ in range(50):
        traced.run("C: a NOOP\nS: a OK ...")
    _end(traced, asked)
    lines = _lines(traced, asked)
    assert sum(map(len, lines)) < 4000
    assert re.search(r"ends: it was ended \(\d+ lines were left out before\)", lines[-1])


def test_a_file_has_a_largest_size(traced: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "LONGEST_FILE", 2000)
    asked = _ask(traced)
    for _ in range(50):
        traced.run("C: a NOOP\nS: a OK ...")
    assert "has reached" in _lines(traced, asked)[-1]
    assert _path(traced, asked).stat().st_size < 2500


def test_a_full_disk_ends_the_trace_and_nothing_else(
    traced: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An incident in the log; the session doesn't notice."""
    told: list[str] = []

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tracing, "_append", full)
    monkeypatch.setattr(incidents, "report", lambda error, what: told.append(what))
    _ask(traced)
    traced.run("C: a NOOP\nS: a OK ...")
    traced.clock.advance(1)
    traced.run("C: b NOOP\nS: b OK ...")
    assert told == ["writing a trace"]
    assert traced.server.traces is not None
    assert traced.server.traces.running == {}


def test_a_new_session_says_who_its_client_is(traced: Stage) -> None:
    asked = _ask(traced)
    traced.run(f"""
        new S: * OK ...
        new C: a ID ("name" "Thunderbird" "version" "128.0")
        new S: * ID ...
        new S: a OK ...
        new C: b LOGIN alice@Standard {PASSWORD}
        new S: b OK ...
        new C: c NOOP
        new S: c OK ...
        new -- lost
    """)
    assert _lines(traced, asked)[1:] == [
        "S1 -- from 127.0.0.1, Thunderbird 128.0",
        "S1 C: c NOOP",
        "S1 S: c OK Done.",
        "S1 -- gone",
    ]


def test_a_refusal_before_the_upload_is_shown_with_its_tag(
    traced: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the answer that somebody who traces looks for."""
    asked = _ask(traced)
    traced.run("""
        C: a0 NOOP
        S: a0 OK ...
    """)
    unwanted = drops.away_before_upload()
    monkeypatch.setattr(drops, "before_upload", lambda *_: unwanted)
    traced.run("""
        C: a1 APPEND Trackers/Support {10}
        S: a1 NO [UNAVAILABLE] ...
    """)
    assert _lines(traced, asked)[-3:] == [
        "S1 C: a1 APPEND Trackers/Support {10}",
        "S1 C: (a command that is refused before its end)",
        f"S1 S: a1 NO [UNAVAILABLE] {unwanted.text}",
    ]

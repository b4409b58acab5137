"""What sessions log: every event once, with its fields; no password, subject or body, ever."""

from __future__ import annotations

import base64
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from transcript import Stage
from world import PASSWORD

from imapgate.activities import filing
from imapgate.folders import incidents, ready, sign_in, tree
from imapgate.log import FORMATS

SECRET = "Zq7password"
SUBJECT = "Zq7subject"
BODY = "Zq7body"
MARK = "Zq7"
MAIL = f"From: erika@example.net\r\nSubject: {SUBJECT}\r\n\r\n{BODY}\r\n".encode()
FORGED = "x\r\n2026-01-01T00:00:00+0000 ERROR imapgate forged\x1b[2J\u2028"


class Log:
    """What a server would write, in both forms, at the given level."""

    def __init__(self, level: int) -> None:
        self.streams = {form: io.StringIO() for form in FORMATS}
        self._root = logging.getLogger()
        self._before = self._root.level
        self._out: list[logging.Handler] = []
        for form, stream in self.streams.items():
            out = logging.StreamHandler(stream)
            out.setFormatter(FORMATS[form]())
            self._root.addHandler(out)
            self._out.append(out)
        self._root.setLevel(level)

    def close(self) -> None:
        self._root.setLevel(self._before)
        for out in self._out:
            self._root.removeHandler(out)

    @property
    def everything(self) -> str:
        return "".join(stream.getvalue() for stream in self.streams.values())

    def objects(self, event: str | None = None) -> list[dict[str, Any]]:
        said = [json.loads(line) for line in self.streams["json"].getvalue().splitlines()]
        return [one for one in said if event in (None, one.get("event"))]


@pytest.fixture(params=[logging.INFO, logging.DEBUG], ids=["info", "debug"])
def log(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    monkeypatch.setattr(incidents, "_first", {})
    made = Log(request.param)
    yield made
    made.close()


def _plain(password: str) -> str:
    return base64.b64encode(f"\0alice@Standard\0{password}".encode()).decode()


def _says_it_all(*_: object, **__: object) -> object:
    raise ValueError(f"{SECRET} {SUBJECT} {BODY}", MAIL)


def test_no_password_is_logged_however_it_comes(stage: Stage, log: Log) -> None:
    """LOGIN quoted and as a literal, AUTHENTICATE at once and asked for, twice, cut off, as no
    command at all, with a database that fails."""
    stage.run(
        f"""
        new S: * OK ...
        new C: a LOGIN alice@Standard {SECRET}
        new S: a NO [AUTHENTICATIONFAILED] ...
        new C: a LOGIN alice@Standard "{SECRET}"
        new S: a NO ...
        new C: a LOGIN alice@Standard {{#secret+}}
        new C: #secret
        new S: a NO ...
        new C: a AUTHENTICATE PLAIN {_plain(SECRET)}
        new S: a NO ...
        new2 S: * OK ...
        new2 C: a AUTHENTICATE PLAIN
        new2 S: + ...
        new2 C: {_plain(SECRET)}
        new2 S: a NO ...
        new2 C: {SECRET} {SECRET}
        new2 S: {SECRET} BAD ...
        new2 C: a LOGIN alice@Standard {SECRET} {SECRET}
        new2 S: a BAD ...
        new2 C: a LOGIN alice@Standard {PASSWORD}
        new2 S: a OK ...
        new2 C: b LOGIN alice@Standard {SECRET}
        new2 S: b BAD ...
    """,
        secret=SECRET.encode(),
    )
    assert MARK not in log.everything
    assert base64.b64encode(SECRET.encode()).decode()[:8] not in log.everything
    assert _plain(SECRET) not in log.everything
    failed, done = log.objects("sign_in_failed"), log.objects("sign_in")
    assert [(one["login"], one["address"]) for one in failed] == [
        ("alice@Standard", "127.0.0.1")
    ] * 5
    assert [(one["user"], one["address"]) for one in done] == [("alice@Standard", "127.0.0.1")]


def test_no_subject_and_no_text_is_logged_when_all_goes_well(stage: Stage, log: Log) -> None:
    """APPEND, COPY, MOVE filed and refused, SEARCH, FETCH: one event per drop, with its verdict."""
    stage.run(
        f"""
        C: a APPEND Trackers/Support {{#mail+}}
        C: #mail
        S: a OK [APPENDUID ...
        C: a APPEND Trackers/Archive {{#mail+}}
        C: #mail
        S: a NO [CANNOT] ...
        C: a APPEND INBOX {{#mail+}}
        C: #mail
        S: a OK ...
        C: a SELECT INBOX
        S: ~
        S: a OK ...
        C: a SEARCH SUBJECT {SUBJECT} BODY "{BODY}"
        S: * SEARCH 1
        S: a OK ...
        C: a FETCH 1 (ENVELOPE BODY[])
        S: ~
        S: a OK ...
        C: a UID COPY 1 Trackers/Sales
        S: a OK ...
        C: a UID MOVE 1 Trackers/Nope
        S: a NO [NONEXISTENT] ...
    """,
        mail=MAIL,
    )
    assert MARK not in log.everything
    places = stage.world.db.read(
        lambda tx: [
            getattr(tree.find(tx, stage.world.alice, name), "id", None)
            for name in ("Trackers/Support", "INBOX", "Trackers/Sales")
        ]
    )
    told = [
        tuple(one[name] for name in ("command", "messages", "folder", "verdict", "code"))
        for one in log.objects("drop")
    ]
    assert told == [
        ("APPEND", 1, places[0], "done", None),
        ("APPEND", 1, None, "refused", "CANNOT"),
        ("APPEND", 1, places[1], "done", None),
        ("COPY", 1, places[2], "done", None),
        ("MOVE", 1, None, "refused", "NONEXISTENT"),
    ]
    assert all(one["user"] == "alice@Standard" for one in log.objects("drop"))


@pytest.mark.parametrize(
    ("room", "name"), [(ready, "prepare"), (filing, "file_into_group"), (ready, "store")]
)
def test_no_incident_quotes_a_message(
    stage: Stage,
    log: Log,
    monkeypatch: pytest.MonkeyPatch,
    room: object,
    name: str,
) -> None:
    """An error of ours while a mail is read or filed whose text holds all of it."""
    stage.run("C: a NOOP\nS: a OK ...")
    monkeypatch.setattr(room, name, _says_it_all)
    stage.run(
        """
        C: a APPEND Trackers/Support {#mail+}
        C: #mail
        S: a NO [SERVERBUG] ...
        C: a APPEND Trackers/Support {#mail+}
        C: #mail
        S: a NO [SERVERBUG] ...
    """,
        mail=MAIL,
    )
    assert MARK not in log.everything
    found = log.objects("incident")
    assert found
    assert all(one["incident"] in one["message"] for one in found)
    assert any("ValueError" in one["traceback"][-1] for one in found if "traceback" in one)


def test_no_incident_quotes_a_password(
    stage: Stage, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of ours while a password is checked."""
    monkeypatch.setattr(sign_in, "sign_in", _says_it_all)
    stage.run(f"""
        new S: * OK ...
        new C: a LOGIN alice@Standard {SECRET}
        new S: a NO [SERVERBUG] ...
        new C: a AUTHENTICATE PLAIN {_plain(SECRET)}
        new S: a NO [SERVERBUG] ...
    """)
    assert MARK not in log.everything
    assert [one["command"] for one in log.objects("incident")] == ["LOGIN", "AUTHENTICATE"]


def test_no_name_that_a_client_chooses_makes_a_line_of_its_own(
    stage: Stage, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Logins, mailbox names, client ids, subjects with CR, LF, U+2028 and a terminal's codes."""
    mail = MAIL.replace(SUBJECT.encode(), b"=?utf-8?B?" + base64.b64encode(FORGED.encode()) + b"?=")
    forged = FORGED.encode()
    stage.run(
        """
        new S: * OK ...
        new C: a LOGIN {#forged+}
        new C: #forged\\
        new C:  x
        new S: a NO ...
        C: a ID ("name" {#forged+}
        C: #forged\\
        C: )
        S: * ID ...
        S: a OK ...
        C: a APPEND {#forged+}
        C: #forged\\
        C:  {#mail+}
        C: #mail
        S: a NO ...
        C: a APPEND Trackers/Support {#mail+}
        C: #mail
        S: a OK ...
    """,
        forged=forged,
        mail=mail,
    )
    for form, stream in log.streams.items():
        lines = stream.getvalue().splitlines()
        assert len(lines) == len(log.objects()), form
        assert not [one for one in lines if one.startswith("2026-01-01")], form
        assert "\x1b" not in stream.getvalue()
    assert log.objects("sign_in_failed")[0]["login"] == FORGED

"""UTF8=ACCEPT (RFC 6855) as dialogues: names, mails and strings in UTF-8, both ways."""

from __future__ import annotations

import base64

import pytest
from transcript import Stage
from world import World

from imapgate.activities import passwords, users
from imapgate.folders import groups
from storage import Tx

MAIL = (
    "From: J\u00f6rg <j\u00f6rg@b\u00fccher.example>\r\nSubject: Gr\u00fc\u00dfe\r\n\r\nHallo\r\n"
).encode()
ENABLE = """
    C: e ENABLE UTF8=ACCEPT
    S: * ENABLED UTF8=ACCEPT
    S: e OK ...
"""


@pytest.mark.parametrize("plus", ["", "+"])
def test_a_mail_in_utf8_comes_back_as_it_is(stage: Stage, plus: str) -> None:
    """4: the UTF8 data of APPEND, waiting for `+` and not, with flags and a date, and several in
    one command."""
    waits = "" if plus else "S: + ..."
    stage.run(
        rf"""
        {ENABLE}
        C: a APPEND INBOX (\Seen) "17-Jul-1996 02:44:25 -0700" UTF8 (~{{#mail{plus}}}
        {waits}
        C: #mail\
        C: ) UTF8 (~{{#mail+}}
        C: #mail\
        C: )
        S: a OK [APPENDUID <validity> 1:2] ...
        C: a SELECT INBOX
        S: ~
        S: a OK ...
        C: a SEARCH SUBJECT "grüße"
        S: * SEARCH 1 2
        S: a OK ...
        C: a FETCH 1 (FLAGS INTERNALDATE)
        S: * 1 FETCH (FLAGS (\Seen \Recent) INTERNALDATE "17-Jul-1996 02:44:25 -0700")
        S: a OK ...
    """,
        mail=MAIL,
    )
    client = stage.client("alice")
    client.send(b"a FETCH 1:2 BODY.PEEK[]\r\n")
    assert client.wire.take().count(b"BODY[] {%d}\r\n%b)" % (len(MAIL), MAIL)) == 2


def test_utf8_data_needs_a_literal8_in_parentheses(stage: Stage) -> None:
    """Told before the upload where the client waits; what came all the same is kept."""
    stage.run(
        rf"""
        {ENABLE}
        C: a APPEND INBOX UTF8 ({{#mail}}
        S: a BAD [CLIENTBUG] Expected a literal8 before the literal
        C: a APPEND INBOX UTF8 ~{{#mail}}
        S: a BAD ...
        C: a APPEND INBOX UTF8 (~{{#mail}}
        S: + ...
        C: #mail
        S: a BAD [CLIENTBUG] Not filed: expected ) at the end. ... a copy is in Recovered Messages.
        C: a STATUS INBOX (MESSAGES)
        S: * STATUS INBOX (MESSAGES 0)
        S: a OK ...
    """,
        mail=MAIL,
    )


def test_a_refused_one_is_told_before_the_upload(stage: Stage) -> None:
    """As with any APPEND."""
    stage.run(
        f"""
        {ENABLE}
        C: a APPEND INBOX UTF8 (~{{{60 * 1024 * 1024}}}
        S: a NO [TOOBIG] Not filed: ... no copy was kept.
        C: a APPEND Nowhere UTF8 (~{{#mail+}}
        C: #mail\\
        C: )
        S: a NO [TRYCREATE] ... a copy is in Recovered Messages.
    """,
        mail=MAIL,
    )


def test_names_in_quotes_both_ways(stage: Stage) -> None:
    """3: in every answer that has a name; modified UTF-7 for who hasn't enabled it."""
    stage.run(
        rf"""
        {ENABLE}
        C: a CREATE "Büro & Co/日本"
        S: a OK ...
        C: a LIST "" "B*"
        S: * LIST (\HasChildren) "/" "Büro & Co"
        S: * LIST (\HasNoChildren) "/" "Büro & Co/日本"
        S: a OK ...
        C: a SUBSCRIBE "Büro & Co/日本"
        S: a OK ...
        C: a LSUB "" "B*"
        S: * LSUB (\HasNoChildren) "/" "Büro & Co/日本"
        S: a OK ...
        C: a STATUS "Büro & Co" (MESSAGES)
        S: * STATUS "Büro & Co" (MESSAGES 0)
        S: a OK ...
        C: a MYRIGHTS "Büro & Co"
        S: * MYRIGHTS "Büro & Co" ...
        S: a OK ...
        alice2 C: a LIST "" "B*"
        alice2 S: * LIST (\HasChildren) "/" "B&APw-ro &- Co"
        alice2 S: * LIST (\HasNoChildren) "/" "B&APw-ro &- Co/&ZeVnLA-"
        alice2 S: a OK ...
        C: a SELECT "Büro & Co"
        S: ~
        S: a OK [READ-WRITE] ...
    """
    )


def test_until_it_is_enabled_nothing_is_different(stage: Stage) -> None:
    """Appendix A of RFC 9051: RECENT, UNSEEN and no LIST; 8-bit in quotes is tolerated."""
    stage.run(
        rf"""
        C: a CREATE "Büro"
        S: a OK ...
        C: a LIST "" "B*"
        S: * LIST (\HasNoChildren) "/" B&APw-ro
        S: a OK ...
        {ENABLE}
        C: a SELECT INBOX
        S: * FLAGS ...
        S: * OK [PERMANENTFLAGS ...] ...
        S: * 0 EXISTS
        S: * 0 RECENT
        S: ~
        S: * OK [UIDNEXT 1] ...
        S: ~
        S: a OK [READ-WRITE] ...
    """
    )


def test_what_is_not_utf8_is_bad(stage: Stage) -> None:
    """3: in any string; the state stays."""
    stage.run(ENABLE)
    client = stage.client("alice")
    for command in (b'CREATE "B\xfcro"', b'SEARCH SUBJECT "\xfc"', b'ID ("name" "\xfc")'):
        client.send(b"a SELECT INBOX\r\na " + command + b"\r\na STATUS INBOX (MESSAGES)\r\n")
        said = list(client.read())
        client.lines.clear()
        assert said[-3].startswith("a BAD Expected "), said
        assert "in UTF-8 at character" in said[-3], said
        assert said[-1].startswith("a OK"), said


def test_a_search_has_no_charset(stage: Stage) -> None:
    """3: BAD, and `$` stays; IMAP4rev2 alone allows one (RFC 9051 6.4.4)."""
    stage.run(
        rf"""
        C: a SELECT INBOX
        S: ~
        S: a OK ...
        C: a SEARCH CHARSET UTF-8 ALL
        S: * SEARCH
        S: a OK ...
        C: a ENABLE IMAP4rev2
        S: ~
        S: a OK ...
        C: a UID SEARCH CHARSET UTF-8 ALL
        S: * ESEARCH (TAG "a") UID
        S: a OK ...
        {ENABLE}
        C: a SEARCH CHARSET UTF-8 ALL
        S: a BAD ...
        C: a UID SEARCH RETURN (SAVE) CHARSET US-ASCII ALL
        S: a BAD ...
        C: a SEARCH SUBJECT "ü"
        S: * ESEARCH (TAG "a")
        S: a OK ...
    """
    )


def test_passwords_in_utf8(stage: Stage, world: World) -> None:
    """5: AUTHENTICATE is the way for them, by which a letter may come in two pieces; LOGIN, with
    which some clients send one in quotes or as a literal, knows them too."""

    def join(tx: Tx) -> None:
        person = users.add_user(tx, world.segment_id, "j\u00f6rg", None, hashed)
        groups.make_home(tx, person)

    hashed = passwords.hashed("schl\u00fcssel")
    world.db.write(join)
    plain = base64.b64encode("\0j\u00f6rg@Standard\0schlu\u0308ssel".encode()).decode()
    stage.run(
        f"""
        new S: ~
        new C: a AUTHENTICATE PLAIN {plain}
        new S: a OK ...
        new2 S: ~
        new2 C: a LOGIN "j\u00f6rg@Standard" "schl\u00fcssel"
        new2 S: a OK ...
        new3 S: ~
        new3 C: a LOGIN j\u00f6rg@Standard schl\u00fcssel
        new3 S: a BAD ...
        new3 C: a LOGIN {{#login+}}
        new3 C: #login\\
        new3 C:  "wr\u00f6ng"
        new3 S: a NO [AUTHENTICATIONFAILED] ...
    """,
        login="j\u00f6rg@Standard".encode(),
    )

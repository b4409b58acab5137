"""MULTIAPPEND's own example (RFC 3502)."""

from __future__ import annotations

from transcript import Stage

ONE = b"""\
Date: Mon, 7 Feb 1994 21:52:25 -0800 (PST)\r
From: Fred Foobar <foobar@Blurdybloop.example.COM>\r
Subject: afternoon meeting\r
To: mooch@owatagu.example.net\r
Message-Id: <B27397-0100000@Blurdybloop.example.COM>\r
MIME-Version: 1.0\r
Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r
\r
Hello Joe, do you think we can meet at 3:30 tomorrow?\r
"""
TWO = ONE.replace(b"afternoon", b"Re: afternoon").replace(b"B27397", b"a0434793")


def test_each_message_has_its_own_flags_and_date(stage: Stage) -> None:
    """6.3.11: a one-digit day with its blank, and no date beside one."""
    stage.run(
        r"""
        C: A002 CREATE saved-messages
        S: A002 OK ...
        C: A003 APPEND saved-messages (\Seen) {#one}
        S: + ...
        C: #one\
        C:  (\Seen) " 7-Feb-1994 22:43:04 -0800" {#two}
        S: + ...
        C: #two
        S: A003 OK [APPENDUID <validity> 1:2] ...
        C: A004 EXAMINE saved-messages
        S: ~
        S: A004 OK ...
        C: A005 FETCH 2 (INTERNALDATE FLAGS)
        S: * 2 FETCH (INTERNALDATE " 7-Feb-1994 22:43:04 -0800" FLAGS (\Seen \Recent))
        S: A005 OK ...
        C: A006 APPEND saved-messages (\Seen) () {#one}
        S: A006 BAD ...
    """,
        one=ONE,
        two=TWO,
    )

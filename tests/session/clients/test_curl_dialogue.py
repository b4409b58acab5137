"""curl, as it plays a session (recorded): one thing, then the end."""

from __future__ import annotations

from desk_mails import DROPPED
from transcript import Stage


def test_curl_fetches(stage: Stage) -> None:
    """BODY[] without parentheses, which marks the mail as seen."""
    stage.run(
        r"""
        S: * OK [CAPABILITY ...] ...
        C: A001 CAPABILITY
        S: * CAPABILITY ...
        S: A001 OK ...
        C: A002 AUTHENTICATE PLAIN AGFsaWNlQFN0YW5kYXJkAGRlbW8=
        S: A002 OK [CAPABILITY ...] ...
        C: A003 SELECT INBOX
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        S: * 3 EXISTS
        S: * 3 RECENT
        S: * OK [UNSEEN 2] ...
        S: * OK [UIDVALIDITY <v1>] ...
        S: * OK [UIDNEXT 4] ...
        S: ~
        S: A003 OK [READ-WRITE] ...
        C: A004 UID FETCH 3 BODY[]
        S: * 3 FETCH (UID 3 BODY[] {165}
        S: From: Erika <erika@example.net>
        S: To: alice@example.org
        S: Subject: Thanks
        S: Date: Mon, 06 Jan 2025 10:01:00 +0200
        S: Message-ID: <thanks@example.net>
        S:
        S: It is cold now.
        S:  FLAGS (\Seen \Recent))
        S: A004 OK ...
        C: A005 LOGOUT
        S: * BYE Goodbye.
        S: A005 OK ...
        S: closed
    """
    )


def test_curl_drops(stage: Stage) -> None:
    """It waits for `+`, and ends with code 25 where NO comes."""
    stage.run(
        r"""
        S: * OK [CAPABILITY ...] ...
        C: A001 CAPABILITY
        S: * CAPABILITY ...
        S: A001 OK ...
        C: A002 AUTHENTICATE PLAIN AGFsaWNlQFN0YW5kYXJkAGRlbW8=
        S: A002 OK [CAPABILITY ...] ...
        C: A003 APPEND Trackers/Support (\Seen) {#dropped}
        S: + ...
        C: #dropped
        S: A003 OK [APPENDUID <v1> 2] Filed as #10000002 in Support.
        C: A004 APPEND Trackers/Archive (\Seen) {#dropped}
        S: + ...
        C: #dropped
        S: A004 NO [CANNOT] Not filed: group "Archive" has no e-mail creator. Your mail stays where it was; a copy is in Recovered Messages.
        C: A005 LOGOUT
        S: * BYE Goodbye.
        S: A005 OK ...
        S: closed
    """,
        dropped=DROPPED,
    )


def test_curl_searches(stage: Stage) -> None:
    """A whole command of one's own (`-X`)."""
    stage.run(
        r"""
        S: * OK [CAPABILITY ...] ...
        C: A001 CAPABILITY
        S: * CAPABILITY ...
        S: A001 OK ...
        C: A002 LOGIN alice@Standard demo
        S: A002 OK [CAPABILITY ...] ...
        C: A003 SELECT Trackers/Support
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        S: * 1 EXISTS
        S: * 1 RECENT
        S: * OK [UNSEEN 1] ...
        S: * OK [UIDVALIDITY <v1>] ...
        S: * OK [UIDNEXT 2] ...
        S: ~
        S: A003 OK [READ-WRITE] ...
        C: A004 SEARCH SUBJECT shared
        S: * SEARCH 1
        S: A004 OK ...
        C: A005 LOGOUT
        S: * BYE Goodbye.
        S: A005 OK ...
        S: closed
    """
    )

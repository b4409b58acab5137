"""Thunderbird 153, as it drags mails (recorded): from Local Folders, from the desktop and from INBOX, by
two connections."""

from __future__ import annotations

from desk_mails import DROPPED
from transcript import Stage

STAGED = b"X-Mozilla-Keys:" + b" " * 81 + b"\r\n" + DROPPED
"""As Local Folders hands it on."""


def test_thunderbird_drags_into_a_group(stage: Stage) -> None:
    """From Local Folders and from INBOX; the connection that has the group open hears of it in IDLE."""
    stage.run(
        r"""
        S: * OK [CAPABILITY ...] ...
        C: 4 authenticate PLAIN
        S: + ...
        C: AGFsaWNlQFN0YW5kYXJkAGRlbW8=
        S: 4 OK [CAPABILITY ...] ...
        C: 5 select "INBOX"
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        S: * 3 EXISTS
        S: * 3 RECENT
        S: * OK [UNSEEN 2] ...
        S: * OK [UIDVALIDITY <v1>] ...
        S: * OK [UIDNEXT 4] ...
        S: ~
        S: 5 OK [READ-WRITE] ...
        alice2 C: 51 select "Trackers/Support"
        alice2 S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        alice2 S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        alice2 S: * 1 EXISTS
        alice2 S: * 1 RECENT
        alice2 S: * OK [UNSEEN 1] ...
        alice2 S: * OK [UIDVALIDITY <v2>] ...
        alice2 S: * OK [UIDNEXT 2] ...
        alice2 S: ~
        alice2 S: 51 OK [READ-WRITE] ...
        alice2 C: 52 IDLE
        alice2 S: + ...
        alice2 C: DONE
        alice2 S: 52 OK ...
        alice2 C: 53 append "Trackers/Support" "06-Jan-2025 08:01:00 +0000" {#staged+}
        alice2 C: #staged
        alice2 S: * 2 EXISTS
        alice2 S: * 2 RECENT
        alice2 S: 53 OK [APPENDUID <v2> 2] Filed as #10000002 in Support.
        alice2 C: 54 noop
        alice2 S: 54 OK ...
        alice2 C: 55 UID fetch 2:* (FLAGS)
        alice2 S: * 2 FETCH (UID 2 FLAGS (\Recent))
        alice2 S: 55 OK ...
        alice2 C: 56 UID fetch 2 (UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS (From To Cc Bcc Subject Date Message-ID Priority X-Priority References Newsgroups In-Reply-To Content-Type Reply-To Received)])
        alice2 S: * 2 FETCH (UID 2 RFC822.SIZE 260 FLAGS (\Recent) BODY[HEADER.FIELDS (From To Cc Bcc Subject Date Message-ID Priority X-Priority References Newsgroups In-Reply-To Content-Type Reply-To Received)] {150}
        alice2 S: From: Erika <erika@example.net>
        alice2 S: To: alice@example.org
        alice2 S: Subject: Dropped
        alice2 S: Date: Mon, 06 Jan 2025 10:01:00 +0200
        alice2 S: Message-ID: <dropped@example.net>
        alice2 S:
        alice2 S: )
        alice2 S: 56 OK ...
        alice2 C: 57 IDLE
        alice2 S: + ...
        C: 6 uid move 3 "Trackers/Support"
        S: * OK [COPYUID <v2> 3 3] ...
        S: * 3 EXPUNGE
        S: 6 OK Filed as #10000003 in Support.
        alice2 S: * 3 EXISTS
        alice2 S: * 3 RECENT
        alice2 C: DONE
        alice2 S: 57 OK ...
        alice2 C: 58 noop
        alice2 S: 58 OK ...
        alice2 C: 59 UID fetch 3:* (FLAGS)
        alice2 S: * 3 FETCH (UID 3 FLAGS (\Recent))
        alice2 S: 59 OK ...
        # The same mail as a file from the desktop: no line of Thunderbird's own, no date; it is the same mail.
        alice2 C: 60 append "Trackers/Support" {#dropped+}
        alice2 C: #dropped
        alice2 S: 60 OK [APPENDUID <v2> 2] Filed as #10000002 in Support.
        alice2 C: 61 logout
        alice2 S: * BYE Goodbye.
        alice2 S: 61 OK ...
        alice2 S: closed
        C: 7 logout
        S: * BYE Goodbye.
        S: 7 OK ...
        S: closed
    """,
        dropped=DROPPED,
        staged=STAGED,
    )


def test_thunderbird_is_refused(stage: Stage) -> None:
    """One dialog with the sentence; the source is kept in every case."""
    stage.run(
        r"""
        S: * OK [CAPABILITY ...] ...
        C: 4 authenticate PLAIN
        S: + ...
        C: AGFsaWNlQFN0YW5kYXJkAGRlbW8=
        S: 4 OK [CAPABILITY ...] ...
        C: 5 select "INBOX"
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        S: * 3 EXISTS
        S: * 3 RECENT
        S: * OK [UNSEEN 2] ...
        S: * OK [UIDVALIDITY <v1>] ...
        S: * OK [UIDNEXT 4] ...
        S: ~
        S: 5 OK [READ-WRITE] ...
        C: 6 append "Trackers/Archive" "06-Jan-2025 08:01:00 +0000" {#staged+}
        C: #staged
        S: 6 NO [CANNOT] Not filed: group "Archive" has no e-mail creator. Your mail stays where it was; a copy is in Recovered Messages.
        C: 7 uid move 3 "Trackers/Archive"
        S: 7 NO [CANNOT] Not filed: group "Archive" has no e-mail creator. Your mail stays where it was.
        C: 8 noop
        S: 8 OK ...
        C: 9 UID fetch 4:* (FLAGS)
        S: * 3 FETCH (UID 3 FLAGS (\Recent))
        S: 9 OK ...
        C: 10 UID fetch 3 (UID RFC822.SIZE BODY.PEEK[])
        S: * 3 FETCH (UID 3 RFC822.SIZE 165 BODY[] {165}
        S: From: Erika <erika@example.net>
        S: To: alice@example.org
        S: Subject: Thanks
        S: Date: Mon, 06 Jan 2025 10:01:00 +0200
        S: Message-ID: <thanks@example.net>
        S:
        S: It is cold now.
        S: )
        S: 10 OK ...
        C: 11 append "Trackers" "06-Jan-2025 08:01:00 +0000" {#staged+}
        C: #staged
        S: 11 NO [CANNOT] Not filed: "Trackers" is a heading that takes no mail. Your mail stays where it was; a copy is in Recovered Messages.
        C: 12 IDLE
        S: + ...
        C: DONE
        S: 12 OK ...
        C: 13 logout
        S: * BYE Goodbye.
        S: 13 OK ...
        S: closed
    """,
        staged=STAGED,
    )


def test_thunderbird_drops_once_more_after_a_broken_connection(stage: Stage) -> None:
    """The connection is cut after the literal; what had been filed is answered with the same UID."""
    stage.run(
        r"""
        S: * OK [CAPABILITY ...] ...
        C: 4 authenticate PLAIN
        S: + ...
        C: AGFsaWNlQFN0YW5kYXJkAGRlbW8=
        S: 4 OK [CAPABILITY ...] ...
        C: 5 append "Trackers/Support" "06-Jan-2025 08:01:00 +0000" {#staged+}
        C: #staged
        S: 5 OK [APPENDUID <v1> 2] Filed as #10000002 in Support.
        alice -- lost
        alice2 C: 85 append "Trackers/Support" "06-Jan-2025 08:01:00 +0000" {#staged+}
        alice2 C: #staged
        alice2 S: 85 OK [APPENDUID <v1> 2] Filed as #10000002 in Support.
        alice2 C: 86 select "Trackers/Support"
        alice2 S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        alice2 S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        alice2 S: * 2 EXISTS
        alice2 S: * 2 RECENT
        alice2 S: * OK [UNSEEN 1] ...
        alice2 S: * OK [UIDVALIDITY <v1>] ...
        alice2 S: * OK [UIDNEXT 3] ...
        alice2 S: ~
        alice2 S: 86 OK [READ-WRITE] ...
        alice2 C: 87 UID fetch 1:* (FLAGS)
        alice2 S: * 1 FETCH (UID 1 FLAGS (\Recent))
        alice2 S: * 2 FETCH (UID 2 FLAGS (\Recent))
        alice2 S: 87 OK ...
        alice2 C: 88 logout
        alice2 S: * BYE Goodbye.
        alice2 S: 88 OK ...
        alice2 S: closed
    """,
        staged=STAGED,
    )

"""mbsync, as it plays a session (recorded): LIST as it stands, numbers of UIDs, CLOSE to expunge."""

from __future__ import annotations

from desk_mails import DROPPED
from transcript import Stage


def test_mbsync_pulls(stage: Stage) -> None:
    """The first run takes what is there, folder by folder."""
    stage.run(
        r"""
        S: * OK [CAPABILITY ...] ...
        C: 1 LOGIN "alice@Standard" "demo"
        S: 1 OK [CAPABILITY ...] ...
        C: 2 NAMESPACE
        S: * NAMESPACE (("" "/")) NIL (("Trackers" "/")("Categories" "/")("Milestones" "/"))
        S: 2 OK ...
        C: 3 LIST "" "*"
        S: * LIST (\HasNoChildren) "/" INBOX
        S: * LIST (\HasNoChildren \Archive) "/" Archive
        S: * LIST (\HasChildren) "/" Categories
        S: * LIST (\HasNoChildren) "/" "Categories/VIP customers"
        S: * LIST (\HasNoChildren \Drafts) "/" Drafts
        S: * LIST (\HasNoChildren \Junk) "/" Junk
        S: * LIST (\HasChildren) "/" Milestones
        S: * LIST (\HasNoChildren) "/" "Milestones/Release 1.0"
        S: * LIST (\HasNoChildren) "/" "Recovered Messages"
        S: * LIST (\HasNoChildren \Sent) "/" Sent
        S: * LIST (\HasChildren) "/" Trackers
        S: * LIST (\HasNoChildren) "/" Trackers/Archive
        S: * LIST (\HasNoChildren) "/" "Trackers/B&APw-ro &- Ablage"
        S: * LIST (\HasNoChildren) "/" Trackers/E-Mails
        S: * LIST (\HasNoChildren) "/" Trackers/Meetings
        S: * LIST (\HasNoChildren) "/" Trackers/Sales
        S: * LIST (\HasNoChildren) "/" Trackers/Support
        S: * LIST (\HasNoChildren \Trash) "/" Trash
        S: 3 OK ...
        C: 4 SELECT "INBOX"
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        S: * 3 EXISTS
        S: * 3 RECENT
        S: * OK [UNSEEN 2] ...
        S: * OK [UIDVALIDITY <v1>] ...
        S: * OK [UIDNEXT 4] ...
        S: ~
        S: 4 OK [READ-WRITE] ...
        C: 5 UID FETCH 1:3 (UID FLAGS)
        S: * 1 FETCH (UID 1 FLAGS (\Seen \Recent))
        S: * 2 FETCH (UID 2 FLAGS (\Recent))
        S: * 3 FETCH (UID 3 FLAGS (\Recent))
        S: 5 OK ...
        C: 6 UID FETCH 2 (BODY.PEEK[])
        S: * 2 FETCH (UID 2 BODY[] {416}
        S: From: Erika <erika@example.net>
        S: To: alice@example.org
        S: Subject: Photo
        S: Date: Mon, 06 Jan 2025 10:02:00 +0200
        S: Message-ID: <photo@example.net>
        S: MIME-Version: 1.0
        S: Content-Type: multipart/mixed; boundary="="
        S:
        S: --=
        S: Content-Type: text/plain; charset=utf-8
        S:
        S: See it.
        S: --=
        S: Content-Type: image/png; name="hot.png"
        S: Content-Disposition: attachment; filename="hot.png"
        S: Content-Transfer-Encoding: base64
        S:
        S: UE5H
        S: --=--
        S: )
        S: 6 OK ...
        C: 7 UID FETCH 3 (BODY.PEEK[])
        S: * 3 FETCH (UID 3 BODY[] {165}
        S: From: Erika <erika@example.net>
        S: To: alice@example.org
        S: Subject: Thanks
        S: Date: Mon, 06 Jan 2025 10:01:00 +0200
        S: Message-ID: <thanks@example.net>
        S:
        S: It is cold now.
        S: )
        S: 7 OK ...
        C: 8 CLOSE
        S: 8 OK ...
        C: 9 SELECT "Trackers"
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS ()] ...
        S: * 0 EXISTS
        S: * 0 RECENT
        S: * OK [UIDVALIDITY <v2>] ...
        S: * OK [UIDNEXT 1] ...
        S: ~
        S: 9 OK [READ-ONLY] ...
        C: 10 CLOSE
        S: 10 OK ...
        C: 11 SELECT "Trackers/Support"
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        S: * 1 EXISTS
        S: * 1 RECENT
        S: * OK [UNSEEN 1] ...
        S: * OK [UIDVALIDITY <v3>] ...
        S: * OK [UIDNEXT 2] ...
        S: ~
        S: 11 OK [READ-WRITE] ...
        C: 12 UID FETCH 1:1 (UID FLAGS)
        S: * 1 FETCH (UID 1 FLAGS (\Recent))
        S: 12 OK ...
        C: 13 UID FETCH 1 (BODY.PEEK[])
        S: * 1 FETCH (UID 1 BODY[] {157}
        S: From: Erika <erika@example.net>
        S: To: alice@example.org
        S: Subject: Shared
        S: Date: Mon, 06 Jan 2025 10:01:00 +0200
        S: Message-ID: <shared@example.net>
        S:
        S: By bob.
        S: )
        S: 13 OK ...
        C: 14 CLOSE
        S: 14 OK ...
        C: 15 LOGOUT
        S: * BYE Goodbye.
        S: 15 OK ...
        S: closed
    """
    )


def test_mbsync_pushes(stage: Stage) -> None:
    """A new mail is filed, with the line that mbsync puts into its header; the same mail after that is the same activity."""
    stage.run(
        r"""
        S: * OK [CAPABILITY ...] ...
        C: 1 LOGIN "alice@Standard" "demo"
        S: 1 OK [CAPABILITY ...] ...
        C: 2 NAMESPACE
        S: * NAMESPACE (("" "/")) NIL (("Trackers" "/")("Categories" "/")("Milestones" "/"))
        S: 2 OK ...
        C: 3 SELECT "Trackers/Support"
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        S: * 1 EXISTS
        S: * 1 RECENT
        S: * OK [UNSEEN 1] ...
        S: * OK [UIDVALIDITY <v1>] ...
        S: * OK [UIDNEXT 2] ...
        S: ~
        S: 3 OK [READ-WRITE] ...
        C: 4 UID FETCH 1:1 (UID FLAGS)
        S: * 1 FETCH (UID 1 FLAGS (\Recent))
        S: 4 OK ...
        C: 5 APPEND "Trackers/Support" {#first+}
        C: #first
        S: * 2 EXISTS
        S: * 2 RECENT
        S: 5 OK [APPENDUID <v1> 2] Filed as #10000002 in Support.
        C: 6 CLOSE
        S: 6 OK ...
        C: 7 LOGOUT
        S: * BYE Goodbye.
        S: 7 OK ...
        S: closed
        alice2 C: 1 APPEND "Trackers/Support" {#second+}
        alice2 C: #second
        alice2 S: 1 OK [APPENDUID <v1> 2] Filed as #10000002 in Support.
        alice2 C: 2 LOGOUT
        alice2 S: * BYE Goodbye.
        alice2 S: 2 OK ...
        alice2 S: closed
    """,
        first=b"X-TUID: abcdefghijkl\r\n" + DROPPED,
        second=b"X-TUID: mnopqrstuvwx\r\n" + DROPPED,
    )


def test_mbsync_is_refused(stage: Stage) -> None:
    """A warning, and the mail stays where it is."""
    stage.run(
        r"""
        S: * OK [CAPABILITY ...] ...
        C: 1 LOGIN "alice@Standard" "demo"
        S: 1 OK [CAPABILITY ...] ...
        C: 2 NAMESPACE
        S: * NAMESPACE (("" "/")) NIL (("Trackers" "/")("Categories" "/")("Milestones" "/"))
        S: 2 OK ...
        C: 3 SELECT "Trackers/Archive"
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        S: * 0 EXISTS
        S: * 0 RECENT
        S: * OK [UIDVALIDITY <v1>] ...
        S: * OK [UIDNEXT 1] ...
        S: ~
        S: 3 OK [READ-WRITE] ...
        C: 4 APPEND "Trackers/Archive" {#first+}
        C: #first
        S: 4 NO [CANNOT] Not filed: group "Archive" has no e-mail creator. Your mail stays where it was; a copy is in Recovered Messages.
        C: 5 CLOSE
        S: 5 OK ...
        C: 6 LOGOUT
        S: * BYE Goodbye.
        S: 6 OK ...
        S: closed
    """,
        first=b"X-TUID: abcdefghijkl\r\n" + DROPPED,
    )


def test_mbsync_pushes_a_deletion(stage: Stage) -> None:
    """Only what may go goes with CLOSE: bob's mail stays in the group, alice's own goes."""
    stage.run(
        r"""
        S: * OK [CAPABILITY ...] ...
        C: 1 LOGIN "alice@Standard" "demo"
        S: 1 OK [CAPABILITY ...] ...
        C: 2 APPEND "Trackers/Support" {#first+}
        C: #first
        S: 2 OK [APPENDUID <v1> 2] Filed as #10000002 in Support.
        C: 3 SELECT "Trackers/Support"
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        S: * 2 EXISTS
        S: * 2 RECENT
        S: * OK [UNSEEN 1] ...
        S: * OK [UIDVALIDITY <v1>] ...
        S: * OK [UIDNEXT 3] ...
        S: ~
        S: 3 OK [READ-WRITE] ...
        C: 4 UID FETCH 1:2 (UID FLAGS)
        S: * 1 FETCH (UID 1 FLAGS (\Recent))
        S: * 2 FETCH (UID 2 FLAGS (\Recent))
        S: 4 OK ...
        C: 5 UID STORE 1 +FLAGS.SILENT (\Deleted)
        S: * 1 FETCH (UID 1 FLAGS (\Recent))
        S: 5 NO [NOPERM] You may not set that in group "Support".
        C: 5b UID STORE 2 +FLAGS.SILENT (\Deleted)
        S: 5b OK ...
        C: 6 CHECK
        S: 6 OK ...
        C: 7 CLOSE
        S: 7 OK ...
        C: 8 STATUS "Trackers/Support" (MESSAGES)
        S: * STATUS Trackers/Support (MESSAGES 1)
        S: 8 OK ...
        C: 9 LOGOUT
        S: * BYE Goodbye.
        S: 9 OK ...
        S: closed
    """,
        first=b"X-TUID: abcdefghijkl\r\n" + DROPPED,
    )

"""Thunderbird 153, as it plays a session (recorded): lower case, rights asked per folder, every body of
every subscribed folder."""

from __future__ import annotations

from transcript import Stage


def test_thunderbird_connects_and_reads(stage: Stage) -> None:
    """A new profile: folders, rights, headers, then all bodies."""
    stage.run(
        r"""
        S: * OK [CAPABILITY ...] ...
        C: 4 authenticate PLAIN
        S: + ...
        C: AGFsaWNlQFN0YW5kYXJkAGRlbW8=
        S: 4 OK [CAPABILITY ...] ...
        C: 5 namespace
        S: * NAMESPACE (("" "/")) NIL (("Trackers" "/")("Categories" "/")("Milestones" "/"))
        S: 5 OK ...
        C: 6 ID ("name" "Thunderbird" "version" "153.7.0")
        S: * ID ("name" "imapgate" "version" "1.0")
        S: 6 OK ...
        C: 7 ENABLE UTF8=ACCEPT
        S: * ENABLED UTF8=ACCEPT
        S: 7 OK ...
        C: 8 list (subscribed) "" "*" return (special-use)
        S: * LIST (\HasNoChildren \Subscribed) "/" INBOX
        S: * LIST (\HasNoChildren \Archive \Subscribed) "/" Archive
        S: * LIST (\HasChildren \Subscribed) "/" Categories
        S: * LIST (\HasNoChildren \Subscribed) "/" "Categories/VIP customers"
        S: * LIST (\HasNoChildren \Drafts \Subscribed) "/" Drafts
        S: * LIST (\HasNoChildren \Junk \Subscribed) "/" Junk
        S: * LIST (\HasNoChildren \Subscribed) "/" "Recovered Messages"
        S: * LIST (\HasNoChildren \Sent \Subscribed) "/" Sent
        S: * LIST (\HasChildren \Subscribed) "/" Trackers
        S: * LIST (\HasNoChildren \Subscribed) "/" "Trackers/Büro & Ablage"
        S: * LIST (\HasNoChildren \Subscribed) "/" Trackers/E-Mails
        S: * LIST (\HasNoChildren \Subscribed) "/" Trackers/Sales
        S: * LIST (\HasNoChildren \Subscribed) "/" Trackers/Support
        S: * LIST (\HasNoChildren \Trash \Subscribed) "/" Trash
        S: 8 OK ...
        C: 9 list "" "INBOX"
        S: * LIST (\HasNoChildren) "/" INBOX
        S: 9 OK ...
        C: 10 myrights "Trackers/Support"
        S: * MYRIGHTS Trackers/Support lrswited
        S: 10 OK ...
        C: 11 myrights "Trackers/Büro & Ablage"
        S: * MYRIGHTS "Trackers/Büro & Ablage" lrswited
        S: 11 OK ...
        C: 12 myrights "Trackers"
        S: * MYRIGHTS Trackers lr
        S: 12 OK ...
        C: 13 STATUS "INBOX" (UIDNEXT MESSAGES UNSEEN RECENT)
        S: * STATUS INBOX (UIDNEXT 4 MESSAGES 3 UNSEEN 2 RECENT 3)
        S: 13 OK ...
        C: 14 select "INBOX"
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        S: * 3 EXISTS
        S: * 3 RECENT
        S: * OK [UNSEEN 2] ...
        S: * OK [UIDVALIDITY <v1>] ...
        S: * OK [UIDNEXT 4] ...
        S: ~
        S: 14 OK [READ-WRITE] ...
        C: 14b getquotaroot "INBOX"
        S: * QUOTAROOT INBOX
        S: 14b OK ...
        C: 15 myrights "INBOX"
        S: * MYRIGHTS INBOX lrswipkxtecd
        S: 15 OK ...
        C: 16 UID fetch 1:* (FLAGS)
        S: * 1 FETCH (UID 1 FLAGS (\Seen \Recent))
        S: * 2 FETCH (UID 2 FLAGS (\Recent))
        S: * 3 FETCH (UID 3 FLAGS (\Recent))
        S: 16 OK ...
        C: 17 UID fetch 2:3 (UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS (From To Cc Bcc Subject Date Message-ID Priority X-Priority References Newsgroups In-Reply-To Content-Type Reply-To Received)])
        S: * 2 FETCH (UID 2 RFC822.SIZE 416 FLAGS (\Recent) BODY[HEADER.FIELDS (From To Cc Bcc Subject Date Message-ID Priority X-Priority References Newsgroups In-Reply-To Content-Type Reply-To Received)] {191}
        S: From: Erika <erika@example.net>
        S: To: alice@example.org
        S: Subject: Photo
        S: Date: Mon, 06 Jan 2025 10:02:00 +0200
        S: Message-ID: <photo@example.net>
        S: Content-Type: multipart/mixed; boundary="="
        S:
        S: )
        S: * 3 FETCH (UID 3 RFC822.SIZE 165 FLAGS (\Recent) BODY[HEADER.FIELDS (From To Cc Bcc Subject Date Message-ID Priority X-Priority References Newsgroups In-Reply-To Content-Type Reply-To Received)] {148}
        S: From: Erika <erika@example.net>
        S: To: alice@example.org
        S: Subject: Thanks
        S: Date: Mon, 06 Jan 2025 10:01:00 +0200
        S: Message-ID: <thanks@example.net>
        S:
        S: )
        S: 17 OK ...
        C: 18 noop
        S: 18 OK ...
        C: 19 UID fetch 4:* (FLAGS)
        S: * 3 FETCH (UID 3 FLAGS (\Recent))
        S: 19 OK ...
        C: 20 UID fetch 1,3 (UID RFC822.SIZE BODY.PEEK[])
        S: * 1 FETCH (UID 1 RFC822.SIZE 160 BODY[] {160}
        S: From: Erika <erika@example.net>
        S: To: alice@example.org
        S: Subject: Gadget
        S: Date: Mon, 06 Jan 2025 10:01:00 +0200
        S: Message-ID: <gadget@example.net>
        S:
        S: It is hot.
        S: )
        S: * 3 FETCH (UID 3 RFC822.SIZE 165 BODY[] {165}
        S: From: Erika <erika@example.net>
        S: To: alice@example.org
        S: Subject: Thanks
        S: Date: Mon, 06 Jan 2025 10:01:00 +0200
        S: Message-ID: <thanks@example.net>
        S:
        S: It is cold now.
        S: )
        S: 20 OK ...
        C: 21 IDLE
        S: + ...
        C: DONE
        S: 21 OK ...
        C: 22 uid store 3 +FLAGS ($label1)
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $label1)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen $label1 \*)] ...
        S: * 3 FETCH (UID 3 FLAGS ($label1 \Recent))
        S: 22 OK ...
        C: 23 uid SEARCH UNDELETED BODY "cold"
        S: * SEARCH 3
        S: 23 OK ...
        C: 24 uid move 1 "Trash"
        S: * OK [COPYUID <v2> 1 1] ...
        S: * 1 EXPUNGE
        S: 24 OK ...
        C: 25 uid store 3 +Flags (\Seen \Deleted)
        S: * 2 FETCH (UID 3 FLAGS (\Deleted \Seen $label1 \Recent))
        S: 25 OK ...
        C: 26 noop
        S: 26 OK ...
        C: 27 UID fetch 4:* (FLAGS)
        S: * 2 FETCH (UID 3 FLAGS (\Deleted \Seen $label1 \Recent))
        S: 27 OK ...
        C: 28 close
        S: 28 OK ...
        C: 29 logout
        S: * BYE Goodbye.
        S: 29 OK ...
        S: closed
    """
    )


def test_thunderbird_deletes_a_folder(stage: Stage) -> None:
    """By renaming it into Trash."""
    stage.run(
        r"""
        S: * OK [CAPABILITY ...] ...
        C: 4 authenticate PLAIN
        S: + ...
        C: AGFsaWNlQFN0YW5kYXJkAGRlbW8=
        S: 4 OK [CAPABILITY ...] ...
        C: 5 create "Newer"
        S: 5 OK [MAILBOXID (...)] ...
        C: 6 subscribe "Newer"
        S: 6 OK ...
        C: 7 list (subscribed) "" "Newer/*" return (special-use)
        S: 7 OK ...
        C: 8 rename "Newer" "Trash/Newer"
        S: 8 OK ...
        C: 9 subscribe "Trash/Newer"
        S: 9 OK ...
        C: 10 unsubscribe "Newer"
        S: 10 OK ...
        C: 11 list (subscribed) "" "Trash*" return (special-use)
        S: * LIST (\HasChildren \Trash \Subscribed) "/" Trash
        S: * LIST (\HasNoChildren \Subscribed) "/" Trash/Newer
        S: 11 OK ...
        C: 12 logout
        S: * BYE Goodbye.
        S: 12 OK ...
        S: closed
    """
    )


def test_thunderbird_of_a_manager(stage: Stage) -> None:
    """With the right `a` it asks for everybody's rights as well."""
    stage.run(
        r"""
        S: * OK [CAPABILITY ...] ...
        C: 4 logout
        S: * BYE Goodbye.
        S: 4 OK ...
        S: closed
        bob C: 5 select "Trackers/Support"
        bob S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        bob S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        bob S: * 1 EXISTS
        bob S: * 1 RECENT
        bob S: * OK [UNSEEN 1] ...
        bob S: * OK [UIDVALIDITY <v1>] ...
        bob S: * OK [UIDNEXT 2] ...
        bob S: ~
        bob S: 5 OK [READ-WRITE] ...
        bob C: 6 getquotaroot "Trackers/Support"
        bob S: * QUOTAROOT Trackers/Support
        bob S: 6 OK ...
        bob C: 7 myrights "Trackers/Support"
        bob S: * MYRIGHTS Trackers/Support lrswitead
        bob S: 7 OK ...
        bob C: 8 getacl "Trackers/Support"
        bob S: * ACL Trackers/Support alice@Standard lrswited bob@Standard lrswitead carol@Standard lrs
        bob S: 8 OK ...
        bob C: 9 UID fetch 1:* (FLAGS)
        bob S: * 1 FETCH (UID 1 FLAGS (\Recent))
        bob S: 9 OK ...
        bob C: 10 uid store 1 +Flags (\Seen \Deleted)
        bob S: * 1 FETCH (UID 1 FLAGS (\Deleted \Seen \Recent))
        bob S: 10 OK ...
        bob C: 11 expunge
        bob S: * 1 EXPUNGE
        bob S: 11 OK ...
        bob C: 12 logout
        bob S: * BYE Goodbye.
        bob S: 12 OK ...
        bob S: closed
    """
    )

"""CREATE, DELETE, RENAME, SUBSCRIBE, LIST, LSUB, STATUS, NAMESPACE and MYRIGHTS as dialogues."""

from __future__ import annotations

from transcript import Stage

MAIL = b"From: erika@example.net\r\nSubject: Hello\r\n\r\nText\r\n"


def test_create_rename_delete(stage: Stage) -> None:
    """A personal folder comes, moves with its children and goes."""
    stage.run(r"""
        C: a CREATE Projects/Blue
        S: a OK ...
        C: a CREATE projects/blue
        S: a NO [ALREADYEXISTS] ...
        C: a LIST "" Pro*
        S: * LIST (\HasChildren) "/" Projects
        S: * LIST (\HasNoChildren) "/" Projects/Blue
        S: a OK ...
        C: a RENAME Projects Work
        S: a OK ...
        C: a LIST "Work/" %
        S: * LIST (\HasNoChildren) "/" Work/Blue
        S: a OK ...
        C: a DELETE Work
        S: a NO [HASCHILDREN] ...
        C: a DELETE Work/Blue/
        S: a OK ...
        C: a DELETE Work
        S: a OK ...
        C: a DELETE Work
        S: a NO [NONEXISTENT] ...
        C: a RENAME Nowhere Elsewhere
        S: a NO [NONEXISTENT] ...
    """)


def test_folder_commands_need_a_sign_in_and_a_name(stage: Stage) -> None:
    """Wrong state and bad syntax are BAD; the session lives on."""
    stage.run("""
        new S: * OK ...
        new C: a CREATE x
        new S: a BAD Sign in first.
        new C: a LIST "" *
        new S: a BAD Sign in first.
        new C: a STATUS INBOX (MESSAGES)
        new S: a BAD Sign in first.
        C: a CREATE
        S: a BAD ...
        C: a STATUS INBOX (NONSENSE)
        S: a BAD ...
        C: a RENAME one
        S: a BAD ...
        C: a NOOP
        S: a OK ...
    """)


def test_groups_and_headings_are_not_for_users_to_change(stage: Stage) -> None:
    stage.run("""
        C: a CREATE Trackers/Mine
        S: a NO [<code>] ...
        C: a DELETE Trackers/Support
        S: a NO [<other>] ...
        C: a DELETE INBOX
        S: a NO [CANNOT] ...
        C: a RENAME "Recovered Messages" Saved
        S: a NO [CANNOT] ...
        C: a STATUS Trackers/Support (MESSAGES)
        S: * STATUS Trackers/Support (MESSAGES 0)
        S: a OK ...
    """)


def test_list_shows_attributes_and_special_use(stage: Stage) -> None:
    stage.run(r"""
        C: a LIST "" ""
        S: * LIST (\Noselect) "/" ""
        S: a OK ...
        C: a LIST "" inbox
        S: * LIST (\HasNoChildren) "/" INBOX
        S: a OK ...
        C: a LIST (SPECIAL-USE) "" *
        S: * LIST (\HasNoChildren \Archive) "/" Archive
        S: * LIST (\HasNoChildren \Drafts) "/" Drafts
        S: * LIST (\HasNoChildren \Junk) "/" Junk
        S: * LIST (\HasNoChildren \Sent) "/" Sent
        S: * LIST (\HasNoChildren \Trash) "/" Trash
        S: a OK ...
        C: a LIST Trackers/ B*
        S: * LIST (\HasNoChildren) "/" "Trackers/B&APw-ro &- Ablage"
        S: a OK ...
        C: a LIST "" Mile%
        S: * LIST (\HasChildren) "/" Milestones
        S: a OK ...
        C: a LIST "" nothing
        S: a OK ...
    """)


def test_outsiders_see_no_groups(stage: Stage) -> None:
    """dave is member of nothing, carol of Support only."""
    stage.run(r"""
        dave C: a LIST "" Trackers*
        dave S: a OK ...
        dave C: a STATUS Trackers/Support (MESSAGES)
        dave S: a NO [NONEXISTENT] ...
        dave C: a MYRIGHTS Trackers/Support
        dave S: a NO [NONEXISTENT] ...
        dave C: a SELECT Trackers/Support
        dave S: a NO [NONEXISTENT] ...
        carol C: a LIST "" Trackers*
        carol S: * LIST (\HasChildren) "/" Trackers
        carol S: * LIST (\HasNoChildren) "/" Trackers/Support
        carol S: a OK ...
    """)


def test_lsub_shows_subscriptions_with_special_use(stage: Stage) -> None:
    """Outlook looks for special use here; UNSUBSCRIBE sticks."""
    stage.run(r"""
        C: a LSUB "" S*
        S: * LSUB (\HasNoChildren \Sent) "/" Sent
        S: a OK ...
        C: a UNSUBSCRIBE Sent
        S: a OK ...
        C: a LSUB "" S*
        S: a OK ...
        C: a SUBSCRIBE Sent
        S: a OK ...
        C: a LSUB "" Sent
        S: * LSUB (\HasNoChildren \Sent) "/" Sent
        S: a OK ...
        C: a SUBSCRIBE Nowhere
        S: a NO [NONEXISTENT] ...
        C: a UNSUBSCRIBE "Recovered Messages"
        S: a NO [CANNOT] ...
    """)


def test_lsub_with_percent_shows_unsubscribed_parents(stage: Stage) -> None:
    """RFC 3501 6.3.9: as \\Noselect, and only where the parent isn't subscribed itself."""
    stage.run(r"""
        C: a CREATE Top/Sub
        S: a OK ...
        C: a SUBSCRIBE Top/Sub
        S: a OK ...
        C: a UNSUBSCRIBE Top
        S: a OK ...
        C: a LSUB "" T%p
        S: * LSUB (\Noselect) "/" Top
        S: a OK ...
        C: a LSUB "" Top*
        S: * LSUB (\HasNoChildren) "/" Top/Sub
        S: a OK ...
        C: a SUBSCRIBE Top
        S: a OK ...
        C: a LSUB "" T%p
        S: * LSUB (\HasChildren) "/" Top
        S: a OK ...
    """)


def test_lsub_keeps_names_whose_folder_is_gone(stage: Stage) -> None:
    stage.run(r"""
        C: a CREATE Gone
        S: a OK ...
        C: a SUBSCRIBE Gone
        S: a OK ...
        C: a DELETE Gone
        S: a OK ...
        C: a LSUB "" G*
        S: * LSUB (\Noselect) "/" Gone
        S: a OK ...
        C: a UNSUBSCRIBE Gone
        S: a OK ...
        C: a LSUB "" G*
        S: a OK ...
    """)


def test_status_counts_and_works_on_the_selected_folder(stage: Stage) -> None:
    stage.run(
        r"""
        C: a APPEND INBOX (\Seen) {#mail+}
        C: #mail
        S: a OK ...
        C: a STATUS inbox (UIDNEXT MESSAGES UNSEEN RECENT APPENDLIMIT)
        S: * STATUS INBOX (UIDNEXT 2 MESSAGES 1 UNSEEN 0 RECENT 1 APPENDLIMIT 52428800)
        S: a OK ...
        C: a SELECT INBOX
        S: ~
        S: a OK ...
        C: a STATUS INBOX (MESSAGES)
        S: * STATUS INBOX (MESSAGES 1)
        S: a OK ...
    """,
        mail=MAIL,
    )


def test_namespace(stage: Stage) -> None:
    """Personal folders under "", groups shared."""
    stage.run("""
        C: a NAMESPACE
        S: * NAMESPACE (("" "/")) NIL (("Trackers" "/")("Categories" "/")("Milestones" "/"))
        S: a OK ...
    """)


def test_myrights_by_role(stage: Stage) -> None:
    """Rule 14, with c and d for clients of RFC 2086."""
    stage.run("""
        C: a MYRIGHTS INBOX
        S: * MYRIGHTS INBOX lrswipkxtecd
        S: a OK ...
        C: a MYRIGHTS Trackers/Support
        S: * MYRIGHTS Trackers/Support lrswited
        S: a OK ...
        C: a MYRIGHTS Trackers/Archive
        S: * MYRIGHTS Trackers/Archive lrswted
        S: a OK ...
        C: a MYRIGHTS Trackers
        S: * MYRIGHTS Trackers lr
        S: a OK ...
        bob C: a MYRIGHTS Trackers/Support
        bob S: * MYRIGHTS Trackers/Support lrswitead
        bob S: a OK ...
        carol C: a MYRIGHTS Trackers/Support
        carol S: * MYRIGHTS Trackers/Support lrs
        carol S: a OK ...
    """)


def test_names_as_atoms_quoted_and_literals(stage: Stage) -> None:
    """Literals stand wherever the grammar has a string, synchronising or not."""
    stage.run(
        r"""
        C: a CREATE {#name}
        S: + go on
        C: #name
        S: a OK ...
    """,
        name=b"One two",
    )
    stage.run(
        """
        C: a LIST {#empty}
        S: + go on
        C: #empty\\
        C:  {#name+}
        C: #name
        S: * LIST (\\HasNoChildren) "/" "One two"
        S: a OK ...
        C: a DELETE "One two"
        S: a OK ...
    """,
        name=b"One two",
        empty=b"",
    )

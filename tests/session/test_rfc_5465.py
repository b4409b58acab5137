"""NOTIFY (RFC 5465): told of any folder, at any time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from transcript import Stage
from world import World

from imapgate.activities import groups
from imapgate.folders import groups as folder_groups
from storage import Tx

MAIL = b"From: erika@example.net\r\nSubject: Hello\r\n\r\nText\r\n"
OTHER = b"From: erika@example.net\r\nSubject: Other\r\n\r\nText\r\n"
BOTH = "(MessageNew MessageExpunge)"
SUBJECT = "UID FLAGS BODY[HEADER.FIELDS (Subject)]"


@pytest.fixture
def two(world: World) -> Iterator[Stage]:
    """alice has dropped two mails into Support; bob is a member."""
    made = Stage(world)
    made.run(
        """
        C: a APPEND Trackers/Support {#mail+}
        C: #mail\\
        C:  {#other+}
        C: #other
        S: a OK ...
        bob C: a NOOP
        bob S: a OK ...
    """,
        mail=MAIL,
        other=OTHER,
    )
    yield made
    made.close()


def test_a_folder_that_is_not_selected_is_told_by_status_between_commands(two: Stage) -> None:
    """The example of RFC 5465 3.1: STATUS at once, and again when a message comes."""
    two.run(
        f"""
        bob C: b notify set status (selected {BOTH}) (subtree Trackers {BOTH})
        bob S: * STATUS Trackers (UIDNEXT 1 MESSAGES 0 UIDVALIDITY ...)
        bob S: ~
        bob S: * STATUS Trackers/Support (UIDNEXT 3 MESSAGES 2 UIDVALIDITY ...)
        bob S: ~
        bob S: b OK ...
        C: b APPEND Trackers/Support {{#third+}}
        C: #third
        S: b OK ...
        bob S: * STATUS Trackers/Support (UIDNEXT 4 MESSAGES 3)
        C: c SELECT Trackers/Support
        S: ~
        S: c OK ...
        C: d STORE 1 +FLAGS (\\Deleted)
        S: ~
        S: d OK ...
        C: e EXPUNGE
        S: ~
        S: e OK ...
        bob S: * STATUS Trackers/Support (UIDNEXT 4 MESSAGES 2)
    """,
        third=MAIL.replace(b"Hello", b"Third"),
    )


def test_new_messages_in_the_selected_folder_are_fetched_unasked(two: Stage) -> None:
    """RFC 5465 5.2: EXISTS, then FETCH of what was asked for; nothing becomes \\Seen."""
    two.run(
        f"""
        bob C: b SELECT Trackers/Support
        bob S: ~
        bob S: b OK ...
        bob C: c NOTIFY SET (SELECTED (MessageNew ({SUBJECT}) MessageExpunge))
        bob S: c OK ...
        C: b APPEND Trackers/Support {{#third+}}
        C: #third
        S: b OK ...
        bob S: * 3 EXISTS
        bob S: * 3 RECENT
        bob S: * 3 FETCH (UID 3 FLAGS (\\Recent) BODY[HEADER.FIELDS (Subject)] {{18}}
        bob S: Subject: Third
        bob S:
        bob S: )
        C: c SELECT Trackers/Support
        S: ~
        S: c OK ...
        C: d STORE 1:2 +FLAGS (\\Flagged)
        S: ~
        S: d OK ...
        C: e STORE 1 +FLAGS (\\Deleted)
        S: ~
        S: e OK ...
        C: f EXPUNGE
        S: ~
        S: f OK ...
        bob S: * 1 EXPUNGE
        bob C: d NOOP
        bob S: d OK ...
    """,
        third=MAIL.replace(b"Hello", b"Third"),
    )


def test_what_this_session_drops_itself_is_not_fetched(two: Stage) -> None:
    """RFC 5465 5.2."""
    two.run(
        """
        bob C: b SELECT Trackers/Support
        bob S: ~
        bob S: b OK ...
        bob C: c NOTIFY SET (SELECTED (MessageNew (UID) MessageExpunge FlagChange))
        bob S: c OK ...
        bob C: d APPEND Trackers/Support {#third+}
        bob C: #third
        bob S: * 3 EXISTS
        bob S: * 3 RECENT
        bob S: d OK ...
        C: c SELECT Trackers/Support
        S: ~
        S: c OK ...
        C: d STORE 3 +FLAGS (\\Flagged)
        S: ~
        S: d OK ...
        bob S: * 3 FETCH (UID 3 FLAGS (\\Flagged \\Recent))
    """,
        third=MAIL.replace(b"Hello", b"Third"),
    )


def test_delayed_expunges_wait_for_a_command_that_may_tell_them(two: Stage) -> None:
    """RFC 5465 6.1.2: with SELECTED-DELAYED numbers stay what they are between commands."""
    two.run(
        """
        bob C: b SELECT Trackers/Support
        bob S: ~
        bob S: b OK ...
        bob C: c NOTIFY SET (SELECTED-DELAYED (MessageNew MessageExpunge))
        bob S: c OK ...
        C: c SELECT Trackers/Support
        S: ~
        S: c OK ...
        C: d STORE 1 +FLAGS.SILENT (\\Deleted)
        S: d OK ...
        C: e EXPUNGE
        S: * 1 EXPUNGE
        S: e OK ...
        bob C: d FETCH 2 UID
        bob S: * 2 FETCH (UID 2)
        bob S: d OK ...
        bob C: e NOOP
        bob S: * 1 EXPUNGE
        bob S: e OK ...
    """
    )


def test_none_tells_nothing_not_even_in_commands_or_idle(two: Stage) -> None:
    """RFC 5465 3.1 and 4: NOTIFY NONE, and SET without SELECTED, are a snapshot."""
    two.run(
        """
        bob C: b SELECT Trackers/Support
        bob S: ~
        bob S: b OK ...
        bob C: c NOTIFY NONE
        bob S: c OK ...
        C: b APPEND Trackers/Support {#third+}
        C: #third
        S: b OK ...
        bob C: d NOOP
        bob S: d OK ...
        bob C: e IDLE
        bob S: + idling
        bob C: DONE
        bob S: e OK ...
        bob C: f NOTIFY SET (SELECTED (MessageNew MessageExpunge))
        bob S: * 3 EXISTS
        bob S: * 3 RECENT
        bob S: f OK ...
    """,
        third=MAIL.replace(b"Hello", b"Third"),
    )


def test_in_idle_exactly_what_was_asked_for_is_told(two: Stage) -> None:
    """RFC 5465 4."""
    two.run(
        """
        bob C: b SELECT INBOX
        bob S: ~
        bob S: b OK ...
        bob C: c NOTIFY SET (MAILBOXES Trackers/Support (MessageNew MessageExpunge))
        bob S: c OK ...
        bob C: d IDLE
        bob S: + idling
        C: b APPEND Trackers/Support {#third+}
        C: #third
        S: b OK ...
        bob S: * STATUS Trackers/Support (UIDNEXT 4 MESSAGES 3)
        bob C: DONE
        bob S: d OK ...
    """,
        third=MAIL.replace(b"Hello", b"Third"),
    )


def test_own_flags_of_somebody_else_are_nothing_to_tell(two: Stage) -> None:
    """FlagChange of another folder: \\Flagged is everybody's, \\Seen each user's own."""
    two.run(
        """
        bob C: b NOTIFY SET (MAILBOXES Trackers/Support (MessageNew MessageExpunge FlagChange))
        bob S: b OK ...
        C: c SELECT Trackers/Support
        S: ~
        S: c OK ...
        C: d STORE 1 +FLAGS.SILENT (\\Seen)
        S: d OK ...
        C: e STORE 1 +FLAGS.SILENT (\\Flagged)
        S: e OK ...
        bob S: * STATUS Trackers/Support (UIDVALIDITY ... UNSEEN 2)
        bob2 C: a SELECT Trackers/Support
        bob2 S: ~
        bob2 S: a OK ...
        bob2 C: b STORE 1 +FLAGS.SILENT (\\Seen)
        bob2 S: b OK ...
        bob S: * STATUS Trackers/Support (UIDVALIDITY ... UNSEEN 1)
    """
    )


def test_a_move_is_told_of_both_folders(two: Stage) -> None:
    """One of them selected, the other watched; in IDLE and between commands alike."""
    two.run(
        f"""
        bob C: b SELECT Trackers/Support
        bob S: ~
        bob S: b OK ...
        bob C: c NOTIFY SET (SELECTED {BOTH}) (MAILBOXES Trackers/Sales {BOTH})
        bob S: c OK ...
        bob2 C: a NOTIFY SET (MAILBOXES (Trackers/Sales Trackers/Support) {BOTH})
        bob2 S: a OK ...
        bob2 C: b IDLE
        bob2 S: + idling
        C: c SELECT Trackers/Support
        S: ~
        S: c OK ...
        C: d MOVE 1 Trackers/Sales
        S: * OK [COPYUID ...] ...
        S: * 1 EXPUNGE
        S: d OK ...
        bob S: * 1 EXPUNGE
        bob S: * STATUS Trackers/Sales (UIDNEXT 2 MESSAGES 1)
        bob2 S: * STATUS Trackers/Sales (UIDNEXT 2 MESSAGES 1)
        bob2 S: * STATUS Trackers/Support (UIDNEXT 3 MESSAGES 1)
        bob2 C: DONE
        bob2 S: b OK ...
    """
    )


def test_names_that_are_made_renamed_and_deleted_are_told(two: Stage) -> None:
    """RFC 5465 5.4: to the other sessions, once for a folder with its children; OLDNAME."""
    two.run(
        """
        bob C: b NOTIFY SET (PERSONAL (MailboxName SubscriptionChange))
        bob S: b OK ...
        bob2 C: a CREATE Work/2026
        bob2 S: a OK ...
        bob S: * LIST (\\HasChildren) "/" Work
        bob S: * LIST (\\HasNoChildren) "/" Work/2026
        bob2 C: b SUBSCRIBE Work
        bob2 S: b OK ...
        bob S: * LIST (\\HasChildren \\Subscribed) "/" Work
        bob2 C: c RENAME Work Old
        bob2 S: c OK ...
        bob S: * LIST (\\HasChildren \\Subscribed) "/" Old ("OLDNAME" (Work))
        bob2 C: d UNSUBSCRIBE Old
        bob2 S: d OK ...
        bob S: * LIST (\\HasChildren) "/" Old
        bob2 C: e DELETE Old/2026
        bob2 S: e OK ...
        bob S: * LIST (\\NonExistent) "/" Old/2026
        bob S: * LIST (\\HasNoChildren) "/" Old
        bob C: c CREATE Mine/Too
        bob S: c OK ...
        bob C: d NOOP
        bob S: d OK ...
        C: a CREATE Secret
        S: a OK ...
    """
    )


def test_a_group_that_is_lost_and_regained_is_told_and_watched_again(two: Stage) -> None:
    """RFC 5465 5.4, 5.9: to lose the right to see is to lose the folder."""
    two.run(
        """
        bob C: b NOTIFY SET (MAILBOXES (Trackers/Support) (MessageNew MessageExpunge))
        bob S: b OK ...
    """
    )
    _member(two, None)
    two.run(
        """
        bob S: * LIST (\\NoAccess) "/" Trackers/Support
        C: b APPEND Trackers/Support {#third+}
        C: #third
        S: b OK ...
    """,
        third=MAIL.replace(b"Hello", b"Third"),
    )
    _member(two, "viewer")
    two.run(
        """
        bob S: * LIST (\\HasNoChildren \\Subscribed) "/" Trackers/Support
        C: c APPEND Trackers/Support {#fourth+}
        C: #fourth
        S: c OK ...
        bob S: * STATUS Trackers/Support (UIDNEXT 5 MESSAGES 4)
    """,
        fourth=MAIL.replace(b"Hello", b"Fourth"),
    )


def _member(stage: Stage, role: str | None) -> None:
    """bob in Support."""
    world = stage.world

    def change(tx: Tx) -> None:
        group = groups.find_group(tx, world.segment_id, "Support")
        if role is None:
            groups.remove_member(tx, group, "bob@Standard")
            return
        principal_id, new = groups.set_member(tx, group, "bob@Standard", role)
        folder_groups.members_changed(tx, group.id, principal_id if new else None)

    world.db.write(change)
    stage.tell_news()


def test_what_is_pushed_never_breaks_into_an_answer(two: Stage) -> None:
    """A command that comes while a large new message is being pushed waits until it is whole."""
    two.run(
        """
        bob C: b SELECT Trackers/Support
        bob S: ~
        bob S: b OK ...
        bob C: c NOTIFY SET (SELECTED (MessageNew (UID BODY.PEEK[TEXT]) MessageExpunge))
        bob S: c OK ...
    """
    )
    bob = two.client("bob")
    bob.wire.reads = False
    alice, large = two.client("alice"), b"Subject: large\r\n\r\n" + b"x" * 1_000_000
    alice.send(b"b APPEND Trackers/Support {%d+}\r\n%b\r\n" % (len(large), large))
    two.tell_news()
    assert alice.read()[-1].startswith("b OK")
    alice.lines.clear()
    bob.send(b"d NOOP\r\ne XYZ\r\n")
    bob.wire.reads = True
    said = b""
    while bob.wire.unread:
        said += bob.wire.take()
    begun = b"* 3 EXISTS\r\n* 3 RECENT\r\n* 3 FETCH (UID 3 BODY[TEXT] {1000000}\r\n"
    assert said.startswith(begun)
    rest = said[len(begun) + 1_000_000 :]
    assert rest.startswith(b")\r\nd OK")
    assert rest.splitlines()[2].startswith(b"e BAD")


def test_news_that_come_while_a_command_runs_are_told_right_after(two: Stage) -> None:
    two.run(
        """
        bob C: c NOTIFY SET (MAILBOXES Trackers/Support (MessageNew MessageExpunge))
        bob S: c OK ...
        bob C: d NOOP
        bob S: d OK ...
    """
    )
    two.client("alice")
    bob = two.client("bob")
    two.hold = True
    bob.send(b"e STATUS INBOX (MESSAGES)\r\n")
    alice = two.client("alice")
    alice.send(b"b APPEND Trackers/Support {%d+}\r\n%b\r\n" % (len(OTHER) + 1, b"X" + OTHER))
    two.hold = False
    two.release()
    two.run(
        """
        S: b OK ...
        bob S: * STATUS INBOX (MESSAGES 0)
        bob S: e OK ...
        bob S: * STATUS Trackers/Support (UIDNEXT 4 MESSAGES 3)
    """
    )

"""Several sessions interleaved: what others did, when it may be told; IDLE; losing the right."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from transcript import Stage
from world import World

from imapgate.activities import groups
from imapgate.folders import groups as folder_groups

MAIL = b"From: erika@example.net\r\nSubject: Hello\r\n\r\nText\r\n"
OTHER = b"From: erika@example.net\r\nSubject: Other\r\n\r\nText\r\n"


@pytest.fixture
def two(world: World) -> Iterator[Stage]:
    """alice and bob have Support selected, with alice's two mails in it."""
    made = Stage(world)
    made.run(
        """
        C: a APPEND Trackers/Support {#mail+}
        C: #mail\\
        C:  {#other+}
        C: #other
        S: a OK ...
        C: a SELECT Trackers/Support
        S: ~
        S: a OK ...
        bob C: a SELECT Trackers/Support
        bob S: ~
        bob S: a OK ...
    """,
        mail=MAIL,
        other=OTHER,
    )
    yield made
    made.close()


def test_arrivals_come_with_the_next_answer(two: Stage) -> None:
    """EXISTS and RECENT, nothing before a command."""
    two.run(
        """
        C: a APPEND Trackers/Support {#third+}
        C: #third
        S: * 3 EXISTS
        S: * 3 RECENT
        S: a OK ...
        bob C: b FETCH 1 UID
        bob S: * 1 FETCH (UID 1)
        bob S: * 3 EXISTS
        bob S: * 3 RECENT
        bob S: b OK ...
        bob C: b FETCH 3 UID
        bob S: * 3 FETCH (UID 3)
        bob S: b OK ...
    """,
        third=MAIL.replace(b"Hello", b"Third"),
    )


def test_expunge_is_not_told_while_numbers_are_in_use(two: Stage) -> None:
    """RFC 3501 7.4.1: not with FETCH, STORE, SEARCH; with their UID forms and NOOP it may."""
    two.run(r"""
        C: a STORE 1 +FLAGS.SILENT (\Deleted)
        S: a OK ...
        C: a EXPUNGE
        S: * 1 EXPUNGE
        S: a OK ...
        bob C: b FETCH 1:2 BODY.PEEK[TEXT]
        bob S: * 1 FETCH (BODY[TEXT] {6}
        bob S: Text
        bob S: )
        bob S: * 2 FETCH (BODY[TEXT] {6}
        bob S: Text
        bob S: )
        bob S: b OK ...
        bob C: b SEARCH ALL
        bob S: * SEARCH 1 2
        bob S: b OK ...
        bob C: b STORE 2 +FLAGS (\Flagged)
        bob S: * 2 FETCH (FLAGS (\Flagged \Recent))
        bob S: b OK ...
        bob C: b UID SEARCH ALL
        bob S: * SEARCH 1 2
        bob S: * 1 EXPUNGE
        bob S: b OK ...
        bob C: b FETCH 2 FLAGS
        bob S: b BAD There is no message with such a number.
        bob C: b FETCH 1 FLAGS
        bob S: * 1 FETCH (FLAGS (\Flagged \Recent))
        bob S: b OK ...
    """)


def test_shared_flags_are_told_and_own_ones_are_not(two: Stage) -> None:
    r"""\Flagged and keywords are shared, \Seen and \Deleted each one's own (docs/rules.md 15)."""
    two.run(r"""
        C: a STORE 1 +FLAGS.SILENT (\Flagged \Seen \Deleted Later)
        S: * FLAGS (... Later)
        S: * OK [PERMANENTFLAGS (... Later \*)] ...
        S: a OK ...
        bob C: b NOOP
        bob S: * FLAGS (... Later)
        bob S: * OK [PERMANENTFLAGS (... Later \*)] ...
        bob S: * 1 FETCH (FLAGS (\Flagged Later \Recent))
        bob S: b OK ...
        C: a STORE 1 -FLAGS.SILENT (\Seen)
        S: a OK ...
        bob C: b NOOP
        bob S: b OK ...
    """)


def test_a_users_own_sessions_hear_of_each_other(two: Stage) -> None:
    r"""\Seen in one session of alice is told in the other."""
    two.run(r"""
        alice2 C: a EXAMINE Trackers/Support
        alice2 S: ~
        alice2 S: a OK ...
        alice C: a FETCH 2 BODY[]<0.1>
        alice S: * 2 FETCH (BODY[]<0> {1}
        alice S: F FLAGS (\Seen \Recent))
        alice S: a OK ...
        alice2 C: a NOOP
        alice2 S: * 2 FETCH (FLAGS (\Seen))
        alice2 S: a OK ...
    """)


def test_idle_pushes_everything_at_once(two: Stage) -> None:
    """EXISTS, FETCH and EXPUNGE without a command; DONE in any case (RFC 2177)."""
    two.run(
        r"""
        bob C: b IDLE
        bob S: + idling
        C: a APPEND Trackers/Support {#third+}
        C: #third
        S: * 3 EXISTS
        S: ~
        S: a OK ...
        bob S: * 3 EXISTS
        bob S: * 3 RECENT
        C: a STORE 1 +FLAGS.SILENT (\Deleted \Answered)
        S: a OK ...
        bob S: * 1 FETCH (FLAGS (\Answered \Recent))
        C: a EXPUNGE
        S: * 1 EXPUNGE
        S: a OK ...
        bob S: * 1 EXPUNGE
        bob C: DoNe
        bob S: b OK ...
        C: a STORE 1 +FLAGS.SILENT (\Answered)
        S: a OK ...
        bob C: b NOOP
        bob S: * 1 FETCH (FLAGS (\Answered \Recent))
        bob S: b OK ...
    """,
        third=MAIL.replace(b"Hello", b"Third"),
    )


def test_idle_without_a_folder_and_ended_otherwise(stage: Stage) -> None:
    """Before SELECT nothing breaks; anything but DONE is BAD and ends it."""
    stage.run(
        """
        C: a IDLE
        S: + idling
        bob C: b APPEND INBOX {#mail+}
        bob C: #mail
        bob S: b OK ...
        C: DONE
        S: a OK ...
        C: a IDLE
        S: + idling
        C: a NOOP {3}
        S: a BAD Expected DONE.
        C: a NOOP
        S: a OK ...
        C: a IDLE x
        S: a BAD ...
    """,
        mail=MAIL,
    )


def test_idle_tells_at_once_what_was_pending(two: Stage) -> None:
    two.run(r"""
        C: a STORE 2 +FLAGS.SILENT (\Deleted)
        S: a OK ...
        C: a EXPUNGE
        S: * 2 EXPUNGE
        S: a OK ...
        bob C: b FETCH 2 UID
        bob S: * 2 FETCH (UID 2)
        bob S: b OK ...
        bob C: b IDLE
        bob S: + idling
        bob S: * 2 EXPUNGE
        bob C: DONE
        bob S: b OK ...
    """)


def test_a_lost_membership_ends_the_session(two: Stage, world: World) -> None:
    """BYE at once for who has the group selected (docs/rules.md 14); others go on."""
    two.run("""
        bob2 C: a SELECT Trackers/Support
        bob2 S: ~
        bob2 S: a OK ...
        bob2 C: a IDLE
        bob2 S: + idling
        bob3 C: a SELECT INBOX
        bob3 S: ~
        bob3 S: a OK ...
    """)

    def leave(tx):
        group = groups.find_group(tx, world.segment_id, "Support")
        groups.remove_member(tx, group, "bob@Standard")
        folder_groups.members_changed(tx, group.id)

    world.db.write(leave)
    two.tell_news()
    two.run("""
        bob2 S: * BYE ...
        bob2 S: closed
        bob S: * BYE ...
        bob S: closed
        bob3 C: b NOOP
        bob3 S: b OK ...
        bob3 C: b SELECT Trackers/Support
        bob3 S: * OK [CLOSED] ...
        bob3 S: b NO [NONEXISTENT] ...
        C: a NOOP
        S: a OK ...
    """)


def test_a_changed_role_acts_on_the_next_command(two: Stage, world: World) -> None:
    """bob becomes a viewer: the flags that are kept are told anew."""

    def demote(tx):
        group = groups.find_group(tx, world.segment_id, "Support")
        groups.set_member(tx, group, "bob@Standard", "viewer")
        folder_groups.members_changed(tx, group.id)

    world.db.write(demote)
    two.tell_news()
    two.run(r"""
        bob C: b STORE 1 +FLAGS (\Flagged)
        bob S: * OK [PERMANENTFLAGS (\Seen)] ...
        bob S: * 1 FETCH (FLAGS (\Recent))
        bob S: b NO [NOPERM] ...
    """)


def test_the_selected_folder_deleted_by_oneself_and_by_another_session(stage: Stage) -> None:
    """One's own DELETE deselects; the other session of the user gets BYE."""
    stage.run("""
        C: a CREATE Old
        S: a OK ...
        C: a SELECT Old
        S: ~
        S: a OK ...
        alice2 C: b SELECT Old
        alice2 S: ~
        alice2 S: b OK ...
        C: a DELETE Old
        S: a OK ...
        alice2 S: * BYE ...
        alice2 S: closed
        C: a NOOP
        S: a OK ...
        C: a CHECK
        S: a BAD Select a folder first.
    """)


def test_a_commit_between_the_read_and_the_answer_of_select_is_told(stage: Stage) -> None:
    """The news came before the session watched the folder: it looks once more."""
    stage.run("C: a NOOP\nS: a OK ...\nbob C: b NOOP\nbob S: b OK ...")
    alice, bob = stage.client("alice"), stage.client("bob")
    stage.hold = True
    alice.send(b"a SELECT Trackers/Support\r\n")
    works = list(stage._held)
    stage._held.clear()
    stage.hold = False
    bob.send(b"b APPEND Trackers/Support {%d+}\r\n%b\r\n" % (len(MAIL), MAIL))
    assert b"b OK" in bob.wire.take()
    stage.tell_news()
    works[0]()
    stage.run("""
        S: ~
        S: * 1 EXISTS
        S: ~
        S: a OK ...
    """)


def test_recent_is_taken_when_the_folder_is_left(two: Stage) -> None:
    """What arrived while it was selected is old for the user's next session."""
    two.run(
        """
        C: a APPEND Trackers/Support {#third+}
        C: #third
        S: * 3 EXISTS
        S: * 3 RECENT
        S: a OK ...
        C: a UNSELECT
        S: a OK ...
        alice2 C: a SELECT Trackers/Support
        alice2 S: ~
        alice2 S: * 3 EXISTS
        alice2 S: * 0 RECENT
        alice2 S: ~
        alice2 S: a OK ...
    """,
        third=MAIL.replace(b"Hello", b"Third"),
    )

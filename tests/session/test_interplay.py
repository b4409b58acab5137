r"""What one session does and others hear of it, in groups and one's own folders: the whole table,
with QRESYNC, so that every FETCH carries its mod-sequence. alice is a contributor of Support, bob a
manager, carol a viewer; alice2 is alice's other session. In groups \Seen, \Deleted and \Recent are
each one's own; \Answered, \Flagged, \Draft and keywords are everybody's."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from transcript import Stage
from world import World

from imapgate.activities import groups
from imapgate.folders import groups as folder_groups

ALL = ("alice", "alice2", "bob", "carol")
MAIL = b"From: erika@example.net\r\nSubject: Hello\r\n\r\nText\r\n"
OTHER = b"From: erika@example.net\r\nSubject: Other\r\n\r\nText\r\n"
UNKNOWN = b"From: erika@example.net\r\nSubject: Re: #99999999\r\n\r\nText\r\n"


def select(name: str, place: str = "Trackers/Support") -> str:
    return f"{name} C: s SELECT {place}\n{name} S: ~\n{name} S: s OK ...\n"


def play(stage: Stage, text: str, **octets: bytes) -> None:
    """As Stage.run; `bob hears * ...` is a NOOP of bob's that brings that line, `bob hears` one
    that brings nothing."""

    def noop(found: re.Match[str]) -> str:
        told = f"{found[1]} S: {found[2]}\n" if found[2] else ""
        return f"{found[1]} C: n NOOP\n{told}{found[1]} S: n OK ...\n"

    stage.run(re.sub(r"^ *(\w+) hears(?: (.*))?$", noop, text, flags=re.MULTILINE), **octets)


@pytest.fixture
def four(world: World) -> Iterator[Stage]:
    """All have Support selected, with two mails of alice's, UIDs 1 and 2 of mod-sequences 2 and 3
    (the memberships took none: the folder was empty). No mail is recent any more."""
    made = Stage(world)
    for mail in (MAIL, OTHER):
        made.run("C: a APPEND Trackers/Support {#m+}\nC: #m\nS: a OK ...", m=mail)
    made.run("".join(select(one) + f"{one} C: u UNSELECT\n{one} S: u OK ...\n" for one in ALL))
    for one in ALL:
        made.run(f"{one} C: e ENABLE QRESYNC\n{one} S: * ENABLED QRESYNC\n{one} S: e OK ...")
        made.run(select(one))
    yield made
    made.close()


@pytest.mark.parametrize("flag", [r"\Seen", r"\Deleted"])
def test_ones_own_flags_reach_ones_own_sessions_alone(four: Stage, flag: str) -> None:
    """No FETCH, and no other mod-sequence of that mail, for anybody else; nor when it is taken
    away."""
    play(
        four,
        rf"""
        C: a STORE 1 +FLAGS.SILENT ({flag})
        S: * 1 FETCH (UID 1 MODSEQ (4))
        S: a OK ...
        alice2 hears * 1 FETCH (UID 1 MODSEQ (4) FLAGS ({flag}))
        bob hears
        carol hears
        bob C: b FETCH 1 (FLAGS MODSEQ)
        bob S: * 1 FETCH (FLAGS () MODSEQ (2))
        bob S: b OK ...
        bob C: b UID FETCH 1:* (FLAGS) (CHANGEDSINCE 3)
        bob S: b OK ...
        bob C: b SEARCH MODSEQ 4
        bob S: * SEARCH
        bob S: b OK ...
        C: a STORE 1 -FLAGS ({flag})
        S: * 1 FETCH (UID 1 MODSEQ (5) FLAGS ())
        S: a OK ...
        alice2 hears * 1 FETCH (UID 1 MODSEQ (5) FLAGS ())
        bob hears
        bob C: b STORE 1 (UNCHANGEDSINCE 3) +FLAGS.SILENT ({flag})
        bob S: * 1 FETCH (UID 1 MODSEQ (6))
        bob S: b OK ...
        alice2 hears
    """,
    )


def test_what_becomes_seen_by_reading_is_ones_own(four: Stage) -> None:
    play(
        four,
        r"""
        C: a FETCH 2 BODY[]<0.1>
        S: * 2 FETCH (BODY[]<0> {1}
        S: F FLAGS (\Seen) UID 2 MODSEQ (4))
        S: a OK ...
        alice2 hears * 2 FETCH (UID 2 MODSEQ (4) FLAGS (\Seen))
        bob hears
        carol hears
    """,
    )


@pytest.mark.parametrize("flag", [r"\Flagged", r"\Answered", r"\Draft"])
def test_shared_flags_reach_everybody(four: Stage, flag: str) -> None:
    """With one new mod-sequence for all; beside what each has for own."""
    told = f"* 1 FETCH (UID 1 MODSEQ (5) FLAGS ({flag}))"
    flags = r"\Seen \Draft" if flag == r"\Draft" else rf"{flag} \Seen"
    both = f"* 1 FETCH (UID 1 MODSEQ (5) FLAGS ({flags}))"
    play(
        four,
        rf"""
        carol C: c STORE 1 +FLAGS.SILENT (\Seen)
        carol S: * 1 FETCH (UID 1 MODSEQ (4))
        carol S: c OK ...
        bob hears
        bob C: b STORE 1 +FLAGS.SILENT ({flag})
        bob S: * 1 FETCH (UID 1 MODSEQ (5))
        bob S: b OK ...
        alice hears {told}
        alice2 hears {told}
        carol hears {both}
        alice2 C: a STORE 1 -FLAGS.SILENT ({flag})
        alice2 S: * 1 FETCH (UID 1 MODSEQ (6))
        alice2 S: a OK ...
        bob hears * 1 FETCH (UID 1 MODSEQ (6) FLAGS ())
        alice hears * 1 FETCH (UID 1 MODSEQ (6) FLAGS ())
        carol hears * 1 FETCH (UID 1 MODSEQ (6) FLAGS (\Seen))
    """,
    )


def test_keywords_reach_everybody(four: Stage) -> None:
    play(
        four,
        r"""
        C: a UID STORE 2 +FLAGS.SILENT (Later)
        S: * FLAGS (... Later)
        S: * OK [PERMANENTFLAGS ...
        S: * 2 FETCH (UID 2 MODSEQ (4))
        S: a OK ...
        bob C: b NOOP
        bob S: * FLAGS (... Later)
        bob S: * OK [PERMANENTFLAGS ...
        bob S: * 2 FETCH (UID 2 MODSEQ (4) FLAGS (Later))
        bob S: b OK ...
        carol C: c STORE 2 +FLAGS (Later)
        carol S: * FLAGS (... Later)
        carol S: * OK [PERMANENTFLAGS (\Seen)] ...
        carol S: * 2 FETCH (UID 2 MODSEQ (4) FLAGS (Later))
        carol S: * 2 FETCH (UID 2 MODSEQ (4) FLAGS (Later))
        carol S: c NO [NOPERM] ...
    """,
    )


def test_a_store_of_both_kinds_is_told_to_each_as_it_concerns_them(four: Stage) -> None:
    """The example 14 of RFC 7162: one session removes a shared and an own flag."""
    play(
        four,
        r"""
        C: a STORE 1 +FLAGS.SILENT (\Answered \Seen)
        S: * 1 FETCH (UID 1 MODSEQ (4))
        S: a OK ...
        alice2 hears * 1 FETCH (UID 1 MODSEQ (4) FLAGS (\Answered \Seen))
        bob hears * 1 FETCH (UID 1 MODSEQ (4) FLAGS (\Answered))
        C: A330 STORE 1 -FLAGS.SILENT (\Answered \Seen)
        S: * 1 FETCH (UID 1 MODSEQ (5))
        S: A330 OK ...
        alice2 hears * 1 FETCH (UID 1 MODSEQ (5) FLAGS ())
        bob hears * 1 FETCH (UID 1 MODSEQ (5) FLAGS ())
    """,
    )


def test_a_managers_expunge_is_told_to_everybody(four: Stage) -> None:
    r"""And the \Deleted before it to nobody. Who has IDLE hears at once."""
    play(
        four,
        r"""
        carol C: i IDLE
        carol S: + idling
        bob C: b STORE 1 +FLAGS.SILENT (\Deleted)
        bob S: * 1 FETCH (UID 1 MODSEQ (4))
        bob S: b OK ...
        bob C: b EXPUNGE
        bob S: * VANISHED 1
        bob S: b OK [HIGHESTMODSEQ 5] ...
        carol S: * VANISHED 1
        carol S: * OK [HIGHESTMODSEQ 5] ...
        carol C: DONE
        carol S: i OK ...
        C: a NOOP
        S: * VANISHED 1
        S: a OK [HIGHESTMODSEQ 5] ...
        alice2 C: a UID FETCH 2 (UID)
        alice2 S: * 2 FETCH (UID 2)
        alice2 S: * VANISHED 1
        alice2 S: a OK [HIGHESTMODSEQ 5] ...
    """,
    )


def test_what_one_may_not_expunge_stays_for_all(four: Stage) -> None:
    """alice marks bob's mail too, and takes out her own alone."""
    play(
        four,
        "bob C: b APPEND Trackers/Support {#m+}\nbob C: #m\nbob S: ~\nbob S: b OK ...",
        m=UNKNOWN,
    )
    play(
        four,
        r"""
        C: n NOOP
        S: ~
        S: n OK ...
        alice2 C: n NOOP
        alice2 S: ~
        alice2 S: n OK ...
        carol C: n NOOP
        carol S: ~
        carol S: n OK ...
        C: a STORE 1:3 +FLAGS.SILENT (\Deleted)
        S: * 1 FETCH (UID 1 MODSEQ (5))
        S: * 2 FETCH (UID 2 MODSEQ (5))
        S: * 3 FETCH (UID 3 MODSEQ (4) FLAGS ($NumberUnknown \Recent))
        S: a OK ...
        C: a EXPUNGE
        S: * VANISHED 1:2
        S: a OK [HIGHESTMODSEQ 6] ...
        bob C: b NOOP
        bob S: * VANISHED 1:2
        bob S: b OK [HIGHESTMODSEQ 6] ...
        alice2 C: b NOOP
        alice2 S: * VANISHED 1:2
        alice2 S: b OK [HIGHESTMODSEQ 6] ...
    """,
    )


def test_a_move_between_groups_is_seen_in_both(four: Stage) -> None:
    """Who watches the one in IDLE hears VANISHED, who watches the other hears EXISTS."""
    play(
        four,
        select("bob2", "Trackers/Sales")
        + select("bob3")
        + r"""
        bob2 C: i IDLE
        bob2 S: + idling
        bob3 C: i IDLE
        bob3 S: + idling
        C: a UID MOVE 1 Trackers/Sales
        S: * OK [COPYUID <validity> 1 1] ...
        S: * VANISHED 1
        S: a OK [HIGHESTMODSEQ 4] ...
        bob2 S: * 1 EXISTS
        bob2 S: * 1 RECENT
        bob3 S: * 1 EXPUNGE
        bob C: b NOOP
        bob S: * VANISHED 1
        bob S: b OK [HIGHESTMODSEQ 4] ...
        carol C: b NOOP
        carol S: * VANISHED 1
        carol S: b OK [HIGHESTMODSEQ 4] ...
        bob2 C: DONE
        bob2 S: i OK ...
        bob3 C: DONE
        bob3 S: i OK ...
        bob2 C: m FETCH 1 (MODSEQ)
        bob2 S: * OK [HIGHESTMODSEQ 2] ...
        bob2 S: * 1 FETCH (MODSEQ (2))
        bob2 S: m OK ...
    """,
    )


def test_arrivals_have_the_highest_mod_sequence(four: Stage) -> None:
    """With its keyword where a number is unknown; the own flags of who put it there aren't the
    others'."""
    play(
        four,
        r"""
        C: a APPEND Trackers/Support (\Seen \Flagged) {#m+}
        C: #m
        S: ~
        S: * 3 EXISTS
        S: * 1 RECENT
        S: a OK [APPENDUID <v> 3] ...
        bob C: b UID FETCH 1:* (FLAGS) (CHANGEDSINCE 3)
        bob S: ~
        bob S: * 3 EXISTS
        bob S: * 1 RECENT
        bob S: b OK ...
        bob C: b UID FETCH 1:* (FLAGS) (CHANGEDSINCE 3)
        bob S: * 3 FETCH (UID 3 FLAGS (\Flagged $NumberUnknown \Recent) MODSEQ (4))
        bob S: b OK ...
        C: a UID FETCH 3 (FLAGS MODSEQ)
        S: * 3 FETCH (UID 3 FLAGS (\Flagged \Seen $NumberUnknown \Recent) MODSEQ (4))
        S: a OK ...
        """,
        m=UNKNOWN,
    )


def test_the_same_drop_again_clears_deleted_for_the_dropper_alone(four: Stage) -> None:
    """As clients do who put back what they had struck out: no second mail, one new mod-sequence,
    and for others nothing."""
    play(
        four,
        r"""
        C: a STORE 1 +FLAGS.SILENT (\Deleted)
        S: * 1 FETCH (UID 1 MODSEQ (4))
        S: a OK ...
        C: a APPEND Trackers/Support {#m+}
        C: #m
        S: * 1 FETCH (UID 1 MODSEQ (5) FLAGS ())
        S: a OK [APPENDUID <v> 1] ...
        alice2 hears * 1 FETCH (UID 1 MODSEQ (5) FLAGS ())
        bob hears
        carol hears
        bob C: b FETCH 1 MODSEQ
        bob S: * 1 FETCH (MODSEQ (2))
        bob S: b OK ...
    """,
        m=MAIL,
    )


def test_who_loses_the_membership_hears_nothing_any_more(four: Stage, world: World) -> None:
    """BYE, and then the folder isn't there, whatever the client knew of it."""
    view = four.client("carol").protocol._session.selected
    assert view is not None
    known = view.folder.uidvalidity

    def leave(tx):
        group = groups.find_group(tx, world.segment_id, "Support")
        groups.remove_member(tx, group, "carol@Standard")
        folder_groups.members_changed(tx, group.id)

    world.db.write(leave)
    four.tell_news()
    play(
        four,
        rf"""
        carol S: * BYE ...
        carol S: closed
        C: a STORE 1 +FLAGS.SILENT (\Flagged)
        S: * 1 FETCH (UID 1 MODSEQ (4))
        S: a OK ...
        carol2 C: e ENABLE QRESYNC
        carol2 S: * ENABLED QRESYNC
        carol2 S: e OK ...
        carol2 C: a SELECT Trackers/Support (QRESYNC ({known} 3))
        carol2 S: a NO [NONEXISTENT] ...
        carol2 C: a STATUS Trackers/Support (HIGHESTMODSEQ)
        carol2 S: a NO [NONEXISTENT] ...
    """,
    )


def test_a_member_who_comes_back_is_told_what_is_seen_now(four: Stage, world: World) -> None:
    r"""What is older than the new membership counts as seen, under a mod-sequence of its own; for
    others nothing has changed."""
    view = four.client("carol").protocol._session.selected
    assert view is not None
    known = view.folder.uidvalidity

    def leave(tx):
        group = groups.find_group(tx, world.segment_id, "Support")
        groups.remove_member(tx, group, "carol@Standard")
        folder_groups.members_changed(tx, group.id)

    def come_back(tx):
        group = groups.find_group(tx, world.segment_id, "Support")
        principal_id, _ = groups.set_member(tx, group, "carol@Standard", "viewer")
        folder_groups.members_changed(tx, group.id, principal_id)

    world.db.write(leave)
    world.db.write(come_back)
    four.tell_news()
    four.clients["carol"].read().clear()
    play(
        four,
        rf"""
        bob hears
        carol2 C: e ENABLE QRESYNC
        carol2 S: * ENABLED QRESYNC
        carol2 S: e OK ...
        carol2 C: a SELECT Trackers/Support (QRESYNC ({known} 3))
        carol2 S: ~
        carol2 S: * 1 FETCH (UID 1 MODSEQ (4) FLAGS (\Seen))
        carol2 S: * 2 FETCH (UID 2 MODSEQ (4) FLAGS (\Seen))
        carol2 S: a OK ...
    """,
    )

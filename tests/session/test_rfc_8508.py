"""REPLACE (RFC 8508) as dialogues: its own examples, and what becomes of both messages else."""

from __future__ import annotations

import pytest
from drafts import DRAFT, FOUR, MAILS
from transcript import Stage

NEXT = DRAFT.replace(b"B238822388", b"B238822389") + b"Hopefully next year you can join us.\r\n"


def test_a_draft_takes_the_place_of_another(stage: Stage) -> None:
    """3.2, 3.3: APPENDUID, EXISTS, EXPUNGE; flags aren't inherited (1)."""
    stage.run(
        FOUR.replace("PLACE", "Drafts")
        + r"""
        C: A003 REPLACE 4 Drafts (\Seen \Draft) {#draft}
        S: + ...
        C: #draft
        S: * OK [APPENDUID <validity> 5] ...
        S: * 5 EXISTS
        S: * 5 RECENT
        S: * 4 EXPUNGE
        S: A003 OK Saved in Drafts.
        C: A004 UID REPLACE 5 Drafts (\Seen \Draft) {#next}
        S: + ...
        C: #next
        S: * OK [APPENDUID <validity> 6] ...
        S: * 5 EXISTS
        S: * 5 RECENT
        S: * 4 EXPUNGE
        S: A004 OK Saved in Drafts.
        C: A005 FETCH 1:* (UID FLAGS)
        S: * 1 FETCH (UID 1 FLAGS (\Recent))
        S: * 2 FETCH (UID 2 FLAGS (\Recent))
        S: * 3 FETCH (UID 3 FLAGS (\Flagged \Recent))
        S: * 4 FETCH (UID 6 FLAGS (\Seen \Draft \Recent))
        S: A005 OK ...
    """,
        draft=DRAFT,
        next=NEXT,
        **MAILS,
    )


def test_with_qresync_the_old_one_vanishes(stage: Stage) -> None:
    """4.5: as by UID EXPUNGE."""
    stage.run(
        FOUR.replace("PLACE", "Drafts")
        + r"""
        C: a ENABLE QRESYNC
        S: ~
        S: a OK ...
        C: a REPLACE 2 Drafts {#draft+}
        C: #draft
        S: * OK [APPENDUID <validity> 5] ...
        S: * 5 EXISTS
        S: * 5 RECENT
        S: * VANISHED 2
        S: a OK [HIGHESTMODSEQ <now>] Saved in Drafts.
        C: a STATUS Drafts (HIGHESTMODSEQ)
        S: * STATUS Drafts (HIGHESTMODSEQ <now>)
        S: a OK ...
    """,
        draft=DRAFT,
        **MAILS,
    )


def test_the_new_one_may_go_elsewhere(stage: Stage) -> None:
    """3.4: from Drafts to Sent, with `*`, a date, and a literal that doesn't wait."""
    stage.run(
        FOUR.replace("PLACE", "Drafts")
        + r"""
        C: a REPLACE * Sent "17-Jul-1996 02:44:25 -0700" UTF8 (~{#draft+}
        C: #draft\
        C: )
        S: * OK [APPENDUID <sent> 1] ...
        S: * 4 EXPUNGE
        S: a OK Saved in Sent.
        C: a STATUS Sent (MESSAGES)
        S: * STATUS Sent (MESSAGES 1)
        S: a OK ...
    """,
        draft=DRAFT,
        **MAILS,
    )


def test_in_a_group_it_is_a_drop_and_a_taking_out(stage: Stage) -> None:
    """docs/rules.md 16: what was taken out stands in Recovered Messages; a colleague hears of
    both."""
    stage.run(
        FOUR.replace("PLACE", "Trackers/Support")
        + r"""
        bob C: a SELECT Trackers/Support
        bob S: ~
        bob S: a OK ...
        C: a UID REPLACE 2 Trackers/Support {#draft+}
        C: #draft
        S: * OK [APPENDUID <validity> 5] ...
        S: * 5 EXISTS
        S: * 5 RECENT
        S: * 2 EXPUNGE
        S: a OK Filed as #<number> in Support.
        bob C: a NOOP
        bob S: * 2 EXPUNGE
        bob S: * 4 EXISTS
        bob S: * 4 RECENT
        bob S: a OK ...
        C: a STATUS "Recovered Messages" (MESSAGES)
        S: * STATUS "Recovered Messages" (MESSAGES 1)
        S: a OK ...
    """,
        draft=DRAFT,
        **MAILS,
    )


def test_the_same_mail_in_a_group_stays(stage: Stage) -> None:
    """docs/rules.md 7: it is one entry; nothing has to leave."""
    stage.run(
        FOUR.replace("PLACE", "Trackers/Support")
        + r"""
        C: a UID REPLACE 2 Trackers/Support {#m2+}
        C: #m2
        S: * OK [APPENDUID <validity> 2] ...
        S: a OK ...
        C: a UID REPLACE 2 Trackers/Support {#m3+}
        C: #m3
        S: * OK [APPENDUID <validity> 3] ...
        S: * 2 EXPUNGE
        S: a OK ...
        C: a UID FETCH 1:* UID
        S: * 1 FETCH (UID 1)
        S: * 2 FETCH (UID 3)
        S: * 3 FETCH (UID 4)
        S: a OK ...
    """,
        **MAILS,
    )


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("REPLACE 1 Nowhere", "NO [TRYCREATE]"),
        ("REPLACE 1 Trackers/Archive", "NO [CANNOT]"),
        ("REPLACE 1 Trackers", "NO [CANNOT]"),
        ("REPLACE 5 Drafts", "BAD [CLIENTBUG]"),
        ("UID REPLACE 5 Drafts", "NO [EXPUNGEISSUED]"),
        ("REPLACE 1:2 Drafts", "BAD [CLIENTBUG]"),
        ("REPLACE 0 Drafts", "BAD [CLIENTBUG]"),
        ("UID REPLACE 99999999999 Drafts", "BAD [CLIENTBUG]"),
        ("REPLACE 1 Drafts (\\Seen", "BAD [CLIENTBUG]"),
        ("REPLACE Drafts", "BAD [CLIENTBUG]"),
    ],
)
def test_a_refusal_keeps_both(stage: Stage, command: str, answer: str) -> None:
    """The old message stays where it is, the new one comes to Recovered Messages."""
    stage.run(
        FOUR.replace("PLACE", "Drafts")
        + rf"""
        C: a {command} {{#draft+}}
        C: #draft
        S: a {answer} Not filed: ... a copy is in Recovered Messages.
        C: a FETCH 1:* UID
        S: * 1 FETCH (UID 1)
        S: * 2 FETCH (UID 2)
        S: * 3 FETCH (UID 3)
        S: * 4 FETCH (UID 4)
        S: a OK ...
        C: a STATUS "Recovered Messages" (MESSAGES)
        S: * STATUS "Recovered Messages" (MESSAGES 1)
        S: a OK ...
    """,
        draft=DRAFT,
        **MAILS,
    )


def test_several_messages_are_bad(stage: Stage) -> None:
    """4.7: no MULTIAPPEND; all that came is kept."""
    stage.run(
        FOUR.replace("PLACE", "Drafts")
        + r"""
        C: a REPLACE 1 Drafts {#draft+}
        C: #draft\
        C:  {#next+}
        C: #next
        S: a BAD [CLIENTBUG] Not filed: ... a copy is in Recovered Messages.
        C: a STATUS "Recovered Messages" (MESSAGES)
        S: * STATUS "Recovered Messages" (MESSAGES 2)
        S: a OK ...
    """,
        draft=DRAFT,
        next=NEXT,
        **MAILS,
    )


def test_without_a_selected_folder_it_is_bad(stage: Stage) -> None:
    """3.5; before sign-in nothing is taken."""
    stage.run(
        """
        C: a REPLACE 1 Drafts {#draft+}
        C: #draft
        S: a BAD [CLIENTBUG] Not filed: ... a copy is in Recovered Messages.
        new S: * OK ...
        new C: a REPLACE 1 Drafts {#draft}
        new S: a BAD Not taken: REPLACE needs a sign-in first.
        new C: a UID REPLACE 1 Drafts {#draft}
        new S: a BAD Not taken: UID REPLACE needs a sign-in first.
    """,
        draft=DRAFT,
    )


def test_a_folder_that_is_open_for_reading_only_loses_nothing(stage: Stage) -> None:
    stage.run(
        FOUR.replace("PLACE", "Drafts")
        + r"""
        C: a EXAMINE Drafts
        S: ~
        S: a OK ...
        C: a REPLACE 1 Drafts {#draft+}
        C: #draft
        S: a NO [CANNOT] Not filed: ... a copy is in Recovered Messages.
        C: a STATUS Drafts (MESSAGES)
        S: * STATUS Drafts (MESSAGES 4)
        S: a OK ...
    """,
        draft=DRAFT,
        **MAILS,
    )


def test_the_rights_are_those_of_append_and_expunge(stage: Stage) -> None:
    """4.1: a contributor may take out what nobody else dropped, a viewer nothing."""
    stage.run(
        FOUR.replace("PLACE", "Trackers/Support")
        .replace("C: ", "bob C: ")
        .replace("S: ", "bob S: ")
        + r"""
        C: a SELECT Trackers/Support
        S: ~
        S: a OK ...
        C: a REPLACE 1 Trackers/Support {#draft+}
        C: #draft
        S: a NO [NOPERM] Not filed: you may not take this mail out of group "Support". ...
        carol C: a SELECT Trackers/Support
        carol S: ~
        carol S: a OK ...
        carol C: a REPLACE 1 INBOX {#draft+}
        carol C: #draft
        carol S: a NO [NOPERM] ...
        bob C: a NOOP
        bob S: a OK ...
        C: a STATUS Trackers/Support (MESSAGES)
        S: * STATUS Trackers/Support (MESSAGES 4)
        S: a OK ...
    """,
        draft=DRAFT,
        **MAILS,
    )

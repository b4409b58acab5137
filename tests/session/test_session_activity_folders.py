"""Folders of open activities as a mail client meets them."""

from __future__ import annotations

import pytest
from desk import Desk, mail
from revising import SUPPORT, Case, case, make
from sqlalchemy import select
from transcript import Stage
from world import World

from storage.schema import principal


def reported(world: World, one: Case) -> None:
    """By alice."""
    wanted = select(principal.c.contact_id).where(principal.c.id == world.alice.id)
    contact_id = world.db.read(lambda tx: tx.connection.execute(wanted).scalar_one())
    one.change(reporting_contact_id=contact_id)


@pytest.fixture
def gadget(stage: Stage) -> Case:
    """Reported by alice, in Support."""
    one = case(stage.world)
    reported(stage.world, one)
    make(stage.world.db)
    return one


def test_list_and_lsub(stage: Stage, gadget: Case) -> None:
    """One's own are subscribed by themselves, a group's aren't."""
    stage.run(r"""
        C: a LIST "" Activities*
        S: * LIST (\HasChildren) "/" Activities
        S: * LIST (\HasChildren) "/" "Activities/Reported by me"
        S: * LIST (\HasNoChildren) "/" "Activities/Reported by me/#10000001 Gadget does not boot"
        S: * LIST (\HasChildren) "/" Activities/Support
        S: * LIST (\HasNoChildren) "/" "Activities/Support/#10000001 Gadget does not boot"
        S: a OK ...
        C: a LIST "" Activities/%
        S: * LIST (\HasChildren) "/" "Activities/Reported by me"
        S: * LIST (\HasChildren) "/" Activities/Support
        S: a OK ...
        C: a LSUB "" Activities*
        S: * LSUB (\HasChildren) "/" Activities
        S: * LSUB (\HasChildren) "/" "Activities/Reported by me"
        S: * LSUB (\HasNoChildren) "/" "Activities/Reported by me/#10000001 Gadget does not boot"
        S: a OK ...
        C: a LIST (SUBSCRIBED) "" Activities/*
        S: * LIST (\HasChildren \Subscribed) "/" "Activities/Reported by me"
        S: * LIST (\HasNoChildren \Subscribed) "/" "Activities/Reported by me/#10000001 Gadget ...
        S: a OK ...
        dave C: d LIST "" Activities*
        dave S: d OK ...
        C: a NAMESPACE
        S: * NAMESPACE (("" "/")) NIL (("Trackers" "/")("Categories" "/")("Milestones" "/"))
        S: a OK ...
    """)


def test_subscriptions_are_the_persons_own(stage: Stage, gadget: Case) -> None:
    stage.run(r"""
        C: a SUBSCRIBE "Activities/Support/#10000001"
        S: a OK ...
        C: a UNSUBSCRIBE "Activities/Reported by me/#10000001 whatever"
        S: a OK ...
        C: a LSUB "" "Activities*/#*"
        S: * LSUB (\HasNoChildren) "/" "Activities/Support/#10000001 Gadget does not boot"
        S: a OK ...
        C: a SUBSCRIBE "Activities/Support/#10000002"
        S: a NO [NONEXISTENT] ...
    """)


def test_select_status_and_the_same_for_good(stage: Stage, gadget: Case) -> None:
    """The first look makes the folder; from then on it keeps UIDVALIDITY and MAILBOXID."""
    Desk(stage.world, stage.world.alice).append(SUPPORT, mail("Question #10000001"))
    make(stage.world.db)
    stage.run(r"""
        C: a STATUS "Activities/Support/#10000001" (MESSAGES UNSEEN UIDVALIDITY MAILBOXID)
        S: * STATUS ... (MESSAGES 2 UNSEEN 1 UIDVALIDITY <valid> MAILBOXID (<id>))
        S: a OK ...
        C: a SELECT "Activities/Support/#10000001 Gadget does not boot"
        S: * FLAGS ...
        S: * OK [PERMANENTFLAGS ...
        S: * 2 EXISTS
        S: * 2 RECENT
        S: * OK [UNSEEN 1] ...
        S: * OK [UIDVALIDITY <valid>] ...
        S: * OK [UIDNEXT 3] ...
        S: * OK [HIGHESTMODSEQ ...
        S: * OK [MAILBOXID (<id>)] ...
        S: a OK [READ-WRITE] ...
        C: a UID FETCH 1:* (BODY.PEEK[HEADER.FIELDS (SUBJECT)])
        S: * 1 FETCH (UID 1 BODY[HEADER.FIELDS (SUBJECT)] {...
        S: Subject: ...
        S:
        S: )
        S: * 2 FETCH (UID 2 BODY[HEADER.FIELDS (SUBJECT)] {...
        S: Subject: ...
        S:
        S: )
        S: a OK ...
        C: a STORE 1 +FLAGS (\Seen $later)
        S: ~
        S: a OK ...
        C: a CLOSE
        S: a OK ...
        C: a EXAMINE "Activities/Reported by me/#10000001"
        S: ~
        S: * 2 EXISTS
        S: ~
        S: a OK [READ-ONLY] ...
        C: a STATUS Activities (MESSAGES)
        S: * STATUS Activities (MESSAGES 0)
        S: a OK ...
        C: a SELECT Activities/Support
        S: ~
        S: * 0 EXISTS
        S: ~
        S: a OK [READ-ONLY] ...
    """)


def test_list_status_makes_all_at_once(stage: Stage, gadget: Case) -> None:
    case(stage.world, "Second")
    make(stage.world.db)
    stage.run(r"""
        C: a LIST "" Activities/Support/* RETURN (STATUS (MESSAGES))
        S: * LIST (\HasNoChildren) "/" "Activities/Support/#10000001 Gadget does not boot"
        S: * STATUS "Activities/Support/#10000001 Gadget does not boot" (MESSAGES 1)
        S: * LIST (\HasNoChildren) "/" "Activities/Support/#10000002 Second"
        S: * STATUS "Activities/Support/#10000002 Second" (MESSAGES 1)
        S: a OK ...
    """)


def test_a_session_that_idles_hears_of_mails_and_revisions(stage: Stage, gadget: Case) -> None:
    stage.run(r"""
        C: a SELECT "Activities/Support/#10000001"
        S: ~
        S: a OK ...
        C: a IDLE
        S: + ...
    """)
    Desk(stage.world, stage.world.bob).append(SUPPORT, mail("Question #10000001"))
    make(stage.world.db)
    stage.tell_news()
    stage.run(r"""
        S: * 1 EXPUNGE
        S: * 2 EXISTS
        S: * 2 RECENT
        C: DONE
        S: a OK ...
        C: a UID FETCH 1:* (UID)
        S: * 1 FETCH (UID 2)
        S: * 2 FETCH (UID 3)
        S: a OK ...
    """)


def test_a_renamed_activity_renames_its_folder(stage: Stage, gadget: Case) -> None:
    stage.run(r"""
        C: a SELECT "Activities/Support/#10000001"
        S: ~
        S: a OK ...
    """)
    gadget.change(name="Gadget boots")
    make(stage.world.db)
    stage.tell_news()
    stage.run(r"""
        C: a NOOP
        S: ~
        S: a OK ...
        C: a LIST "" Activities/Support/*
        S: * LIST (\HasNoChildren) "/" "Activities/Support/#10000001 Gadget boots"
        S: a OK ...
        C: a STATUS "Activities/Support/#10000001 Gadget does not boot" (MESSAGES)
        S: * STATUS "Activities/Support/#10000001 Gadget does not boot" (MESSAGES 1)
        S: a OK ...
    """)


def test_who_has_a_closed_activity_selected_hears_bye(stage: Stage, gadget: Case) -> None:
    stage.run(r"""
        C: a SELECT "Activities/Support/#10000001"
        S: ~
        S: a OK ...
        C: a IDLE
        S: + ...
        bob C: b SELECT "Activities/Support/#10000001"
        bob S: ~
        bob S: b OK ...
        alice2 C: c LIST "" Activities
        alice2 S: * LIST ...
        alice2 S: c OK ...
    """)
    gadget.close()
    make(stage.world.db)
    stage.tell_news()
    stage.run(r"""
        S: * BYE ...
        S: closed
        bob S: * BYE ...
        bob S: closed
        alice2 C: c LIST "" Activities*
        alice2 S: c OK ...
        alice2 C: c SELECT "Activities/Support/#10000001"
        alice2 S: c NO [NONEXISTENT] ...
    """)


def test_nothing_is_made_renamed_or_deleted_by_a_client(stage: Stage, gadget: Case) -> None:
    stage.run(r"""
        C: a CREATE "Activities/Support/My cases"
        S: a NO [CANNOT] Not possible: the name "Activities" is reserved.
        C: a CREATE "Activities/Support/#10000001 x"
        S: a NO [ALREADYEXISTS] ...
        C: a RENAME "Activities/Support/#10000001" Elsewhere
        S: a NO [NOPERM] The folder of activity #10000001 can't be renamed: it has ...
        C: a DELETE "Activities/Support/#10000001 Gadget does not boot"
        S: a NO [NOPERM] The folder of activity #10000001 can't be deleted: it has ...
        C: a DELETE Activities
        S: a NO [CANNOT] "Activities" is a heading and can't be deleted.
        C: a RENAME Activities/Support Elsewhere
        S: a NO [CANNOT] "Activities/Support" is a heading and can't be renamed.
    """)


def test_rights_quota_and_notes(stage: Stage, gadget: Case) -> None:
    stage.run(r"""
        C: a MYRIGHTS "Activities/Support/#10000001"
        S: * MYRIGHTS Activities/Support/#10000001 lrswited
        S: a OK ...
        carol C: c MYRIGHTS "Activities/Support/#10000001"
        carol S: * MYRIGHTS Activities/Support/#10000001 lrs
        carol S: c OK ...
        bob C: b GETACL "Activities/Support/#10000001"
        bob S: b NO [NOPERM] You don't administer activity #10000001.
        bob C: b LISTRIGHTS "Activities/Support/#10000001" alice@Standard
        bob S: b NO [NOPERM] ...
        bob C: b SETACL "Activities/Support/#10000001" alice@Standard lrs
        bob S: b NO [NOPERM] ...
        C: a GETQUOTAROOT "Activities/Support/#10000001"
        S: * QUOTAROOT Activities/Support/#10000001
        S: a OK ...
        C: a SETMETADATA "Activities/Support/#10000001" (/private/comment "Mine")
        S: a OK ...
        C: a GETMETADATA "Activities/Support/#10000001" /private/comment
        S: * METADATA Activities/Support/#10000001 (/private/comment "Mine")
        S: a OK ...
        C: a SETMETADATA "Activities/Support/#10000001" (/shared/comment "All")
        S: a NO [NOPERM] ...
    """)


def test_notify_tells_of_activities_that_are_opened_renamed_and_closed(stage: Stage) -> None:
    """Though nobody has looked into their folders yet."""
    stage.run(r"""
        C: a NOTIFY SET (SUBTREE Activities (MailboxName))
        S: a OK ...
    """)
    one = case(stage.world)
    make(stage.world.db)
    stage.tell_news()
    stage.run(r"""
        S: * LIST (\HasChildren \Subscribed) "/" Activities
        S: * LIST (\HasChildren) "/" Activities/Support
        S: * LIST (\HasNoChildren) "/" "Activities/Support/#10000001 Gadget does not boot"
    """)
    one.change(name="Gadget boots")
    make(stage.world.db)
    stage.tell_news()
    stage.run(r"""
        S: * LIST (\HasNoChildren) "/" "Activities/Support/#10000001 Gadget boots" ("OLDNAME" (...
    """)
    one.close()
    make(stage.world.db)
    stage.tell_news()
    stage.run(r"""
        S: * LIST (\NonExistent) "/" Activities
        S: * LIST (\NonExistent) "/" Activities/Support
        S: * LIST (\NonExistent) "/" "Activities/Support/#10000001 Gadget boots"
        C: a NOTIFY NONE
        S: a OK ...
    """)


def test_notify_tells_no_news_of_a_folder_that_is_made(stage: Stage, gadget: Case) -> None:
    stage.run(r"""
        C: a NOTIFY SET (SUBTREE Activities (MailboxName MessageNew MessageExpunge))
        S: a OK ...
        alice2 C: b STATUS "Activities/Support/#10000001" (MESSAGES)
        alice2 S: * STATUS ...
        alice2 S: b OK ...
    """)
    Desk(stage.world, stage.world.bob).append(SUPPORT, mail("Question #10000001"))
    make(stage.world.db)
    stage.tell_news()
    stage.run(r"""
        S: * STATUS "Activities/Support/#10000001 Gadget does not boot" (UIDNEXT 4 MESSAGES 2)
    """)
    gadget.close()
    make(stage.world.db)
    stage.tell_news()
    stage.run(r"""
        S: * LIST (\NonExistent) "/" Activities
        S: ~
        C: a NOOP
        S: a OK ...
    """)

"""Wrappers, and answers to an activity's own message, as dialogues."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from corpus_structures import INNER
from desk import Desk, mail, wrapper
from revising import case, make
from transcript import Stage
from world import World

SUPPORT = "Trackers/Support"
END = b"\r\n--=_b--"
MSG = b"Content-Type: application/vnd.ms-outlook; name=Offer.msg\r\n\r\nd0cf11e0"


@pytest.fixture
def support(world: World) -> Iterator[Stage]:
    """Two incidents in Support, whose messages stand there under UID 1 and 2."""
    case(world, "Gadget does not boot")
    case(world, "Invoice is wrong")
    make(world.db)
    made = Stage(world)
    yield made
    made.close()


def test_a_wrapper_with_several_creators_and_numbers(support: Stage) -> None:
    """What is in it comes into both groups; the wrapper's own UID is gone at once."""
    several = "> @Support E-Mails @Sales E-Mails  #10000001 #10000002  Both"
    support.run(
        r"""
        bob C: a SELECT Trackers/Support
        bob S: ~
        bob S: * OK [UIDNEXT 3] ...
        bob S: ~
        bob S: a OK ...
        C: a APPEND Trackers/Support {#several+}
        C: #several
        S: a OK [APPENDUID <support> 5] Filed 2 attached messages in Support, linked to \
#10000001, #10000002.
        bob C: b NOOP
        bob S: * 4 EXISTS
        bob S: * 4 RECENT
        bob S: b OK ...
        bob C: c UID FETCH 3:* (UID)
        bob S: * 3 FETCH (UID 3)
        bob S: * 4 FETCH (UID 4)
        bob S: c OK ...
        C: b STATUS Trackers/Sales (MESSAGES)
        S: * STATUS Trackers/Sales (MESSAGES 2)
        S: b OK ...
        C: c STATUS Activities/Support/#10000002 (MESSAGES)
        S: * STATUS ... (MESSAGES 3)
        S: c OK ...
        C: d APPEND Trackers/Support {#several+}
        C: #several
        S: d OK [APPENDUID <support> 5] Filed 2 attached messages in Support, linked to \
#10000001, #10000002.
    """.replace("\\\n", ""),
        several=wrapper(several, mail("One", 1), mail("Two", 2)),
    )


def test_a_new_activity_beside_a_known_one_has_a_folder_of_its_own(support: Stage) -> None:
    support.run(
        r"""
        C: a APPEND Trackers/Support {#beside+}
        C: #beside
        S: a OK [APPENDUID <support> 4] Filed as #10000004 in Support, linked to new \
#10000003, #10000001.
        C: b LIST "" Activities/Support/#10000003*
        S: * LIST ... "/" "Activities/Support/#10000003 Too loud"
        S: b OK ...
        C: c APPEND Trackers/Support {#reply+}
        C: #reply
        S: c OK [APPENDUID <support> 5] Filed as #10000005 in Support, linked to \
#10000003, #10000001.
    """.replace("\\\n", ""),
        beside=wrapper("> #GadgetASupport #10000001  Too loud", mail("One", 1)),
        reply=mail("AW: Too loud", 2, extra="In-Reply-To: <w@example.com>\r\n"),
    )


def test_a_wrapper_that_can_t_be_done_is_told_and_kept(support: Stage) -> None:
    """One name that is mistyped refuses all of it."""
    mistyped = wrapper("> #10000001 #Gadgets  Both", mail("One", 1))
    outlook = wrapper("> #10000001  Both", INNER).replace(b"--=_b--", b"--=_b\r\n" + MSG + END)
    support.run(
        r"""
        C: a APPEND Trackers/Support {#mistyped+}
        C: #mistyped
        S: a NO [CANNOT] Not filed: there is no creator "Gadgets". Your mail stays where it was; a \
copy is in Recovered Messages.
        C: b APPEND Trackers/Support {#outlook+}
        C: #outlook
        S: b NO [CANNOT] Not filed: "Offer.msg" is an Outlook file, attach the mail itself. Your \
mail stays where it was; a copy is in Recovered Messages.
        C: c STATUS "Recovered Messages" (MESSAGES)
        S: * STATUS "Recovered Messages" (MESSAGES 2)
        S: c OK ...
    """.replace("\\\n", ""),
        mistyped=mistyped,
        outlook=outlook,
    )


def test_an_answer_to_an_activitys_message_finds_it_without_its_number(
    world: World, support: Stage
) -> None:
    """As a client writes it: it cites the message's own Message-ID, whichever revision that was."""
    alice = Desk(world, world.alice)
    cited = re.search(rb"(?im)^Message-ID: *(<[^>]*>)", alice.contents(SUPPORT)[0])
    assert cited is not None
    extra = f"In-Reply-To: {cited[1].decode()}\r\n"
    support.run(
        r"""
        C: a APPEND Trackers/Sales {#answer+}
        C: #answer
        S: a OK [APPENDUID <sales> 1] Filed as #10000003 in Sales, linked to #10000001.
    """,
        answer=mail("Re: Gadget does not boot", 1, extra=extra),
    )
    make(world.db)
    support.run(
        r"""
        C: b APPEND Trackers/Sales {#later+}
        C: #later
        S: b OK [APPENDUID <sales> 2] Filed as #10000004 in Sales, linked to #10000001.
    """,
        later=mail("Re: Gadget does not boot", 2, extra=extra),
    )

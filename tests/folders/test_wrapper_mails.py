"""Wrappers as mail clients write them: dropped, and come in by themselves."""

from __future__ import annotations

import pytest
from corpus_structures import INNER, PDF, TEXT
from corpus_wrappers import WRAPPERS, Wrapper, wrapper
from desk import Desk
from postbox import Postbox
from world import World, build

from imapgate.folders.arriving import NotFiled
from imapgate.folders.verdict import Outcome
from storage import Database

OFFICE = "Trackers/Büro & Ablage"
MSG = b"Content-Type: %s; name=%s\r\nContent-Disposition: attachment\r\n\r\nd0cf11e0"


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def alice(world: World) -> Desk:
    return Desk(world, world.alice)


@pytest.fixture
def box(world: World) -> Postbox:
    return Postbox(world)


def check(alice: Desk, box: Postbox, number: int, wanted: Wrapper) -> None:
    once = list(dict.fromkeys(one.strip() for one in wanted.attached))
    assert [one.strip() for one in alice.contents(OFFICE)] == once
    shown = box.show(number)
    assert [one["name"] for one in shown["media"]] == list(wanted.media)
    by_mail = [one["from_activity"] for one in shown["follow_ups"] if one["from_activity"]]
    assert len(by_mail) == len(once)
    titles = {one["title"] for one in shown["follow_ups"] if not one["from_activity"]}
    assert titles <= {"Angebot"}


@pytest.mark.parametrize("name", WRAPPERS)
def test_a_dropped_wrapper_is_understood(alice: Desk, box: Postbox, name: str) -> None:
    number = box.incident()
    verdict = alice.append("Trackers/Sales", WRAPPERS[name].content)
    assert (verdict.outcome, verdict.code) == (Outcome.DONE, None), verdict.text
    check(alice, box, number, WRAPPERS[name])
    assert alice.rows("Trackers/Sales") == []


@pytest.mark.parametrize("name", WRAPPERS)
def test_a_wrapper_that_comes_in_by_itself_is_understood_alike(
    alice: Desk, box: Postbox, name: str
) -> None:
    number = box.incident()
    came = box.take(WRAPPERS[name].content)
    assert (came.number, came.created) == (number, False)
    check(alice, box, number, WRAPPERS[name])


def test_messages_in_an_attached_message_stay_in_it(alice: Desk, box: Postbox) -> None:
    number = box.incident()
    inner = WRAPPERS["of_all_kinds"].content
    attached = b"Content-Type: message/rfc822\r\n\r\n" + inner
    content = wrapper(b"> #%d" % number, TEXT, attached, boundary="outer")
    verdict = alice.append(OFFICE, content)
    assert verdict.outcome is Outcome.DONE
    assert [one.strip() for one in alice.contents(OFFICE)] == [inner.strip()]


@pytest.mark.parametrize(
    "part",
    [
        MSG % (b"application/vnd.ms-outlook", b"Offer"),
        MSG % (b"application/octet-stream", b"Offer.MSG"),
    ],
)
@pytest.mark.parametrize("others", [(), (b"Content-Type: message/rfc822\r\n\r\n" + INNER,)])
def test_an_outlook_file_in_a_wrapper_is_told_and_nothing_is_filed(
    alice: Desk, box: Postbox, part: bytes, others: tuple[bytes, ...]
) -> None:
    """Its sender takes it for a mail, so it isn't kept as a mere attachment unasked."""
    number = box.incident()
    content = wrapper(b"> #%d  x" % number, TEXT, *others, part)
    verdict = alice.append(OFFICE, content)
    assert (verdict.outcome, verdict.code) == (Outcome.REFUSED, "CANNOT")
    assert verdict.text.startswith('Not filed: "Offer')
    assert " is an Outlook file, attach the mail itself. Your mail stays" in verdict.text
    assert alice.recovered() == [(content, ("$Refused",))]
    alice.append("INBOX", content)
    assert alice.copy("INBOX", [1], OFFICE).text.startswith('Not filed: "Offer')
    came = box.try_(content)
    assert isinstance(came, NotFiled)
    assert came.code == "$Refused"
    assert box.numbers() == [number]


def test_an_outlook_file_in_an_ordinary_mail_is_an_attachment(alice: Desk, box: Postbox) -> None:
    content = wrapper(b"Offer", TEXT, MSG % (b"application/vnd.ms-outlook", b"Offer.msg"), PDF)
    assert alice.append(OFFICE, content).outcome is Outcome.DONE
    box.take(content.replace(b"Subject: Offer", b"Subject: Sales").replace(b"<wrapper@", b"<w2@"))
    first, second = (box.show(number) for number in sorted(box.numbers()))
    for shown in (first, second):
        assert [one["name"] for one in shown["media"]] == ["Offer.msg", "offer.pdf"]

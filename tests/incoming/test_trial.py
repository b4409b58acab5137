"""Trying an account: what fails after the mailbox is opened, and that nothing stays open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from desk import mail
from mailboxes import Mailbox, MailboxSource, broken

from imapgate.incoming import trial
from imapgate.incoming.account import Place
from imapgate.incoming.source import Source, Waiting
from imapgate.incoming.trial import tried
from imapgate.servers.server import Login, OAuth, Secrets, ServerError, Step
from imapgate.servers.trying import FAILED, NOT_TRIED, OK, WARNING, Result

PLACE = Place("imap", "mail.example", 143)
OPENING = ("name", "connect", "greeting", "login", "folder")


class Newest(MailboxSource):
    """Whose newest message is its last."""

    def newest(self) -> Waiting | None:
        names = list(self.mailbox.messages)
        return Waiting(self.mailbox.key(names[-1]), 0) if names else None


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    """A mailbox that opens."""
    made = Mailbox()
    made.deliver(mail("One", 1))

    def walk(*_: object, **__: object) -> Iterator[Step | Source]:
        for name in OPENING:
            yield Step(name, "well", "but" if name == "login" else "")
        yield Newest(made)

    monkeypatch.setattr(trial, "walk", walk)
    return made


def _tried(probe: trial.Probe | None = None) -> list[Result]:
    return list(tried(PLACE, Secrets(), None, probe))


def _states(results: list[Result]) -> list[tuple[str, str]]:
    return [(one.step, one.state) for one in results]


def test_a_step_with_a_warning_is_no_failure(box: Mailbox) -> None:
    results = _tried()
    assert [one.step for one in results] == [*OPENING, "count", "newest"]
    assert [one.state for one in results].count(OK) == 6
    assert (results[3].state, results[3].technical) == (WARNING, "but")
    assert box.steps[-1] == "close"


def test_a_line_that_breaks_is_of_the_step_that_it_breaks_in(
    box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading has no step of its own."""

    def count(_: object) -> int:
        raise broken("read")

    monkeypatch.setattr(Newest, "count", count)
    assert _states(_tried())[-2:] == [("count", FAILED), ("newest", NOT_TRIED)]
    assert box.steps[-1] == "close"


@pytest.mark.parametrize(("unreadable", "states"), [(True, FAILED), (False, OK)])
def test_a_newest_message_that_can_t_be_read(box: Mailbox, unreadable: bool, states: str) -> None:
    """Refused by the server it is a failure; gone meanwhile, it isn't."""
    if unreadable:
        box.unreadable.add("1")
    else:
        box.before = lambda step: step == "read 1" and box.messages.pop("1")
    assert _states(_tried())[-1] == ("newest", states)


def test_a_probe_s_steps_come_last(box: Mailbox) -> None:
    """An error in opening the mailbox once more is of the step that waits."""

    def probe(source: Source) -> Iterator[str]:
        source.close()
        yield "sent"
        raise broken("login")

    assert _states(_tried(probe))[-2:] == [("send", OK), ("arrive", FAILED)]
    assert box.steps.count("close") == 2


def test_an_iterator_that_is_closed_early_closes_the_mailbox(box: Mailbox) -> None:
    results = tried(PLACE, Secrets())
    for one in results:
        if one.step == "count":
            break
    results.close()
    assert box.steps[-1] == "close"


def test_without_a_token_nothing_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    def walk(*_: object, **__: object) -> Iterator[Step | Source]:
        raise AssertionError("connected")

    monkeypatch.setattr(trial, "walk", walk)

    def token() -> str:
        raise ServerError("token", "No.", "invalid_client", "Look.")

    place = Place("imaps", "mail.example", 993, login=Login("oauth", "x", None, OAuth("", "", "")))
    results = list(tried(place, Secrets(), token))
    assert results[0] == Result("token", FAILED, "No.", "invalid_client", "Look.")
    assert {one.state for one in results[1:]} == {NOT_TRIED}
    assert [one.step for one in results[1:4]] == ["name", "connect", "tls"]

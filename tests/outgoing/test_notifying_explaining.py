"""Why a notice comes or doesn't, and what users may ask to be told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update
from telling import Bell

from imapgate.activities import users
from imapgate.activities.names import Mistake
from imapgate.outgoing import settings
from imapgate.outgoing.notifying import explaining, subscriptions
from imapgate.servers.trying import FAILED, OK, WARNING
from storage import Tx, settings_history
from storage.schema import outbox, principal


def explained(bell: Bell, who: str, number: int | None = None) -> dict[str, tuple[str, str]]:
    """Step -> (state, text), of the last of its name."""
    found = bell.world.db.read(lambda tx: explaining.explain(tx, bell.world.people[who], number))
    return {one.step: (one.state, one.text) for one in found}


def test_all_is_well(bell: Bell) -> None:
    """Who wants it, sees it, and has an address; nothing waits."""
    bell.mail_goes_out(reply_to="support@example.org")
    bell.wish("alice", "created", by="both")
    number = bell.case()
    bell.tell()
    bell.world.db.write(
        lambda tx: tx.connection.execute(update(outbox).values(state="sent")) and None
    )
    found = explained(bell, "alice", number)
    assert {state for state, _ in found.values()} == {OK}
    assert found["rights"][1] == f"alice sees #{number} as a member of Support."
    assert found["wanted"][1] == "Notification 1: created of all that they see, by mail and inbox."
    assert found["mailer"][1] == 'It goes out by mailer "relay".'
    assert found["answers"][1] == "Answers to it go to support@example.org."
    assert found["hour"][1] == "1 of 20 notices of this hour were written."
    assert found["gathered"][1] == "Nothing is gathered; what happens is told after 120 s."
    assert (
        found["outbox"][1] == "The last notice to alice@example.org is sent (mail 1 of the outbox)."
    )


def disabled(bell: Bell, number: int) -> None:
    del number
    bell.world.db.write(lambda tx: users.set_disabled(tx, "alice@Standard"))


def nothing_wanted(bell: Bell, number: int) -> None:
    del number
    segment_id = bell.world.segment_id
    bell.world.db.write(lambda tx: subscriptions.remove(tx, segment_id, 1, "anna@host"))


def no_mailer(bell: Bell, number: int) -> None:
    del bell, number


def no_address(bell: Bell, number: int) -> None:
    del number
    bell.world.db.write(
        lambda tx: (
            tx.connection.execute(
                update(principal)
                .where(principal.c.id == bell.world.alice.id)
                .values(email=None, email_key=None)
            )
            and None
        )
    )


def intercepted(bell: Bell, number: int) -> None:
    del number
    bell.mail_goes_out(intercept="tester@example.org")


def switched_off(bell: Bell, number: int) -> None:
    del number
    bell.mail_goes_out(active=False)


def own_doing(bell: Bell, number: int) -> None:
    bell.follow_up(number, "alice", title="Mine")


def hour_is_full(bell: Bell, number: int) -> None:
    bell.world.db.write(
        lambda tx: settings.change(
            tx, bell.world.segment_id, settings.NOTIFY_PER_HOUR, "1", "anna@host"
        )
    )
    bell.follow_up(number, title="One")
    bell.tell()


def not_looked_at(bell: Bell, number: int) -> None:
    bell.follow_up(number, title="One")


def not_sent(bell: Bell, number: int) -> None:
    bell.mail_goes_out()
    bell.follow_up(number, title="One")
    bell.tell()


@pytest.mark.parametrize(
    ("work", "step", "state", "text"),
    [
        (disabled, "user", FAILED, "alice is disabled, and told nothing."),
        (
            nothing_wanted,
            "wanted",
            FAILED,
            "alice doesn't want to be told of anything of #10000001.",
        ),
        (no_mailer, "mailer", WARNING, "There is no mailer by which it could be sent"),
        (no_address, "address", WARNING, "alice has no address: notices come into the INBOX."),
        (intercepted, "intercept", WARNING, "it goes to tester@example.org, and to nobody else."),
        (switched_off, "mailer", WARNING, 'Mailer "relay" is switched off'),
        (own_doing, "doer", WARNING, "The last follow-up is by alice"),
        (hour_is_full, "hour", WARNING, "the next is a digest in 3600 s."),
        (not_looked_at, "events", WARNING, "1 events wait"),
        (not_sent, "outbox", WARNING, "is waiting (mail 1 of the outbox)."),
    ],
)
def test_each_cause_is_told(
    bell: Bell, work: Callable[[Bell, int], None], step: str, state: str, text: str
) -> None:
    """A step that fails keeps somebody from being told; one that warns may, or tells them
    elsewhere."""
    number = bell.case()
    bell.wish("alice", "follow-up", by="mail")
    assert explained(bell, "alice", number)["user"][0] == OK
    work(bell, number)
    found = explained(bell, "alice", number)[step]
    assert found[0] == state
    assert text in found[1]


def test_rights_and_scope_are_told(bell: Bell) -> None:
    """Of an activity of another group, without that group's name; an unknown number is an error."""
    bell.wish("carol", "created", group="Support", by="mail")
    sales = bell.case("Deal", creator=None, type_name="Bug", groups=())
    found = explained(bell, "carol", sales)
    assert found["rights"] == (
        FAILED,
        f"carol is a member of none of the groups of #{sales}.",
    )
    assert found["wanted"][0] == FAILED
    with pytest.raises(Mistake, match="There is no activity #4711"):
        explained(bell, "carol", 4711)


def test_what_is_gathered_is_counted(bell: Bell) -> None:
    """With the time that is left."""
    number = bell.case()
    bell.wish("alice", "follow-up")
    bell.follow_up(number, title="One")
    bell.follow_up(number, title="Two")
    bell.tell(later=20)
    assert explained(bell, "alice", number)["gathered"][1] == (
        "2 changes are gathered, to be told in 100 s."
    )


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("alice", {"events": ["sneezed"]}, '"sneezed" is no event: created,'),
    ("alice", {"events": []}, "Say of which events: created,"),
    ("alice", {"events": ["created"], "by": "pigeon"}, '"pigeon" is no way to be told'),
    ("alice", {"events": ["created"], "number": 4711}, "There is no activity #4711."),
    ("carol", {"events": ["created"], "group_id": 3}, "carol is no member of that group"),
    ("dave", {"events": ["state"], "number": 10_000_001}, "dave is a member of none of the groups"),
    ("alice", {"events": ["incoming-failed"], "group_id": 2}, "is about no group"),
    ("alice", {"events": ["state"], "group_id": 2, "number": 1}, "not both"),
]


@pytest.mark.parametrize(("who", "given", "text"), REFUSED)
def test_what_cannot_be_asked_for(bell: Bell, who: str, given: dict[str, Any], text: str) -> None:
    """In a sentence that doesn't name a group to who isn't in it."""
    bell.case()
    with pytest.raises(Mistake) as refused:
        bell.world.db.write(
            lambda tx: subscriptions.add(tx, bell.world.people[who], who="anna@host", **given)
        )
    assert text in str(refused.value)


def test_the_same_again_is_refused_and_so_are_too_many(
    bell: Bell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More of it isn't the same."""
    bell.wish("alice", "created", by="mail")
    with pytest.raises(Mistake, match=r"told of that already \(notification 1\)"):
        bell.wish("alice", "created", by="mail")
    bell.wish("alice", "created", "state", by="mail")
    monkeypatch.setattr(subscriptions, "MOST", 2)
    with pytest.raises(Mistake, match="has 2 notifications already"):
        bell.wish("alice", "contact")


def test_it_stands_in_the_settings_history(bell: Bell) -> None:
    """Made and removed, with who did it."""
    bell.wish("alice", "created", group="Support")
    segment_id = bell.world.segment_id

    def work(tx: Tx) -> list[Any]:
        subscriptions.remove(tx, segment_id, 1, "anna@host")
        return settings_history.records(tx, segment_id)

    said = "created of group Support, by inbox"
    assert [(one.subject, dict(one.changes)) for one in bell.world.db.write(work)] == [
        ("user alice", {"notification": (said, None)}),
        ("user alice", {"notification": (None, said)}),
    ]

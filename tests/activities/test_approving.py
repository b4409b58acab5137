"""Transitions that want approval: who is asked, who needn't ask, and what is told where nobody can
be asked."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from crm import Crm, mail

from imapgate.activities import approvals, approvers, by_hand, creators, processes, users
from imapgate.activities.approvals import Approval
from imapgate.activities.names import Mistake
from imapgate.activities.processes import Taken
from imapgate.mime.mail import Mailbox
from storage import Tx, accounts, activities, events, mail_accounts, mailers, settings_history

BOSS = "boss@acme.example"


def _account(crm: Crm, **settings: str) -> int:
    def work(tx: Tx) -> int:
        where = crm.segment_id
        return accounts.add(tx, where, "a", "a", "approvals", True, None, None, settings)

    return crm.do(work)


def _mailer(crm: Crm) -> None:
    def work(tx: Tx) -> None:
        mailers.set_default(
            tx, None, mailers.add(tx, None, "m", "m", None, {"from": "m@x.example"})
        )

    crm.do(work)


@pytest.fixture
def asking(crm: Crm) -> Crm:
    """There is an account and a mailer; `Complete` wants the boss's approval."""
    _account(crm, reply_to="approvals@acme.example")
    _mailer(crm)
    _want(crm, BOSS)
    return crm


def _want(crm: Crm, *named: str) -> None:
    crm.do(
        lambda tx: processes.offer_by_mail(
            tx, crm.segment_id, "Bug and feature", "Complete", True, None, "anna", "", named
        )
    )


def _take(crm: Crm, number: int, who: str = "alice", text: str = "") -> Taken | Approval | None:
    return crm.do(
        lambda tx: by_hand.follow_up(
            tx, crm.segment_id, number, transition="complete", text=text, person=crm.people[who]
        )
    )


def _assigned(crm: Crm, to: str | None = None) -> int:
    number = crm.incident()
    crm.do(lambda tx: by_hand.follow_up(tx, crm.segment_id, number, transition="Assign"))
    if to is not None:
        crm.do(
            lambda tx: activities.change(tx, crm.id_of(number), assigned_to_id=crm.people[to].id)
        )
    return number


def _asked(crm: Crm, number: int) -> list[dict[str, object]]:
    """What the events tell to be asked."""
    found = crm.db.read(lambda tx: events.of_activity(tx, crm.id_of(number)))
    return [{**one.detail, "by": one.principal_id} for one in found if "ask" in one.event]


def test_who_takes_it_asks(asking: Crm) -> None:
    """It isn't taken; who is asked, until when and what was said stands on the activity."""
    number = _assigned(asking)
    asked = _take(asking, number, text="It is done.")
    assert isinstance(asked, Approval)
    assert (asked.state, asked.approvers, asked.transition) == ("open", (BOSS,), "Complete")
    assert asked.expires_at == asked.made_at + 14 * 24 * 60 * 60
    shown = asking.show(number)
    assert shown["state"] == "In Progress"
    last = shown["follow_ups"][-1]
    assert last["title"] == "Approval asked for: Complete"
    assert last["text"].startswith(f"Asked by mail: {BOSS}. Replies count until 20")
    assert last["text"].endswith("UTC.\n\nIt is done.")
    assert (last["author"], last["transition"]) == ("alice", None)
    assert _asked(asking, number) == [{"approval": asked.id, "by": asking.people["alice"].id}]
    with pytest.raises(Mistake, match=f"waits for approval already \\({asked.id}\\)"):
        _take(asking, number)
    assert len(_asked(asking, number)) == 1


def test_other_transitions_are_taken(asking: Crm) -> None:
    """And this one where approval isn't wanted any more."""
    number = _assigned(asking)
    _want(asking)
    assert isinstance(_take(asking, number), Taken)
    assert asking.show(number)["state"] == "Complete"


@pytest.mark.parametrize("named", ["bob", "BOB@example.org", "assigned to", "other@x.example"])
def test_who_approves_takes_it_at_once(asking: Crm, named: str) -> None:
    """By name, by an address of theirs, or as it is assigned; an open request ends by that."""
    bob = asking.people["bob"]

    def address(tx: Tx) -> None:
        mail_accounts.add(tx, bob.id, "other@x.example", "other@x.example", subject_prefix="")

    asking.do(address)
    _want(asking, BOSS, named)
    number = _assigned(asking, "bob")
    asked = _take(asking, number)
    assert isinstance(asked, Approval)
    assert isinstance(_take(asking, number, "bob"), Taken)
    shown = asking.show(number)
    assert (shown["state"], shown["follow_ups"][-1]["author"]) == ("Complete", "bob")
    now = asking.db.read(lambda tx: approvals.find(tx, asking.segment_id, asked.id))
    assert (now.state, now.decided_by) == ("approved", "bob")


def test_somebody_of_that_name_elsewhere_approves_nothing(asking: Crm) -> None:
    """A user of another segment, whatever they are called."""
    _want(asking, "bob")
    number = asking.incident()
    row = asking.db.read(lambda tx: activities.by_number(tx, asking.segment_id, number))
    assert row is not None
    foreign = replace(row, segment_id=row.segment_id + 1)
    bob = asking.people["bob"].id
    assert asking.db.read(lambda tx: approvers.may_approve(tx, row, ["bob"], bob))
    assert not asking.db.read(lambda tx: approvers.may_approve(tx, foreign, ["bob"], bob))


def test_approvers_are_asked_where_they_get_mail(asking: Crm) -> None:
    """Users at their default mail account, else their address; each once."""
    bob = asking.people["bob"]

    def work(tx: Tx) -> None:
        mail_accounts.add(tx, bob.id, "Bob@Work.example", "bob@work.example", subject_prefix="")

    asking.do(work)
    _want(asking, "bob", "carol", "assigned to", "CAROL@example.org")
    asked = _take(asking, _assigned(asking, "bob"))
    assert isinstance(asked, Approval)
    assert asked.approvers == ("bob@work.example", "carol@example.org")


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("nobody", 'There is no user "nobody"'),
        ("a b@x.example", "is no e-mail address"),
        ("a@x.example\r\nBcc: y@x.example", "control characters"),
        ("\u00e4@x.example", "isn't ASCII"),
        ("mute", '"mute", who has to approve, has no address'),
    ],
)
def test_who_can_not_be_asked_is_no_approver(asking: Crm, named: str, said: str) -> None:
    """Told when it is set; nothing changes then."""
    asking.do(lambda tx: users.add_user(tx, asking.segment_id, "mute", None, "hash"))
    with pytest.raises(Mistake, match=said):
        _want(asking, named)
    shown = asking.db.read(
        lambda tx: processes.show_process(tx, asking.segment_id, "Bug and feature")
    )
    assert [one["approvers"] for one in shown["transitions"] if one["by_mail"]] == [[BOSS]]


def test_what_was_set_is_in_the_history(asking: Crm) -> None:
    """Who approves is a setting."""
    found = asking.db.read(lambda tx: settings_history.records(tx, asking.segment_id))
    assert any(BOSS in json.dumps(one.changes) for one in found)


@pytest.mark.parametrize("lacking", ["account", "address", "mailer", "assigned to", "disabled"])
def test_nothing_is_half_asked(crm: Crm, lacking: str) -> None:
    """Where nobody would be asked, or nobody would read the reply: one sentence, and no row."""
    if lacking != "account":
        _account(crm, **({} if lacking == "address" else {"user": "approvals@acme.example"}))
    if lacking != "mailer":
        _mailer(crm)
    _want(crm, "assigned to" if lacking == "assigned to" else "bob")
    if lacking == "disabled":
        crm.do(lambda tx: users.set_disabled(tx, "bob@Standard"))
    number = _assigned(crm)
    before = crm.show(number)
    with pytest.raises(Mistake) as caught:
        _take(crm, number)
    said = {
        "account": "imapgate account add NAME --kind approvals",
        "address": "imapgate account edit a --reply-to ADDRESS",
        "mailer": "imapgate mailer add",
        "assigned to": f"#{number} is assigned to nobody",
        "disabled": "is disabled",
    }
    assert said[lacking] in str(caught.value)
    assert crm.show(number) == before
    assert crm.db.read(lambda tx: approvals.list_approvals(tx, crm.segment_id)) == []
    assert _asked(crm, number) == []


def _moving(crm: Crm) -> int:
    """An incident that a mail moves to Complete."""
    crm.do(
        lambda tx: creators.edit_creator(
            tx, crm.segment_id, "GadgetASupport", follow_up_transition="Complete"
        )
    )
    return _assigned(crm)


def test_a_mail_that_would_move_it_on_asks_once(asking: Crm) -> None:
    """The mail is filed and becomes a follow-up, each time."""
    number = _moving(asking)
    for n in range(2):
        asking.file(mail(f"Done #{number}", message_id=f"{n}@x", text=f"Text {n}"))
    shown = asking.show(number)
    assert shown["state"] == "In Progress"
    titles = [one["title"] for one in shown["follow_ups"]][1:]
    assert sorted(titles) == ["Approval asked for: Complete", *[f"Done #{number}"] * 2]
    assert len(_asked(asking, number)) == 1


def test_who_files_a_mail_approves_nothing_by_that(asking: Crm) -> None:
    """The mail is somebody else's, and bob only drops it."""
    _want(asking, "bob")
    number = _moving(asking)
    asking.file(mail(f"Any news of #{number}?"), who="bob")
    assert asking.show(number)["state"] == "In Progress"
    assert len(_asked(asking, number)) == 1


def test_a_mail_is_filed_though_nobody_can_be_asked(crm: Crm) -> None:
    """What keeps it from being asked stands on the activity."""
    _want(crm, BOSS)
    number = _moving(crm)
    crm.file(mail(f"Done #{number}", from_=(Mailbox("", "erika@example.net"),)))
    shown = crm.show(number)
    assert shown["state"] == "In Progress"
    texts = {one["title"]: one["text"] for one in shown["follow_ups"]}
    assert "--kind approvals" in texts["Approval not asked for: Complete"]
    assert f"Done #{number}" in texts

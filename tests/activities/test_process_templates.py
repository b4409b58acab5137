"""Transitions that send a template: what is set, and what taking one leaves to be carried out."""

from __future__ import annotations

import pytest
from crm import Crm, mail

from imapgate.activities import by_hand, creators, process_templates, processes
from imapgate.activities.names import Mistake
from imapgate.activities.process_plans import SEND_TEMPLATE
from storage import events, settings_history

BUG = "Bug and feature"


def _set(crm: Crm, template: str | None, *to: str, transition: str = "assign") -> None:
    crm.do(
        lambda tx: process_templates.send_template(
            tx, crm.segment_id, BUG, transition, template, to, "anna", "asked for"
        )
    )


def _left(crm: Crm) -> list[events.EventRow]:
    return [
        one
        for one in crm.db.read(lambda tx: events.oldest(tx, 0, 100))
        if one.event == SEND_TEMPLATE
    ]


def test_taking_it_leaves_what_is_to_be_sent(crm: Crm) -> None:
    """In the same transaction; a transition without a template leaves nothing."""
    _set(crm, "confirmation", "Reporting  Contact", "Boss@Example.org")
    number = crm.incident()
    for transition in ("Assign", "Add Note"):
        crm.do(
            lambda tx, transition=transition: by_hand.follow_up(
                tx, crm.segment_id, number, transition=transition, person=crm.people["alice"]
            )
        )
    (left,) = _left(crm)
    assert left.activity_id == crm.id_of(number)
    assert left.principal_id == crm.people["alice"].id
    assert left.detail == {
        "template": "confirmation",
        "to": ["reporting contact", "Boss@Example.org"],
        "transition": "Assign",
        "caused_by": None,
    }


def test_a_mail_that_moves_an_activity_is_told_as_the_cause(crm: Crm) -> None:
    """So that nothing is sent in answer to a machine."""
    _set(crm, "confirmation")
    number = crm.incident()
    crm.do(
        lambda tx: creators.edit_creator(
            tx, crm.segment_id, "GadgetASupport", follow_up_transition="Assign"
        )
    )
    filed = crm.file(mail(f"Re: #{number}"))
    (left,) = _left(crm)
    assert left.detail["caused_by"] == filed.activity_id


def test_it_is_set_shown_recorded_and_taken_back(crm: Crm) -> None:
    _set(crm, "confirmation", transition="Add Note")

    def shown() -> list[tuple[str, str | None, list[str]]]:
        found = crm.db.read(lambda tx: processes.show_process(tx, crm.segment_id, BUG))
        return [
            (one["name"], one["template"], one["template_to"])
            for one in found["transitions"]
            if one["template"]
        ]

    assert shown() == [("Add Note", "confirmation", ["reporting contact"])]
    _set(crm, None, transition="ADD NOTE")
    assert shown() == []
    found = crm.db.read(lambda tx: settings_history.records(tx, crm.segment_id))
    assert [(one.subject, one.changes) for one in found] == [
        (
            "process Bug and feature: Add Note",
            {"template": ("confirmation", None), "template_to": (["reporting contact"], [])},
        ),
        (
            "process Bug and feature: Add Note",
            {"template": (None, "confirmation"), "template_to": ([], ["reporting contact"])},
        ),
    ]


@pytest.mark.parametrize(
    "to",
    [
        ["nobody"],
        ["a@b\r\nBcc: c@d"],
        ["é@example.org"],
        [f"a{n}@example.org" for n in range(21)],
    ],
)
def test_who_can_t_be_written_to_is_refused(crm: Crm, to: list[str]) -> None:
    with pytest.raises(Mistake):
        _set(crm, "confirmation", *to)


def test_an_unknown_transition_is_refused(crm: Crm) -> None:
    with pytest.raises(Mistake, match="no transition"):
        _set(crm, "confirmation", transition="Nonsense")

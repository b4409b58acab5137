"""Every transition of the standard processes, legal and illegal."""

from __future__ import annotations

import pytest
from crm import Crm

from imapgate.activities import by_hand, processes
from imapgate.activities.names import Mistake
from imapgate.activities.process_plans import PROCESSES, TYPES, ProcessPlan, TransitionPlan

TYPE_OF = {plan.process: plan.name for plan in reversed(TYPES)}
STEPS = [(plan, step) for plan in PROCESSES for step in plan.transitions]
IMPOSSIBLE = [
    (plan, state, step.name)
    for plan in PROCESSES
    for state in plan.states
    for step in plan.transitions
    if (step.name, state) not in {(one.name, one.from_state) for one in plan.transitions}
]


def way_to(plan: ProcessPlan, state: str) -> list[str]:
    """Names of transitions that lead from the initial state to this one."""
    ways: dict[str, list[str]] = {plan.states[0]: []}
    while state not in ways:
        for step in plan.transitions:
            if step.from_state in ways and step.to_state not in ways:
                ways[step.to_state] = [*ways[step.from_state], step.name]
    return ways[state]


def activity_in(crm: Crm, plan: ProcessPlan, state: str) -> int:
    """The number of an activity in that state."""
    number = crm.do(
        lambda tx: by_hand.new_activity(
            tx, crm.segment_id, "Something", type_name=TYPE_OF[plan.name]
        )
    )
    for name in way_to(plan, state):
        crm.do(lambda tx, name=name: by_hand.follow_up(tx, crm.segment_id, number, transition=name))
    assert crm.show(number)["state"] == state
    return number


@pytest.mark.parametrize(("plan", "step"), STEPS, ids=lambda one: getattr(one, "name", None))
def test_a_transition_sets_state_percent_and_runs_its_actions(
    crm: Crm, plan: ProcessPlan, step: TransitionPlan
) -> None:
    number = activity_in(crm, plan, step.from_state)
    activity_id = crm.id_of(number)
    taken = crm.do(lambda tx: processes.take(tx, activity_id, step.name, crm.people["bob"]))
    shown = crm.show(number)
    assert taken == processes.Taken(
        step.name, step.from_state, step.to_state, step.percent_complete, step.actions
    )
    assert (shown["state"], shown["percent_complete"]) == (step.to_state, step.percent_complete)
    assert shown["closed"] == (step.to_state in plan.closed)
    assert (shown["assigned_to"] == "bob") == ("assign to me" in step.actions)
    if "actual start" in step.actions:
        assert shown["actual_start"] is not None
    if "actual end" in step.actions:
        assert shown["actual_end"] is not None


@pytest.mark.parametrize(("plan", "state", "name"), IMPOSSIBLE)
def test_a_transition_from_another_state_is_refused_and_changes_nothing(
    crm: Crm, plan: ProcessPlan, state: str, name: str
) -> None:
    number = activity_in(crm, plan, state)
    before = crm.show(number)
    with pytest.raises(Mistake, match=name):
        crm.do(lambda tx: by_hand.follow_up(tx, crm.segment_id, number, transition=name, text="x"))
    assert crm.show(number) == before


def test_a_hand_written_follow_up_carries_its_transition_and_author(crm: Crm) -> None:
    number = crm.incident()
    crm.do(
        lambda tx: by_hand.follow_up(
            tx,
            crm.segment_id,
            number,
            transition="assign",
            text="Mine.",
            person=crm.people["alice"],
        )
    )
    (entry,) = crm.show(number)["follow_ups"]
    assert entry["transition"] == entry["title"] == "Assign"
    assert (entry["text"], entry["author"], entry["from_activity"]) == ("Mine.", "alice", None)


def test_a_complete_incident_is_not_closed(crm: Crm) -> None:
    number = crm.incident()
    for name in ("Assign", "Complete"):
        crm.do(lambda tx, name=name: by_hand.follow_up(tx, crm.segment_id, number, transition=name))
    shown = crm.show(number)
    assert (shown["percent_complete"], shown["closed"]) == (100, False)


def test_a_process_is_shown_with_states_transitions_and_types(crm: Crm) -> None:
    shown = crm.db.read(lambda tx: processes.show_process(tx, crm.segment_id, "e-mail"))
    assert [one["name"] for one in shown["states"]] == ["New", "Open", "Closed"]
    assert shown["transitions"][0] == {
        "name": "Assign",
        "from": "New",
        "to": "Open",
        "percent_complete": 20,
        "actions": ["assign to me", "actual start"],
        "by_mail": False,
        "rejected_by": None,
        "approvers": [],
        "template": None,
        "template_to": [],
    }
    assert shown["types"] == ["E-Mail"]
    with pytest.raises(Mistake, match="no process"):
        crm.db.read(lambda tx: processes.show_process(tx, crm.segment_id, "nothing"))

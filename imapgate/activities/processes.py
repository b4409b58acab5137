"""Taking transitions, and processes and types as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from imapgate.activities import happenings
from imapgate.activities.approvers import checked as approvers_of
from imapgate.activities.names import Mistake, key
from imapgate.activities.people import Person
from imapgate.activities.process_plans import (
    ACTUAL_END,
    ACTUAL_START,
    ASSIGN_TO_ME,
    OUTGOING,
    SEND_TEMPLATE,
)
from imapgate.activities.terms import DROP, Terms
from storage import Tx, activities, events, settings_history
from storage import processes as rows


@dataclass(frozen=True, slots=True)
class Taken:
    """A transition that was taken. actions: the names of all its actions; those that send or export
    are noted as events (storage.events), which the room `outgoing` carries out after the commit."""

    transition: str
    from_state: str
    to_state: str
    percent_complete: int
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActivityType:
    name: str
    activity_class: str
    process: str
    follow_up_transition: str | None


def possible(tx: Tx, activity_id: int) -> tuple[str, ...]:
    """Names of the transitions that start from the activity's state."""
    state_id = activities.by_id(tx, activity_id).state_id
    return tuple(one.name for one in rows.transitions_from(tx, state_id))


def take(
    tx: Tx,
    activity_id: int,
    transition: str,
    person: Person | None,
    terms: Terms = DROP,
    caused_by: int | None = None,
) -> Taken:
    """The activity goes on: state, percent complete and actions. The transition's name without
    regard to case.

    person: who becomes assigned by `assign to me`; None assigns nobody. terms: of the mail that
    moves it on, if one does; caused_by: that mail's activity. Writes no follow-up: the caller does.
    Raises Mistake if the transition doesn't start from the activity's state; then nothing is
    changed.
    """
    activity = activities.by_id(tx, activity_id)
    starting = rows.transitions_from(tx, activity.state_id)
    step = next((one for one in starting if key(one.name) == key(transition)), None)
    if step is None:
        names = ", ".join(one.name for one in starting) or "none"
        raise Mistake(
            f'Activity #{activity.number} is "{activity.state}": "{transition}" can\'t be taken '
            f"from there (possible: {names})."
        )
    to_state = rows.state(tx, step.to_state_id)
    percent = activity.percent_complete
    if step.percent_complete is not None:
        percent = step.percent_complete
    changes: dict[str, int | str | None] = {"state_id": to_state.id, "percent_complete": percent}
    if ASSIGN_TO_ME in step.actions and person is not None:
        changes["assigned_to_id"] = person.id
    if ACTUAL_START in step.actions:
        changes["actual_start"] = tx.now
    if ACTUAL_END in step.actions:
        changes["actual_end"] = tx.now
    activities.change(tx, activity_id, **changes)
    if terms.told:
        doer = happenings.doer(terms, None if person is None else person.id)
        happenings.moved(tx, activity, step.name, to_state.name, doer)
        assigned_to = changes.get("assigned_to_id")
        if isinstance(assigned_to, int) and assigned_to != activity.assigned_to_id:
            happenings.assigned(tx, activity.segment_id, activity_id, doer, assigned_to)
    who = None if person is None else person.id
    for action in step.actions:
        if action in OUTGOING:
            events.add(tx, activity.segment_id, activity_id, action, who)
    if step.template is not None:
        detail = {
            "template": step.template,
            "to": list(step.template_to),
            "transition": step.name,
            "caused_by": caused_by,
        }
        events.add(tx, activity.segment_id, activity_id, SEND_TEMPLATE, who, detail)
    return Taken(step.name, activity.state, to_state.name, percent, step.actions)


def list_types(tx: Tx, segment_id: int) -> list[ActivityType]:
    """In the order of their making."""
    return [
        ActivityType(row.name, row.activity_class, row.process, row.follow_up_transition)
        for row in rows.types(tx, segment_id)
    ]


def list_processes(tx: Tx, segment_id: int) -> list[str]:
    """Names, in the order of their making."""
    return [name for _, name in rows.processes(tx, segment_id)]


def show_process(tx: Tx, segment_id: int, name: str) -> dict[str, Any]:
    """A JSON-able dict: name, states (name, initial, closed), transitions (name, from, to,
    percent_complete, actions, by_mail, rejected_by, approvers, template, template_to), types
    (names). Case ignored. Raises Mistake."""
    process_id, process = find_process(tx, segment_id, name)
    states = rows.states(tx, process_id)
    state_names = {state.id: state.name for state in states}
    return {
        "name": process,
        "states": [
            {"name": one.name, "initial": one.is_initial, "closed": one.is_closed} for one in states
        ],
        "transitions": [
            {
                "name": one.name,
                "from": state_names[one.from_state_id],
                "to": state_names[one.to_state_id],
                "percent_complete": one.percent_complete,
                "actions": list(one.actions),
                "by_mail": one.by_mail,
                "rejected_by": one.rejected_by,
                "approvers": list(one.approvers),
                "template": one.template,
                "template_to": list(one.template_to),
            }
            for one in rows.transitions(tx, process_id)
        ],
        "types": [row.name for row in rows.types(tx, segment_id) if row.process_id == process_id],
    }


def find_process(tx: Tx, segment_id: int, name: str) -> tuple[int, str]:
    """(id, name). Case ignored. Raises Mistake."""
    known = {
        key(process): (process_id, process)
        for process_id, process in rows.processes(tx, segment_id)
    }
    if key(name) not in known:
        names = ", ".join(process for _, process in known.values())
        raise Mistake(f'There is no process "{name}" (there is {names}).')
    return known[key(name)]


def offer_by_mail(
    tx: Tx,
    segment_id: int,
    process: str,
    transition: str,
    offered: bool,
    rejected_by: str | None,
    who: str,
    reason: str = "",
    approvers: Sequence[str] = (),
) -> None:
    """Whether a transition, from whatever state it starts, may be approved by mail. rejected_by:
    the transition that a rejection takes, from the same state; None: a rejection changes nothing.
    approvers: who is asked when somebody wants it taken (activities.approvers), instead of its
    being taken. who: for the settings history. Case ignored. Raises Mistake."""
    asked = approvers_of(tx, segment_id, approvers) if offered else ()
    process_id, process_name = find_process(tx, segment_id, process)
    steps = rows.transitions(tx, process_id)
    chosen = [one for one in steps if key(one.name) == key(transition)]
    if not chosen:
        names = ", ".join(dict.fromkeys(one.name for one in steps))
        raise Mistake(f'Process "{process_name}" has no transition "{transition}": {names}.')
    for one in chosen:
        other = None
        if offered and rejected_by is not None:
            other = next(
                (
                    step.name
                    for step in steps
                    if key(step.name) == key(rejected_by)
                    and step.from_state_id == one.from_state_id
                    and step.id != one.id
                ),
                None,
            )
            if other is None:
                state = rows.state(tx, one.from_state_id).name
                raise Mistake(f'No other transition "{rejected_by}" starts from "{state}".')
        changes = settings_history.differences(
            {
                "by_mail": one.by_mail,
                "rejected_by": one.rejected_by,
                "approvers": list(one.approvers),
            },
            {"by_mail": offered, "rejected_by": other, "approvers": list(asked)},
        )
        if changes:
            rows.offer_by_mail(tx, one.id, offered, other, asked)
            subject = f"process {process_name}: {one.name}"
            settings_history.record(tx, segment_id, who, subject, changes, reason)

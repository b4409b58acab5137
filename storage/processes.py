"""Rows of processes, their states and transitions, and of activity types."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update

from storage.engine import Tx
from storage.schema import activity_type, process, process_state, process_transition


@dataclass(frozen=True, slots=True)
class StateRow:
    id: int
    process_id: int
    name: str
    is_initial: bool
    is_closed: bool


@dataclass(frozen=True, slots=True)
class TransitionRow:
    """percent_complete None: stays as it is. by_mail: offered for approval by mail; rejected_by:
    the transition that a rejection takes. actions: names. template: of a mail that it sends to
    template_to; None: it sends none. approvers: who is asked when somebody wants it taken; empty:
    it is taken at once."""

    id: int
    process_id: int
    name: str
    from_state_id: int
    to_state_id: int
    percent_complete: int | None
    by_mail: bool
    rejected_by: str | None
    template: str | None
    actions: tuple[str, ...]
    template_to: tuple[str, ...]
    approvers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TypeRow:
    id: int
    segment_id: int
    name: str
    activity_class: str
    process_id: int
    process: str
    follow_up_transition: str | None


_STATE = select(
    process_state.c.id,
    process_state.c.process_id,
    process_state.c.name,
    process_state.c.is_initial,
    process_state.c.is_closed,
)
_TRANSITION = select(
    process_transition.c.id,
    process_transition.c.process_id,
    process_transition.c.name,
    process_transition.c.from_state_id,
    process_transition.c.to_state_id,
    process_transition.c.percent_complete,
    process_transition.c.by_mail,
    process_transition.c.rejected_by,
    process_transition.c.template,
    process_transition.c.actions,
    process_transition.c.template_to,
    process_transition.c.approvers,
)
_TYPE = select(
    activity_type.c.id,
    activity_type.c.segment_id,
    activity_type.c.name,
    activity_type.c.activity_class,
    activity_type.c.process_id,
    process.c.name.label("process"),
    activity_type.c.follow_up_transition,
).join_from(activity_type, process, process.c.id == activity_type.c.process_id)


# Built once: every new activity, and every transition, runs some of them.
_INITIAL = (
    _STATE.join_from(
        activity_type, process_state, process_state.c.process_id == activity_type.c.process_id
    )
    .where(activity_type.c.id == bindparam("type_id"), process_state.c.is_initial)
    .order_by(process_state.c.id)
    .limit(1)
)
_STATE_BY_ID = _STATE.where(process_state.c.id == bindparam("state_id"))
_FROM = _TRANSITION.where(process_transition.c.from_state_id == bindparam("state_id")).order_by(
    process_transition.c.id
)
_TYPE_BY_ID = _TYPE.where(activity_type.c.id == bindparam("type_id"))


def add_process(tx: Tx, segment_id: int, name: str) -> int:
    made = tx.connection.execute(
        insert(process).values(segment_id=segment_id, name=name).returning(process.c.id)
    )
    return int(made.scalar_one())


def add_state(tx: Tx, process_id: int, name: str, is_initial: bool, is_closed: bool) -> int:
    made = tx.connection.execute(
        insert(process_state)
        .values(process_id=process_id, name=name, is_initial=is_initial, is_closed=is_closed)
        .returning(process_state.c.id)
    )
    return int(made.scalar_one())


def add_transition(
    tx: Tx,
    process_id: int,
    name: str,
    from_state_id: int,
    to_state_id: int,
    percent_complete: int | None,
    actions: Sequence[str],
) -> None:
    tx.connection.execute(
        insert(process_transition).values(
            process_id=process_id,
            name=name,
            from_state_id=from_state_id,
            to_state_id=to_state_id,
            percent_complete=percent_complete,
            actions=json.dumps(list(actions)),
        )
    )


def add_type(
    tx: Tx, segment_id: int, name: str, name_key: str, activity_class: str, process_id: int
) -> int:
    made = tx.connection.execute(
        insert(activity_type)
        .values(
            segment_id=segment_id,
            name=name,
            name_key=name_key,
            activity_class=activity_class,
            process_id=process_id,
        )
        .returning(activity_type.c.id)
    )
    return int(made.scalar_one())


def processes(tx: Tx, segment_id: int) -> list[tuple[int, str]]:
    """(id, name) in the order of their making."""
    found = tx.connection.execute(
        select(process.c.id, process.c.name)
        .where(process.c.segment_id == segment_id)
        .order_by(process.c.id)
    )
    return [(row[0], row[1]) for row in found]


def states(tx: Tx, process_id: int) -> list[StateRow]:
    """In the order of their making."""
    found = tx.connection.execute(
        _STATE.where(process_state.c.process_id == process_id).order_by(process_state.c.id)
    )
    return [StateRow(*row) for row in found]


def state(tx: Tx, state_id: int) -> StateRow:
    return StateRow(*tx.connection.execute(_STATE_BY_ID, {"state_id": state_id}).one())


def initial_state(tx: Tx, type_id: int) -> StateRow:
    """Of the type's process: the oldest state that is marked as initial."""
    return StateRow(*tx.connection.execute(_INITIAL, {"type_id": type_id}).one())


def transitions(tx: Tx, process_id: int) -> list[TransitionRow]:
    """In the order of their making."""
    found = tx.connection.execute(
        _TRANSITION.where(process_transition.c.process_id == process_id).order_by(
            process_transition.c.id
        )
    )
    return [_transition(row) for row in found]


def transitions_from(tx: Tx, state_id: int) -> list[TransitionRow]:
    """In the order of their making."""
    found = tx.connection.execute(_FROM, {"state_id": state_id})
    return [_transition(row) for row in found]


def offer_by_mail(
    tx: Tx,
    transition_id: int,
    by_mail: bool,
    rejected_by: str | None,
    approvers: Sequence[str] = (),
) -> None:
    """Whether it is offered for approval by mail, what a rejection takes, and who is asked."""
    tx.connection.execute(
        update(process_transition)
        .where(process_transition.c.id == transition_id)
        .values(
            by_mail=by_mail,
            rejected_by=rejected_by,
            approvers=json.dumps(list(approvers), ensure_ascii=False) if approvers else None,
        )
    )


def send_template(
    tx: Tx, transition_id: int, template: str | None, template_to: Sequence[str]
) -> None:
    """The template of the mail that it sends, and to whom; None: it sends none."""
    tx.connection.execute(
        update(process_transition)
        .where(process_transition.c.id == transition_id)
        .values(
            template=template,
            template_to=json.dumps(list(template_to), ensure_ascii=False) if template else None,
        )
    )


def sending_template(tx: Tx, segment_id: int, template: str) -> list[tuple[str, str]]:
    """(process, transition) of those that send it, in the order of their making."""
    found = tx.connection.execute(
        select(process.c.name, process_transition.c.name)
        .join_from(process_transition, process, process.c.id == process_transition.c.process_id)
        .where(process.c.segment_id == segment_id, process_transition.c.template == template)
        .order_by(process_transition.c.id)
    )
    return [(row[0], row[1]) for row in found]


def type_by_id(tx: Tx, type_id: int) -> TypeRow:
    return TypeRow(*tx.connection.execute(_TYPE_BY_ID, {"type_id": type_id}).one())


def type_by_key(tx: Tx, segment_id: int, name_key: str) -> TypeRow | None:
    row = tx.connection.execute(
        _TYPE.where(activity_type.c.segment_id == segment_id, activity_type.c.name_key == name_key)
    ).first()
    return None if row is None else TypeRow(*row)


def types(tx: Tx, segment_id: int) -> list[TypeRow]:
    """In the order of their making."""
    found = tx.connection.execute(
        _TYPE.where(activity_type.c.segment_id == segment_id).order_by(activity_type.c.id)
    )
    return [TypeRow(*row) for row in found]


def _transition(row: Row[*tuple[Any, ...]]) -> TransitionRow:
    columns = row._mapping
    return TransitionRow(
        **{
            **columns,
            "actions": tuple(json.loads(columns["actions"])),
            "template_to": tuple(json.loads(columns["template_to"] or "[]")),
            "approvers": tuple(json.loads(columns["approvers"] or "[]")),
        }
    )

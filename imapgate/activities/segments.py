"""Segments: one tenant's data each, made with an administrator, processes and types."""

from __future__ import annotations

from dataclasses import dataclass

from imapgate.activities import patterns, process_plans, subjects, users
from imapgate.activities.names import Mistake, checked, key
from imapgate.activities.people import Person
from storage import Tx, creators, processes
from storage import people as rows

FIRST_NUMBER = 10_000_001


@dataclass(frozen=True, slots=True)
class Segment:
    """administrator: the name of its oldest one; default_creator: its name. Both None if there is
    none. subject_template: None: subjects.USUAL. domains: its own, lower case. activity_url: where
    its activities stand on the web (web_addresses), None: nowhere."""

    id: int
    name: str
    administrator: str | None
    default_creator: str | None
    subject_pattern: str | None
    subject_template: str | None
    domains: tuple[str, ...]
    activity_url: str | None


def add_segment(
    tx: Tx,
    name: str,
    administrator: str | None = None,
    email: str | None = None,
    password_hash: str | None = None,
    first_number: int = FIRST_NUMBER,
) -> tuple[Segment, Person | None]:
    """A new segment with the standard processes and types, and its administrator where one is
    given.

    password_hash: from `passwords.hashed`; goes with administrator. Raises Mistake.
    """
    kept = checked(name, "segment name")
    if "@" in kept:
        raise Mistake("A segment's name has no @.")
    if rows.segment_by_key(tx, key(kept)) is not None:
        raise Mistake(f'There is already a segment "{kept}".')
    if not 1 <= first_number < 2**53:
        raise Mistake("The first activity number is out of range.")
    segment_id = rows.add_segment(tx, kept, key(kept), first_number)
    _add_processes_and_types(tx, segment_id)
    admin = None
    if administrator is not None:
        if password_hash is None:
            raise Mistake("The administrator needs a password.")
        admin = users.add_user(tx, segment_id, administrator, email, password_hash, is_admin=True)
    tx.touch_people()
    return _segment(tx, rows.segment_by_id(tx, segment_id)), admin


def list_segments(tx: Tx) -> list[Segment]:
    """In the order of their making."""
    return [_segment(tx, row) for row in rows.segments(tx)]


def find_segment(tx: Tx, name: str | None = None) -> Segment:
    """By name, case ignored; None: the only one. Raises Mistake."""
    if name is not None:
        row = rows.segment_by_key(tx, key(name))
        if row is None:
            raise Mistake(f'There is no segment "{name}".')
        return _segment(tx, row)
    known = rows.segments(tx)
    if not known:
        raise Mistake("There is no segment yet.")
    if len(known) > 1:
        raise Mistake("There are several segments: say which one.")
    return _segment(tx, known[0])


def set_subjects(tx: Tx, segment_id: int, pattern: str | None, template: str | None = None) -> None:
    """pattern: a regular expression whose one group is an activity's number, counted beside
    `#number`; template: of the subjects of mails that go out, None: subjects.USUAL.

    Raises Mistake for what is no such thing, a pattern whose search could be long, or if what the
    template makes is not found again.
    """
    if pattern is not None:
        patterns.check(pattern)
    subjects.check(template or subjects.USUAL, pattern)
    rows.set_subjects(tx, segment_id, pattern, template)


def set_default_creator(tx: Tx, segment_id: int, name: str | None) -> None:
    """The segment's default creator, by name. Raises Mistake."""
    creator_id = None
    if name is not None:
        row = creators.by_key(tx, segment_id, key(name))
        if row is None:
            raise Mistake(f'There is no creator "{name}".')
        creator_id = row.id
    rows.set_default_creator(tx, segment_id, creator_id)
    tx.touch_people()


def own_domains(tx: Tx, segment_id: int) -> frozenset[str]:
    """The domains of the house, as keys; where none are set, those of its users' e-mail
    addresses."""
    told = rows.domains(tx, segment_id)
    if told:
        return frozenset(told)
    return frozenset(one.rpartition("@")[2] for one in rows.email_keys(tx, segment_id))


def _add_processes_and_types(tx: Tx, segment_id: int) -> None:
    process_ids = {}
    for plan in process_plans.PROCESSES:
        process_id = process_ids[plan.name] = processes.add_process(tx, segment_id, plan.name)
        state_ids = {
            state: processes.add_state(
                tx, process_id, state, state == plan.states[0], state in plan.closed
            )
            for state in plan.states
        }
        for step in plan.transitions:
            processes.add_transition(
                tx,
                process_id,
                step.name,
                state_ids[step.from_state],
                state_ids[step.to_state],
                step.percent_complete,
                step.actions,
            )
    for kind in process_plans.TYPES:
        processes.add_type(
            tx,
            segment_id,
            kind.name,
            key(kind.name),
            kind.activity_class,
            process_ids[kind.process],
        )


def _segment(tx: Tx, row: rows.SegmentRow) -> Segment:
    administrator_id = rows.administrator(tx, row.id)
    administrator = rows.principal_by_id(tx, administrator_id) if administrator_id else None
    creator = creators.by_id(tx, row.default_creator_id) if row.default_creator_id else None
    return Segment(
        row.id,
        row.name,
        administrator.name if administrator else None,
        creator.name if creator else None,
        row.subject_pattern,
        row.subject_template,
        tuple(rows.domains(tx, row.id)),
        row.activity_url,
    )

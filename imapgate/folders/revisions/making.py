"""Activities that have changed get their new revisions: what is shown is rendered outside of the
writer, and comes into all folders of an activity in one transaction."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from imapgate.activities.process_plans import EMAIL_CLASS
from imapgate.folders import incidents, ready
from imapgate.folders.activity_folders import settling
from imapgate.folders.rendering import message
from imapgate.folders.revisions import placing
from imapgate.limits import Limits
from storage import Database, Tx, activities, entries, folders, rendered, revisions, seen
from storage.activities import ActivityRow
from storage.engine import Unavailable
from storage.rendered import RenderedRow
from storage.revisions import DueRow
from storage.transactions import SHOWN

TOGETHER = 10
"""Activities of one transaction, at most."""
HOLD = 0.02
"""Seconds after which a transaction takes no further one: others' drops wait for it."""
OCTETS = 4 * 1024 * 1024
"""Of messages, from which a transaction takes no further activity."""
REST = 60
"""Seconds after which what couldn't be written is tried again; doubled each time, up to
LONGEST_REST."""
LONGEST_REST = 6 * 60 * 60
LONGEST_PAUSE = 24 * 60 * 60
"""Seconds between two revisions, at most."""
CHANGING = 1
"""Seconds for which one is left alone that was changed while its message was rendered."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be done for an activity as it stood. number: of the revision that its messages are
    of; newest: that stood before, 0: none. prepared: the messages to be put there, by group.
    until: its folders wait until then (seconds since 1970), 0: they don't."""

    due: DueRow
    activity: ActivityRow
    newest: int = 0
    number: int = 0
    prepared: Mapping[int, ready.Prepared] = field(default_factory=dict)
    until: int = 0

    @property
    def octets(self) -> int:
        return sum(len(one.content) for one in self.prepared.values())


def make_due(db: Database, limits: Limits, most: int = 20) -> int:
    """Brings at most so many activities up to date whose time has come, those first that somebody
    changed; how many were. What can't be written is reported and put off. Raises Unavailable."""
    done = 0
    for _ in range(most):
        some = min(TOGETHER, most - done)
        due = db.read(partial(revisions.due, most=some))
        done += _bring_up(db, limits, due)
        if len(due) < some or done == most:
            break
    return done


def _bring_up(db: Database, limits: Limits, due: Sequence[DueRow]) -> int:
    done = 0
    plans: list[_Plan] = []
    for row in due:
        try:
            plans.append(db.read(partial(_plan, due=row, limits=limits)))
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 (reported with its traceback)
            _put_off(db, row, error)
        if sum(one.octets for one in plans) >= OCTETS:
            done += _write(db, plans)
            plans = []
    return done + _write(db, plans)


def _write(db: Database, plans: Sequence[_Plan]) -> int:
    """How many are up to date now. A few together; where that fails, the first of them alone."""
    done, left = 0, list(plans)
    while left:
        try:
            taken, finished = db.write(partial(_carry_out_some, plans=left))
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001 (the first one is tried alone)
            taken, finished = 1, _write_alone(db, left[0])
        done += finished
        del left[:taken]
    return done


def _write_alone(db: Database, plan: _Plan) -> int:
    try:
        return int(db.write(partial(_carry_out, plan=plan)))
    except Unavailable:
        raise
    except Exception as error:  # noqa: BLE001 (reported with its traceback)
        _put_off(db, plan.due, error)
        return 0


def _carry_out_some(tx: Tx, plans: Sequence[_Plan]) -> tuple[int, int]:
    """(how many were looked at, how many of them are up to date now): others' drops wait."""
    until = time.monotonic() + HOLD
    taken = finished = 0
    for plan in plans:
        finished += _carry_out(tx, plan)
        taken += 1
        if time.monotonic() >= until:
            break
    return taken, finished


def _put_off(db: Database, due: DueRow, error: Exception) -> None:
    """What can't be written anew stands as it was, but nowhere that it mustn't any more."""
    incidents.report(error, "writing an activity's message")
    pause = min(REST * 2 ** min(due.failures, 20), LONGEST_REST)
    db.write(lambda tx: revisions.failed(tx, due.activity_id, tx.now + pause))
    try:
        db.write(partial(_withdraw, activity_id=due.activity_id))
    except Unavailable:
        raise
    except Exception as again:  # noqa: BLE001 (reported with its traceback)
        incidents.report(again, "taking back an activity's message")


def _withdraw(tx: Tx, activity_id: int) -> None:
    groups = {group_id for group_id, _ in activities.groups_of(tx, activity_id)}
    for one in rendered.of_activity(tx, activity_id):
        if one.group_id not in groups:
            entries.remove(tx, one.folder_id, [one.uid])
    settling.settle(tx, activity_id)


def _plan(tx: Tx, due: DueRow, limits: Limits) -> _Plan:
    """Reads only. Raises OSError where a large message can't be put together."""
    activity = activities.by_id(tx, due.activity_id)
    if activity.activity_class == EMAIL_CLASS:
        return _Plan(due, activity)
    newest, made_at = revisions.newest(tx, activity.id) or (0, 0)
    until = made_at + min(int(limits.revision_time), LONGEST_PAUSE)
    if newest and made_at <= tx.now < until:
        return _Plan(due, activity, newest, newest, until=until)
    groups = [group_id for group_id, _ in activities.groups_of(tx, activity.id)]
    standing = {
        one.group_id: one for one in rendered.of_activity(tx, activity.id) if one.group_id in groups
    }
    render = partial(_render, tx, activity.id, limits)
    # Where none stands any more, one of that number may have said something else.
    if standing and all(one.internal_at == activity.modified_at for one in standing.values()):
        same = render(groups, newest, standing)
        if same is not None:
            return _Plan(due, activity, newest, newest, same)
    prepared = render(groups, newest + 1, {})
    assert prepared is not None
    return _Plan(due, activity, newest, newest + 1, prepared)


def _render(
    tx: Tx,
    activity_id: int,
    limits: Limits,
    groups: Sequence[int],
    number: int,
    standing: Mapping[int, RenderedRow],
) -> dict[int, ready.Prepared] | None:
    """The messages of that revision for those groups in which none stands; None if one that stands
    is another than it would be now."""
    found = {}
    for group_id in groups:
        made = message.render(tx, activity_id, group_id, number, limits)
        if group_id not in standing:
            found[group_id] = made
        elif standing[group_id].sha256 != made.sha256:
            return None
    return found


def _carry_out(tx: Tx, plan: _Plan) -> bool:
    """Whether the activity's folders are up to date now."""
    activity, due = plan.activity, plan.due
    newest, _ = revisions.newest(tx, activity.id) or (0, 0)
    if revisions.version(tx, activity.id) != due.version or newest != plan.newest:
        # It may say by now what it mustn't say any more: nothing of before is written.
        revisions.put_off(tx, activity.id, tx.now + CHANGING)
        return False
    if activity.activity_class != EMAIL_CLASS:
        _replace(tx, plan)
        tx.touch(SHOWN)
    settling.settle(tx, activity.id)
    if plan.until:
        revisions.put_off(tx, activity.id, plan.until)
        return False
    return revisions.done(tx, activity.id, due.version)


def _replace(tx: Tx, plan: _Plan) -> None:
    """Its entries in the folders of its groups; what stands in another group's goes."""
    activity = plan.activity
    groups = [group_id for group_id, _ in activities.groups_of(tx, activity.id)]
    places = {
        group_id: folder_id for group_id, (folder_id, _) in folders.of_groups(tx, groups).items()
    }
    standing = {one.folder_id: one for one in rendered.of_activity(tx, activity.id)}
    stored = {
        group_id: (placing.store(tx, activity, plan.number, made), len(made.content))
        for group_id, made in plan.prepared.items()
    }
    if plan.number != plan.newest and stored:
        revisions.set_newest(tx, activity.id, plan.number)
    unread_for = set() if plan.due.quiet else seen.concerned(tx, activity.id)
    # In the order of folders' ids: two transactions lock their rows alike.
    for folder_id in sorted({*places.values(), *standing}):
        group_id = next((group for group, one in places.items() if one == folder_id), None)
        if group_id is None:
            entries.remove(tx, folder_id, [standing[folder_id].uid])
        elif group_id in stored:
            old = standing.get(folder_id)
            seen_by = {plan.due.alone}
            if plan.due.quiet and old is None:
                seen_by |= seen.members(tx, group_id)
            placing.put(
                tx, activity, folder_id, group_id, stored[group_id], old, unread_for, seen_by
            )

"""Why a notice comes, or doesn't: step by step, as things are now."""

from __future__ import annotations

from collections.abc import Iterator

from imapgate.activities.names import Mistake, key
from imapgate.activities.people import Person, may_see, person_by_id, roles
from imapgate.mime.writing import Unwritable, ascii_address
from imapgate.outgoing import outbox
from imapgate.outgoing.choosing import NONE, mailer_for
from imapgate.outgoing.identities import default_address, identity_of
from imapgate.outgoing.mailer import TO_FILE
from imapgate.outgoing.notifying import subscriptions, wishes
from imapgate.outgoing.notifying.telling import HOUR
from imapgate.outgoing.notifying.wishes import Way
from imapgate.outgoing.settings import NOTIFY_AFTER, NOTIFY_PER_HOUR, value_of
from imapgate.servers.trying import FAILED, OK, WARNING, Result
from storage import Tx, activities, events, links, notifications, outbox_log
from storage import outbox as outbox_rows
from storage import pending_notifications as pending
from storage.activities import ActivityRow

COUNTED = 1_000
"""Gathered notices that are looked at."""


def explain(tx: Tx, person: Person, number: int | None) -> list[Result]:
    """What keeps this person from being told (FAILED), what may (WARNING), and what is right.
    number: of an activity, None: of any. Raises Mistake: there is no such activity."""
    activity = None
    if number is not None:
        activity = activities.by_number(tx, person.segment_id, number)
        if activity is None:
            raise Mistake(f"There is no activity #{number}.")
    found = [_user(tx, person)]
    way = Way()
    for result, told in _wishes(tx, person, activity):
        found.append(result)
        way = way | told
    if activity is not None:
        found.append(_rights(tx, person, activity))
        found += _last(tx, person, activity)
    if way.by_mail:
        found += _mail(tx, person)
    if way.to_inbox:
        found.append(Result("inbox", OK, "It comes into the personal INBOX."))
    found.append(_hour(tx, person))
    found.append(_gathered(tx, person, activity))
    waiting = events.count(tx, person.segment_id)
    if waiting:
        text = f"{waiting} events wait to be looked at: the server does that within seconds."
        found.append(Result("events", WARNING, text))
    return found


def _user(tx: Tx, person: Person) -> Result:
    known = person_by_id(tx, person.id)
    if known is None or known[1]:
        hint = f"imapgate user disable --undo {person.name}"
        return Result("user", FAILED, f"{person.name} is disabled, and told nothing.", hint=hint)
    return Result("user", OK, f"{person.name} may sign in.")


def _wishes(tx: Tx, person: Person, activity: ActivityRow | None) -> Iterator[tuple[Result, Way]]:
    groups = frozenset[int]()
    if activity is not None:
        groups = frozenset(one for one, _ in activities.groups_of(tx, activity.id))
    any_covers = False
    for row in notifications.of_principal(tx, person.id):
        said = subscriptions.told(subscriptions.find(tx, person.segment_id, row.id))
        covers = activity is None or wishes.covers(row, activity.id, groups)
        any_covers = any_covers or covers
        text = f"Notification {row.id}: {said}."
        if not covers:
            assert activity is not None
            text += f" It doesn't cover #{activity.number}."
        yield Result("wanted", OK, text), Way(row.by_mail, row.to_inbox) if covers else Way()
    if not any_covers:
        about = "" if activity is None else f" of #{activity.number}"
        text = f"{person.name} doesn't want to be told of anything{about}."
        hint = f"imapgate notify add {person.name} --on follow-up,state"
        yield Result("wanted", FAILED, text, hint=hint), Way()


def _rights(tx: Tx, person: Person, activity: ActivityRow) -> Result:
    known = roles(tx, person)
    names = [name for one, name in activities.groups_of(tx, activity.id) if one in known]
    if may_see(tx, person, activity.id):
        text = f"{person.name} sees #{activity.number} as a member of {', '.join(names)}."
        return Result("rights", OK, text)
    text = f"{person.name} is a member of none of the groups of #{activity.number}."
    return Result("rights", FAILED, text, hint="imapgate member set GROUP USER viewer")


def _last(tx: Tx, person: Person, activity: ActivityRow) -> Iterator[Result]:
    follow_ups = links.follow_ups(tx, activity.id)
    if follow_ups and follow_ups[-1].author_id == person.id:
        text = f"The last follow-up is by {person.name}: nobody is told what they did themselves."
        yield Result("doer", WARNING, text)


def _mail(tx: Tx, person: Person) -> Iterator[Result]:
    address = default_address(tx, person.id)
    if address is None:
        hint = f"imapgate user mail add {person.name} ADDRESS"
        text = f"{person.name} has no address: notices come into the INBOX."
        yield Result("address", WARNING, text, hint=hint)
        return
    try:
        kept = ascii_address(address)
    except Unwritable as error:
        yield Result("address", WARNING, f"{error} Notices come into the INBOX.")
        return
    yield Result("address", OK, f"It is sent to {kept}.")
    mailer = mailer_for(tx, person.segment_id, None)
    if mailer is None:
        yield Result("mailer", WARNING, f"{NONE} Notices come into the INBOX.")
        return
    if mailer.active:
        yield Result("mailer", OK, f'It goes out by mailer "{mailer.name}".')
    else:
        text = f'Mailer "{mailer.name}" is switched off: what is to go out by it waits.'
        yield Result("mailer", WARNING, text)
    if mailer.intercept is not None:
        into = "a file" if mailer.intercept == TO_FILE else mailer.intercept
        text = f'Mailer "{mailer.name}" intercepts: it goes to {into}, and to nobody else.'
        yield Result("intercept", WARNING, text)
    system = identity_of(tx, person.segment_id, None)
    yield Result("answers", OK, f"Answers to it go to {system.reply_to or system.address}.")
    yield from _last_sent(tx, person, kept)


def _last_sent(tx: Tx, person: Person, address: str) -> Iterator[Result]:
    wanted = outbox_log.Wanted(
        person.segment_id, kind=outbox.NOTIFICATION, address_key=key(address)
    )
    newest = outbox_log.first_of(tx, wanted, 1)
    if newest is None:
        return
    row = outbox_log.page(tx, wanted, newest, 1)[0].row
    state = OK if row.state == outbox_rows.SENT else WARNING
    text = f"The last notice to {address} is {row.state} (mail {row.id} of the outbox)."
    hint = "" if state == OK else f"imapgate outbox show {row.id}"
    yield Result("outbox", state, text, row.text if state != OK else "", hint)


def _hour(tx: Tx, person: Person) -> Result:
    hourly = value_of(tx, person.segment_id, NOTIFY_PER_HOUR)
    since, count = pending.told(tx, person.id)
    left = since + HOUR - tx.now
    if not 0 < left <= HOUR:
        return Result("hour", OK, f"At most {hourly} notices in an hour, none in this one yet.")
    if count < hourly:
        return Result("hour", OK, f"{count} of {hourly} notices of this hour were written.")
    text = f"All {hourly} notices of this hour were written; the next is a digest in {left} s."
    return Result("hour", WARNING, text, hint=f"imapgate outgoing set {NOTIFY_PER_HOUR} NUMBER")


def _gathered(tx: Tx, person: Person, activity: ActivityRow | None) -> Result:
    rows = [
        one
        for one in pending.of_principal(tx, person.id, COUNTED)
        if activity is None or one.activity_id == activity.id
    ]
    if not rows:
        after = value_of(tx, person.segment_id, NOTIFY_AFTER)
        return Result("gathered", OK, f"Nothing is gathered; what happens is told after {after} s.")
    lines = sum(len(one.lines) + one.more for one in rows)
    soonest = max(0, min(one.due_at for one in rows) - tx.now)
    return Result("gathered", OK, f"{lines} changes are gathered, to be told in {soonest} s.")

"""What the demo's database holds, made through the real rooms."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from imapgate.activities import by_hand, contacts, creators, groups, segments, users
from imapgate.activities.names import Mistake
from imapgate.activities.passwords import hashed
from imapgate.activities.people import Person
from imapgate.cli import demo_mails
from imapgate.folders.drops import Arrival, append
from imapgate.folders.groups import group_added, make_home, members_changed
from imapgate.folders.revisions.making import make_due
from imapgate.folders.tree import create, subscribe
from imapgate.folders.verdict import Outcome, Verdict
from imapgate.limits import Limits
from storage import Database, Tx

SEGMENT = "Standard"
PASSWORD = "demo"  # noqa: S105  # told to everybody; the demo listens on loopback only
ADMIN = "admin"
USERS = ("alice", "bob", "carol", "dave")
LOGINS = (ADMIN, *USERS)
TRY_ME = "Try me"
REFUSING = "Trackers/Archive"
CLIENT = "imapgate demo"

GROUPS = (
    ("tracker", "E-Mails"),
    ("tracker", "Support"),
    ("tracker", "Sales"),
    ("tracker", "Archive"),
    ("tracker", "Meetings"),
    ("tracker", "Büro & Ablage"),
    ("category", "VIP customers"),
    ("milestone", "Release 1.0"),
)
CREATORS = (
    ("E-Mails", "E-Mail", "E-Mails"),
    ("Support E-Mails", "E-Mail", "Support"),
    ("GadgetASupport", "Bug", "Support"),
    ("Sales E-Mails", "E-Mail", "Sales"),
    ("Meetings", "Meeting", "Meetings"),
    ("Büro E-Mails", "E-Mail", "Büro & Ablage"),
    ("VIP E-Mails", "E-Mail", "VIP customers"),
)
"""Name, type, group."""
DEFAULT_CREATOR = "E-Mails"
INCIDENT_CREATOR = "GadgetASupport"
ROLES = {"alice": "contributor", "bob": "manager"}
"""In every group."""
VIEWER, VIEWED = "carol", "Support"
CONTACTS = (
    ("Erika Example", ("erika@example.net", "erika.example@office.example")),
    ("Max Muster", ("max@customer.example",)),
    ("Zoë Zöller", ("zoe@vip.example",)),
)
INCIDENTS = (
    ("Gadget does not boot", "Erika Example", "alice", ("Assign",)),
    ("Invoice is wrong", "Max Muster", "bob", ("Assign", "Complete", "Close")),
)
"""Name, who reports it, who takes the transitions, these. The first ones made: 10000001, 10000002,
and assigned to ASSIGNED."""
LATER = (("Battery gets hot", "Zoë Zöller", "alice", ("Assign",)),)
"""The same, after the mails: 10000005."""
ASSIGNED = "alice"
TASK, TASK_TYPE, TASK_TAKER = "Manual of gadget B is missing", "Task", "bob"
"""10000006, in VIEWED's group, which ASSIGNED has reported and somebody else has taken."""
DESCRIPTIONS = {
    "Gadget does not boot": "Gadget A, since this morning. It worked last week.",
    "Battery gets hot": "Gadget A, after an hour of charging.",
    TASK: "Three customers have asked for it.",
}


def fill(db: Database) -> None:
    """Segment, users, groups, creators, contacts, incidents and mails of a new database."""
    password_hash = hashed(PASSWORD)
    people = db.write(lambda tx: _without_mails(tx, password_hash))
    limits = Limits()
    _append(db, people["alice"], "Trackers/Support", demo_mails.filed(), limits)
    db.write(lambda tx: _later(tx, people))
    while make_due(db, limits):  # their messages, behind the mails
        pass
    for person in people.values():
        _done(db.write(partial(_try_me, person=person, limits=limits)))
        _append(db, person, TRY_ME, demo_mails.try_me(), limits)
    for name in ROLES:
        # Clients show subscribed folders; what takes no mail isn't, and a refusal is to be seen.
        _done(db.write(partial(_refusing, person=people[name], limits=limits)))


def _without_mails(tx: Tx, password_hash: str) -> dict[str, Person]:
    segment, admin = segments.add_segment(tx, SEGMENT, ADMIN, f"{ADMIN}@example.org", password_hash)
    assert admin is not None
    people = {ADMIN: admin}
    for name in USERS:
        email = f"{name}@example.org"
        people[name] = users.add_user(tx, segment.id, name, email, password_hash)
    for person in people.values():
        make_home(tx, person)
    made = {}
    for kind, name in GROUPS:
        made[name] = groups.add_group(tx, segment.id, name, kind)
        group_added(tx, made[name].id)
    for name, type_name, group in CREATORS:
        assigned = f"{ASSIGNED}@{SEGMENT}" if name == INCIDENT_CREATOR else None
        creators.add_creator(tx, segment.id, name, type_name, [made[group]], assigned_to=assigned)
    segments.set_default_creator(tx, segment.id, DEFAULT_CREATOR)
    for one in made.values():
        roles = {**ROLES, **({VIEWER: "viewer"} if one.name == VIEWED else {})}
        for user, role in roles.items():
            member_id, new = groups.set_member(tx, one, f"{user}@{SEGMENT}", role)
            members_changed(tx, one.id, member_id if new else None)
    for name, addresses in CONTACTS:
        contacts.add_contact(tx, segment.id, name, addresses)
    _incidents(tx, people, INCIDENTS)
    return people


def _incidents(
    tx: Tx, people: dict[str, Person], incidents: Sequence[tuple[str, str, str, tuple[str, ...]]]
) -> None:
    segment_id = people[ADMIN].segment_id
    for name, reporter, taker, transitions in incidents:
        number = by_hand.new_activity(
            tx,
            segment_id,
            name,
            creator=INCIDENT_CREATOR,
            contact=reporter,
            person=people["bob"],
            description=DESCRIPTIONS.get(name, ""),
        )
        for transition in transitions:
            by_hand.follow_up(tx, segment_id, number, transition=transition, person=people[taker])


def _try_me(tx: Tx, person: Person, limits: Limits) -> Verdict:
    verdict = create(tx, person, TRY_ME, limits)
    if verdict.outcome is not Outcome.DONE:
        return verdict
    return subscribe(tx, person, TRY_ME, True, limits)


def _refusing(tx: Tx, person: Person, limits: Limits) -> Verdict:
    return subscribe(tx, person, REFUSING, True, limits)


def _append(
    db: Database, person: Person, folder: str, mails: Sequence[bytes], limits: Limits
) -> None:
    arrivals = [Arrival(mail, (), None, 0) for mail in mails]
    _done(append(db, person, folder, arrivals, CLIENT, limits))


def _done(verdict: Verdict) -> None:
    if verdict.outcome is not Outcome.DONE:
        raise Mistake(f"The demo's content could not be made: {verdict.text}")


def _later(tx: Tx, people: dict[str, Person]) -> None:
    _incidents(tx, people, LATER)
    segment_id, taker = people[ADMIN].segment_id, people[TASK_TAKER]
    number = by_hand.new_activity(
        tx,
        segment_id,
        TASK,
        type_name=TASK_TYPE,
        groups=[groups.find_group(tx, segment_id, VIEWED)],
        contact=f"{ASSIGNED}@example.org",
        person=people[ASSIGNED],
        description=DESCRIPTIONS[TASK],
    )
    by_hand.follow_up(tx, segment_id, number, transition="Assign", person=taker)

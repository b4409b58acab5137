"""What a mail dropped on a group becomes: an e-mail activity (docs/rules.md 6 to 12)."""

from __future__ import annotations

from collections.abc import Sequence

from imapgate.activities import happenings, identity, linking, making
from imapgate.activities.names import quoted
from imapgate.activities.outcome import Cause, Filed, NumberOutcome, Refusal, StoredMail
from imapgate.activities.people import Person, may_contribute, may_see
from imapgate.activities.process_plans import EMAIL_CLASS
from imapgate.activities.terms import DROP, Terms
from imapgate.mime.mail import Mail
from storage import Tx, activities, creators, drops, emails, groups

__all__ = [
    "Cause",
    "Filed",
    "NumberOutcome",
    "Refusal",
    "StoredMail",
    "email_creator",
    "file_into_group",
    "file_with_creator",
    "group_creator",
    "known_activity",
    "no_right",
    "refile",
]

MOST_SAME_MESSAGE_ID = 20
"""Activities with one Message-ID whose mails are compared with a new one."""


def email_creator(tx: Tx, group_id: int) -> int | None:
    """The group's e-mail creator: its first (oldest) creator whose type is of class E-Mail; None if
    it can't take mail."""
    creator = _email_creator(tx, group_id)
    return None if creator is None else creator.id


def file_into_group(
    tx: Tx, person: Person, stored: StoredMail, group_id: int, target_id: int | None = None
) -> Filed | Refusal:
    """File one mail into one group by the person's rights. Idempotent (rules 7, 10): the same mail
    again gives the same activity, matched once more; into another group the same activity gains
    that group. target_id: the activity on whose folder it was dropped, to which it is linked as if
    its number stood in the subject."""
    creator = group_creator(tx, person, group_id)
    if isinstance(creator, Refusal):
        return creator
    targets = () if target_id is None else (target_id,)
    return file_with_creator(tx, person, stored, creator, (group_id,), targets)


def group_creator(tx: Tx, person: Person, group_id: int) -> creators.CreatorRow | Refusal:
    """The e-mail creator by which this person may file into the group, or why not: right first,
    then creator."""
    if not may_contribute(tx, person, group_id):
        return no_right(tx, group_id)
    creator = _email_creator(tx, group_id)
    if creator is not None:
        return creator
    group = groups.by_id(tx, group_id)
    text = f"group {quoted(group.name if group else '')} has no e-mail creator"
    classes = dict.fromkeys(one.activity_class for one in creators.of_group(tx, group_id))
    if classes:
        text += f" (only for {', '.join(classes)})"
    return Refusal(Cause.NO_CREATOR, text)


def no_right(tx: Tx, group_id: int) -> Refusal:
    """You may not add mail to that group."""
    group = groups.by_id(tx, group_id)
    name = quoted(group.name) if group else "that is no longer there"
    return Refusal(Cause.NO_RIGHT, f"you may not add mail to group {name}")


def file_with_creator(
    tx: Tx,
    person: Person,
    stored: StoredMail,
    creator: creators.CreatorRow,
    group_ids: Sequence[int],
    targets: Sequence[int] = (),
    terms: Terms = DROP,
) -> Filed:
    """File one mail into all these groups; the caller has checked the rights. targets: ids of what
    the person named for it, beside what its subject names (rule 11)."""
    known = known_activity(tx, person, stored, group_ids, terms)
    if known is not None:
        return refile(tx, person, known, stored, group_ids, targets, terms)
    preset = making.template(creator)
    made = making.new_email_activity(tx, person, preset, group_ids, stored, terms)
    numbers = linking.link_mail(tx, person, made.activity_id, stored.mail, targets, terms)
    return Filed(made.activity_id, made.number, True, tuple(group_ids), numbers)


def refile(
    tx: Tx,
    person: Person,
    activity_id: int,
    stored: StoredMail,
    group_ids: Sequence[int],
    targets: Sequence[int] = (),
    terms: Terms = DROP,
    matches: bool = True,
) -> Filed:
    """A mail that is an activity already comes into all these groups, too. targets: ids of what it
    is linked to beside what the mail names; matches: it is linked to that, too."""
    for group_id in group_ids:
        if activities.add_to_group(tx, activity_id, group_id):
            activities.change(tx, activity_id)
            if terms.told:
                doer = happenings.doer(terms, person.id)
                happenings.changed(
                    tx, person.segment_id, activity_id, "joined", doer, group=group_id
                )
    email = emails.of_activity(tx, activity_id)
    # Recipients that were set by hand count, whatever the mail names.
    if email is not None and email.identity == stored.identity and not email.addressed:
        _match_contacts(tx, person, activity_id, stored.mail, terms)
    if terms.direction or terms.automatic:
        emails.tell_origin(tx, activity_id, terms.direction, terms.automatic)
    if matches:
        numbers = linking.link_mail(tx, person, activity_id, stored.mail, targets, terms)
    else:
        numbers = linking.link_named(tx, person, activity_id, stored.mail, targets)
    number = activities.by_id(tx, activity_id).number
    return Filed(activity_id, number, False, tuple(group_ids), numbers)


def _match_contacts(tx: Tx, person: Person, activity_id: int, mail: Mail, terms: Terms) -> None:
    now = making.recipients_of(tx, person.segment_id, mail, terms.stand_in)
    before = emails.matched(tx, activity_id)
    direction = making.told_direction(terms, now)
    if direction is not None:
        emails.tell_origin(tx, activity_id, direction, None)
    # What a journal's envelope told isn't in the mail.
    wanted = [*now.rows, *(one for one in before if one.kind == emails.ENVELOPE)]
    if wanted != before:
        emails.set_recipients(tx, activity_id, wanted)
        activities.change(tx, activity_id, reporting_contact_id=now.sender_contact_id)
        if terms.told:
            doer = happenings.doer(terms, person.id)
            happenings.changed(tx, person.segment_id, activity_id, "recipients", doer)


def known_activity(
    tx: Tx, person: Person, stored: StoredMail, group_ids: Sequence[int], terms: Terms
) -> int | None:
    """The activity of the same mail that this person may see, or that is in one of the groups;
    rather one of the latter. (An account may file where its logging user is no member.)"""
    same = emails.by_identity(tx, person.segment_id, stored.identity)
    seen = [one for one in same if _counts(tx, person, one, group_ids)]
    if same and not seen:
        # Taken out of its last group, nobody sees it; whoever put it there or took it out undoes
        # that by dropping it again.
        own = drops.concerned(tx, person.id, stored.identity)
        seen = [one for one in same if one in own and not activities.groups_of(tx, one)]
    if not seen and stored.mail.message_id:
        seen = [
            activity_id
            for activity_id, message_row in emails.seen_by_message_id(
                tx,
                person.segment_id,
                person.member_id if terms is DROP else None,
                stored.mail.message_id,
                MOST_SAME_MESSAGE_ID,
            )
            if (terms is DROP or _counts(tx, person, activity_id, group_ids))
            and _agrees(tx, message_row, stored.mail)
        ]
    inside = [one for one in seen if _is_inside(tx, one, group_ids)]
    return next(iter(inside or seen), None)


def _counts(tx: Tx, person: Person, activity_id: int, group_ids: Sequence[int]) -> bool:
    return may_see(tx, person, activity_id) or _is_inside(tx, activity_id, group_ids)


def _is_inside(tx: Tx, activity_id: int, group_ids: Sequence[int]) -> bool:
    return any(activities.in_group(tx, activity_id, group) for group in group_ids)


def _agrees(tx: Tx, message_row: int, mail: Mail) -> bool:
    digest = emails.digest(tx, message_row)
    return digest is not None and identity.agree(Mail.from_json(digest), mail)


def _email_creator(tx: Tx, group_id: int) -> creators.CreatorRow | None:
    return next(
        (one for one in creators.of_group(tx, group_id) if one.activity_class == EMAIL_CLASS), None
    )

"""linkToAndFollowUp: an e-mail activity is tied to what it is about (rule 10)."""

from __future__ import annotations

from collections.abc import Sequence

from imapgate.activities import approvals, approving, happenings, matching, processes, strangers
from imapgate.activities.names import Mistake
from imapgate.activities.outcome import NumberOutcome
from imapgate.activities.people import Person
from imapgate.activities.terms import DROP, Terms
from imapgate.mime.mail import Mail
from imapgate.mime.quotes import own_text
from storage import Tx, activities, links

RELATES_TO = "RELATES_TO"
LINKED, ALREADY, UNKNOWN, STRANGER = "linked", "already", "unknown", "stranger"
NOT_LINKED = (UNKNOWN, STRANGER)
NO_SUBJECT = "(no subject)"


def link_to_and_follow_up(
    tx: Tx,
    email_activity_id: int,
    target: activities.ActivityRow,
    person: Person,
    title: str,
    text: str,
    moves: bool = True,
    terms: Terms = DROP,
) -> bool:
    """Whether the link is new; twice is once. terms: of the mail.

    RELATES_TO from the e-mail activity to the target, ` [#number]` of the target on the e-mail
    activity's name, and a follow-up on the target: by the sender's contact where there is one, else
    by person. A closed target is linked too. Its state stays, unless its creator (else its type)
    names a transition for this that starts from it, and moves. An activity is never linked to
    itself.
    """
    if email_activity_id == target.id:
        return False
    new = links.add_link(tx, email_activity_id, target.id, RELATES_TO)
    email = activities.by_id(tx, email_activity_id)
    mark = f"[#{target.number}]"
    if mark not in email.name:
        activities.change(tx, email_activity_id, name=f"{email.name} {mark}")
    if not links.has_follow_up_from(tx, target.id, email_activity_id):
        follow_up_id = links.add_follow_up(
            tx,
            target.id,
            links.FollowUpRow(
                transition=(
                    _take_follow_up_transition(tx, target, person, terms, email_activity_id)
                    if moves
                    else None
                ),
                title=title,
                text=text,
                author_id=person.id,
                author_contact_id=email.reporting_contact_id,
                from_activity_id=email_activity_id,
                at=tx.now,
            ),
        )
        activities.change(tx, target.id)
        if terms.told:
            doer = happenings.doer(terms, person.id)
            happenings.followed_up(tx, target, follow_up_id, doer, email.reporting_contact_id)
    return new


def link_mail(
    tx: Tx,
    person: Person,
    activity_id: int,
    mail: Mail,
    targets: Sequence[int] = (),
    terms: Terms = DROP,
) -> tuple[NumberOutcome, ...]:
    """Link an e-mail activity to what its mail is about, and tell what came of each.

    targets: ids of what the person named outside of the mail (in a wrapper, or by the folder),
    which come first. Then the numbers in the subject that this person may see; only if none is
    known, and nothing was named, what the mail answers; and if it answers nothing, the numbers of
    plus addresses. A number that the terms keep from a stranger counts as if it weren't there, but
    for its outcome.
    """
    if not terms.links:
        return ()
    author = terms.author or person
    outcomes: dict[int, str] = {}
    for target_id in targets:
        _link(tx, author, activity_id, activities.by_id(tx, target_id), mail, outcomes, terms)
    pattern = matching.own_pattern(tx, person.segment_id)
    numbers = matching.numbers_in(mail.subject, pattern)
    _link_numbers(tx, person, activity_id, numbers, mail, outcomes, terms)
    if terms.answers and all(outcome in NOT_LINKED for outcome in outcomes.values()):
        for answered_id in matching.answered(tx, person, mail, activity_id, terms.groups):
            answered = activities.by_id(tx, answered_id)
            _link(tx, author, activity_id, answered, mail, outcomes, terms)
    if all(outcome in NOT_LINKED for outcome in outcomes.values()):
        _link_numbers(tx, person, activity_id, terms.plus, mail, outcomes, terms)
    return tuple(NumberOutcome(number, outcome) for number, outcome in outcomes.items())


def link_named(
    tx: Tx, person: Person, activity_id: int, mail: Mail, targets: Sequence[int]
) -> tuple[NumberOutcome, ...]:
    """As link_mail, but to targets alone, whatever the mail names."""
    outcomes: dict[int, str] = {}
    for target_id in targets:
        _link(tx, person, activity_id, activities.by_id(tx, target_id), mail, outcomes, DROP)
    return tuple(NumberOutcome(number, outcome) for number, outcome in outcomes.items())


def _link_numbers(
    tx: Tx,
    person: Person,
    activity_id: int,
    numbers: Sequence[int],
    mail: Mail,
    outcomes: dict[int, str],
    terms: Terms,
) -> None:
    for number in numbers:
        if number in outcomes:
            continue
        found = matching.visible(tx, person, number)
        # Its own number can only stand in the subject by chance: it was written before the number
        # was given out.
        if found is None or found.id == activity_id:
            outcomes[number] = UNKNOWN
        elif not strangers.admits(tx, terms, found):
            outcomes[number] = STRANGER
        else:
            _link(tx, terms.author or person, activity_id, found, mail, outcomes, terms)


def _link(
    tx: Tx,
    author: Person,
    activity_id: int,
    target: activities.ActivityRow,
    mail: Mail,
    outcomes: dict[int, str],
    terms: Terms,
) -> None:
    if activity_id == target.id:
        return
    title = mail.subject.strip() or NO_SUBJECT
    new = link_to_and_follow_up(
        tx, activity_id, target, author, title, own_text(mail.text), terms.moves, terms
    )
    outcomes[target.number] = LINKED if new else ALREADY


def _take_follow_up_transition(
    tx: Tx, target: activities.ActivityRow, person: Person, terms: Terms, email_activity_id: int
) -> str | None:
    wanted = target.follow_up_transition
    if wanted is None or wanted not in processes.possible(tx, target.id):
        return None
    try:
        came = approving.take_or_ask(tx, target, wanted, person, terms, email_activity_id)
    except Mistake as mistake:
        if approvals.waiting(tx, target, wanted) is None:
            approvals.note(tx, target.id, f"Approval not asked for: {wanted}", str(mistake), None)
        return None
    return came.transition if isinstance(came, processes.Taken) else None

"""Where mail is filed that users send through imapgate: `user sent`, `group sent`."""

from __future__ import annotations

import click

from imapgate.activities import groups, sent_mail
from imapgate.activities.people import person
from imapgate.activities.sent_mail import OFF, ON
from imapgate.cli.options import json_option, kind_option, reason_option, segment_option
from imapgate.cli.output import tell
from imapgate.cli.place import Place, login, segment_of
from imapgate.cli.who import operator
from storage import Tx, sent_wishes
from storage.sent_wishes import SentWish

_REFERENCES = click.option(
    "--references",
    type=click.Choice((ON, OFF)),
    help="Whether it is filed to the activity that it answers, also without a number.",
)


@click.command("sent")
@click.argument("name", metavar="USER")
@_REFERENCES
@click.option("--group", metavar="GROUP", help="Where everything else is filed.")
@click.option("--no-group", is_flag=True, help="Everything else is filed nowhere.")
@kind_option
@segment_option
@reason_option
@json_option
@click.pass_obj
def user_sent(
    place: Place,
    name: str,
    references: str | None,
    group: str | None,
    no_group: bool,
    kind: str | None,
    segment: str | None,
    reason: str,
    as_json: bool,
) -> None:
    """Set or show where mail that USER sends is filed.

    With an activity's number in its subject, or a plus address among its recipients, it is filed to
    that activity in any case. Everything else is only sent, unless it is said here.

    \b
    Example:
      imapgate user sent alice --references on
      imapgate user sent alice --group Sales
    """
    if group is not None and no_group:
        raise click.UsageError("--group and --no-group exclude each other.")
    changes = references is not None or group is not None or no_group

    def work(tx: Tx) -> tuple[str, SentWish, str | None]:
        found = person(tx, login(tx, name, segment))
        if changes:
            wanted = None
            if group is not None:
                wanted = groups.find_group(tx, found.segment_id, group, kind)
            by_references = None if references is None else references == ON
            sent_mail.set_wish(tx, found, operator(), by_references, wanted, no_group, reason)
        return (f"{found.name}@{found.segment}", *sent_mail.wish_of(tx, found))

    with place.database() as db:
        called, wish, into = db.write(work) if changes else db.read(work)
    by = "by numbers and by what it answers" if wish.by_references else "by numbers"
    rest = "everything else is only sent" if into is None else f'everything else into "{into}"'
    value = {"user": called, "references": wish.by_references, "group": into}
    tell(f"What {called} sends is filed {by}; {rest}.", value, as_json)


@click.command("sent")
@click.argument("name", metavar="GROUP")
@_REFERENCES
@kind_option
@segment_option
@reason_option
@json_option
@click.pass_obj
def group_sent(
    place: Place,
    name: str,
    references: str | None,
    kind: str | None,
    segment: str | None,
    reason: str,
    as_json: bool,
) -> None:
    """Set or show where answers to GROUP are filed.

    What anybody sends through imapgate in answer to an activity of the group: with --references on
    it is filed to the activity that it answers, also without
    a number in its subject.

    \b
    Example:
      imapgate group sent Support --references on
    """

    def work(tx: Tx) -> tuple[str, bool]:
        where = segment_of(tx, segment).id
        found = groups.find_group(tx, where, name, kind)
        if references is not None:
            sent_mail.set_of_group(tx, where, found, operator(), references == ON, reason)
        return found.name, sent_wishes.by_references(tx, [found.id])

    with place.database() as db:
        called, answers = db.read(work) if references is None else db.write(work)
    what = "also without a number" if answers else "by its number, or where its sender says so"
    value = {"group": called, "references": answers}
    tell(f'What answers activities of "{called}" is filed {what}.', value, as_json)

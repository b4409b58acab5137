"""Activities: looking at them, and writing them and their follow-ups by hand."""

from __future__ import annotations

from typing import Any

import click

from imapgate.activities import by_hand
from imapgate.activities.approvals import Approval
from imapgate.activities.approving import waits
from imapgate.activities.creators import PRIORITIES
from imapgate.activities.groups import find_group
from imapgate.activities.mail_by_hand import is_mail
from imapgate.activities.names import Mistake
from imapgate.activities.people import Person
from imapgate.activities.processes import Taken
from imapgate.activities.show import list_activities, show_activity
from imapgate.cli.activity_mail import activity_mail
from imapgate.cli.activity_message import activity_message
from imapgate.cli.activity_page import print_activity
from imapgate.cli.activity_recipients import (
    activity_recipients,
    gateway_option,
    named,
    recipient_options,
)
from imapgate.cli.erasing import activity_erase
from imapgate.cli.options import activity_number, groups_named, json_option, segment_option
from imapgate.cli.output import print_json, print_table, tell
from imapgate.cli.place import Place, acting, segment_of, who_sends
from imapgate.outgoing import carrying
from imapgate.outgoing.writing_by_hand import Written, write_mail
from storage import Tx, activities, events


@click.group()
def activity() -> None:
    """Activities: what mails became, and what they are about.

    \b
    Example:
      imapgate activity list
    """


@activity.command("list")
@click.option("--group", metavar="GROUP", help="Only those in this group.")
@click.option("--class", "activity_class", metavar="CLASS", help="Only E-Mail, Incident, ...")
@click.option("--state", metavar="STATE", help="Only those in this state.")
@click.option("--open/--closed", "still_open", default=None, help="Only open or closed ones.")
@click.option("--limit", type=click.IntRange(min=1), help="Only the newest ones.")
@segment_option
@json_option
@click.pass_obj
def activity_list(
    place: Place,
    group: str | None,
    activity_class: str | None,
    state: str | None,
    still_open: bool | None,
    limit: int | None,
    segment: str | None,
    as_json: bool,
) -> None:
    """List a segment's activities by number.

    \b
    Example:
      imapgate activity list --group Support --open
    """

    def work(tx: Tx) -> list[dict[str, Any]]:
        where = segment_of(tx, segment)
        return list_activities(
            tx,
            where.id,
            group=None if group is None else find_group(tx, where.id, group),
            activity_class=activity_class,
            state=state,
            closed=None if still_open is None else not still_open,
            limit=limit,
        )

    with place.database() as db:
        found = db.read(work)
    if as_json:
        print_json(found)
        return
    print_table(
        ("number", "%", "class", "state", "priority", "name", "groups"),
        (
            (
                one["number"],
                one["percent_complete"],
                one["class"],
                one["state"],
                one["priority"],
                one["name"],
                ", ".join(one["groups"]),
            )
            for one in found
        ),
        "There is no such activity.",
        numbers=2,
    )


@activity.command("show")
@click.argument("number", callback=activity_number)
@segment_option
@json_option
@click.pass_obj
def activity_show(place: Place, number: int, segment: str | None, as_json: bool) -> None:
    """Show everything about one activity.

    \b
    Example:
      imapgate activity show 10000001 --json
    """
    with place.database() as db:
        shown = db.read(lambda tx: show_activity(tx, segment_of(tx, segment).id, number))
    if as_json:
        print_json(shown)
    else:
        print_activity(shown)


@activity.command("new")
@click.argument("name")
@click.option("--creator", metavar="NAME", help="The creator to make it with, or else --type.")
@click.option("--type", "type_name", metavar="TYPE", help="Its type, without a creator.")
@click.option(
    "--group",
    "group_names",
    multiple=True,
    metavar="GROUP",
    help="A group beside the creator's; may be repeated.",
)
@click.option("--description", default="", metavar="TEXT")
@click.option("--detailed-description", default="", metavar="TEXT")
@click.option("--priority", type=click.Choice(list(PRIORITIES)))
@click.option("--contact", metavar="CONTACT", help="Who reports it: a name or an address.")
@recipient_options
@gateway_option
@click.option("--as", "as_user", metavar="USER", help="Who makes it; else the administrator.")
@segment_option
@json_option
@click.pass_obj
def activity_new(
    place: Place,
    name: str,
    creator: str | None,
    type_name: str | None,
    group_names: tuple[str, ...],
    description: str,
    detailed_description: str,
    priority: str | None,
    contact: str | None,
    to: tuple[str, ...],
    cc: tuple[str, ...],
    bcc: tuple[str, ...],
    gateway: str | None,
    as_user: str | None,
    segment: str | None,
    as_json: bool,
) -> None:
    """Make an activity that came by no mail.

    Of class E-Mail it is a mail that you write: its name is the subject, the detailed description
    the text. It is sent by the transition `Send as mail`.

    \b
    Example:
      imapgate activity new "Gadget is too hot" --creator GadgetASupport
      imapgate activity new "Offer" --creator "Sales E-Mails" --to erika@example.net \\
        --detailed-description "As we said on the phone: 20 gadgets."
    """
    if (creator is None) == (type_name is None):
        raise click.UsageError("Say --creator or --type, one of the two.")
    recipients = named(to, cc, bcc)

    def as_mail(tx: Tx) -> tuple[Person, Written] | None:
        where = segment_of(tx, segment)
        if not is_mail(tx, where.id, creator, type_name):
            if recipients or gateway:
                raise Mistake("Only e-mail activities have recipients.")
            return None
        written = Written(
            name,
            detailed_description,
            recipients,
            gateway,
            creator,
            type_name,
            tuple(groups_named(tx, where.id, group_names)),
            description,
            priority,
            contact,
        )
        return acting(tx, as_user, where), written

    def work(tx: Tx) -> dict[str, Any]:
        where = segment_of(tx, segment)
        number = by_hand.new_activity(
            tx,
            where.id,
            name,
            creator=creator,
            type_name=type_name,
            groups=groups_named(tx, where.id, group_names),
            description=description,
            detailed_description=detailed_description,
            priority=priority,
            contact=contact,
            person=acting(tx, as_user, where),
        )
        return show_activity(tx, where.id, number)

    with place.database() as db:
        mail = db.read(as_mail)
        if mail is None:
            made = db.write(work)
        else:
            number = write_mail(db, *mail, place.settings().limits)
            made = db.read(lambda tx: show_activity(tx, mail[0].segment_id, number))
    tell(f"Made #{made['number']} {made['name']} ({made['state']}).", made, as_json)


@activity.command("follow-up")
@click.argument("number", callback=activity_number)
@click.option("--transition", metavar="NAME", help="The transition to take; see `process show`.")
@click.option("--title", metavar="T", help="Else the transition's name.")
@click.option("--text", default="", metavar="T")
@click.option("--as", "as_user", metavar="USER", help="Who writes it; else the administrator.")
@segment_option
@json_option
@click.pass_obj
def activity_follow_up(
    place: Place,
    number: int,
    transition: str | None,
    title: str | None,
    text: str,
    as_user: str | None,
    segment: str | None,
    as_json: bool,
) -> None:
    """Write a follow-up, and take a transition if one is named.

    What the transition does beside (sending the activity as mail, exporting it) is begun at once,
    and what comes of it is told; of the activity's JSON that is `outgoing`. A transition that wants
    somebody's approval isn't taken, but asked for by mail.

    \b
    Example:
      imapgate activity follow-up 10000001 --transition "Add Note" --text "Called back." --as bob
      imapgate activity follow-up 10000002 --transition "Send as mail" --as alice
    """

    def work(tx: Tx) -> tuple[Taken | Approval | None, list[int]]:
        where = segment_of(tx, segment)
        before = _events(tx, where.id, number)
        taken = by_hand.follow_up(
            tx,
            where.id,
            number,
            transition=transition,
            title=title,
            text=text,
            person=acting(tx, as_user, where),
        )
        return taken, [one for one in _events(tx, where.id, number) if one not in before]

    with place.database() as db:
        taken, left = db.write(work)
        came = carrying.carry_out_actions(db, left)
        now = db.read(lambda tx: show_activity(tx, segment_of(tx, segment).id, number))
    sentences = [f"Wrote a follow-up on #{number}."]
    if isinstance(taken, Approval):
        sentences = [waits(taken), *(one.text for one in came)]
    elif taken is not None:
        sentences = [
            f"Took {taken.transition} on #{number}: {now['state']}, "
            f"{now['percent_complete']} percent complete.",
            *(one.text for one in came),
        ]
    if any(one.row_id for one in came):
        sentences.append(who_sends(place))
    told = [{"mail": one.row_id, "text": one.text} for one in came]
    tell("\n".join(sentences), {**now, "outgoing": told}, as_json)


def _events(tx: Tx, segment_id: int, number: int) -> list[int]:
    row = activities.by_number(tx, segment_id, number)
    return [] if row is None else [one.id for one in events.of_activity(tx, row.id)]


activity.add_command(activity_erase)
activity.add_command(activity_mail)
activity.add_command(activity_message)
activity.add_command(activity_recipients)

COMMANDS = (activity,)

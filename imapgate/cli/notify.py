"""Who is told of what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click

from imapgate.activities.happenings import WANTED
from imapgate.activities.names import key
from imapgate.activities.people import person
from imapgate.cli.options import activity_number, groups_named, json_option, segment_option
from imapgate.cli.output import print_json, print_table, tell
from imapgate.cli.place import Place, login, segment_of
from imapgate.cli.stepwise import show
from imapgate.cli.who import operator
from imapgate.incoming.accounts import list_accounts
from imapgate.outgoing.identities import identity_of
from imapgate.outgoing.notifying import explaining, subscriptions
from imapgate.outgoing.notifying.subscriptions import Subscription
from imapgate.outgoing.notifying.wishes import MAIL, WAYS
from imapgate.servers.trying import FAILED, OK, WARNING, Result
from storage import Tx
from storage.occupancy import is_served


def _events(_ctx: click.Context, _param: click.Parameter, values: Sequence[str]) -> tuple[str, ...]:
    """Each once; they may be repeated, or stand together with commas."""
    found = dict.fromkeys(one.strip() for value in values for one in value.split(","))
    for one in found:
        if one not in WANTED:
            raise click.BadParameter(f"{one!r} is none of {', '.join(WANTED)}.")
    return tuple(found)


def _number(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    return None if value is None else activity_number(ctx, param, value)


@click.group()
def notify() -> None:
    """Who is told of what happens.

    \b
    Example:
      imapgate notify list
    """


@notify.command("add")
@click.argument("user")
@click.option(
    "--on",
    "events",
    multiple=True,
    required=True,
    metavar="EVENTS",
    callback=_events,
    help=f"{', '.join(WANTED)}; with commas, or repeated.",
)
@click.option("--group", metavar="NAME", help="Of what is in this group.")
@click.option("--activity", metavar="N", callback=_number, help="Of this activity.")
@click.option(
    "--by", type=click.Choice(WAYS), default=MAIL, show_default=True, help="How the user is told."
)
@segment_option
@json_option
@click.pass_obj
def notify_add(
    place: Place,
    user: str,
    events: tuple[str, ...],
    group: str | None,
    activity: int | None,
    by: str,
    segment: str | None,
    as_json: bool,
) -> None:
    """Tell a user of what happens.

    Without --group and --activity it is all that the user sees. Nobody is told of what they did
    themselves, nor of what they may not see.

    \b
    Example:
      imapgate notify add alice --on created,contact --group Support
      imapgate notify add alice --on assigned --by both
    """

    def work(tx: Tx) -> Subscription:
        found = person(tx, login(tx, user, segment))
        group_id = None if group is None else groups_named(tx, found.segment_id, [group])[0].id
        return subscriptions.add(
            tx, found, events, group_id=group_id, number=activity, by=by, who=operator()
        )

    with place.database() as db:
        made = db.write(work)
    sentence = f"Notification {made.id}: {made.user} is told: {subscriptions.told(made)}."
    tell(sentence, _shown(made), as_json)


@notify.command("list")
@click.argument("user", required=False)
@segment_option
@json_option
@click.pass_obj
def notify_list(place: Place, user: str | None, segment: str | None, as_json: bool) -> None:
    """List who is told of what: everybody's, or a user's.

    \b
    Example:
      imapgate notify list alice
    """

    def work(tx: Tx) -> list[Subscription]:
        if user is None:
            return subscriptions.list_subscriptions(tx, segment_of(tx, segment).id)
        found = person(tx, login(tx, user, segment))
        return subscriptions.list_subscriptions(tx, found.segment_id, found.id)

    with place.database() as db:
        found = db.read(work)
    if as_json:
        print_json([_shown(one) for one in found])
        return
    print_table(
        ("id", "user", "of", "events", "by"),
        ((one.id, one.user, _about(one), ", ".join(one.events), one.by) for one in found),
        "Nobody is told of anything.",
        numbers=1,
    )


@notify.command("remove")
@click.argument("notification_id", metavar="ID", type=click.IntRange(min=1))
@segment_option
@json_option
@click.pass_obj
def notify_remove(place: Place, notification_id: int, segment: str | None, as_json: bool) -> None:
    """End a notification, also for what is gathered and not told yet.

    \b
    Example:
      imapgate notify remove 3
    """
    with place.database() as db:
        gone = db.write(
            lambda tx: subscriptions.remove(
                tx, segment_of(tx, segment).id, notification_id, operator()
            )
        )
    sentence = f"{gone.user} is no longer told: {subscriptions.told(gone)}."
    tell(sentence, _shown(gone), as_json)


@notify.command("test")
@click.argument("user")
@click.option("--activity", metavar="N", callback=_number, help="Why nothing came of this one.")
@segment_option
@json_option
@click.pass_context
def notify_test(
    ctx: click.Context,
    user: str,
    activity: int | None,
    segment: str | None,
    as_json: bool,
) -> None:
    """Explain why a user is told, or isn't.

    Nothing is sent. Exit code 1 if something keeps the user from being told.

    \b
    Example:
      imapgate notify test alice --activity 10000001
    """
    place: Place = ctx.obj

    def work(tx: Tx) -> list[Result]:
        found = person(tx, login(tx, user, segment))
        steps = explaining.explain(tx, found, activity)
        if any(one.step == "answers" for one in steps):
            steps.append(_reader(tx, found.segment_id))
        return steps

    with place.database() as db:
        steps = db.read(work)
        steps.append(_server(is_served(place.existing().parent)))
    if as_json:
        print_json([asdict(one) for one in steps])
    else:
        for one in steps:
            show(one)
    if any(one.state == FAILED for one in steps):
        ctx.exit(1)


def _server(is_running: bool) -> Result:
    if is_running:
        return Result("server", OK, "A server runs, which tells what happens.")
    text = "No server runs: nothing is told until one does."
    return Result("server", WARNING, text, hint="imapgate serve")


def _reader(tx: Tx, segment_id: int) -> Result:
    """Whether an account brings answers back in, so that they become follow-ups."""
    system = identity_of(tx, segment_id, None)
    address = key(system.reply_to or system.address)
    for one in list_accounts(tx, segment_id):
        own = (*one.filing.plus, one.place.login.user)
        if one.active and address in [key(each) for each in own]:
            text = f'Account "{one.name}" reads answers, which become follow-ups by the number.'
            return Result("account", OK, text)
    text = f"No account is known to read {address}: answers may come to nobody."
    return Result("account", WARNING, text, hint="imapgate mailer edit NAME --reply-to ADDRESS")


def _about(one: Subscription) -> str:
    if one.group is not None:
        return one.group
    return "all" if one.activity is None else f"#{one.activity}"


def _shown(one: Subscription) -> dict[str, Any]:
    return {**asdict(one), "events": list(one.events)}


COMMANDS = (notify,)

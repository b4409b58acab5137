"""Activity groups and their members."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from imapgate.activities import groups
from imapgate.activities.groups import KINDS, Group
from imapgate.activities.people import Role
from imapgate.cli.options import json_option, kind_option, reason_option, segment_option
from imapgate.cli.output import clean, print_json, print_table, tell
from imapgate.cli.place import Place, login, segment_of
from imapgate.cli.sent import group_sent
from imapgate.cli.who import operator
from imapgate.folders import annotating, failed, members
from imapgate.folders.groups import group_added, group_removed, group_renamed
from imapgate.incoming import accounts, standing
from storage import Tx


def _value(one: Group) -> dict[str, Any]:
    return {
        **asdict(one),
        "members": [{"user": user, "role": role} for user, role in one.members],
        "creators": list(one.creators),
    }


@click.group()
def group() -> None:
    """Activity groups (trackers, categories, milestones).

    Each is a folder in the mail client.

    \b
    Example:
      imapgate group list
    """


@group.command("add")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("name")
@click.option(
    "--no-subscribe",
    is_flag=True,
    help="Don't subscribe who can drop mail here: clients then show it only when asked to.",
)
@segment_option
@json_option
@click.pass_obj
def group_add(
    place: Place, kind: str, name: str, no_subscribe: bool, segment: str | None, as_json: bool
) -> None:
    """Add a group.

    It takes mail once a creator of class E-Mail serves it.

    \b
    Example:
      imapgate group add tracker Support
    """

    def work(tx: Tx) -> Group:
        where = segment_of(tx, segment)
        added = groups.add_group(tx, where.id, name, kind, subscribe=not no_subscribe)
        group_added(tx, added.id)
        return added

    with place.database() as db:
        made = db.write(work)
    tell(f'Added {made.kind} "{made.name}".', _value(made), as_json)


@group.command("rename")
@click.argument("name")
@click.argument("new_name")
@kind_option
@segment_option
@json_option
@click.pass_obj
def group_rename(
    place: Place, name: str, new_name: str, kind: str | None, segment: str | None, as_json: bool
) -> None:
    """Rename a group; its folder keeps mails and subscriptions.

    \b
    Example:
      imapgate group rename Support "Customer support"
    """

    def work(tx: Tx) -> Group:
        where = segment_of(tx, segment)
        renamed = groups.rename_group(tx, where.id, name, new_name, kind)
        group_renamed(tx, renamed.id)
        return renamed

    with place.database() as db:
        now = db.write(work)
    tell(f'The {now.kind} "{name}" is now "{now.name}".', _value(now), as_json)


@group.command("edit")
@click.argument("name")
@click.option(
    "--attachments/--no-attachments",
    default=None,
    help="Whether the messages of its activities have their attachments, or only name them.",
)
@kind_option
@segment_option
@reason_option
@json_option
@click.pass_obj
def group_edit(
    place: Place,
    name: str,
    attachments: bool | None,
    kind: str | None,
    segment: str | None,
    reason: str,
    as_json: bool,
) -> None:
    """Change what is set for a group.

    An activity's message shows it from the activity's next change on.

    \b
    Example:
      imapgate group edit Support --attachments
    """
    if attachments is None:
        raise click.UsageError("Say --attachments or --no-attachments.")

    def work(tx: Tx) -> Group:
        where = segment_of(tx, segment)
        found = groups.find_group(tx, where.id, name, kind)
        return groups.edit_group(tx, where.id, found, operator(), attachments, reason)

    with place.database() as db:
        now = db.write(work)
    how = "have their attachments" if now.shows_attachments else "name their attachments"
    said = f'Messages of activities in "{now.name}" {how}, each from its next change on.'
    tell(said, _value(now), as_json)


@group.command("describe", short_help="Say what a group is for.")
@click.argument("name")
@click.argument("text", required=False)
@kind_option
@segment_option
@json_option
@click.pass_obj
def group_describe(
    place: Place,
    name: str,
    text: str | None,
    kind: str | None,
    segment: str | None,
    as_json: bool,
) -> None:
    """Say what a group is for; without TEXT its description is removed.

    Mail clients that know METADATA show it beside the folder.

    \b
    Example:
      imapgate group describe Support "Questions of customers"
    """

    def work(tx: Tx) -> Group:
        where = segment_of(tx, segment)
        found = groups.find_group(tx, where.id, name, kind)
        annotating.describe(tx, found.id, text, place.settings().limits)
        return found

    with place.database() as db:
        one = db.write(work)
    said = f'"{one.name}" has {"no" if text is None else "this"} description now.'
    tell(said, {**_value(one), "description": text}, as_json)


@group.command("remove")
@click.argument("name")
@kind_option
@segment_option
@json_option
@click.pass_obj
def group_remove(
    place: Place, name: str, kind: str | None, segment: str | None, as_json: bool
) -> None:
    """Remove a group and its folder; activities and their mails stay.

    \b
    Example:
      imapgate group remove "Release 1.0" --kind milestone
    """

    def work(tx: Tx) -> tuple[Group, dict[str, str]]:
        where = segment_of(tx, segment)
        before = _homeless(tx, where.id)
        found = groups.find_group(tx, where.id, name, kind)
        group_removed(tx, found.id)
        removed = groups.remove_group(tx, where.id, name, kind)
        failed.entitle(tx, where.id)
        after = _homeless(tx, where.id)
        return removed, {account: after[account] for account in after if account not in before}

    with place.database() as db:
        was, homeless = db.write(work)
    for account, cause in homeless.items():
        click.echo(clean(f"{account}: {standing.not_filed(cause)}"), err=True)
    tell(f'Removed {was.kind} "{was.name}"; its activities stay.', _value(was), as_json)


def _homeless(tx: Tx, segment_id: int) -> dict[str, str]:
    """Mail accounts whose mails have no place -> why."""
    found = {
        one.name: standing.homeless_because(tx, one)
        for one in accounts.list_accounts(tx, segment_id)
    }
    return {name: cause for name, cause in found.items() if cause is not None}


@group.command("list")
@segment_option
@json_option
@click.pass_obj
def group_list(place: Place, segment: str | None, as_json: bool) -> None:
    """List a segment's groups with members, creators and descriptions.

    \b
    Example:
      imapgate group list --json
    """

    def work(tx: Tx) -> list[tuple[Group, str | None]]:
        listed = groups.list_groups(tx, segment_of(tx, segment).id)
        return [(one, annotating.description(tx, one.id)) for one in listed]

    with place.database() as db:
        found = db.read(work)
    if as_json:
        print_json([{**_value(one), "description": text} for one, text in found])
        return
    print_table(
        ("group", "kind", "members", "creators", "attachments", "description"),
        (
            (
                one.name,
                one.kind,
                ", ".join(f"{user} ({role})" for user, role in one.members),
                ", ".join(one.creators),
                "shown" if one.shows_attachments else "",
                text or "",
            )
            for one, text in found
        ),
        "The segment has no groups.",
    )


@click.group()
def member() -> None:
    """Who sees a group, as viewer, contributor or manager.

    Viewers read, contributors drop mail, managers take it out again.

    \b
    Example:
      imapgate member set Support bert contributor
    """


@member.command("set")
@click.argument("name", metavar="GROUP")
@click.argument("user")
@click.argument("role", type=click.Choice([one.value for one in Role]))
@kind_option
@segment_option
@json_option
@click.pass_obj
def member_set(
    place: Place,
    name: str,
    user: str,
    role: str,
    kind: str | None,
    segment: str | None,
    as_json: bool,
) -> None:
    """Make USER a member of GROUP, or change the role.

    \b
    Example:
      imapgate member set Support bert contributor
    """

    def work(tx: Tx) -> Group:
        where = segment_of(tx, segment)
        found = groups.find_group(tx, where.id, name, kind)
        members.set_role(tx, found, login(tx, user, where.name), Role(role))
        return groups.find_group(tx, where.id, found.name, found.kind)

    with place.database() as db:
        now = db.write(work)
    tell(f'{user} is {role} of "{now.name}".', _value(now), as_json)


@member.command("remove")
@click.argument("name", metavar="GROUP")
@click.argument("user")
@kind_option
@segment_option
@json_option
@click.pass_obj
def member_remove(
    place: Place, name: str, user: str, kind: str | None, segment: str | None, as_json: bool
) -> None:
    """End USER's membership of GROUP.

    \b
    Example:
      imapgate member remove Support bert
    """

    def work(tx: Tx) -> Group:
        where = segment_of(tx, segment)
        found = groups.find_group(tx, where.id, name, kind)
        members.end(tx, found, login(tx, user, where.name))
        return groups.find_group(tx, where.id, found.name, found.kind)

    with place.database() as db:
        now = db.write(work)
    tell(f'{user} is no longer a member of "{now.name}".', _value(now), as_json)


group.add_command(group_sent)

COMMANDS = (group, member)

"""Activity creators, and the types and processes that they build on."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from imapgate.activities import creators, segment_settings
from imapgate.activities.creators import PRIORITIES, Creator
from imapgate.cli.options import groups_named, json_option, segment_option
from imapgate.cli.output import print_json, print_table, tell
from imapgate.cli.place import Place, login, segment_of
from imapgate.cli.who import operator
from imapgate.folders import failed
from imapgate.folders.groups import members_changed
from storage import Tx


def _value(one: Creator) -> dict[str, Any]:
    return {**asdict(one), "groups": [name for _, name in one.groups]}


@click.group()
def creator() -> None:
    """Activity creators: templates for new activities.

    \b
    Example:
      imapgate creator list
    """


@creator.command("add")
@click.argument("name")
@click.option("--type", "type_name", required=True, metavar="TYPE", help="See `type list`.")
@click.option(
    "--group",
    "group_names",
    multiple=True,
    metavar="GROUP",
    help="A group that it serves (tracker/NAME where the name isn't enough); may be repeated.",
)
@click.option("--priority", type=click.Choice(list(PRIORITIES)), default="normal")
@click.option("--assigned-to", metavar="USER", help="Whom its activities are assigned to.")
@click.option(
    "--follow-up-transition",
    metavar="NAME",
    help="The transition that an activity takes when a mail is linked to it.",
)
@click.option("--default", "as_default", is_flag=True, help="The segment's default creator.")
@segment_option
@json_option
@click.pass_obj
def creator_add(
    place: Place,
    name: str,
    type_name: str,
    group_names: tuple[str, ...],
    priority: str,
    assigned_to: str | None,
    follow_up_transition: str | None,
    as_default: bool,
    segment: str | None,
    as_json: bool,
) -> None:
    """Add a creator; one of class E-Mail lets its groups take mail.

    \b
    Example:
      imapgate creator add "Support E-Mails" --type E-Mail --group Support
    """

    def work(tx: Tx) -> Creator:
        where = segment_of(tx, segment)
        served = groups_named(tx, where.id, group_names)
        added = creators.add_creator(
            tx,
            where.id,
            name,
            type_name,
            served,
            priority,
            None if assigned_to is None else login(tx, assigned_to, where.name),
            follow_up_transition,
        )
        for one in served:
            members_changed(tx, one.id)
        if as_default:
            segment_settings.edit_segment(tx, where.name, operator(), default_creator=added.name)
            failed.entitle(tx, where.id)
        return added

    with place.database() as db:
        made = db.write(work)
    tell(f'Added creator "{made.name}".', _value(made), as_json)


@creator.command("edit")
@click.argument("name")
@click.option("--name", "new_name", metavar="NEW", help="A new name.")
@click.option("--type", "type_name", metavar="TYPE", help="See `type list`.")
@click.option(
    "--group",
    "group_names",
    multiple=True,
    metavar="GROUP",
    help="The groups that it serves from now on; may be repeated.",
)
@click.option("--no-groups", is_flag=True, help="It serves no group any more.")
@click.option("--priority", type=click.Choice(list(PRIORITIES)))
@click.option("--assigned-to", metavar="USER", help="Empty: nobody.")
@click.option("--follow-up-transition", metavar="NAME", help="Empty: the type's.")
@click.option("--default", "as_default", is_flag=True, help="The segment's default creator.")
@segment_option
@json_option
@click.pass_obj
def creator_edit(
    place: Place,
    name: str,
    new_name: str | None,
    type_name: str | None,
    group_names: tuple[str, ...],
    no_groups: bool,
    priority: str | None,
    assigned_to: str | None,
    follow_up_transition: str | None,
    as_default: bool,
    segment: str | None,
    as_json: bool,
) -> None:
    """Change a creator; what isn't named stays as it is.

    \b
    Example:
      imapgate creator edit "Support E-Mails" --group Support --group Sales
    """
    if no_groups and group_names:
        raise click.UsageError("--group and --no-groups exclude each other.")

    def work(tx: Tx) -> Creator:
        where = segment_of(tx, segment)
        edited, touched = creators.edit_creator(
            tx,
            where.id,
            name,
            new_name=new_name,
            type_name=type_name,
            groups=groups_named(tx, where.id, group_names) if group_names or no_groups else None,
            priority=priority,
            assigned_to=login(tx, assigned_to, where.name) if assigned_to else assigned_to,
            follow_up_transition=follow_up_transition,
        )
        for group_id in touched:
            members_changed(tx, group_id)
        if as_default:
            segment_settings.edit_segment(tx, where.name, operator(), default_creator=edited.name)
            failed.entitle(tx, where.id)
        return edited

    with place.database() as db:
        now = db.write(work)
    tell(f'Changed creator "{now.name}".', _value(now), as_json)


@creator.command("remove")
@click.argument("name")
@segment_option
@json_option
@click.pass_obj
def creator_remove(place: Place, name: str, segment: str | None, as_json: bool) -> None:
    """Remove a creator; its activities stay.

    \b
    Example:
      imapgate creator remove "Support E-Mails"
    """

    def work(tx: Tx) -> Creator:
        removed = creators.remove_creator(tx, segment_of(tx, segment).id, name)
        for group_id, _ in removed.groups:
            members_changed(tx, group_id)
        return removed

    with place.database() as db:
        was = db.write(work)
    tell(f'Removed creator "{was.name}"; its activities stay.', _value(was), as_json)


@creator.command("list")
@segment_option
@json_option
@click.pass_obj
def creator_list(place: Place, segment: str | None, as_json: bool) -> None:
    """List a segment's creators.

    \b
    Example:
      imapgate creator list --json
    """
    with place.database() as db:
        found = db.read(lambda tx: creators.list_creators(tx, segment_of(tx, segment).id))
    if as_json:
        print_json([_value(one) for one in found])
        return
    print_table(
        ("creator", "type", "class", "groups", "priority", "assigned to", "on follow-up"),
        (
            (
                one.name,
                one.type,
                one.activity_class,
                ", ".join(name for _, name in one.groups),
                one.priority,
                one.assigned_to,
                one.follow_up_transition,
            )
            for one in found
        ),
        "The segment has no creators.",
    )


COMMANDS = (creator,)

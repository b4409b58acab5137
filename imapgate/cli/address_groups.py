"""Address groups: addresses and phone numbers of contacts under one name."""

from __future__ import annotations

from dataclasses import asdict

import click

from imapgate.activities import address_groups
from imapgate.activities.address_groups import AddressGroup
from imapgate.cli.options import json_option, segment_option
from imapgate.cli.output import print_json, print_table, tell
from imapgate.cli.place import Place, segment_of
from imapgate.cli.server_options import ask
from storage import Tx


@click.group("address-group")
def address_group() -> None:
    """Address groups: recipients under one name.

    \b
    Example:
      imapgate address-group list
    """


@address_group.command("add")
@click.argument("name")
@click.argument("members", nargs=-1, metavar="[ADDRESS|NUMBER]...")
@segment_option
@json_option
@click.pass_obj
def address_group_add(
    place: Place, name: str, members: tuple[str, ...], segment: str | None, as_json: bool
) -> None:
    """Add an address group, with members or without.

    \b
    Example:
      imapgate address-group add "Dealers" erika@example.net "+41 44 111 22 33"
    """

    def work(tx: Tx) -> AddressGroup:
        where = segment_of(tx, segment).id
        made = address_groups.add_group(tx, where, name)
        for one in members:
            made = address_groups.add_member(tx, where, name, one)
        return made

    with place.database() as db:
        made = db.write(work)
    tell(f'Added address group "{made.name}" with {_members(made)}.', asdict(made), as_json)


@address_group.command("list")
@segment_option
@json_option
@click.pass_obj
def address_group_list(place: Place, segment: str | None, as_json: bool) -> None:
    """List a segment's address groups.

    \b
    Example:
      imapgate address-group list --json
    """
    with place.database() as db:
        found = db.read(lambda tx: address_groups.list_groups(tx, segment_of(tx, segment).id))
    if as_json:
        print_json([{"name": name, "members": members} for name, members in found])
        return
    print_table(("address group", "members"), found, "The segment has no address groups.")


@address_group.command("show")
@click.argument("name")
@segment_option
@json_option
@click.pass_obj
def address_group_show(place: Place, name: str, segment: str | None, as_json: bool) -> None:
    """Show an address group's members.

    \b
    Example:
      imapgate address-group show Dealers
    """
    with place.database() as db:
        found = db.read(lambda tx: address_groups.find_group(tx, segment_of(tx, segment).id, name))
    if as_json:
        print_json(asdict(found))
        return
    print_table(
        ("member", "kind", "contact"),
        ((one.address, one.kind, one.contact) for one in found.members),
        f'Address group "{found.name}" has no members.',
    )


@address_group.command("add-member")
@click.argument("name")
@click.argument("member", metavar="ADDRESS|NUMBER")
@segment_option
@json_option
@click.pass_obj
def address_group_add_member(
    place: Place, name: str, member: str, segment: str | None, as_json: bool
) -> None:
    """Add an address or a phone number.

    One that no contact has becomes a contact's.

    \b
    Example:
      imapgate address-group add-member Dealers otto@example.net
    """
    with place.database() as db:
        now = db.write(
            lambda tx: address_groups.add_member(tx, segment_of(tx, segment).id, name, member)
        )
    tell(f'Address group "{now.name}" has {_members(now)}.', asdict(now), as_json)


@address_group.command("remove-member")
@click.argument("name")
@click.argument("member", metavar="ADDRESS|NUMBER")
@segment_option
@json_option
@click.pass_obj
def address_group_remove_member(
    place: Place, name: str, member: str, segment: str | None, as_json: bool
) -> None:
    """Remove a member; the contact keeps its address.

    \b
    Example:
      imapgate address-group remove-member Dealers otto@example.net
    """
    with place.database() as db:
        now = db.write(
            lambda tx: address_groups.remove_member(tx, segment_of(tx, segment).id, name, member)
        )
    tell(f'Address group "{now.name}" has {_members(now)}.', asdict(now), as_json)


@address_group.command("remove")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Don't ask.")
@segment_option
@json_option
@click.pass_obj
def address_group_remove(
    place: Place, name: str, yes: bool, segment: str | None, as_json: bool
) -> None:
    """Remove an address group; contacts keep their addresses.

    It must not be a recipient of an activity that is still open.

    \b
    Example:
      imapgate address-group remove Dealers --yes
    """
    with place.database() as db:
        found = db.read(lambda tx: address_groups.find_group(tx, segment_of(tx, segment).id, name))
        if not yes:
            ask(f'Remove address group "{found.name}" with {_members(found)}?')
        gone = db.write(
            lambda tx: address_groups.remove_group(tx, segment_of(tx, segment).id, name)
        )
    tell(f'Removed address group "{gone.name}".', asdict(gone), as_json)


def _members(group: AddressGroup) -> str:
    count = len(group.members)
    return f"{count} member" if count == 1 else f"{count} members"


COMMANDS = (address_group,)

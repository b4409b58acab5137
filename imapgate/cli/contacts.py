"""Contacts, to whom mails' addresses are linked, and their phone numbers."""

from __future__ import annotations

from dataclasses import asdict

import click

from imapgate.activities import contacts
from imapgate.activities.contacts import BY_ID, Contact
from imapgate.cli import contact_merging, contact_x500
from imapgate.cli.mail_formats import contact_format
from imapgate.cli.options import json_option, segment_option
from imapgate.cli.output import print_json, print_table, tell
from imapgate.cli.place import Place, segment_of
from storage import Tx


@click.group()
def contact() -> None:
    """Contacts, to whom mails' addresses are linked.

    \b
    Example:
      imapgate contact list
    """


@contact.command("add")
@click.argument("name")
@click.argument("addresses", nargs=-1, metavar="[ADDRESS]...")
@click.option(
    "--number",
    "numbers",
    metavar="NUMBER",
    multiple=True,
    help="A phone number; can be repeated.",
)
@click.option("--customer", is_flag=True, help="A customer; without --staff, too.")
@click.option("--staff", is_flag=True, help="One of the house: known in every activity.")
@segment_option
@json_option
@click.pass_obj
def contact_add(
    place: Place,
    name: str,
    addresses: tuple[str, ...],
    numbers: tuple[str, ...],
    customer: bool,
    staff: bool,
    segment: str | None,
    as_json: bool,
) -> None:
    """Add a contact with its addresses.

    An address is an e-mail address, or an X.500 name as Exchange writes it. Phone numbers are
    reached by fax and SMS gateways.

    \b
    Example:
      imapgate contact add "Erika Example" erika@example.net office@example.net
      imapgate contact add "Otto" otto@acme.example --staff --customer
      imapgate contact add "Fax of Erika" --number "+41 44 111 22 33"
    """

    def work(tx: Tx) -> Contact:
        where = segment_of(tx, segment).id
        return contacts.add_contact(
            tx, where, name, addresses, customer or not staff, staff, numbers
        )

    with place.database() as db:
        made = db.write(work)
    tell(f'Added contact "{made.name}".', asdict(made), as_json)


@contact.command("show")
@click.argument("contact", metavar="NAME|ADDRESS|NUMBER")
@segment_option
@json_option
@click.pass_obj
def contact_show(place: Place, contact: str, segment: str | None, as_json: bool) -> None:
    """Show a contact; mail to it goes to the first of its addresses.

    Of several with the name, address or number it is the oldest; `id:17` names one by its id.

    \b
    Example:
      imapgate contact show erika@example.net
    """

    def work(tx: Tx) -> Contact:
        found = contacts.find_contact(tx, segment_of(tx, segment).id, contact)
        return contacts.contact_by_id(tx, found)

    with place.database() as db:
        found = db.read(work)
    if as_json:
        print_json(asdict(found))
        return
    rows = [("contact", found.name), ("id", f"{BY_ID}{found.id}"), ("owner", found.owner)]
    rows += [("address", one) for one in found.addresses]
    rows += [("number", one) for one in found.numbers]
    parts = {"customer": found.is_customer, "staff": found.is_staff}
    rows.append(("is", ", ".join(name for name, is_one in parts.items() if is_one)))
    print_table(("", ""), rows, "")


@contact.command("edit")
@click.argument("contact", metavar="NAME|ADDRESS|NUMBER")
@click.option("--name", metavar="NAME", help="Its new name.")
@click.option(
    "--address",
    "addresses",
    metavar="ADDRESS",
    multiple=True,
    help="One more address; can be repeated.",
)
@click.option(
    "--number",
    "numbers",
    metavar="NUMBER",
    multiple=True,
    help="One more phone number; can be repeated.",
)
@click.option("--first", metavar="ADDRESS", help="That of its addresses where mail to it goes.")
@click.option(
    "--remove-address",
    "without_addresses",
    metavar="ADDRESS",
    multiple=True,
    help="An address that it loses, as do address groups; can be repeated.",
)
@click.option(
    "--remove-number",
    "without",
    metavar="NUMBER",
    multiple=True,
    help="A number that it loses, as do address groups; can be repeated.",
)
@click.option("--customer/--no-customer", default=None, help="Whether it is a customer.")
@click.option("--staff/--no-staff", default=None, help="Whether it is one of the house.")
@segment_option
@json_option
@click.pass_obj
def contact_edit(
    place: Place,
    contact: str,
    name: str | None,
    addresses: tuple[str, ...],
    numbers: tuple[str, ...],
    first: str | None,
    without_addresses: tuple[str, ...],
    without: tuple[str, ...],
    customer: bool | None,
    staff: bool | None,
    segment: str | None,
    as_json: bool,
) -> None:
    """Change a contact.

    Of several with the name, address or number it is the oldest. An address that a mail names
    can't be removed, but be moved to another contact (`contact move`).

    \b
    Example:
      imapgate contact edit erika@example.net --staff --no-customer
      imapgate contact edit "Otto" --address "/O=ACME/OU=FIRST/CN=RECIPIENTS/CN=OTTO"
      imapgate contact edit "Otto" --address otto@new.example --first otto@new.example
      imapgate contact edit "Otto" --number "+41 44 111 22 33" --remove-number "044 444 55 66"
    """

    def work(tx: Tx) -> Contact:
        return contacts.edit_contact(
            tx,
            segment_of(tx, segment).id,
            contact,
            new_name=name,
            addresses=addresses,
            numbers=numbers,
            first=first,
            without_addresses=without_addresses,
            without=without,
            is_customer=customer,
            is_staff=staff,
        )

    with place.database() as db:
        now = db.write(work)
    tell(f'Changed contact "{now.name}".', asdict(now), as_json)


@contact.command("list")
@click.option("--customer", is_flag=True, help="Customers only.")
@click.option("--staff", is_flag=True, help="Staff only; with --customer who is both.")
@segment_option
@json_option
@click.pass_obj
def contact_list(
    place: Place, customer: bool, staff: bool, segment: str | None, as_json: bool
) -> None:
    """List a segment's contacts.

    \b
    Example:
      imapgate contact list --staff --json
    """
    with place.database() as db:
        known = db.read(lambda tx: contacts.list_contacts(tx, segment_of(tx, segment).id))
    found = [
        one for one in known if (one.is_customer or not customer) and (one.is_staff or not staff)
    ]
    if as_json:
        print_json([asdict(one) for one in found])
        return
    print_table(
        ("contact", "addresses", "numbers", "customer", "staff", "owner"),
        (
            (
                one.name,
                ", ".join(one.addresses),
                ", ".join(one.numbers),
                one.is_customer,
                one.is_staff,
                one.owner,
            )
            for one in found
        ),
        "There is no such contact." if known else "The segment has no contacts.",
    )


for one in (contact_format, *contact_merging.COMMANDS, *contact_x500.COMMANDS):
    contact.add_command(one)

COMMANDS = (contact,)

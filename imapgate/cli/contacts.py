"""Contacts, to whom mails' addresses are linked."""

from __future__ import annotations

from dataclasses import asdict

import click

from imapgate.activities import contacts
from imapgate.activities.contacts import Contact
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
@click.option("--customer", is_flag=True, help="A customer; without --staff, too.")
@click.option("--staff", is_flag=True, help="One of the house: known in every activity.")
@segment_option
@json_option
@click.pass_obj
def contact_add(
    place: Place,
    name: str,
    addresses: tuple[str, ...],
    customer: bool,
    staff: bool,
    segment: str | None,
    as_json: bool,
) -> None:
    """Add a contact with its addresses.

    An address is an e-mail address, or an X.500 name as Exchange writes it.

    \b
    Example:
      imapgate contact add "Erika Example" erika@example.net office@example.net
      imapgate contact add "Otto" otto@acme.example --staff --customer
    """
    with place.database() as db:
        made = db.write(
            lambda tx: contacts.add_contact(
                tx, segment_of(tx, segment).id, name, addresses, customer or not staff, staff
            )
        )
    tell(f'Added contact "{made.name}".', asdict(made), as_json)


@contact.command("edit")
@click.argument("contact", metavar="NAME|ADDRESS")
@click.option("--name", metavar="NAME", help="Its new name.")
@click.option(
    "--address",
    "addresses",
    metavar="ADDRESS",
    multiple=True,
    help="One more address; can be repeated.",
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
    customer: bool | None,
    staff: bool | None,
    segment: str | None,
    as_json: bool,
) -> None:
    """Change a contact: of several with the name or address the oldest.

    \b
    Example:
      imapgate contact edit erika@example.net --staff --no-customer
      imapgate contact edit "Otto" --address "/O=ACME/OU=FIRST/CN=RECIPIENTS/CN=OTTO"
    """

    def work(tx: Tx) -> Contact:
        return contacts.edit_contact(
            tx,
            segment_of(tx, segment).id,
            contact,
            new_name=name,
            addresses=addresses,
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
        ("contact", "addresses", "customer", "staff", "owner"),
        (
            (one.name, ", ".join(one.addresses), one.is_customer, one.is_staff, one.owner)
            for one in found
        ),
        "There is no such contact." if known else "The segment has no contacts.",
    )


contact.add_command(contact_format)

COMMANDS = (contact,)

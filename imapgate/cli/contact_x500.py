"""`imapgate contact x500`: which of Exchange's names stands for whose address."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from imapgate.activities import x500
from imapgate.activities.names import Mistake
from imapgate.cli.options import json_option, segment_option
from imapgate.cli.output import print_json, print_table, tell
from imapgate.cli.place import Place, segment_of
from storage import Tx

LONGEST_FILE = 16 * 1024 * 1024
"""Octets of a file of pairs."""


@click.group("x500")
def contact_x500() -> None:
    """X.500 names, by which Exchange calls its users in mails.

    \b
    Example:
      imapgate contact x500 list
    """


@contact_x500.command("list")
@segment_option
@json_option
@click.pass_obj
def x500_list(place: Place, segment: str | None, as_json: bool) -> None:
    """List the X.500 names, and for which address each stands.

    \b
    Example:
      imapgate contact x500 list --json
    """
    with place.database() as db:
        found = db.read(lambda tx: x500.pairs(tx, segment_of(tx, segment).id))
    if as_json:
        print_json([asdict(one) for one in found])
        return
    rows = ((one.x500, one.address, one.contact) for one in found)
    print_table(("X.500 name", "address", "contact"), rows, "There are no X.500 names.")


@contact_x500.command("map")
@click.argument("name", metavar="X500")
@click.argument("address")
@segment_option
@json_option
@click.pass_obj
def x500_map(place: Place, name: str, address: str, segment: str | None, as_json: bool) -> None:
    """Say for which address an X.500 name stands.

    As Exchange writes it: `/O=.../CN=...`, also with EX: or X500: before it, or as
    IMCEAEX-...@.... A contact that was known by it alone goes into the one that has the address.

    \b
    Example:
      imapgate contact x500 map "/O=ACME/OU=EXCHANGE/CN=RECIPIENTS/CN=ERIKA" erika@acme.example
    """

    def work(tx: Tx) -> bool:
        return x500.map_by_hand(tx, segment_of(tx, segment).id, name, address)

    with place.database() as db:
        new = db.write(work)
    text = f"{name} stands for {address}." if new else f"{name} stands for {address} already."
    tell(text, {"x500": name, "address": address, "new": new}, as_json)


@contact_x500.command("import", short_help="Map the pairs of a CSV file.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@segment_option
@json_option
@click.pass_obj
def x500_import(place: Place, file: Path, segment: str | None, as_json: bool) -> None:
    """Map the pairs of a CSV file: X.500 name, address; one pair a line.

    All of them or, if one can't be, none. UTF-8, with commas or semicolons; a first line may name
    the columns. In Exchange's shell:

    \b
      Get-Recipient | Select LegacyExchangeDN,PrimarySmtpAddress |
        Export-Csv pairs.csv -NoTypeInformation -Encoding UTF8

    \b
    Example:
      imapgate contact x500 import pairs.csv
    """
    pairs = x500.pairs_in(_text(file).splitlines())

    def work(tx: Tx) -> int:
        where = segment_of(tx, segment).id
        return sum(x500.map_by_hand(tx, where, name, address) for name, address in pairs)

    with place.database() as db:
        new = db.write(work)
    text = f"{len(pairs)} pair{'' if len(pairs) == 1 else 's'} read, {new} of them new."
    tell(text, {"pairs": len(pairs), "new": new}, as_json)


def _text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            octets = opened.read(LONGEST_FILE + 1)
        if len(octets) > LONGEST_FILE:
            raise Mistake(f"{file} is larger than {LONGEST_FILE // 1024**2} MiB.")
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Mistake(f"{file} is no UTF-8 text.") from None
    except OSError as error:
        raise Mistake(f"{file} can't be read: {error.strerror}.") from None


COMMANDS = (contact_x500,)

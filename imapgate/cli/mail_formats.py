"""The mail format of a user or a contact: `user format`, `contact format`."""

from __future__ import annotations

import click

from imapgate.activities.contacts import contact_by_id, find_contact
from imapgate.activities.people import person
from imapgate.cli.options import json_option, segment_option
from imapgate.cli.output import tell
from imapgate.cli.place import Place, login, segment_of
from imapgate.cli.who import operator
from imapgate.outgoing import formats, settings
from storage import Tx

_FORMAT = click.Choice((*settings.FORMATS, formats.SEGMENTS))


@click.command("format")
@click.argument("name")
@click.argument("mail_format", metavar="[plain|html|segment]", type=_FORMAT, required=False)
@segment_option
@json_option
@click.pass_obj
def user_format(
    place: Place, name: str, mail_format: str | None, segment: str | None, as_json: bool
) -> None:
    """Set or show in which format a user gets mails of the system.

    \b
    Example:
      imapgate user format bert plain
      imapgate user format bert segment
    """

    def work(tx: Tx) -> tuple[str, str, bool]:
        found = person(tx, login(tx, name, segment))
        called = f"{found.name}@{found.segment}"
        if mail_format is not None:
            formats.set_for_user(tx, found.segment_id, found.id, called, mail_format, operator())
        counts = formats.format_for(tx, found.segment_id, principal_id=found.id)
        return called, counts, _counts_here(tx, found.segment_id, mail_format)

    with place.database() as db:
        called, counts, own_counts = db.write(work) if mail_format else db.read(work)
    _told("user", called, counts, own_counts, as_json)


@click.command("format")
@click.argument("contact", metavar="NAME|ADDRESS")
@click.argument("mail_format", metavar="[plain|html|segment]", type=_FORMAT, required=False)
@segment_option
@json_option
@click.pass_obj
def contact_format(
    place: Place, contact: str, mail_format: str | None, segment: str | None, as_json: bool
) -> None:
    """Set or show in which format a contact gets mails of the system.

    \b
    Example:
      imapgate contact format erika@example.net plain
    """

    def work(tx: Tx) -> tuple[str, str, bool]:
        where = segment_of(tx, segment).id
        found = contact_by_id(tx, find_contact(tx, where, contact))
        if mail_format is not None:
            formats.set_for_contact(tx, where, found.id, found.name, mail_format, operator())
        counts = formats.format_for(tx, where, contact_id=found.id)
        return found.name, counts, _counts_here(tx, where, mail_format)

    with place.database() as db:
        called, counts, own_counts = db.write(work) if mail_format else db.read(work)
    _told("contact", called, counts, own_counts, as_json)


def _counts_here(tx: Tx, segment_id: int, mail_format: str | None) -> bool:
    """Whether what was just set counts at all."""
    own = mail_format in settings.FORMATS
    return not own or bool(settings.value_of(tx, segment_id, settings.OWN_FORMATS))


def _told(what: str, called: str, counts: str, own_counts: bool, as_json: bool) -> None:
    sentence = f"Mails to {what} {called} are {counts}."
    if not own_counts:
        sentence += f" Own formats don't count here ({settings.OWN_FORMATS} is no)."
    tell(sentence, {what: called, "format": counts, "own_counts": own_counts}, as_json)

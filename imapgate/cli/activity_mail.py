"""`activity mail`: writing from a case."""

from __future__ import annotations

from dataclasses import asdict

import click

from imapgate.cli.options import activity_number, json_option, segment_option
from imapgate.cli.output import tell
from imapgate.cli.place import Place, acting, segment_of
from imapgate.outgoing.templates.drafting import draft


@click.command("mail")
@click.argument("number", callback=activity_number)
@click.option(
    "--template", default="reply", show_default=True, metavar="NAME", help="See `template list`."
)
@click.option("--user", metavar="USER", help="Whose draft it is; else the administrator's.")
@click.option(
    "--to",
    multiple=True,
    metavar="ADDRESS",
    help="Who it is to, else the reporting contact; may be repeated.",
)
@segment_option
@json_option
@click.pass_obj
def activity_mail(
    place: Place,
    number: int,
    template: str,
    user: str | None,
    to: tuple[str, ...],
    segment: str | None,
    as_json: bool,
) -> None:
    """Put a draft about an activity into a user's Drafts.

    The reporting contact is written to at the address that it last wrote from. The draft answers
    the last mail of the activity, and its subject carries the number. It is finished and sent in
    the user's mail client.

    \b
    Example:
      imapgate activity mail 10000001 --template reply --user bob
    """
    limits = place.settings().limits
    with place.database() as db:
        person = db.read(lambda tx: acting(tx, user, segment_of(tx, segment)))
        made = draft(db, person, number, template, to, limits)
    sentence = (
        f'A draft to {", ".join(made.to)} is in {made.folder} of {person.name}: "{made.subject}".'
    )
    if made.is_fallback:
        sentence += (
            f" It is from {made.sender}, since nobody has an address: give {person.name} one with "
            "`imapgate user mail add`."
        )
    tell(sentence, {**asdict(made), "to": list(made.to)}, as_json)
